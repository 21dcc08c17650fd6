export const zhCN = {
  title: '今日',
  empty: '今天没有要办的事',
  empty_text: '新任务、退回和到期的复查会出现在这里。',
  notices: '通知',
  notices_note: '{n} 条未看',
  unread: '原因未读',
  kind: { repair: '抢修', returned: '被退回', refused: '服务器没有接受', recheck: '待复查', defect: '我的设备有缺陷', entry: '新的记分', draft: '没填完', amend: '更正没交' },
  open: { repair: '去处理', returned: '从这里改', refused: '从这里改', recheck: '去复查', defect: '看缺陷', entry: '看依据', draft: '继续填', amend: '继续更正' },
}
