/** Words of the overview pages; they come with the desk's frame. */
import { addWords } from '@/app/i18n'

export const zhCN = {
  nav: '总览',
  views: '看哪一面',
  zeros: { title: '七个零', note: '每个数都是应当为零而没有为零的事，点开就是这些记录。括号里是上一个同样长的时段。', county: '合计', before: '上期 {n}', all_zero: '这一时段七项都是零。', caption: '各单位七个零的条数', count: '{unit}，{zero}：{n} 条，上期 {before} 条', unit: '单位' },
  zero: { Z1: '零推诿', Z2: '零距离', Z3: '零违规', Z4: '零超时', Z5: '零差错', Z6: '零违诺', Z7: '零遗漏' },
  counted: {
    Z1: '营业窗口的检查发现', Z2: '台区经理的检查发现', Z3: '业扩报装的检查发现', Z4: '欠费复电的检查发现，过了期限的计划检修',
    Z5: '计量的检查发现', Z6: '抢修的检查发现，没守住承诺的抢修', Z7: '运检隐患的检查发现，过了期限还没整改的缺陷',
  },
  period: { label: '时段', month: '本月', quarter: '本季', year: '今年', last_month: '上月', days: '自选', since: '从', until: '到', wrong: '起止日期不对。' },
  coverage: {
    title: '覆盖', note: '自 {since} 起没有一条测温或计量箱检查记录的，就是遗漏。', kind: '对象', since: '自', quarter: '本季', days30: '30 天内', half: '半年内', year: '今年',
    unit: '单位', seen: '看过', share: '覆盖率', unseen: '没看过', unseen_since: '{day} 起没看过', all: '总数', open: '打开没看过的 {n} 项', none: '没有遗漏', empty: '登记册里还没有这类对象。', caption: '各单位的覆盖', county: '合计',
  },
  map: {
    title: '地图', what: '看什么', open_defects: '未消缺陷', defects_findings: '缺陷和检查发现', hazards: '计量箱隐患', infrared: '测温', repairs: '抢修', custom: '按列表条件', grade: '等级', all: '全部', unit: '单位',
    label: '记录的位置图。方向键移动，加减号缩放；右边的列表内容相同。', list: '图上的记录', n: '{n} 条', more: '还有 {n} 处，放大后列出。', none: '这里没有带位置的记录', none_text: '换一个条件，或者缩小地图。', zoom_in: '放大', zoom_out: '缩小', whole: '看全部',
    as_list: '作为列表打开', together: '{n} 条在一处', unplaced: '没有位置的记录不在图上。',
  },
  offline: '没有网络，数字可能是旧的。', refused: '服务器不接受这个条件。', again: '重新读取', wait: '正在读取…',
}

export const en: typeof zhCN = {
  nav: 'Overview',
  views: 'Which side',
  zeros: { title: 'Seven zeros', note: 'Each number counts what should have been zero and was not; it opens these records. The time of equal length before stands beside it.', county: 'Together', before: '{n} before', all_zero: 'All seven are zero in this time.', caption: 'Seven zeros by unit', count: '{unit}, {zero}: {n}, {before} in the time before', unit: 'Unit' },
  zero: { Z1: 'Zero buck-passing', Z2: 'Zero distance', Z3: 'Zero rule-breaking', Z4: 'Zero overrun', Z5: 'Zero error', Z6: 'Zero broken promise', Z7: 'Zero omission' },
  counted: {
    Z1: 'findings in service halls', Z2: 'findings on area managers', Z3: 'findings on new connections', Z4: 'findings on reconnection, planned work past its day',
    Z5: 'findings on metering', Z6: 'findings on repairs, repairs that broke the promise', Z7: 'findings on hazards, defects open past their day',
  },
  period: { label: 'Time', month: 'This month', quarter: 'This quarter', year: 'This year', last_month: 'Last month', days: 'Own days', since: 'From', until: 'to', wrong: 'These days do not fit together.' },
  coverage: {
    title: 'Coverage', note: 'Without an infrared inspection or meter-box check since {since}, a thing counts as left out.', kind: 'What', since: 'Since', quarter: 'This quarter', days30: '30 days', half: 'Half a year', year: 'This year',
    unit: 'Unit', seen: 'Seen', share: 'Share', unseen: 'Not seen', unseen_since: 'Not seen since {day}', all: 'All', open: 'Open the {n} not seen', none: 'None left out', empty: 'The register has no such things yet.', caption: 'Coverage by unit', county: 'Together',
  },
  map: {
    title: 'Map', what: 'Show', open_defects: 'Open defects', defects_findings: 'Defects and findings', hazards: 'Meter-box hazards', infrared: 'Infrared', repairs: 'Repairs', custom: 'As in the list', grade: 'Grade', all: 'All', unit: 'Unit',
    label: 'Records by place. Arrow keys move, plus and minus zoom; the list on the right says the same.', list: 'Records on the map', n: '{n} record | {n} records', more: '{n} more places; zoom in to list them.', none: 'No record with a place here', none_text: 'Choose something else, or zoom out.', zoom_in: 'Zoom in', zoom_out: 'Zoom out', whole: 'Show all',
    as_list: 'Open as a list', together: '{n} in one place', unplaced: 'Records without a place are not on the map.',
  },
  offline: 'No network; the numbers may be old.', refused: 'The server does not take this condition.', again: 'Read again', wait: 'Reading…',
}

addWords('overview', zhCN, en)
