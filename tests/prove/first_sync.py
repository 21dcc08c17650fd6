"""A phone four times slower than this machine has 20,000 reference records 6 s after the sign-in, and works before.

The real app in Chromium with its processor throttled by DevTools; the server runs beside it on SQLite, so its own
work is in the figure. The register is looked up on the Find page while the rest still comes.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.first_sync import FirstSync, watch
from tests.prove import Figure
from tests.support import register
from tests.support.client import signed_in
from tests.support.phone import phone
from tests.support.server import Server

GROUP = "sync"
RECORDS = 20_000
ROOM = 25_000  # rows that a phone may hold: beside the register there are those of the demo company
SLOWER = 4
LIMIT_S = 6


def prove(folder: Path) -> Iterator[Figure]:
    env = {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_PHONE_ROWS": str(ROOM)}
    server = Server(folder / "data", env).prepare(demo=True)
    asyncio.run(register.fill(server.env, RECORDS))
    server.start()
    try:
        seen = measure(folder / "profile", server.url)
    finally:
        server.kill()
    yield Figure("records on the phone", seen.records, at_least=RECORDS)
    yield Figure("the app's frame", seen.framed_s, "s", at_most=LIMIT_S)
    yield Figure("a record found while the rest still comes", seen.found_s, "s", at_most=seen.synced_s)
    yield Figure("longest time without an answer to a tap", seen.longest_block_s, "s")
    yield Figure(f"first sync, processor {SLOWER} times slower", seen.synced_s, "s", at_most=LIMIT_S)


def measure(profile: Path, url: str) -> FirstSync:
    with signed_in(url, "duchayuan", register=False) as client:
        person = client.person
    with sync_playwright() as playwright, phone(playwright, profile) as context:
        return watch(context.new_page(), url, "duchayuan", person, "BX-000001", slower=SLOWER)
