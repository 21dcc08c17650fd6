"""A list of 100,000 records at the desk: a screenful is drawn, and wherever one scrolls to the rows stand there soon.

The demo company grown to that size, on SQLite, in real Chromium on one machine with the server: the thumb dragged to
forty places, the ends by key, and three seconds of the wheel.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.test_desk import SIZE, sign_in
from tests.prove import Figure
from tests.support import county
from tests.support.server import Server

GROUP = "desk"
RECORDS = 150_000
"""So many that more than 100,000 are in the supervisor's list, which shows no drafts."""
JUMPS = 40
LIMIT_MS, FRAME_MS, DRAWN = 500, 50, 80
WAIT_MS = 120_000

# Drags the thumb to places spread over the list: how long until all rows in view stand there (ms, 5000 when they do
# not come), how many rows were drawn at most, and what stood at each place: [number of the row, id].
DRAG = """async ([jumps, total]) => {
  const box = document.querySelector("[data-testid='records']")
  const times = [], places = []
  let drawn = 0
  for (let jump = 1; jump <= jumps; jump++) {
    const n = Math.floor(total * ((jump * 0.6180339887) % 1))
    const began = performance.now()
    box.scrollTop = n * 44
    const missing = () => {
      const rows = [...box.querySelectorAll('[data-n]')]
      drawn = Math.max(drawn, rows.length)
      const here = rows.filter((row) => Math.abs(Number(row.dataset.n) - n) < 10)
      return here.length === 0 || here.some((row) => !row.dataset.id)
    }
    do await new Promise(requestAnimationFrame)
    while (missing() && performance.now() - began < 5000)
    times.push(performance.now() - began)
    const first = box.querySelector(`[data-n="${n}"]`)
    places.push([n, first?.dataset.id ?? ''])
  }
  return { times, places, drawn }
}"""

# Turns the wheel for some seconds; gives the time between frames in ms.
WHEEL = """async (ms) => {
  const box = document.querySelector("[data-testid='records']")
  const frames = []
  const began = performance.now()
  let last = began
  while (last - began < ms) {
    box.scrollTop += 120
    const now = await new Promise(requestAnimationFrame)
    if (frames.length || now > last) frames.push(now - last)
    last = now
  }
  return frames
}"""


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def look(page: Page) -> Iterator[Figure]:
    """The figures of a supervisor's list that is open in `page`."""
    box = page.get_by_test_id("records")
    expect(box).not_to_have_attribute("data-total", "", timeout=WAIT_MS)
    total = int(box.get_attribute("data-total") or 0)
    yield Figure("rows in the list", total, at_least=100_000)
    found = page.evaluate(DRAG, [JUMPS, total])
    yield Figure("dragged to a place, rows there, p95", p95(found["times"]), "ms", at_most=LIMIT_MS)
    yield Figure("rows drawn at once, at most", found["drawn"], at_most=DRAWN)
    distinct = len({row for _, row in found["places"] if row})
    yield Figure("places with a row of their own", distinct, at_least=JUMPS)
    box.focus()
    for key, n in (("End", total - 1), ("Home", 0)):
        page.keyboard.press(key)
        expect(page.locator(f"[data-testid='record'][data-n='{n}']")).to_be_in_viewport(ratio=1)
    yield Figure("frame while the wheel turns, p95", p95(page.evaluate(WHEEL, 3000)), "ms", at_most=FRAME_MS)


def prove(folder: Path) -> Iterator[Figure]:
    server = Server(folder).prepare(demo=True)
    asyncio.run(county.grow(server.env, records=RECORDS, photos=RECORDS))
    server.env["MINGCHA_WORKER"] = "none"
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()  # type: ignore[arg-type]
            sign_in(page, server.url, "zhuguan", "/desk/records")
            yield from look(page)
            browser.close()
    finally:
        server.kill()
