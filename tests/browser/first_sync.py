"""A phone's first sync, watched from inside: when it can be used, when it has everything, how long it froze."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.support.phone import fill_sign_in

# Notes moments since the sign-in's tap without asking the page anything while it works.
WATCH = """() => {
  const seen = (window.firstSync = { longest: 0, began: performance.now() })
  const began = seen.began
  const note = (name) => { seen[name] ??= performance.now() - began }
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration)
  }).observe({ type: 'longtask' })
  const look = () => {
    if (document.querySelector('[data-testid=tab-find]')) note('framed')
    if (document.querySelector('[data-testid=sync-strip][data-synced=true]')) note('synced')
  }
  const all = { subtree: true, childList: true, attributes: true, attributeFilter: ['data-synced'] }
  new MutationObserver(look).observe(document, all)
}"""

COUNT = """(person) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(`mingcha-${person}`)
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const asked = opening.result.transaction('packs').objectStore('packs').index('ids').count()
    asked.onsuccess = () => { opening.result.close(); resolve(asked.result) }
  }
})"""


@dataclass(frozen=True)
class FirstSync:
    """Seconds since the tap on "sign in": `framed_s` to the app's frame, `found_s` to a record found by its code in
    Find, `synced_s` to the end of the first sync. `records` are on the phone then.
    """

    framed_s: float
    found_s: float
    synced_s: float
    records: int
    longest_block_s: float


def watch(
    page: Page, url: str, login: str, person: str, code: str, *, slower: float = 1, limit_s: float = 120
) -> FirstSync:
    """Signs in on an empty phone whose processor is so many times slower, and looks up `code` meanwhile."""
    page.goto(f"{url}/signin")
    page.get_by_test_id("signin-login").wait_for()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.evaluate(WATCH)
    fill_sign_in(page, login)
    page.get_by_test_id("tab-find").click(timeout=limit_s * 1000)
    page.locator("input[type=search]").fill(code)
    page.get_by_test_id(f"found-{code}").wait_for(timeout=limit_s * 1000)
    page.evaluate("() => { firstSync.found = performance.now() - firstSync.began }")
    page.wait_for_function("() => window.firstSync.synced !== undefined", timeout=limit_s * 1000, polling=500)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    seen = page.evaluate("() => window.firstSync")
    count = page.evaluate(COUNT, person)
    return FirstSync(
        seen["framed"] / 1000, seen["found"] / 1000, seen["synced"] / 1000, count, seen["longest"] / 1000
    )
