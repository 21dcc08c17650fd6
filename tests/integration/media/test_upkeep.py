"""What nobody watches: unfinished uploads have bounds and an end, and a lost decoder costs no photo."""

import asyncio
import hashlib
import os
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backend.app import Parts, build
from backend.jobs import MAX_ATTEMPTS, job
from backend.migrations.run import migrate
from backend.settings import load
from media.errors import MediaError
from media.tables import photo, upload
from sync.caller import Caller
from tests.conftest import Pair
from tests.support.client import uuid7
from tests.support.company import Company, found
from tests.support.phone import VISIBLE

PHOTO = VISIBLE.read_bytes()
DYING = "import os; os.kill(os.getpid(), 9)"
SILENT = "import time; time.sleep(60)"
REASON = {DYING: "crashed", SILENT: "timeout"}


class Time:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Opened:
    parts: Parts
    company: Company
    clock: Time

    def phone(self, login: str = "inspector") -> Caller:
        person = self.company.people[login]
        return Caller(self.company.org, person, login, frozenset({login}), ("org", f"p:{person}"), uuid7())

    async def rows(self, query: sa.Select[Any]) -> list[Any]:
        async with self.parts.db.read() as conn:
            return list((await conn.execute(query)).all())


@pytest.fixture
async def opened(backend_pair: Pair, tmp_path: Path) -> AsyncIterator[Opened]:
    env = {"MINGCHA_DATA_DIR": str(tmp_path / "data"), **backend_pair.env}
    clock = Time()
    async with build(load(env), clock).running() as parts:
        await migrate(parts.db)
        yield Opened(parts, await found(env), clock)


def creation(number: int, length: int) -> dict[str, str]:
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    meta = f"sha256 {b64encode(sha256.encode()).decode()},type {b64encode(b'image/jpeg').decode()}"
    return {"tus-resumable": "1.0.0", "upload-length": str(length), "upload-metadata": meta}


