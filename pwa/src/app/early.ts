/** The first thing that runs, before the libraries: what a start has to wait for is set going. */
import { openKept } from './kept'

openKept()

// vue-router has these parsed as it is loaded. Where there are none that fails, and to say where it failed the browser
// goes through all of the library's text once more: a tenth of a second on a small phone.
try {
  sessionStorage['vue-router:scroll'] ??= '{}'
} catch {
  // a browser that keeps nothing for us has its own words, see browser.ts
}
