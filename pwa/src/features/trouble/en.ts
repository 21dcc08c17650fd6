import type { zhCN } from './zh-CN'

export const en = {
  broken: { title: 'The phone’s database does not answer', text: 'Unsent records are still on this phone. It goes on by itself once it answers; if it does not, open the app again.', act: 'Open again' },
  browser: {
    inside: { title: 'Only to look at here, not to record', text: 'A browser inside a chat app cannot keep records. Tap “···” at the top and choose “Open in browser”; or copy the address into the phone’s own browser.' },
    old: { title: 'Only to look at here, not to record', text: 'This browser cannot keep records. Copy the address into the phone’s own browser, and bring it up to date.' },
    insecure: { title: 'Only to look at here, not to record', text: 'This address is not encrypted (not https), so the browser lets the app keep nothing. Ask your administrator for the https address.' },
    copy: 'Copy the address', copied: 'Copied: paste it into the phone’s own browser', here: 'Address: {url}', back: 'Back to Today',
  },
  elsewhere: { title: 'This is being filled in in another window', text: 'Two windows would overwrite each other. Go back to that window; or close it and go on here. What was typed is on this phone.', act: 'I have closed it: go on here' },
  old: { title: 'The app is too old to receive', text: 'Recording and sending go on and nothing unsent is lost. Update once when online.', act: 'Update' },
  signin: { title: 'The sign-in has expired', text: 'On this phone: {what}. Sign in to go on sending; recording goes on as usual.', act: 'Sign in' },
  no_room: { title: 'The phone is full', text: 'What is new on the server does not fit, and photos may not either; nothing unsent is lost. Delete other files, or clear the originals of sent photos.', act: 'Clear originals that were sent' },
  full: { title: 'The phone is nearly full: {n} % used', text: 'Text can always be saved; photos may not fit. Send first; originals of sent photos can be cleared.', act: 'Clear originals that were sent' },
  filling: { title: '{n} % of the app’s room is used', text: 'All works as usual. Send photos when online, or clear the originals of sent ones (the server has them).', act: 'Clear originals that were sent' },
  freed: '{size} cleared',
  freed_none: 'Nothing to clear: the photos have not been sent yet',
  not_kept: { title: 'The browser has not promised to keep the data', text: 'Only on this phone: {what}. They may be cleared when room runs out. Install the app and send soon.', act: 'Install it' },
  other_tab: { title: 'Mingcha is open in another window, too', text: 'That window does the sending. Both can look and record; do not fill in the same record in both. Close one of them.' },
  left: { title: '{name} left unsent work on this phone', text: '{what}: sent only after {name} signs in. Others do not delete it and cannot see it.' },
  key: { title: 'This phone’s key was lost', text: 'Browser data was cleared or copied; the phone is registered as a new device. What is on the server is safe; tell your administrator of unsent work that you cannot find here.', act: 'I understand' },
} satisfies typeof zhCN
