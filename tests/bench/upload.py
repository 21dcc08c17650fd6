"""Upload of photos of 512 KB by tus, as a share of what the store alone does under the same HTTP server."""

import base64
import hashlib
import os
from collections.abc import AsyncIterator

from tests.bench.line import Line
from tests.bench.load import Phone
from tests.bench.ratio import Side, compare
from tests.bench.site import PHONES, Site, county, plain, sign_in
from tests.bench.wire import request
from tests.support.server import Server

PHOTO_BYTES = 512 * 1024
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


def photo() -> tuple[bytes, str]:
    data = JPEG + os.urandom(PHOTO_BYTES - len(JPEG))
    return data, hashlib.sha256(data).hexdigest()


def uploading(server: Server, phones: list[Phone], *, bare: bool) -> Side:
    """One photo by tus, created and sent in one request, as a phone with signal does; or its bare likeness."""

    def made(phone: Phone) -> bytes:
        data, sha = photo()
        if bare:
            return request("POST", "/bare/upload", {"X-Name": sha}, data)
        meta = {"sha256": sha, "type": "image/jpeg"}
        headers = {
            **phone.headers,
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": ",".join(
                f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in meta.items()
            ),
            "Content-Type": "application/offset+octet-stream",
        }
        return request("POST", "/api/v1/uploads", headers, data)

    def prepare(photos: float) -> None:
        for phone in phones:
            while len(phone.ready) < min(200, 2 + round(1.5 * photos / len(phones))):
                phone.ready.append(made(phone))

    async def turn(i: int) -> int:
        answer = await phones[i].wire.send(phones[i].ready.popleft())
        assert answer.status == 201, (answer.status, answer.body[:300])
        return 1

    return Side(server, turn, prepare, lambda i: bool(phones[i].ready))


async def measure(site: Site) -> AsyncIterator[Line]:
    for engine, store in (("sqlite", "files"), ("postgresql", "minio")):
        env = site.env(engine, photos=True) | {"MINGCHA_WORKER": "none"}  # views are another process's work
        server = site.prepare(env)
        await county(env)
        site.start(server)
        bare = site.bare(site.env(engine, photos=True))
        ours = uploading(server, await sign_in(server, "inspector", PHONES), bare=False)
        other = uploading(bare, plain(bare, PHONES), bare=True)
        yield await compare(
            site, f"upload_{store}", "photos/s", ours, other, "the store's put", "upload", part="upload"
        )
        site.done(server, bare)
