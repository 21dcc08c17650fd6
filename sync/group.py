"""Group commit: pushes that wait for the same organisation go into one transaction.

Phones of one organisation wait for each other anyway. Taken together they share the lock, the statements and
the one flush to disk; each keeps its own answer and its own refusal.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.batch import Batch, Sent, opened, read_ops
from sync.caller import Caller
from sync.errors import SyncError
from sync.push import Engine, Push, PushAnswer

MOST_OPS = 2_000  # in one transaction, so that nobody waits long for the others
WORTH_PRESUMING = 100  # new records of a push: looking them up is a tenth of what a large push costs
AT_A_TIME = 64  # operations read, about half a millisecond
TURNS = 6  # of the event loop, in which bytes that came get to the transaction that waits for them


class Database(Protocol):
    """Transactions on the application's database; `write` commits at its end, on SQLite it locks at once."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading."""

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection whose transaction commits at a clean exit."""


class _Waiting:
    def __init__(self, push: Push) -> None:
        self.push = push
        self.answer: asyncio.Future[PushAnswer | SyncError] = asyncio.get_running_loop().create_future()


class Pushes:
    """Takes pushes from all requests of this process; one transaction at a time for each organisation."""

    def __init__(self, engine: Engine, db: Database, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.db = db
        self.clock = clock
        self._waiting: dict[str, list[_Waiting]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Lock()

    async def read(self, raw: bytes) -> Batch:
        """Reads and prepares a push, a little at a time: a transaction that can go on goes on first.

        Else the database would wait for the reading of those who wait for the database. Raises SyncError.
        """
        async with self._reading:
            batch, payloads = opened(raw)
            self.engine.prepared(batch)  # a schema that is too new is refused without its operations
            ops: list[Sent] = []
            for start in range(0, len(payloads), AT_A_TIME):
                some = read_ops(payloads[start : start + AT_A_TIME])
                ops += self.engine.prepared(replace(batch, ops=some)).ops
                for _ in range(TURNS):
                    await asyncio.sleep(0)
            return replace(batch, ops=tuple(ops))

    async def push(self, caller: Caller, batch: Batch) -> PushAnswer:
        """Applies a batch that was `read`, see `Engine.push`; returns after the commit.

        Raises SyncError, DBAPIError. Whoever stops waiting leaves the push to be applied.
        """
        push = Push(caller, batch)
        if len(batch.ops) >= WORTH_PRESUMING and len(made := push.made) >= WORTH_PRESUMING:
            push = replace(push, presumed=made)
        mine = _Waiting(push)
        queue = self._waiting.get(caller.org)
        if queue is None:
            self._waiting[caller.org] = [mine]
            task = asyncio.create_task(self._work(caller.org))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            queue.append(mine)
        answer = await asyncio.shield(mine.answer)
        if isinstance(answer, SyncError):
            raise answer
        return answer

    async def _work(self, org: str) -> None:
        while queue := self._waiting[org]:
            taken = _some(queue)
            del queue[: len(taken)]
            if not await self._together(org, taken):
                for each in taken:  # one of them may be the cause: each for itself, and nothing presumed
                    each.push = replace(each.push, presumed=frozenset())
                    await self._together(org, [each])
        del self._waiting[org]

    async def _together(self, org: str, taken: Sequence[_Waiting]) -> bool:
        """One transaction; False when something in one of them failed it and each is to be tried alone.

        Of one alone, too: it may have presumed what is not so.
        """
        try:
            async with self.db.write() as conn:
                answers = await self.engine.push_all(conn, org, self.clock(), [each.push for each in taken])
        except Exception as error:
            doubtful = len(taken) > 1 or any(each.push.presumed for each in taken)
            if doubtful and isinstance(error, IntegrityError | DataError):
                return False
            for each in taken:
                _tell(each, error)
            return True
        for each, answer in zip(taken, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(answer)
        return True


def _tell(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)


def _some(queue: Sequence[_Waiting]) -> list[_Waiting]:
    """From the front, as many as one transaction takes; the first always."""
    taken: list[_Waiting] = []
    ops = 0
    for each in queue:
        ops += len(each.push.batch.ops)
        if taken and ops > MOST_OPS:
            break
        taken.append(each)
    return taken
