"""Photos that wait on the phone arrive once each, however often it dies on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.drain import KILLS, drained
from tests.support.server import Server

pytestmark = pytest.mark.timeout(900)


def test_thirty_queued_photos_arrive_after_three_kills_with_none_lost_or_doubled(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "server").prepare(demo=True).start()
    try:
        found = drained(playwright, server, tmp_path, records=3, photos=10, seed=7)
    finally:
        server.kill()
    assert found.photos == 30
    assert len(found.at) == KILLS
    assert all(0 < arrived < found.photos for arrived in found.at), "each kill came while photos were going"
    assert (found.lost, found.doubled) == (0, 0)
