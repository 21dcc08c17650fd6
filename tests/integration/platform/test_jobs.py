"""The queue: each job once while its worker lives, again when it died, and never lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from backend import jobs
from backend.db import Database
from backend.jobs import MAX_ATTEMPTS, Worker, enqueue, job, wait_s
from sync.tables import stamp

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def db(migrated_url: str) -> AsyncIterator[Database]:
    made = Database(migrated_url)
    yield made
    await made.close()


async def add(db: Database, *numbers: int) -> None:
    async with db.write() as conn:
        for number in numbers:
            await enqueue(conn, "org", "count", {"number": number}, START)


def worker(db: Database, clock: Time, handler: Any) -> Worker:
    return Worker(db, clock, {"count": handler}, lease_s=60)


async def rows(db: Database) -> list[Any]:
    async with db.read() as conn:
        return list((await conn.execute(sa.select(job).order_by(job.c.id))).all())


async def test_a_worker_beats_while_it_lives_with_or_without_work(db: Database) -> None:
    beats: list[None] = []

    async def handler(_: str, __: dict[str, Any]) -> None:
        raise RuntimeError("a job that fails")

    await add(db, 1)
    made = worker(db, Time(), handler)
    made.poll_s, made.beat = 0.01, lambda: beats.append(None)
    made.start()
    async with asyncio.timeout(10):
        while len(beats) < 5:
            await asyncio.sleep(0.01)
    await made.stop()
    stopped = len(beats)
    await asyncio.sleep(0.1)
    assert len(beats) == stopped


async def test_a_job_for_later_waits_for_its_time(db: Database) -> None:
    clock, done = Time(), list[int]()

    async def handler(_: str, payload: dict[str, Any]) -> None:
        done.append(payload["number"])

    async with db.write() as conn:
        later = START + timedelta(minutes=5)
        await enqueue(conn, "org", "count", {"number": 1}, START, later)
        await enqueue(conn, "org", "count", {"number": 2}, START)
    each = worker(db, clock, handler)
    while await each.run_one():
        pass
    assert done == [2]
    clock.now = later - timedelta(seconds=1)
    assert not await each.run_one()
    clock.now = later
    assert await each.run_one()
    assert done == [2, 1]


async def test_many_workers_take_each_job_once(db: Database) -> None:
    done: list[int] = []

    async def handler(_: str, payload: dict[str, Any]) -> None:
        await asyncio.sleep(0.002)
        done.append(payload["number"])

    await add(db, *range(30))

    async def drain() -> None:
        each = worker(db, Time(), handler)
        while await each.run_one():
            pass

    await asyncio.gather(*(drain() for _ in range(4)))
    assert sorted(done) == list(range(30))
    assert {row.state for row in await rows(db)} == {"done"}


async def test_what_came_last_is_done_next_and_what_waits_longest_is_never_left(db: Database) -> None:
    clock, done = Time(), list[int]()

    async def handler(_: str, payload: dict[str, Any]) -> None:
        done.append(payload["number"])

    async def put(number: int) -> None:
        clock.now += timedelta(seconds=1)
        async with db.write() as conn:
            await enqueue(conn, "org", "count", {"number": number}, clock.now)

    backlog = range(30)
    for number in backlog:
        await put(number)
    each = worker(db, clock, handler)
    for number in range(100, 130):  # a job comes for each one of the backlog that is done
        await put(number)
        await each.run_one()
        await each.run_one()
        assert number in done[-2:]
    assert [number for number in done if number < 100] == list(backlog)


async def test_a_dead_workers_job_is_taken_over_when_its_lease_ends_and_not_before(db: Database) -> None:
    clock = Time()
    done: list[int] = []

    async def handler(_: str, payload: dict[str, Any]) -> None:
        done.append(payload["number"])

    await add(db, 1)
    assert await worker(db, clock, handler).take() is not None  # and then its process is killed
    second = worker(db, clock, handler)
    clock.now += timedelta(seconds=59)
    assert await second.run_one() is False
    clock.now += timedelta(seconds=2)
    assert await second.run_one() is True
    assert done == [1]


async def test_a_job_longer_than_its_lease_stays_with_the_worker_that_does_it(db: Database) -> None:
    clock, begun, told = Time(), list[int](), asyncio.Event()

    async def handler(_: str, payload: dict[str, Any]) -> None:
        begun.append(payload["number"])
        await told.wait()

    await add(db, 1)
    first, second = worker(db, clock, handler), worker(db, clock, handler)
    first.lease_s = second.lease_s = 1
    job_done = asyncio.create_task(first.run_one())
    while not begun:
        await asyncio.sleep(0.01)
    beats: list[None] = []
    first.beat = lambda: beats.append(None)
    for _ in range(3):  # only this clock ends a lease: a busy machine may be as slow as it likes
        clock.now += timedelta(seconds=0.9)
        renewed = stamp(clock.now + timedelta(seconds=1))
        until = time.monotonic() + 15
        while (await rows(db))[0].lease_until != renewed and time.monotonic() < until:
            await asyncio.sleep(0.05)
        async with asyncio.timeout(10):
            assert await second.run_one() is False, "another worker took a job that is being done"
    told.set()
    assert await job_done is True
    (row,) = await rows(db)
    assert (row.state, row.attempts, begun) == ("done", 1, [1])
    assert len(beats) >= 3, "a long job is no dead worker"


async def test_a_worker_that_lost_its_lease_does_not_finish_the_others_job(db: Database) -> None:
    clock = Time()

    async def handler(_: str, __: dict[str, Any]) -> None:
        return

    await add(db, 1)
    slow, quick = worker(db, clock, handler), worker(db, clock, handler)
    stale = await slow.take()
    assert stale is not None
    clock.now += timedelta(seconds=61)
    taken = await quick.take()
    assert taken is not None
    await slow._finish(stale, state="done")
    (row,) = await rows(db)
    assert (row.state, row.lease) == ("waiting", taken.lease)


async def test_a_failing_job_waits_longer_each_time_and_is_dead_in_the_end(db: Database) -> None:
    clock = Time()
    tries: list[datetime] = []

    async def handler(_: str, __: dict[str, Any]) -> None:
        tries.append(clock.now)
        raise ConnectionError("the store is away")

    await add(db, 1)
    each = worker(db, clock, handler)
    for _ in range(20_000):
        if not await each.run_one():
            clock.now += timedelta(seconds=30)
        if len(tries) == MAX_ATTEMPTS:
            break
    (row,) = await rows(db)
    assert row.state == "dead"
    assert row.error == "ConnectionError: the store is away"
    pauses = [b - a for a, b in pairwise(tries)]
    assert pauses[-1] > 8 * pauses[0]
    clock.now += timedelta(days=30)
    await each.sweep()
    assert len(await rows(db)) == 1, "a dead job stays for a person to look at"


async def test_a_job_exists_only_if_its_transaction_commits(db: Database) -> None:
    async def refused() -> None:
        async with db.write() as conn:
            await enqueue(conn, "org", "count", {"number": 1}, START)
            raise RuntimeError("refused")

    with pytest.raises(RuntimeError, match="refused"):
        await refused()
    assert await rows(db) == []


async def test_a_job_without_a_handler_is_kept_with_its_error(db: Database) -> None:
    async with db.write() as conn:
        await enqueue(conn, "org", "unheard_of", {}, START)
    assert await Worker(db, Time(), {}).run_one() is True
    (row,) = await rows(db)
    assert row.state == "waiting"
    assert "unheard_of" in row.error


async def test_a_running_worker_works_and_stops(db: Database) -> None:
    done = asyncio.Event()

    async def handler(_: str, __: dict[str, Any]) -> None:
        done.set()

    each = Worker(db, lambda: datetime.now(UTC), {"count": handler}, poll_s=0.05)
    each.start()
    await add(db, 1)
    await asyncio.wait_for(done.wait(), 10)
    await each.stop()
    async with db.read() as conn:
        assert (await jobs.counts(conn)) == {"waiting": 0, "dead": 0}


def test_pauses_double_up_to_an_hour_and_are_spread() -> None:
    assert [wait_s(n, 0.5) for n in (1, 2, 3, 11, 40)] == [5, 10, 20, 3600, 3600]
    assert wait_s(1, 0) == 3.75
    assert wait_s(1, 1) == 6.25
