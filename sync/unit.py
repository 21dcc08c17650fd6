"""One transaction's view of the records: read at once, changed in memory, written at once."""

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import store
from sync.apply import plain
from sync.caller import Caller
from sync.ids import new_id
from sync.records import Row


class Written(msgspec.Struct, frozen=True, gc=False):
    """A record that is about to be stored: as it was, None when it is new, and as it is now."""

    before: Row | None
    after: Row


OnWrite = Callable[
    [AsyncConnection, str, Sequence[Written], datetime], Awaitable[Mapping[str, Sequence[str]]]
]
"""Called once before the changed records are stored; answers, by record id, the photos still missing. A record
that is not named keeps what it has.
"""


class Unit:
    """The records of an organisation inside one transaction; the organisation is locked.

    `loaded` were read under the lock; None says that there is no such record. Of those `presumed` not to be there,
    `known` believes it, `row` looks.
    """

    def __init__(
        self,
        conn: AsyncConnection,
        org: str,
        now: datetime,
        first_rev: int,
        loaded: Mapping[str, Row | None] = MappingProxyType({}),
        presumed: Container[str] = (),
    ) -> None:
        self.conn = conn
        self.first_rev = first_rev
        self.org = org
        self.now = now
        self._loaded: dict[str, Row | None] = dict(loaded)
        self._rows: dict[str, Row | None] = dict(loaded)
        self._undo: dict[str, Row | None] = {}
        self._presumed = presumed

    async def row(self, id_: str) -> Row | None:
        """The record of any kind, deleted or not."""
        if id_ not in self._rows:
            await self.load([id_])
        return self._rows[id_]

    def known(self, id_: str) -> Row | None:
        """The record, which was loaded or is presumed not to be there. Raises KeyError."""
        return self._rows.get(id_) if id_ in self._presumed else self._rows[id_]

    async def load(self, ids: Iterable[str]) -> None:
        """Reads records in one statement, so that `row` finds them."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._rows]
        if not wanted:
            return
        found = await store.load(self.conn, self.org, wanted)
        for id_ in wanted:
            self._loaded[id_] = self._rows[id_] = found.get(id_)

    def put(self, row: Row) -> None:
        """Takes the record's new state."""
        self._undo.setdefault(row.id, self._rows.get(row.id))
        self._rows[row.id] = row

    def changed(self, id_: str) -> bool:
        """Whether the present operation has changed the record."""
        return id_ in self._undo

    def begin(self) -> None:
        """An operation begins: what is put from now on can be undone."""
        self._undo = {}

    def undo(self) -> None:
        """Forgets what was put since `begin`."""
        self._rows |= self._undo
        self._undo = {}

    async def save(self, on_write: OnWrite) -> None:
        """Writes all changed records, and tells the readers of a scope which ones left it."""
        written = [
            Written(self._loaded.get(id_), row)
            for id_, row in self._rows.items()
            if row is not None and row is not self._loaded.get(id_)
        ]
        if not written:
            return
        missing = await on_write(self.conn, self.org, written, self.now)
        rows = [
            replace(each.after, missing=tuple(missing[each.after.id]))
            if each.after.id in missing
            else each.after
            for each in written
        ]
        left = {
            each.after.id: (each.before.scope, each.after.rev)
            for each in written
            if each.before is not None and each.before.scope != each.after.scope
        }
        new = {each.after.id for each in written if each.before is None}
        await store.save(self.conn, self.org, rows, self.now, new=new, left=left)


class Context:
    """What a reaction may use: the transaction as one caller sees it.

    `now` is the server's time of this push. Operations that a reaction returns run as `system` in the same
    transaction.
    """

    def __init__(self, unit: Unit, caller: Caller) -> None:
        self.unit = unit
        self.caller = caller
        self.conn = unit.conn
        self.org = unit.org
        self.now = unit.now

    async def get(self, kind: str, id: str) -> Row | None:  # noqa: A002 (the word of the protocol)
        """The record as it stands inside this transaction; None when there is none or it is deleted."""
        row = await self.unit.row(id)
        return row if row is not None and row.kind == kind and not row.deleted else None

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return new_id(self.now)

    async def set_facts(self, row_id: str, facts: Mapping[str, Any]) -> None:
        """Merges `facts` into the record's."""
        row = await self.unit.row(row_id)
        if row is None:
            raise LookupError(row_id)
        rev = row.rev if self.unit.changed(row_id) else row.rev + 1
        self.unit.put(replace(row, facts={**row.facts, **plain(facts)}, rev=rev, updated_at=self.now))
