import { language } from '@/app/i18n'

/** Where the server makes a record's PDF, in the language of the screen. */
export function dossierUrl(id: string): string {
  return `/api/v1/exports/dossier.pdf?ids=${id}&lang=${language() === 'en' ? 'en' : 'zh'}`
}
