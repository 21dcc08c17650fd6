"""Operations in: one transaction, one lock on the organisation's counter, one answer per operation."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.caller import Caller
from sync.kinds import Kind
from sync.records import Entry, Op, Refused, Result, Row

__all__ = ["Context", "Engine", "Entry", "Op", "PushAnswer", "Refused", "Result", "Row"]


class Context:
    """What a reaction may use: the open transaction, the clock, the caller and the records.

    `now` is the server's time of this push. Operations that the reaction returns run as `system` in the same
    transaction.
    """

    conn: AsyncConnection
    now: datetime
    caller: Caller
    org: str

    async def get(self, kind: str, id: str) -> Row | None:  # noqa: A002
        """The record as it stands inside this transaction."""
        raise NotImplementedError

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        raise NotImplementedError

    async def set_facts(self, row_id: str, facts: Mapping[str, Any]) -> None:
        """Merges `facts` into the record's."""
        raise NotImplementedError


Reaction = Callable[[Context, Row, Entry], Awaitable[Iterable[Op]]]
OnWrite = Callable[[AsyncConnection, str, Sequence[Row], datetime], Awaitable[Mapping[str, Sequence[str]]]]


class PushAnswer(msgspec.Struct, frozen=True):
    """`acked` is the last operation number the server has for good; results in the order of the operations."""

    acked: int
    now: datetime
    results: list[msgspec.Raw]


@dataclass(kw_only=True)
class Engine:
    """The replication engine of the application's kinds."""

    kinds: Mapping[str, Kind]
    reactions: Mapping[str, Sequence[Reaction]]
    on_write: OnWrite

    async def push(self, conn: AsyncConnection, caller: Caller, now: datetime, raw: bytes) -> PushAnswer:
        """Applies a phone's operations. Raises SyncError; the transaction must then be rolled back."""
        raise NotImplementedError

    async def write(
        self, conn: AsyncConnection, org: str, author: str, now: datetime, ops: Sequence[Op], name: str = ""
    ) -> list[Result]:
        """Applies the server's own operations as `system`."""
        raise NotImplementedError
