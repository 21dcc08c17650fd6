"""The short form of `make prove ONLY=first_sync`: the register arrives whole, and can be searched on the way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Playwright

from tests.browser.first_sync import watch
from tests.support import register
from tests.support.client import signed_in
from tests.support.phone import phone
from tests.support.server import Server

RECORDS = 2_500  # more than one page


def test_a_first_sync_brings_the_whole_register_and_the_app_answers_meanwhile(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True)
    with ThreadPoolExecutor(1) as other:  # Playwright has a loop of its own in this thread
        other.submit(lambda: asyncio.run(register.fill(server.env, RECORDS))).result()
    server.start()
    try:
        with signed_in(server.url, "duchayuan", register=False) as client:
            person, wanted = client.person, len(client.records())
        with phone(playwright, tmp_path / "profile") as context:
            seen = watch(context.new_page(), server.url, "duchayuan", person, "BX-000001")
    finally:
        server.kill()
    assert seen.records == wanted > RECORDS
    assert 0 < seen.framed_s <= seen.found_s
