"""Other people's tus clients, unmodified, upload to us: tus-js-client, tuspy, and Uppy in a real browser.

Two server processes on one database answer in turn, on both pairs of database and store.
"""

import asyncio
import base64
import hashlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright
from tusclient.client import TusClient

from tests.conftest import Pair
from tests.support import tusclients
from tests.support.client import Client, signed_in
from tests.support.company import found
from tests.support.proxy import GOOD, Line, Proxy
from tests.support.server import Server

pytestmark = pytest.mark.timeout(600)
SEED = 20261126
COOKIE = "mingcha_session"


@dataclass
class Pairs:
    servers: tuple[Server, Server]
    phone: Client

    @property
    def headers(self) -> dict[str, str]:
        """What any client has to send with each request, to be let in."""
        return {"X-Mingcha": "1", "Cookie": f"{COOKIE}={self.phone.http.cookies[COOKIE]}"}

    def stored(self, content: bytes) -> None:
        """Once and byte by byte, at either process."""
        for server in self.servers:
            url = f"{server.url}/api/v1/photos/{sha(content)}/original"
            answer = httpx.get(url, headers=self.headers, timeout=30)
            assert answer.status_code == 200, answer.text
            assert answer.content == content


@pytest.fixture(scope="module")
def both(shared_pair: Pair) -> Iterator[Pairs]:
    first = shared_pair.server().prepare()
    asyncio.run(found(first.env))
    second = shared_pair.server()
    try:
        first.start()
        second.start()
        with signed_in(first.url, "inspector") as phone:
            yield Pairs((first, second), phone)
    finally:
        first.kill()
        second.kill()


def photo(dice: random.Random, size: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + dice.randbytes(size - 6) + b"\xff\xd9"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def metadata(content: bytes) -> dict[str, str]:
    return {"sha256": sha(content), "type": "image/jpeg", "name": "巡检 1.jpg"}


def saved(folder: Path, content: bytes) -> Path:
    path = folder / f"{sha(content)[:8]}.jpg"
    path.write_bytes(content)
    return path


def order(both: Pairs, url: str, file: Path, content: bytes, **more: Any) -> dict[str, Any]:
    return {
        "file": str(file),
        "endpoint": f"{url}/api/v1/uploads",
        "headers": both.headers,
        "metadata": metadata(content),
        **more,
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunkSize": 100_000},
        {"chunkSize": 200_000, "uploadDataDuringCreation": True},
        {"chunkSize": 200_000, "overridePatchMethod": True},
    ],
    ids=["at once", "in pieces", "with the creation", "by POST"],
)
def test_tus_js_client_uploads(both: Pairs, tmp_path: Path, options: dict[str, Any]) -> None:
    content = photo(random.Random(str(options)), 700_000)
    url = both.servers[0].url
    result = tusclients.tus_js_client(order(both, url, saved(tmp_path, content), content, **options))
    assert result["url"].startswith(f"{url}/api/v1/uploads/"), result
    both.stored(content)


def test_tus_js_client_goes_on_with_an_upload_begun_elsewhere(both: Pairs, tmp_path: Path) -> None:
    content = photo(random.Random(SEED), 400_000)
    location = both.phone.create_upload(content).headers["Location"]
    assert both.phone.patch(location, 0, content[:150_000]).status_code == 204
    url = both.servers[1].url
    result = tusclients.tus_js_client(
        order(both, url, saved(tmp_path, content), content, uploadUrl=f"{url}{location}", chunkSize=100_000)
    )
    assert result["statuses"] == [200, 204, 204, 204], "asked where the upload stands, then sent the rest"
    both.stored(content)


@pytest.mark.parametrize("turn", range(4))
def test_tus_js_client_is_cut_at_random_and_resumes_at_either_process(
    both: Pairs, tmp_path: Path, turn: int
) -> None:
    dice = random.Random(f"{SEED}:{turn}")
    content = photo(dice, dice.randint(500_000, 1_500_000))

    def plan(connection: int) -> Line:
        if connection > 30:
            return GOOD  # a line that is always bad would prove nothing
        return dice.choice(
            (
                GOOD,
                Line(lose_answer=True),
                Line(cut_up=dice.randint(1, 400_000)),
                Line(cut_up=dice.randint(1, 400_000)),
                Line(cut_up=dice.randint(1, 400_000), half_closed=True),
                Line(cut_down=dice.randint(1, 400)),
            )
        )

    with Proxy([server.port for server in both.servers], plan) as proxy:
        result = tusclients.tus_js_client(
            order(
                both,
                proxy.url,
                saved(tmp_path, content),
                content,
                chunkSize=dice.choice((90_000, 10_000_000)),
            )
        )
        assert "url" in result, result
        assert proxy.connections > 1, "nothing was cut"
    assert 500 not in result["statuses"]
    both.stored(content)


@pytest.mark.parametrize("checked", [False, True], ids=["plain", "with checksums"])
def test_tuspy_uploads_and_resumes(both: Pairs, tmp_path: Path, checked: bool) -> None:
    content = photo(random.Random(f"{SEED}{checked}"), 500_000)
    path = saved(tmp_path, content)
    for server, until in zip(both.servers, (200_000, None), strict=True):  # the second goes on elsewhere
        client = TusClient(f"{server.url}/api/v1/uploads", headers=both.headers)
        with path.open("rb") as file:
            uploader = client.uploader(
                file_stream=file,
                chunk_size=90_000,
                metadata=metadata(content),
                upload_checksum=checked,
                retries=3,
                retry_delay=0,
            )
            uploader.upload(stop_at=until)
    both.stored(content)


def test_uppy_uploads_from_a_page(both: Pairs) -> None:
    dice = random.Random(SEED)
    photos = [photo(dice, size) for size in (30_000, 250_000, 600_000)]
    files = [
        {
            "name": "照片.jpg",
            "type": "image/jpeg",
            "base64": base64.b64encode(content).decode(),
            "sha256": sha(content),
        }
        for content in photos
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            url = both.servers[0].url
            context = browser.new_context()
            context.add_cookies([{"name": COOKIE, "value": both.phone.http.cookies[COOKIE], "url": url}])
            page = context.new_page()
            page.goto(f"{url}/manifest.webmanifest")  # a page of our origin, without the app in it
            page.evaluate(tusclients.uppy_for_a_page())
            given = {"endpoint": "/api/v1/uploads", "headers": {"X-Mingcha": "1"}, "chunkSize": 200_000}
            result = page.evaluate("order => sendByUppy(order)", {**given, "files": files})
        finally:
            browser.close()
    assert result["failed"] == []
    assert len(result["successful"]) == len(photos)
    for content in photos:
        both.stored(content)
