"""Phones that upload photos whatever happens to servers, store and disk, and what came of it.

A phone does what the app does: ask which photos are missing, create, send pieces from where the server stands, and
believe only an answer of "have". What is counted as a fault is what would cost evidence or a person's trust.
"""

import asyncio
import hashlib
import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from minio import Minio

from backend.app import build
from backend.settings import load
from tests.fault.kills import Killer
from tests.support.client import Client
from tests.support.disk import SmallDisk
from tests.support.server import Server
from tests.support.toxiproxy import Toxiproxy

TUS = {"Tus-Resumable": "1.0.0"}
WAITING = (503, 507)  # the server refuses for now and says when to come again
BETWEEN = (404, 409, 410)  # ask where the upload stands and go on
LEAVE = (0, 8192, 100_000)  # bytes that a full disk still has
PAUSE_S = 0.03  # the tests have no time for what Retry-After says


@dataclass
class Tally:
    """What was counted. `cut`: requests without an answer; `refused`: answers that told to come again."""

    stored: int = 0
    requests: int = 0
    cut: int = 0
    resumed: int = 0  # photos that went on behind bytes acknowledged before a cut
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    unsaid: int = 0  # of the refused, those without Retry-After
    broken: Counter[tuple[int, str]] = field(default_factory=Counter)
    forgotten: int = 0  # acknowledged bytes that the server no longer knows of
    damaged: int = 0  # said to be stored, and not equal byte by byte
    doubled: int = 0  # copies of a photo beside the one that is to be there

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def faults(self) -> dict[str, object]:
        """What must not be, empty when all is well."""
        names = ("unsaid", "broken", "forgotten", "damaged", "doubled")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True)
class Photo:
    """Known by its seed, so that a thousand of them need no room."""

    seed: int
    size: int

    @property
    def content(self) -> bytes:
        return b"\xff\xd8\xff\xe0" + random.Random(self.seed).randbytes(self.size - 6) + b"\xff\xd9"


