export const zhCN = {
  title: '找',
  search: '编号、名称、线路、地址',
  hint: '设备和计量箱都在本机，没有信号也能找。',
  total: '{n} 项',
  none: '没有找到',
  none_text: '换一个词，或只输编号的一部分。',
  equipment: '设备',
  box: '计量箱',
  defects: '{n} 项未消缺陷',
}
