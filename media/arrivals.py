"""Photos whose bytes are in the store get their rows. Those of one organisation that wait share a transaction.

They would wait for its lock one after the other; together they share the lock, the statements and the one flush to
disk. Each is answered after the commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from media import tus
from media.statements import ENTER, FORGET, HOLD

MOST: Final = 50  # in one transaction, so that nobody waits long for the others


class Db(Protocol):
    """Transactions that commit at a clean exit."""

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


class Hooks(Protocol):
    """What the application does, inside the transaction given, when photos were stored."""

    @property
    def on_stored(
        self,
    ) -> Callable[[AsyncConnection, str, Sequence[tuple[str, str]], datetime], Awaitable[None]]: ...
    @property
    def enqueue(
        self,
    ) -> Callable[[AsyncConnection, str, str, Sequence[dict[str, Any]], datetime], Awaitable[None]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A photo that `person` has sent whole. `type` is by its signature."""

    org: str
    person: str
    device: str | None
    sha256: str
    size: int  # bytes
    type: str
    metadata: str | None = None  # as the client gave it

    @property
    def upload(self) -> str:
        return tus.upload_id(self.org, self.person, self.sha256)


class Arrivals:
    """Takes them from all requests of this process; one transaction at a time for each organisation."""

    def __init__(self, db: Db, clock: Callable[[], datetime], hooks: Hooks) -> None:
        self._db, self._clock, self._hooks = db, clock, hooks
        self._waiting: dict[str, list[tuple[Arrival, asyncio.Future[None]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def enter(self, arrival: Arrival) -> None:
        """Returns after the commit. Raises DBAPIError. Who is stopped meanwhile ends once it is known how it went:
        what becomes a photo must not be noted as an unfinished upload beside it.
        """
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._waiting.get(arrival.org)
        if queue is None:
            self._waiting[arrival.org] = [(arrival, told)]
            task = asyncio.create_task(self._work(arrival.org))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            queue.append((arrival, told))
        try:
            await asyncio.shield(told)
        except asyncio.CancelledError:
            await asyncio.wait({told})
            raise

    async def _work(self, org: str) -> None:
        while queue := self._waiting[org]:
            taken = queue[:MOST]
            del queue[:MOST]
            if not await self._together(org, taken):
                for one in taken:  # one of them is the cause: each for itself
                    await self._together(org, [one])
        del self._waiting[org]

    async def _together(self, org: str, taken: Sequence[tuple[Arrival, asyncio.Future[None]]]) -> bool:
        """One transaction; False when a row of one of several failed it."""
        try:
            async with self._db.write() as conn:
                await self._enter(conn, org, [arrival for arrival, _ in taken])
        except Exception as error:  # told to each who waits for it
            if len(taken) > 1 and isinstance(error, IntegrityError | DataError):
                return False
            for _, told in taken:
                told.set_exception(error)
            return True
        for _, told in taken:
            told.set_result(None)
        return True

    async def _enter(self, conn: AsyncConnection, org: str, arrivals: Sequence[Arrival]) -> None:
        """The organisation's lock comes first, so that two processes with the same photos wait for each other.

        Views are made anew for each who sends a photo: had he to wait less for bytes that were here already, that
        would tell him so.
        """
        now, dialect = self._clock(), conn.dialect.name
        await self._hooks.on_stored(conn, org, [(one.sha256, one.person) for one in arrivals], now)
        await conn.execute(ENTER[dialect], [_photo(one, now) for one in arrivals])
        held = await conn.execute(HOLD[dialect], [_holder(one, now) for one in arrivals])
        new = [{"sha256": row.sha256, "person": row.person} for row in held]
        if new:
            await self._hooks.enqueue(conn, org, "derive", new, now)
        await conn.execute(FORGET, [{"the_id": one.upload} for one in arrivals])


def _photo(one: Arrival, now: datetime) -> dict[str, Any]:
    return {
        "org": one.org,
        "sha256": one.sha256,
        "size": one.size,
        "type": one.type,
        "stored_at": now,
        "by": one.person,
        "device": one.device,
        "derived": "pending",
        "facts": {},
    }


def _holder(one: Arrival, now: datetime) -> dict[str, Any]:
    return {
        "org": one.org,
        "sha256": one.sha256,
        "person": one.person,
        "device": one.device,
        "at": now,
        "upload": one.upload,
        "derived": "pending",
        "metadata": one.metadata,
    }