class Sender:
    """One phone; with several `urls` it goes to the next one whenever it got no answer."""

    def __init__(
        self,
        client: Client,
        dice: random.Random,
        until: float,
        urls: Sequence[str],
        given_up: Callable[[], object] = lambda: None,
    ) -> None:
        self.client, self.dice, self.until, self.given_up = client, dice, until, given_up
        self.urls = itertools.cycle(urls)
        self.sent: list[Photo] = []
        self.tally = Tally()

    def send(self, size: int) -> None:
        """One new photo, until the server has it."""
        photo = Photo(self.dice.getrandbits(60), size)
        self.sent.append(photo)
        content = photo.content
        piece = self.dice.choice((size, size // 2 + 1, size // 4 + 1))
        acked, finishing = (
            0,
            False,
        )  # bytes that the server has acknowledged; whether the last piece was tried
        cuts, location = self.tally.cut, ""
        while not self._have(content):
            location, at = self._stands(content, location)
            if at is None:
                continue
            if at < acked and not (at == 0 and finishing):  # moved into the store, its row not yet written
                self.tally.forgotten += 1
            if at and self.tally.cut > cuts:
                self.tally.resumed += 1
                cuts = self.tally.cut
            acked = at
            while acked < len(content):
                finishing = finishing or acked + piece >= len(content)
                reached = self._patch(location, acked, content[acked : acked + piece])
                if reached is None:
                    break
                acked = reached
        self.tally.stored += 1

    def _stands(self, content: bytes, location: str) -> tuple[str, int | None]:
        """The upload's address, "" when it is to be created again, and the bytes that the server has."""
        if not location:
            answer = self._asked(lambda: self.client.create_upload(content))
            if not answer.is_success:
                return "", None
            return answer.headers["Location"], int(answer.headers.get("Upload-Offset", "0"))
        answer = self._asked(lambda: self.client.http.head(location, headers=TUS))
        if answer.is_success:
            return location, int(answer.headers["Upload-Offset"])
        return "" if answer.status_code in (404, 410) else location, None

    def _patch(self, location: str, at: int, piece: bytes) -> int | None:
        answer = self._asked(lambda: self.client.patch(location, at, piece))
        return int(answer.headers["Upload-Offset"]) if answer.is_success else None

    def _have(self, content: bytes) -> bool:
        asked = {"photos": [{"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}]}
        answer = self._asked(lambda: self.client.http.post("/api/v1/photos/missing", json=asked))
        return answer.status_code == 200 and answer.json()["photos"][0]["state"] == "have"

    def _asked(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """The answer, or one of status 599 where none came; what it means is counted."""
        if time.monotonic() > self.until or self.given_up():
            raise AssertionError(f"out of time: {self.given_up()} {self.tally}")
        self.tally.requests += 1
        try:
            answer = ask()
        except httpx.TransportError as error:
            self.tally.cut += not isinstance(error, httpx.ConnectError)
            time.sleep(0.01)
            self.client.http.base_url = next(self.urls)
            return httpx.Response(599)
        code = answer.status_code
        if answer.is_success or code in BETWEEN:
            return answer
        if code == 408:  # the line was cut on the way there, not on the way back
            self.tally.cut += 1
            return answer
        named = (
            str(answer.json().get("code", ""))
            if "json" in answer.headers.get("content-type", "") and answer.content
            else ""
        )
        if code in WAITING:
            self.tally.refused[code, named] += 1
            self.tally.unsaid += not answer.headers.get("retry-after", "").isdigit()
        else:
            self.tally.broken[code, named] += 1
        time.sleep(PAUSE_S)
        return answer

    def count(self) -> Tally:
        """Compares what the server gives with what it said to have; asks it for every photo."""
        for photo in self.sent[: self.tally.stored]:
            content = photo.content
            url = f"/api/v1/photos/{hashlib.sha256(content).hexdigest()}/original"
            answer = self.client.http.get(url)
            self.tally.damaged += answer.status_code != 200 or answer.content != content
        return self.tally


def upload_while(
    senders: Sequence[Sender], trouble: Callable[[], None], sizes: tuple[int, int] = (20_000, 300_000)
) -> Tally:
    """All senders upload one photo after the other while `trouble` runs; then what came of it."""
    over = threading.Event()

    def work(sender: Sender) -> None:
        while not over.is_set():
            sender.send(sender.dice.randint(*sizes))

    with ThreadPoolExecutor(len(senders)) as pool:
        working = [pool.submit(work, sender) for sender in senders]
        try:
            trouble()
        finally:
            over.set()
        for done in working:
            done.result()
    return sum((sender.count() for sender in senders), Tally())


def senders_of(
    servers: Sequence[Server],
    dice: random.Random,
    limit_s: float,
    given_up: Callable[[], object] = lambda: None,
    *,
    logins: Sequence[str] = ("inspector", "manager", "crew"),
) -> list[Sender]:
    """A phone for each login; each begins at another server."""
    urls = [server.url for server in servers]
    until = time.monotonic() + limit_s
    return [
        Sender(
            Client(urls[i % len(urls)], timeout_s=60).sign_in(login),
            random.Random(dice.random()),
            until,
            urls,
            given_up,
        )
        for i, login in enumerate(logins)
    ]


def kills(servers: Sequence[Server], *, kills: int, seed: int, limit_s: float) -> tuple[Tally, int]:
    """Servers on one database are killed in turn while phones upload; what came of it, and the number of kills."""
    dice = random.Random(seed)
    killer = Killer(servers, dice, kills)
    senders = senders_of(servers, dice, limit_s, lambda: killer.failure)
    try:
        tally = upload_while(senders, killer.run)
        assert killer.failure is None, killer.failure
        return tally, killer.kills
    finally:
        for sender in senders:
            sender.client.http.close()


def doubled(env: Mapping[str, str]) -> int:
    """Copies of photos beside the one of each: other versions and names in a bucket, other files in a folder and
    among the staged uploads.
    """
    url = urlsplit(load(env).store)
    if url.scheme == "file":
        files = [*(Path(unquote(url.path)) / "originals").rglob("*"), *load(env).staging.glob("*.part")]
        contents = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()]
        return len(contents) - len(set(contents))
    client = Minio(
        url.netloc,
        access_key=env["MINGCHA_STORE_ACCESS_KEY"],
        secret_key=env["MINGCHA_STORE_SECRET_KEY"],
        secure=False,
    )
    kept = list(client.list_objects(url.path.strip("/"), recursive=True, include_version=True))
    return len(kept) - len({each.etag for each in kept})  # of its bytes, as each came in one part


def _halves(env: Mapping[str, str]) -> list[Path]:
    """Files of a folder that were not written to their end."""
    url = urlsplit(load(env).store)
    return (
        [path for path in Path(unquote(url.path)).rglob(".*") if path.is_file()]
        if url.scheme == "file"
        else []
    )


def left(env: Mapping[str, str]) -> int:
    """Unfinished uploads and half-written photos on the disk."""
    return len([*load(env).staging.glob("*.part"), *_halves(env)])


def sweep(env: Mapping[str, str]) -> None:
    """The server tidies up on the next day.

    A kill between a photo's row and the end of its staged file leaves the file; one while a file is written to the
    store leaves that half.
    """
    for file in (*load(env).staging.iterdir(), *_halves(env)):
        os.utime(file, (time.time() - 90_000,) * 2)

    async def tidy() -> None:
        async with build(load(env)).running() as parts:
            await parts.media.sweep()

    asyncio.run(tidy())


#: what befalls the line to the store, by name: toxics of toxiproxy; None is a store that nobody reaches
STORE_TROUBLE: Mapping[str, tuple[str, str, dict[str, int]] | None] = {
    "stopped": None,
    "slow": ("latency", "downstream", {"latency": 700, "jitter": 300}),
    "narrow": ("bandwidth", "upstream", {"rate": 200}),  # KB/s
    "cut in mid-photo": ("limit_data", "upstream", {"bytes": 60_000}),
    "cut in its answer": ("limit_data", "downstream", {"bytes": 40}),
    "reset": ("reset_peer", "downstream", {"timeout": 0}),
}


def store_faults(
    server: Server, line: Toxiproxy, *, rounds: int, seed: int, limit_s: float, bad_s: float = 1.5
) -> Tally:
    """The store is stopped, slow or cut, `rounds` times each, while phones upload to one server that is never
    started again; between two troubles a photo gets through, so that recovery is seen.
    """
    dice = random.Random(seed)
    senders = senders_of([server], dice, limit_s)

    def trouble() -> None:
        for kind in list(STORE_TROUBLE.values()) * rounds:
            before = sum(sender.tally.stored for sender in senders)
            if kind is None:
                line.away()
            else:
                name, stream, attributes = kind
                line.bad(name, stream, **attributes)
            time.sleep(bad_s)
            line.well()
            until = time.monotonic() + limit_s / 2
            while sum(sender.tally.stored for sender in senders) < before + len(senders):
                assert time.monotonic() < until, "no photo gets through any more"
                time.sleep(0.02)

    try:
        return upload_while(senders, trouble)
    finally:
        for sender in senders:
            sender.client.http.close()


def full_disk(
    server: Server,
    disk: SmallDisk,
    *,
    rounds: int,
    seed: int,
    limit_s: float,
    leave: Sequence[int] = LEAVE,
    mend: Callable[[], None] = lambda: None,
) -> Tally:
    """The disk of staging, store or database is full again and again, but for one of `leave` bytes, while a phone
    uploads; somebody makes room. `mend` is what he does beside that.
    """
    dice = random.Random(seed)
    [sender] = senders_of([server], dice, limit_s, logins=("inspector",))

    def trouble() -> None:
        for _ in range(rounds):
            before = sender.tally.refused.total()
            disk.fill(leave=dice.choice(leave))
            until = time.monotonic() + 60
            while sender.tally.refused.total() < before + 3 and time.monotonic() < until:
                time.sleep(0.02)
            disk.room()
            stored, until = sender.tally.stored, time.monotonic() + 60
            while sender.tally.stored == stored and time.monotonic() < until:
                mend()
                time.sleep(0.02)

    try:
        return upload_while([sender], trouble)
    finally:
        sender.client.http.close()
