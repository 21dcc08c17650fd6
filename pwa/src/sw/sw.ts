/// <reference lib="webworker" />
import { updates } from './activate'
import { tellFiles } from './files'
import { pages } from './pages'
import { pushes } from './push'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] }

const manifest = self.__WB_MANIFEST
pages(manifest)
tellFiles(self, manifest)
updates(self)
pushes(self)
