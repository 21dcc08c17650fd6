"""Killed at each await of a capture, Chromium has the same form, field and photo again, and what was handed in once.

Real Chromium, SIGKILL, one phone that is killed some hundreds of times while the server is away; then the server is
back and must get each record that was handed in once, each photo byte for byte. What counts as an await stands in
tests/fault/captures.py, and a phone that forgets its drafts goes the same way in tests/browser: it is found.
"""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.fault import captures
from tests.prove import Figure

GROUP = "phone"
LEAST = 200  # places; there are some 330


def prove(folder: Path) -> Iterator[Figure]:
    expect.set_options(timeout=120_000)  # others may load the machine
    with sync_playwright() as playwright:
        outcome = captures.run(playwright, folder, range(1, captures.NEVER))
    for one in outcome.broken:
        print(f"  {one}", flush=True)
    yield Figure("captures killed, one at each await", outcome.killed, at_least=LEAST)
    yield Figure("awaits that no kill came to", max(0, outcome.places - outcome.killed - 1), at_most=0)
    yield Figure("different awaits", len(outcome.kinds), at_least=30)
    yield Figure("forms reopened as they were", outcome.reopened, at_least=LEAST / 4)
    yield Figure("records handed in", len(outcome.handed_in), at_least=10)
    yield Figure("lost, doubled or otherwise than it was", len(outcome.broken), at_most=0)
