"""The feed out: what changed in the caller's scopes after a cursor."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import cursor as cursors
from sync import store
from sync.caller import Caller
from sync.cursor import Cursor
from sync.errors import SyncError
from sync.kinds import Kind

MIN_SCHEMA = 1
MAX_LIMIT = 5_000
PAGE_BYTES = 4_194_304
# A reader whose scopes stay quiet keeps its cursor, up to this many of the others' changes behind.
QUIET = 10_000


class Change(msgspec.Struct, frozen=True):
    """A record as the reader shall hold it from now on. `at` is the server's time of the change."""

    id: str
    kind: str
    scope: str
    seq: int
    rev: int
    state: str
    author: str | None
    at: str
    data: Raw
    facts: Raw
    log: Raw
    missing: Raw


class Gone(msgspec.Struct, frozen=True):
    """The reader shall forget the record: it was deleted, or moved to where the reader may not look."""

    id: str
    seq: int
    gone: str


class PullPage(msgspec.Struct, frozen=True):
    """One page. `drop_scopes` were withdrawn: the reader forgets all rows of them."""

    cursor: str
    more: bool
    now: datetime
    changes: list[Change | Gone]
    drop_scopes: list[str]


async def pull(
    conn: AsyncConnection,
    kinds: Mapping[str, Kind],
    caller: Caller,
    now: datetime,
    cursor: str | None,
    limit: int,
    schema: int,
) -> PullPage | None:
    """The changes after `cursor`, at most `limit` of them; None when there is nothing to tell.

    Raises SyncError `resync`, `schema_too_old`.
    """
    if schema < MIN_SCHEMA:
        raise SyncError("schema_too_old", min_schema=MIN_SCHEMA)
    head = await store.head(conn, caller.org)
    held = cursors.parse(cursor) if cursor else cursors.start(head.epoch, schema, (), 0)
    if held.epoch != head.epoch or held.below(head.horizon) or _skipped(kinds, held.schema, schema):
        raise SyncError("resync")
    if any(group.pos > head.seq for group in held.groups):
        return None  # a replica that lags: the reader knows more already
    at = Cursor(held.epoch, schema, held.groups).with_scopes(caller.scopes, head.seq)
    dropped = sorted(held.scopes - at.scopes)
    limit = max(1, min(limit, MAX_LIMIT))
    changes: list[Change | Gone] = []
    size = 0
    while (part := at.lowest(head.seq)) and len(changes) < limit and size < PAGE_BYTES:
        group, upto = part
        found = await _part(conn, caller, group, upto, limit - len(changes))
        full = len(found) == limit - len(changes)
        for change in found:
            size += len(change.data) + len(change.log) if isinstance(change, Change) else 0
            changes.append(change)
            if size >= PAGE_BYTES:
                full = True
                break
        at = at.advanced(group, changes[-1].seq if full else upto)
    if cursor and not changes and not dropped and at.scopes == held.scopes and _near(held, head.seq):
        return None
    known = [c for c in changes if isinstance(c, Gone) or _since(kinds, c.kind) <= schema]
    return PullPage(str(at), at.lowest(head.seq) is not None, now, known, dropped)


async def _part(
    conn: AsyncConnection, caller: Caller, group: cursors.Group, upto: int, room: int
) -> list[Change | Gone]:
    """Rows and notices of one group by seq, `room` of them at most."""
    rows = await store.feed(conn, caller.org, group.scopes, group.pos, upto, group.since, room)
    left = await store.notices(
        conn, caller.org, group.scopes, caller.scopes, max(group.pos, group.since), upto, room
    )
    found: list[Change | Gone] = [_change(row) for row in rows]
    if left:
        found += [Gone(id_, seq, "moved") for id_, seq in left]
        found.sort(key=lambda change: change.seq)
    return found[:room]


def _change(row: Any) -> Change | Gone:
    if row.deleted:
        return Gone(row.id, row.seq, "deleted")
    return Change(
        row.id,
        row.kind,
        row.scope,
        row.seq,
        row.rev,
        row.state,
        row.author,
        row.updated_at,
        Raw(row.body),
        Raw(row.facts),
        Raw(row.log),
        Raw(row.missing),
    )


def _since(kinds: Mapping[str, Kind], name: str) -> int:
    return kinds[name].since if name in kinds else 1


def _skipped(kinds: Mapping[str, Kind], before: int, now: int) -> bool:
    """Whether an upgraded reader was not sent kinds that it can read now."""
    return any(before < kind.since <= now for kind in kinds.values())


def _near(cursor: Cursor, head: int) -> bool:
    return all(head - group.pos < QUIET for group in cursor.groups)
