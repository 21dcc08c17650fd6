"""A reader of the feed beside writers that commit in any order, on PostgreSQL."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import push, store
from tests.contract.sync.company import Company, Phone, an_id


@dataclass
class Run:
    written: set[str]
    seen: set[str]


async def race(company: Company, pushes: int = 25, writers: int = 8) -> Run:
    """Writers push at once, each holding its transaction open for a moment; a reader pulls all the while."""
    phones = [await company.phone("inspector") for _ in range(writers)]
    reader = await company.phone("inspector")
    dice = random.Random(1)
    run, done = Run(set(), set()), asyncio.Event()

    async def write(phone: Phone) -> None:
        for _ in range(pushes):
            ids = [an_id() for _ in range(2)]
            raw = phone.envelope(*(phone.put("asset", i, {"unit": unit, "code": "T"}) for i in ids))
            async with company.db.write() as conn:
                await company.engine.push(conn, phone.caller, company.now(), raw)
                await asyncio.sleep(dice.uniform(0, 0.008))
            run.written.update(ids)

    async def read() -> None:
        while not done.is_set():
            await reader.pull(limit=10)
        await reader.pull()

    unit = reader.caller.scopes[-1].removeprefix("u:")
    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(phone) for phone in phones))
    done.set()
    await reading
    run.seen = set(reader.base)
    return run


@contextmanager
def numbers_from_a_sequence() -> Iterator[None]:
    """The fault: numbers from `nextval`, given before the commit and without the organisation's lock."""

    async def lock_device(conn: AsyncConnection, org: str, device: str, person: str) -> tuple[int, int]:
        query = "SELECT n FROM device WHERE org = :org AND id = :id"
        n = (await conn.execute(text(query), {"org": org, "id": device})).scalar_one()
        given = (await conn.execute(text("SELECT nextval('numbers')"))).scalar_one()
        return given * 2, n  # each push has two operations

    async def save_head(conn: AsyncConnection, org: str, seq: int) -> None:
        """The head is the sequence's: there is no counter row to write."""

    async def head(conn: AsyncConnection, org: str) -> store.Head:
        last = (await conn.execute(text("SELECT max(seq) FROM record"))).scalar() or 0
        return store.Head(1, int(last), 0)

    with (
        patch.object(push.store, "lock_device", lock_device),
        patch.object(push.store, "save_head", save_head),
        patch.object(store, "head", head),
    ):
        yield