async def body(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.mark.parametrize(
    ("bounds", "lengths", "fact"),
    [
        ({"quota_count": 3}, [10, 10, 10, 10], {"limit": 3, "unit": "uploads"}),
        ({"quota_bytes": 1000}, [400, 600, 1], {"limit": 1000, "unit": "bytes"}),
    ],
)
async def test_one_device_has_a_quota_of_unfinished_uploads(
    opened: Opened, bounds: dict[str, int], lengths: list[int], fact: dict[str, Any]
) -> None:
    media = opened.parts.media
    media.settings = replace(media.settings, **bounds)  # type: ignore[arg-type]
    phone, other = opened.phone(), opened.phone("crew")
    for number, length in enumerate(lengths[:-1]):
        await media.create(phone, creation(number, length), None)
    with pytest.raises(MediaError) as refused:
        await media.create(phone, creation(99, lengths[-1]), None)
    assert (refused.value.code, refused.value.facts) == ("quota_exceeded", fact)
    again = await media.create(phone, creation(0, lengths[0]), None)  # one begun before is no new one
    await media.create(other, creation(99, lengths[-1]), None)
    await media.terminate(phone, again.id)
    await media.create(phone, creation(99, lengths[-1]), None)


async def test_the_sweep_takes_what_expired_with_its_bytes_and_nothing_else(opened: Opened) -> None:
    media, staging = opened.parts.media, opened.parts.settings.staging
    phone = opened.phone()
    old = await media.create(phone, creation(1, 1000), body(b"\xff\xd8" * 100))
    opened.clock.now += timedelta(days=10)
    young = await media.create(phone, creation(2, 1000), body(b"\xff\xd8" * 100))

    def staged(upload: str) -> int:
        return max((file.stat().st_size for file in staging.rglob(f"{upload}*")), default=0)

    assert (staged(old.id), staged(young.id)) == (200, 200)
    assert await media.sweep() == 0
    opened.clock.now += timedelta(days=4, seconds=1)
    assert await media.sweep() == 1
    assert [row.id for row in await opened.rows(sa.select(upload.c.id))] == [young.id]
    assert (staged(old.id), staged(young.id)) == (0, 200)
    assert (await media.progress(phone, young.id)).offset == 200
    with pytest.raises(MediaError, match="upload_unknown"):
        await media.progress(phone, old.id)


async def test_a_running_worker_sweeps_when_it_starts_and_each_hour(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    media, staging, worker = opened.parts.media, opened.parts.settings.staging, opened.parts.worker()
    waits: list[float] = []
    hour = asyncio.Semaphore(0)

    async def idle(seconds: float) -> None:
        waits.append(seconds)
        await (hour.acquire() if seconds == 3600 else asyncio.sleep(0.05))

    monkeypatch.setattr(worker, "_idle", idle)

    async def swept() -> None:
        async with asyncio.timeout(30):
            while await opened.rows(sa.select(upload.c.id)) or any(staging.glob("*.part")):
                await asyncio.sleep(0.02)

    async def expired(number: int) -> None:
        await media.create(opened.phone(), creation(number, 1000), body(b"\xff\xd8" * 100))
        assert any(staging.glob("*.part"))
        opened.clock.now += timedelta(days=14, seconds=1)

    await expired(1)
    worker.start()
    try:
        await swept()
        async with asyncio.timeout(30):
            while 3600 not in waits:
                await asyncio.sleep(0.02)
        await expired(2)
        hour.release()
        await swept()
    finally:
        hour.release()
        await worker.stop()


async def test_what_a_kill_left_of_a_stored_photo_goes_after_a_day_and_an_unfinished_one_stays(
    opened: Opened,
) -> None:
    media, staging = opened.parts.media, opened.parts.settings.staging
    half = await media.create(opened.phone(), creation(1, 1000), body(b"\xff\xd8" * 100))
    left = [staging / f"{'0' * 64}.part", staging / f"{'0' * 64}.lock", staging / "1234.tmp"]
    for file in left:
        file.write_bytes(b"left")
    assert await media.sweep() == 0, "a living process may be at them"
    for file in staging.iterdir():
        os.utime(file, (time.time() - 90_000,) * 2)
    assert await media.sweep() == 2, "an upload and a working file"
    assert not any(file.exists() for file in left)
    assert (await media.progress(opened.phone(), half.id)).offset == 200


async def test_who_asks_for_a_photo_that_another_request_finishes_leaves_nothing_behind(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests at once: one looks before the last bytes are stored, and gets its turn when they are."""
    media, staging = opened.parts.media, opened.parts.settings.staging
    phone, sha256 = opened.phone(), hashlib.sha256(PHOTO).hexdigest()
    meta = f"sha256 {b64encode(sha256.encode()).decode()},type {b64encode(b'image/jpeg').decode()}"
    headers = {"tus-resumable": "1.0.0", "upload-length": str(len(PHOTO)), "upload-metadata": meta}
    begun = await media.create(phone, headers, None)
    seen = await media._standing(phone, begun.id)
    whole = await media.create(phone, headers, body(PHOTO))
    assert whole.offset == len(PHOTO)
    standing = media._standing

    async def as_seen_before(caller: Any, id_: str) -> Any:
        monkeypatch.setattr(media, "_standing", standing)
        return replace(seen, offset=seen.length)

    monkeypatch.setattr(media, "_standing", as_seen_before)
    assert (await media.progress(phone, begun.id)).offset == len(PHOTO)
    assert not list(staging.iterdir())


@pytest.mark.parametrize("program", [DYING, SILENT], ids=["killed", "silent"])
async def test_a_lost_decoder_is_replaced_and_the_photo_is_tried_again(opened: Opened, program: str) -> None:
    media, worker = opened.parts.media, opened.parts.worker()
    sandbox = media._sandbox
    right = (sandbox._command, sandbox._seconds)
    sandbox._command, sandbox._seconds = [sys.executable, "-c", program], 0.5
    phone = opened.phone()
    sha256 = await media.add(phone.org, phone.person, PHOTO)
    assert await worker.run_one()
    [first] = await opened.rows(sa.select(job).where(job.c.name == "derive"))
    assert (first.state, first.attempts) == ("waiting", 1)
    assert first.error.startswith("DecoderLost")
    [row] = await opened.rows(sa.select(photo))
    assert (row.derived, row.facts["reason"]) == ("failed", REASON[program])
    assert not await worker.run_one(), "it waits before the next try"

    sandbox._command, sandbox._seconds = right
    opened.clock.now += timedelta(hours=1)
    assert await worker.run_one()
    [second] = await opened.rows(sa.select(job).where(job.c.name == "derive"))
    assert (second.state, second.attempts, second.error) == ("done", 2, None)
    [row] = await opened.rows(sa.select(photo))
    assert (row.sha256, row.derived, row.facts["reason"]) == (sha256, "done", None)
    assert "w320" in row.facts["views"]


async def test_a_photo_that_kills_every_decoder_ends_as_a_dead_job_and_stays_evidence(opened: Opened) -> None:
    media, worker = opened.parts.media, opened.parts.worker()
    media._sandbox._command = [sys.executable, "-c", DYING]
    phone = opened.phone()
    sha256 = await media.add(phone.org, phone.person, PHOTO)
    for _ in range(MAX_ATTEMPTS):
        assert await worker.run_one()
        opened.clock.now += timedelta(hours=2)
    assert not await worker.run_one()
    [ended] = await opened.rows(sa.select(job))
    assert (ended.state, ended.attempts) == ("dead", MAX_ATTEMPTS)
    stored = await media.view(phone, sha256, "original")
    assert stored.size == len(PHOTO)
