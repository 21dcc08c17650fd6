import type { zhCN } from './zh-CN'

export const en = {
  title: 'Today',
  empty: 'Nothing to do today',
  empty_text: 'New jobs, returned records and re-checks that are due appear here.',
  notices: 'Notices',
  notices_note: '{n} not seen',
  unread: 'Reason not read',
  kind: { repair: 'Repair', returned: 'Returned', refused: 'Not accepted by the server', recheck: 'To re-check', defect: 'Defect on my equipment', entry: 'New points', draft: 'Not finished', amend: 'Amendment not sent' },
  open: { repair: 'Go on', returned: 'Mend it here', refused: 'Mend it here', recheck: 'Re-check', defect: 'See the defect', entry: 'See the evidence', draft: 'Go on filling', amend: 'Go on amending' },
} satisfies typeof zhCN
