/// <reference lib="webworker" />
import { updates } from './activate'
import { pages } from './pages'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] }

pages(self.__WB_MANIFEST)
updates(self)
