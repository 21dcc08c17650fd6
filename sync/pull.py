"""The feed out: what changed in the caller's scopes after a cursor."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import cursor as cursors
from sync import store
from sync.caller import Caller
from sync.cursor import Cursor
from sync.errors import SyncError
from sync.kinds import Kind
from sync.window import LAST, Group, Hold, Window, fitting, hold, holds, left_out

MIN_SCHEMA = 1
MAX_LIMIT = 5_000
PAGE_BYTES = 4_194_304
MAX_PARTS = 32
MAX_LOOKED_AT = 20_000  # rows, also those left out: one request does not read a whole archive
LARGE_ROW = 8_192  # bytes; below it, the counters alone tell that everything fits

_encode = msgspec.json.Encoder().encode


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
    """One page. `drop_scopes` were withdrawn: the reader forgets all rows of them; `held` says which rows it holds.

    `changes` are a JSON array. One that is not `Gone` is a record as the reader shall hold it from now on: `id`,
    `kind`, `scope`, `seq`, `rev`, `state`, `author`, `at` (the server's time of the change), `data`, `facts`, `log`,
    `missing`. `seq` counts within the scope and says nothing beside another scope's; what is newer, `rev` says.
    """

    cursor: str
    more: bool
    now: datetime
    changes: Raw
    drop_scopes: list[str]
    held: Hold


class Counts:
    """What scopes hold, counted once for each number that they have reached: a count looks at every record."""

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._known: dict[tuple[str, str], tuple[int, list[Group]]] = {}

    async def of(self, conn: AsyncConnection, org: str, heads: Mapping[str, int]) -> list[Group]:
        """Of the scopes in `heads`, which stand at these numbers."""
        stale = [scope for scope, seq in heads.items() if self._known.get((org, scope), (-1,))[0] != seq]
        if stale:
            if len(self._known) + len(stale) > self._most:
                self._known.clear()
                stale = list(heads)
            counted: dict[str, list[Group]] = {scope: [] for scope in stale}
            for group in await store.sizes(conn, org, stale):
                counted[group.scope].append(group)
            self._known |= {(org, scope): (heads[scope], groups) for scope, groups in counted.items()}
        return [group for scope in heads for group in self._known[org, scope][1]]


async def pull(
    conn: AsyncConnection,
    kinds: Mapping[str, Kind],
    caller: Caller,
    now: datetime,
    cursor: str | None,
    limit: int,
    schema: int,
    window: Window,
    asked: Asked,
    counts: Counts,
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
    rule = await _rule(conn, kinds, caller, now, window, asked.level, heads, counts, first=not cursor)
    newer = {name for name, kind in kinds.items() if kind.since > schema}
    changes: list[bytes] = []
    told = size = looked_at = 0
    while (
        (room := limit - told) > 0
        and size < PAGE_BYTES
        and looked_at < MAX_LOOKED_AT
        and (parts := _parts(at, head, room))
    ):
        if not parts[0].notices and parts[0].upto - parts[0].after >= room:
            out = left_out(kinds, rule, parts[0].scope, newer)
            found = await store.stretch(conn, caller.org, parts[0], out, room)
            if size + len(found.changes) < PAGE_BYTES:
                told, size, looked_at = told + found.told, size + len(found.changes), looked_at + found.rows
                changes += filter(None, [found.changes])
                at = at.advanced(parts[0].scope, found.last if found.rows == room else parts[0].upto)
                continue
        rows = await store.feed(conn, caller.org, parts, caller.scopes, room)
        taken = 0
        for index, seq, id_, rev, gone, kind, state, changed_at, change in rows:
            taken += 1
            scope = parts[index].scope
            if gone:
                changes.append(_encode(Gone(id_, scope, seq, rev, gone)))
            elif not holds(kinds, rule, kind, state, scope, changed_at):
                if seq <= parts[index].since:
                    continue
                changes.append(_encode(Gone(id_, scope, seq, rev, "moved")))  # the reader may have it
            elif kind in newer:
                continue
            else:
                changes.append(change)
            told += 1
            size += len(changes[-1])
            if size >= PAGE_BYTES:
                break
        looked_at += taken
        cut = rows[taken - 1] if taken == room or size >= PAGE_BYTES else None
        for i, part in enumerate(parts if cut is None else parts[: cut[0] + 1]):
            at = at.advanced(part.scope, part.upto if cut is None or i < cut[0] else cut[1])
    if cursor and not told and at == held:
        return None
    joined = Raw(b"[" + b",".join(changes) + b"]")
    return PullPage(str(at), bool(at.behind(heads)), now, joined, dropped, rule)


async def _rule(
    conn: AsyncConnection,
    kinds: Mapping[str, Kind],
    caller: Caller,
    now: datetime,
    window: Window,
    level: int | None,
    heads: Mapping[str, int],
    counts: Counts,
    *,
    first: bool,
) -> Hold:
    """What this reader holds: its own level, at a first sync the one that its budget allows."""
    if level is not None or not first:
        return hold(window, min(level or 0, LAST), caller.unit, now)
    most = sum(heads.values())  # each record has a number of its own
    if most <= window.rows and most * LARGE_ROW <= window.bytes:
        return hold(window, 0, caller.unit, now)
    return fitting(kinds, window, await counts.of(conn, caller.org, heads), caller.unit, now)


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


def _skipped(kinds: Mapping[str, Kind], before: int, now: int) -> bool:
    """Whether an upgraded reader was not sent kinds that it can read now."""
    return any(before < kind.since <= now for kind in kinds.values())
