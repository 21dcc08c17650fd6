"""Killed at an await of a capture, the same form, field and photo come back; what was handed in is there once.

Some places of one seeded offset; `make prove ONLY=capture_kills` takes every one.
"""

from __future__ import annotations

import random
from pathlib import Path

from playwright.sync_api import Playwright

from tests.fault import captures

STEP = 60
FIRST = random.Random(20261127).randrange(20, STEP)

# Says that a draft is stored, and stores none.
FORGETS = """(() => {
  const put = IDBObjectStore.prototype.put
  IDBObjectStore.prototype.put = function (...given) {
    return this.name === 'drafts' ? this.count() : put.apply(this, given)
  }
})()"""


def test_killed_at_an_await_of_a_capture_the_same_form_field_and_photo_come_back(
    playwright: Playwright, tmp_path: Path
) -> None:
    outcome = captures.run(playwright, tmp_path, range(FIRST, captures.NEVER, STEP))
    assert outcome.broken == []
    assert outcome.killed >= 3
    assert outcome.reopened >= 1
    assert outcome.handed_in


def test_a_phone_that_forgets_its_drafts_is_found(playwright: Playwright, tmp_path: Path) -> None:
    outcome = captures.run(playwright, tmp_path, range(150, captures.NEVER, 20), spoilt=FORGETS)
    assert any("a photo is gone" in one or "said" in one for one in outcome.broken), outcome
