"""A reader of the feed beside writers that commit in any order, on PostgreSQL."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import store
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

    def unlocked(postgres: bool) -> str:
        return "SELECT seq, epoch FROM org WHERE id = $1"

    async def take_numbers(
        conn: AsyncConnection, org: str, rows: Mapping[str, int], notices: Mapping[str, int]
    ) -> dict[str, int]:
        given = (await conn.execute(text("SELECT nextval('numbers')"))).scalar_one()
        return dict.fromkeys(rows.keys() | notices.keys(), given * 2)  # each push has two operations

    async def head(conn: AsyncConnection, org: str, scopes: Sequence[str]) -> store.Head:
        last = await conn.execute(text("SELECT scope, max(seq) FROM record GROUP BY scope"))
        return store.Head(1, {scope: store.ScopeHead(seq) for scope, seq in last})

    with (
        patch.object(store, "_lock", unlocked),
        patch.object(store, "_take_numbers", take_numbers),
        patch.object(store, "head", head),
    ):
        yield
