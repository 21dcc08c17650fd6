"""How fast the app is to who uses it: start, photo, touch. Measured from inside the page, its processor slowed down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.phone import sign_on_site

LATE = 120_000  # ms

# Says the moment, in ms since the page began to load, at which a thing stands in it and is drawn. It is listened to:
# asking the page would have it read Playwright's own 300 KB of program while it starts.
STARTED = """(thing) => {
  const look = () => {
    if (!document.querySelector(thing)) return requestAnimationFrame(look)
    requestAnimationFrame(() => setTimeout(() => console.debug(`started ${performance.now()}`)))
  }
  look()
}"""

# From the file's arrival (the input's change event) to the picture in a new frame, in ms.
SHOT = """() => {
  const frames = () => [...document.querySelectorAll('.frames__one--full img')]
  const before = frames().length
  delete window.shotMs
  document.addEventListener('change', () => {
    const began = performance.now()
    const look = () => {
      const shown = frames()
      if (shown.length > before && shown.every((one) => one.complete && one.naturalWidth > 0))
        window.shotMs = performance.now() - began
      else requestAnimationFrame(look)
    }
    look()
  }, { capture: true, once: true })
}"""

# What web-vitals counts: the longest event of each touch or key, from the finger to the next picture on the screen.
TOUCHES = """() => {
  window.touches = {}
  new PerformanceObserver((list) => {
    for (const { interactionId, duration, name, target } of list.getEntries()) {
      if (!interactionId || duration <= (window.touches[interactionId]?.ms ?? 0)) continue
      const at = target?.closest?.('[data-testid]')?.dataset.testid ?? target?.tagName ?? ''
      window.touches[interactionId] = { ms: duration, what: `${name} ${at}` }
    }
  }).observe({ type: 'event', durationThreshold: 16 })
}"""


@dataclass(frozen=True)
class Touches:
    """All touches and keys on one form. `inp_ms`: Interaction to Next Paint; of every fifty one is left out, the
    longest first. What is over within 16 ms counts as 0.
    """

    count: int
    inp_ms: float
    longest: tuple[tuple[float, str], ...]


@contextmanager
def slowed(page: Page, rate: float) -> Iterator[None]:
    """The page's processor so many times slower."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    try:
        yield
    finally:
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        devtools.detach()


def start_ms(page: Page, url: str, thing: str) -> float:
    """Opens the app in a page that has none of it in memory, until what the selector `thing` means is drawn."""
    page.add_init_script(f"({STARTED})({json.dumps(thing)})")
    with page.expect_console_message(lambda said: said.text.startswith("started "), timeout=LATE) as started:
        page.goto(url, wait_until="commit")
    return float(started.value.text.removeprefix("started "))


def shot_ms(page: Page, role: str, file: Path) -> float:
    """A photo from the camera's return until it is stored and stands in its frame."""
    page.evaluate(SHOT)
    page.get_by_test_id(f"photo-{role}").set_input_files(file)
    page.wait_for_function("() => window.shotMs !== undefined", timeout=LATE)
    return float(page.evaluate("window.shotMs"))


def touches(page: Page) -> Touches:
    """What was measured on the form since `TOUCHES` ran in the page, of at least so many touches as it has seen."""
    page.wait_for_timeout(500)  # entries come after the picture
    count, seen = page.evaluate("[performance.interactionCount, Object.values(window.touches)]")
    longest = sorted(((one["ms"], one["what"]) for one in seen), reverse=True)
    left_out = min(count // 50, len(longest) - 1) if longest else 0
    return Touches(count, longest[left_out][0] if longest else 0.0, tuple(longest[:5]))


def used(page: Page, wanted: Mapping[str, str]) -> Touches:
    """Touches everything on the open form as a person would: types, chooses, switches, signs, submits.

    `wanted`: the code to choose in a list, by its field; elsewhere the first that a search for "1" finds.
    """
    page.evaluate(TOUCHES)
    done: set[str] = set()
    while fields := [name for name in _fields(page) if name not in done]:
        done.add(fields[0])
        _use(page, page.get_by_test_id(fields[0]).first, wanted.get(fields[0].removeprefix("field-"), ""))
    if page.get_by_test_id("sign").count():
        sign_on_site(page, "李四")
    for name in ("submit", "save"):
        if page.get_by_test_id(name).is_visible():
            page.get_by_test_id(name).click()
            break
    return touches(page)


def _fields(page: Page) -> list[str]:
    """Names of what can be filled in or chosen, from top to bottom; they change with what is chosen."""
    found = page.locator(
        "main [data-testid^='field-'], main [data-testid^='option-'], main [data-testid='chip']"
    )
    return list(dict.fromkeys(found.evaluate_all("all => all.map((one) => one.dataset.testid)")))


def _use(page: Page, field: Locator, wanted: str) -> None:
    kind = field.evaluate("one => one.ariaHasPopup === 'dialog' ? 'picker' : (one.type ?? 'said')")
    field.scroll_into_view_if_needed()
    if kind in (
        "said",
        "datetime-local",
    ):  # a group's parts come by themselves; the clock is the system's own
        return
    if kind == "picker":
        _pick(page, field, wanted)
    elif kind in ("radio", "checkbox"):
        page.locator("label", has=field).last.click()
    elif kind in ("text", "textarea", "search"):
        number = field.get_attribute("inputmode") in ("numeric", "decimal")
        field.click()
        page.keyboard.type("12" if number else "ok 3", delay=120)
    else:
        field.click()
    page.wait_for_timeout(150)


def _pick(page: Page, field: Locator, wanted: str) -> None:
    field.click()
    sheet = page.get_by_role("dialog").last
    search = sheet.locator("input[type='search']")
    search.click()
    page.keyboard.type(wanted or "1", delay=120)
    options = sheet.locator("[data-testid^='option-']")
    if options.count() == 0:
        page.keyboard.press("Backspace")
    (page.get_by_test_id(f"option-{wanted}") if wanted else options.first).click()
    expect(sheet).to_be_hidden()
