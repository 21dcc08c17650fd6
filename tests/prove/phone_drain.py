"""300 photos queued without a network arrive after three kills of the phone, none lost and none doubled.

Ten findings of thirty photos each, handed in offline in real Chromium; then there is a server, and the browser is
killed three times (SIGKILL) at seeded moments while the photos go. A photo is lost when the store has not its bytes,
the record does not name it or waits for it still; doubled when the store or a record has it twice, or a record was
handed in twice. `make test` drains thirty the same way.
"""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.drain import KILLS, drained
from tests.prove import Figure
from tests.support.server import Server

GROUP = "phone"
SEED = 20261127


def prove(folder: Path) -> Iterator[Figure]:
    server = Server(folder / "data", {"MINGCHA_LOG_LEVEL": "error"}).prepare(demo=True).start()
    try:
        with sync_playwright() as playwright:
            found = drained(playwright, server, folder, records=10, photos=30, seed=SEED)
    finally:
        server.kill()
    midway = sum(0 < arrived < found.photos for arrived in found.at)
    print(f"        killed at {', '.join(map(str, found.at))} of {found.photos}")
    yield Figure("photos queued", found.photos, at_least=300)
    yield Figure("kills while they went", midway, at_least=KILLS)
    yield Figure("photos lost", found.lost, at_most=0)
    yield Figure("photos or records doubled", found.doubled, at_most=0)
