import type { zhCN } from './zh-CN'

export const en = {
  title: 'Sign in',
  welcome: 'Mingcha',
  motto: 'Works without a signal. Loses nothing.',
  login: 'Account',
  password: 'Password',
  show: 'Show',
  hide: 'Hide',
  submit: 'Sign in',
  code: 'Sign in by a code',
  needLogin: 'Enter your account',
  needPassword: 'Enter your password',
  offline: 'The first sign-in needs a connection. The server cannot be reached now; try where there is a signal.',
  offlineKnown: 'The server cannot be reached now. You can go on recording and sign in later to send.',
  back: 'Go on recording without signing in',
  gone: 'This device was revoked; what was on it has been deleted.',
} satisfies typeof zhCN
