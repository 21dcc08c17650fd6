/** Where this phone's day stands, for Today, Me and the sync page. */
import { onScopeDispose, type Ref, ref } from 'vue'

import { t } from '@/app/i18n'
import { type Day, dayOf, dayState } from '@/custody/receipt'
import { store } from '@/sync/db'
import { useLive } from '@/sync/records'
import type { IconName } from '@/ui/icons'

/** `now`: false while there is something that somebody waits for more. */
export function useDay(now: () => boolean = () => true): Ref<Day | undefined> {
  const day = ref(dayOf(new Date()))
  const timer = setInterval(() => (day.value = dayOf(new Date())), 60_000)
  onScopeDispose(() => clearInterval(timer))
  return useLive(
    async () => {
      if (!now()) return undefined
      // watched before anything else is awaited: what a signature's check reads later is not
      await store().meta.where('key').startsWith('receipt').count()
      return dayState(store(), new Date())
    },
    () => [day.value, now()],
  )
}

export interface Said {
  tone: 'good' | 'general' | 'danger' | 'info'
  icon: IconName
  text: string
  note: string
}

/** 「14 条、63 张照片」 */
export function amounts(parts: { records?: number; photos?: number; changes?: number; drafts?: number }): string {
  return Object.entries(parts)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => t(`handover.${name}`, { n }))
    .join(t('handover.and'))
}

export function said(day: Day, time: string): Said | undefined {
  const { left, receipt } = day
  const made = receipt ? amounts({ records: receipt.records, photos: receipt.photos }) : ''
  switch (day.state) {
    case 'none':
      return undefined
    case 'left': {
      const stuck = amounts({ photos: left.refusedPhotos, changes: left.aside })
      const what = amounts({ records: left.records, photos: left.photos + left.refusedPhotos, changes: left.aside })
      return { tone: 'general', icon: 'phone', text: t('handover.left', { what }), note: stuck ? t('handover.leftRefused', { what: stuck }) : t('handover.leftNote') }
    }
    case 'drafts':
      return { tone: 'general', icon: 'edit', text: t('handover.unsaved', { what: amounts({ drafts: left.drafts }) }), note: t('handover.unsavedNote') }
    case 'asking':
      return { tone: 'info', icon: 'up', text: t('handover.askingShort'), note: t('handover.askingNote') }
    case 'missing': {
      const missing = day.missing!
      const what = amounts({ records: missing.records.count, photos: missing.photos.count, changes: missing.operations.count })
      return { tone: 'danger', icon: 'alert', text: t('handover.missing', { what }), note: t('handover.missingNote') }
    }
    case 'bad':
      return { tone: 'danger', icon: 'alert', text: t('handover.bad'), note: t('handover.badNote') }
    case 'refused':
      return { tone: 'general', icon: 'alert', text: t('handover.refused', { what: made, n: receipt!.refused }), note: t('handover.refusedNote') }
    case 'safe':
      return { tone: 'good', icon: 'server', text: t('handover.safe', { what: made }), note: t('handover.signed', { time }) }
  }
}
