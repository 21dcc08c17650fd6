import { ref } from 'vue'

/** Notices that were not seen yet; `domain/notices/badge.ts` counts. */
export const unread = ref(0)
