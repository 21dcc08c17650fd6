import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Where the API listens while `npm run dev` serves the pages. */
const api = process.env.MINGCHA_API ?? 'http://127.0.0.1:8000'

/** The first picture needs the styles, not the program: on a slow net they do not share the line with it. */
const stylesFirst: Plugin = {
  name: 'styles-first',
  transformIndexHtml: { order: 'post', handler: (html) => html.replace(/<(script type="module"|link rel="modulepreload")/g, '$& fetchpriority="low"') },
}

export default defineConfig({
  plugins: [
    vue(),
    stylesFirst,
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false, // public/manifest.webmanifest is written by hand
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest,wasm}'],
        maximumFileSizeToCacheInBytes: 2_000_000,
      },
    }),
  ],
  resolve: {
    alias: {
      // Its other builds are written for browsers without classes and async functions, which run none of this anyway.
      dexie: path('./node_modules/dexie/dist/modern/dexie.mjs'),
      '@': path('./src'),
      '@catalogue': path('../backend/data/catalogue/2026.11'),
      '@vectors': path('../tests/vectors'),
    },
  },
  define: {
    __VUE_OPTIONS_API__: 'true', // Vant's components use it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __APP_VERSION__: JSON.stringify(process.env.npm_package_version ?? '0.0.0'),
  },
  build: {
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or styles
    reportCompressedSize: false,
    modulePreload: {
      // Of a page made of dozens of files the browser finds those by itself: to look each up among the document's links
      // takes longer than the worker's store needs to give them.
      resolveDependencies: (_page, files) => (files.length > 15 ? files.filter((file) => file.endsWith('.css')) : files),
    },
    // What every start needs goes in two files instead of a dozen: on a slow net each file costs a trip. main.ts stays
    // out of them: it awaits the first page, and a page that imports what is still awaiting it never comes.
    rolldownOptions: {
      checks: { bundlerTimings: false }, // how long a plugin took is no warning
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules\/(@?vue|@intlify|dexie)|src\/app\/(early|kept)\.ts/ },
            { name: 'core', test: /src\/(api|sync\/(?!audit\.)|media\/hash|app\/(?!main|locales\/en|NotFound)|features\/session)|desk\/zh-CN\.ts|features\/[a-z-]+\/(routes|zh-CN)\.ts/ },
            // Today with all that it needs, one file for the two dozen that a start would ask the worker for.
            { name: 'today', test: /features\/today\/TodayPage\.vue/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': api, '/schema': api } },
  test: { environment: 'node', testTimeout: 60_000, env: { TZ: 'Asia/Shanghai' }, include: ['src/**/*.test.ts'], setupFiles: ['fake-indexeddb/auto'] },
})
