import type { zhCN } from './zh-CN'

export const en = {
  title: 'Sign in by a code',
  text: 'The administrator shows a QR code at the desk. Point the camera at it, or type the 12 letters below it.',
  code: 'Code',
  need: 'Enter the code',
  submit: 'Sign this phone in',
  scan: 'Scan the QR code',
  view: 'Camera picture',
  no_camera: 'The camera cannot be opened; please type the code.',
  ended: 'The code is not right, was used, or has ended. Ask the administrator for another.',
  offline: 'The server cannot be reached now; try where there is a signal. The code stays good.',
  back: 'Sign in with account and password',
} satisfies typeof zhCN
