export const zhCN = {
  title: '我的记分',
  balance: '本年记分',
  to_cap: '离上限 {cap} 分还有 {n} 分',
  at_cap: '已到上限，需待岗培训',
  none: '没有记分',
  none_text: '确认的违规会列在这里，附依据。别人看不到。',
  line: '基准 {base} 分，情节 {modifiers}，计 {points} 分',
  no_modifier: '无',
  sum: '累计 {n} 分',
  decided: '{name} 确认',
  rule: '规则 {rule} · 第 {n} 号',
}
