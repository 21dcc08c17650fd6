"""The feed out: what changed in the caller's scopes after a cursor."""

from collections.abc import Mapping, Sequence
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
from sync.window import LAST, Hold, Window, fitting, hold, holds

MIN_SCHEMA = 1
MAX_LIMIT = 5_000
PAGE_BYTES = 4_194_304
MAX_PARTS = 32
MAX_LOOKED_AT = 20_000  # rows, also those left out: one request does not read a whole archive
LARGE_ROW = 8_192  # bytes; below it, the counters alone tell that everything fits


class Change(msgspec.Struct, frozen=True):
    """A record as the reader shall hold it from now on. `at` is the server's time of the change.

    `seq` counts within the scope and says nothing beside another scope's; what is newer, `rev` says.
    """

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
    """The reader shall forget the record up to `rev`: deleted, or moved to where the reader may not look."""

    id: str
    scope: str
    seq: int
    rev: int
    gone: str


class Asked(msgspec.Struct, frozen=True):
    """What a reader may ask for besides: to keep the `level` of its rule, to read scopes `again` from the start."""

    level: int | None = None
    again: frozenset[str] = frozenset()


class PullPage(msgspec.Struct, frozen=True):
    """One page. `drop_scopes` were withdrawn: the reader forgets all rows of them; `held` says which rows it holds."""

    cursor: str
    more: bool
    now: datetime
    changes: list[Change | Gone]
    drop_scopes: list[str]
    held: Hold


async def pull(
    conn: AsyncConnection,
    kinds: Mapping[str, Kind],
    caller: Caller,
    now: datetime,
    cursor: str | None,
    limit: int,
    schema: int,
    window: Window = Window(),  # noqa: B008 (frozen)
    asked: Asked = Asked(),  # noqa: B008 (frozen)
) -> PullPage | None:
    """The changes after `cursor`, at most `limit` of them; None when there is nothing to tell.

    Records that the reader need not hold are left out, see `sync.window`. Raises SyncError `resync`, `schema_too_old`.
    """
    if schema < MIN_SCHEMA:
        raise SyncError("schema_too_old", min_schema=MIN_SCHEMA)
    held = cursors.parse(cursor) if cursor else None
    head = await store.head(conn, caller.org, sorted(caller.scopes))
    heads = {scope: at.seq for scope, at in head.scopes.items()}
    if held is None:
        held = cursors.start(head.epoch, schema, (), heads)
    places = {scope: place for scope, place in held.places.items() if scope not in asked.again}
    at = Cursor(held.epoch, schema, places).with_scopes(caller.scopes, heads)
    # From here on `at`: what a cursor says of scopes that are not the caller's is forged or of the past, and
    # whether it lies below or above their heads is not his to learn.
    horizons = {scope: at.horizon for scope, at in head.scopes.items()}
    if held.epoch != head.epoch or at.below(horizons) or _skipped(kinds, held.schema, schema):
        raise SyncError("resync")
    if at.ahead(heads):
        return None  # a replica that lags: the reader knows more already
    dropped = sorted(held.scopes - at.scopes)
    limit = max(1, min(limit, MAX_LIMIT))
    rule = await _rule(conn, kinds, caller, now, window, asked.level, heads, first=not cursor)
    changes: list[Change | Gone] = []
    size = looked_at = 0
    while (
        (room := limit - len(changes)) > 0
        and size < PAGE_BYTES
        and looked_at < MAX_LOOKED_AT
        and (parts := _parts(at, head, room))
    ):
        rows = await store.feed(conn, caller.org, parts, caller.scopes, room)
        taken = 0
        for taken, row in enumerate(rows, 1):  # noqa: B007 (how many were taken)
            change = _held(kinds, rule, parts[row[0]], _change(parts[row[0]].scope, row))
            if change is None:
                continue
            changes.append(change)
            size += len(row[10] or b"") + len(row[12] or b"")
            if size >= PAGE_BYTES:
                break
        looked_at += taken
        cut = rows[taken - 1] if taken == room or size >= PAGE_BYTES else None
        for i, part in enumerate(parts if cut is None else parts[: cut[0] + 1]):
            at = at.advanced(part.scope, part.upto if cut is None or i < cut[0] else cut[1])
    if cursor and not changes and at == held:
        return None
    known = changes
    if any(kind.since > schema for kind in kinds.values()):
        known = [c for c in changes if isinstance(c, Gone) or _since(kinds, c.kind) <= schema]
    return PullPage(str(at), bool(at.behind(heads)), now, known, dropped, rule)


async def _rule(
    conn: AsyncConnection,
    kinds: Mapping[str, Kind],
    caller: Caller,
    now: datetime,
    window: Window,
    level: int | None,
    heads: Mapping[str, int],
    *,
    first: bool,
) -> Hold:
    """What this reader holds: its own level, at a first sync the one that its budget allows."""
    if level is not None or not first:
        return hold(window, min(level or 0, LAST), caller.unit, now)
    most = sum(heads.get(scope, 0) for scope in caller.scopes)  # each record has a number of its own
    if most <= window.rows and most * LARGE_ROW <= window.bytes:
        return hold(window, 0, caller.unit, now)
    return fitting(kinds, window, await store.sizes(conn, caller.org, caller.scopes), caller.unit, now)


def _held(
    kinds: Mapping[str, Kind], rule: Hold, part: store.Part, change: Change | Gone
) -> Change | Gone | None:
    """The change as the reader needs it: a record that it need not hold is taken from it, if it can have it."""
    if isinstance(change, Gone) or holds(kinds, rule, change.kind, change.state, change.scope, change.at):
        return change
    return Gone(change.id, change.scope, change.seq, change.rev, "moved") if change.seq > part.since else None


def _parts(at: Cursor, head: store.Head, room: int) -> list[store.Part]:
    """The next stretches to read: enough for `room` changes, few enough for one statement."""
    parts: list[store.Part] = []
    expected = 0
    for scope in at.behind({scope: one.seq for scope, one in head.scopes.items()})[:MAX_PARTS]:
        if expected >= room:
            break
        place, upto = at.places[scope], head.scopes[scope]
        parts.append(
            store.Part(scope, place.pos, upto.seq, place.since, upto.moved > max(place.pos, place.since))
        )
        expected += upto.seq - place.pos
    return parts


def _change(scope: str, row: Sequence[Any]) -> Change | Gone:
    _, seq, id_, rev, left, deleted, kind, state, author, at, body, facts, log, missing = row
    if left or deleted:
        return Gone(id_, scope, seq, rev, "moved" if left else "deleted")
    return Change(
        id_, kind, scope, seq, rev, state, author, at, Raw(body), Raw(facts), Raw(log), Raw(missing)
    )


def _since(kinds: Mapping[str, Kind], name: str) -> int:
    return kinds[name].since if name in kinds else 1


def _skipped(kinds: Mapping[str, Kind], before: int, now: int) -> bool:
    """Whether an upgraded reader was not sent kinds that it can read now."""
    return any(before < kind.since <= now for kind in kinds.values())
