# ruff: noqa: S608 (statements are put together from the names of our own tables, never from values)
"""All SQL of the engine. The only module that gives numbers (`seq`) and writes records, on both databases.

Who calls `lock` holds the organisation until its transaction ends: on PostgreSQL by the row lock, on SQLite
because the caller's transaction was begun with BEGIN IMMEDIATE. A number is thus visible only after all lower
ones of its scope. Each scope counts by itself, so that who may not read a scope sees nothing move.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import zstandard
from msgspec import Raw
from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import driver, tables
from sync.clock import Skew
from sync.errors import SyncError
from sync.records import Entry, Row
from sync.tables import moment, stamp
from sync.window import Group, LeftOut

_log = msgspec.json.Decoder(tuple[Entry, ...])
_versions = msgspec.json.Decoder(dict[str, tuple[int, str]])
_ALL = ""  # in `fv`, the fields of the body that are not named
_missing = msgspec.json.Decoder(tuple[str, ...])
_encode = msgspec.json.Encoder().encode
WORTH_A_THREAD = 256  # operations
COPIED = 64  # rows of 1 KB that go to PostgreSQL at once
LOST_REVS = 1_000_000  # more than any record can have been given after the backup that was put back


class ScopeHead(msgspec.Struct, frozen=True):
    """The counter of a scope: last number, that of the last moved notice, that of the last purged one."""

    seq: int = 0
    moved: int = 0
    horizon: int = 0


class Head(msgspec.Struct, frozen=True):
    """Where an organisation stands for a reader of some scopes. A scope that is not named has no row yet."""

    epoch: int
    scopes: dict[str, ScopeHead]


@dataclass(frozen=True, slots=True)
class Device:
    """A registered phone. `n` is the last operation number the server has; times are UTC text."""

    id: str
    person: str
    name: str
    app_version: str
    n: int
    registered_at: str
    last_seen: str | None
    revoked_at: str | None
    skew_ms: int | None
    skew_error_ms: int | None


class Operation(msgspec.Struct, frozen=True):
    """One line of the operation table."""

    n: int
    person: str
    kind: str
    id: str
    op: str
    at: str | None
    skew_ms: int
    skew_error_ms: int | None
    payload: bytes
    status: str
    code: str
    result: bytes
    event: str | None = None


class Pushed(msgspec.Struct, frozen=True):
    """What a device sent that is new, and what it was answered: both by number, from `n` on."""

    device: str
    n: int
    person: str
    schema: int
    skew: Skew
    payloads: Sequence[Raw]
    answers: Sequence[Raw]

    @property
    def last(self) -> int:
        """The device's last operation after this push."""
        return self.n + len(self.payloads) - 1


async def create_org(conn: AsyncConnection, org: str) -> None:
    """Makes the counter row of an organisation; does nothing when it is there."""
    await conn.execute(
        text("INSERT INTO org (id, epoch, seq) VALUES (:org, 1, 0) ON CONFLICT (id) DO NOTHING"),
        {"org": org},
    )


async def raise_epoch(conn: AsyncConnection, org: str) -> None:
    """After a restore from backup: numbers may be given a second time, so every reader starts again.

    Revisions too: what a phone saw in the lost time must not pass for having seen what is written from now on.
    """
    await conn.execute(text("UPDATE org SET epoch = epoch + 1 WHERE id = :org"), {"org": org})
    await conn.execute(
        text("UPDATE record SET rev = rev + :lost WHERE org = :org"), {"org": org, "lost": LOST_REVS}
    )


async def head(conn: AsyncConnection, org: str, scopes: Sequence[str]) -> Head:
    """The counters of these scopes, without a lock."""
    rows = await driver.fetch(
        conn,
        "SELECT o.epoch, h.scope, h.seq, h.moved, h.horizon FROM org AS o LEFT JOIN scope_head AS h"
        f" ON h.org = o.id AND h.scope {driver.any_of(conn, 2)} WHERE o.id = $1",
        org,
        driver.listed(conn, scopes),
    )
    return Head(rows[0][0], {row[1]: ScopeHead(row[2], row[3], row[4]) for row in rows if row[1] is not None})


class Org(msgspec.Struct, frozen=True):
    """An organisation under its lock: how many operations the server itself has made, and how often it was
    restored from a backup, plus one.
    """

    server_n: int
    epoch: int

    @property
    def first_rev(self) -> int:
        """The revision of a new record: above all that a record of the same id can have had in a lost time."""
        return (self.epoch - 1) * LOST_REVS + 1


async def lock(conn: AsyncConnection, org: str) -> Org:
    """Takes the organisation for this transaction."""
    return Org(*(await driver.fetch(conn, _lock(driver.postgresql(conn)), org))[0])


@cache
def _lock(postgres: bool) -> str:
    return "SELECT seq, epoch FROM org WHERE id = $1" + (" FOR NO KEY UPDATE" if postgres else "")


class Locked(msgspec.Struct, frozen=True):
    """A device under the organisation's lock. `n` is its last operation's number; `troubled`: something that it
    sent waits to be settled.
    """

    n: int
    person: str
    revoked: bool
    troubled: bool = False


_DEVICES = (
    "SELECT id, n, person, revoked_at, EXISTS (SELECT 1 FROM exception AS e WHERE e.org = device.org"
    " AND e.device = device.id AND e.settled_at IS NULL) FROM device WHERE org = $1 AND id"
)


async def begin(
    conn: AsyncConnection, org: str, devices: Iterable[str], ids: Iterable[str]
) -> tuple[Org, dict[str, Locked], dict[str, Row]]:
    """Takes the organisation; returns what `lock` does, those of the devices that there are, and of the records
    (`load`). A device's number moves under this lock only.
    """
    wanted, known = driver.listed(conn, list(devices)), driver.listed(conn, list(ids))
    locked, found, rows = await driver.fetch_each(
        conn,
        (_lock(driver.postgresql(conn)), (org,)),
        (f"{_DEVICES} {driver.any_of(conn, 2)}", (org, wanted)),
        (f"{_LOAD} {driver.any_of(conn, 2)}", (org, known)),
    )
    return (
        Org(*locked[0]),
        {row[0]: Locked(row[1], row[2], row[3] is not None, bool(row[4])) for row in found},
        {row[1]: _row(row) for row in rows},
    )


async def load(conn: AsyncConnection, org: str, ids: Iterable[str]) -> dict[str, Row]:
    """The records with these ids, whatever their scope: only for the engine, never for an answer."""
    found = await driver.fetch(conn, f"{_LOAD} {driver.any_of(conn, 2)}", org, driver.listed(conn, list(ids)))
    return {row[1]: _row(row) for row in found}


_ROW = (
    "org, id, kind, scope, rev, state, author, body, facts, log, missing, fv, deleted, created_at, updated_at"
)


_LOAD = f"SELECT {_ROW} FROM record WHERE org = $1 AND id"


def _row(stored: Sequence[Any]) -> Row:
    org, id_, kind, scope, rev, state, author, body, facts, log, missing, fv, deleted, created, updated = (
        stored
    )
    values = msgspec.json.decode(body)
    return Row(
        org=org,
        id=id_,
        kind=kind,
        scope=scope,
        rev=rev,
        state=state,
        author=author,
        body=values,
        facts=msgspec.json.decode(facts),
        log=_log.decode(log),
        missing=_missing.decode(missing),
        fv=field_versions(fv, values),
        deleted=bool(deleted),
        created_at=moment(created),
        updated_at=moment(updated),
    )


def field_versions(stored: bytes, body: Iterable[str]) -> dict[str, tuple[int, str]]:
    """By field of a record, the revision and the device of its last change, from the column `fv`."""
    found = _versions.decode(stored)
    rest = found.pop(_ALL, None)
    return found if rest is None else dict.fromkeys(body, rest) | found


def _packed(row: Row) -> bytes:
    """`fv` as stored: once for all fields while they are as they were made."""
    if row.fv and (row.as_told or (row.fv.keys() == row.body.keys() and len(set(row.fv.values())) == 1)):
        return _at_once(next(iter(row.fv.values())))
    return _encode(row.fv)


@lru_cache(1024)
def _at_once(version: tuple[int, str]) -> bytes:
    """`fv` of a record whose fields were all written together; the new records of a push have it in common."""
    return _encode({_ALL: version})


async def save(
    conn: AsyncConnection,
    org: str,
    rows: Sequence[Row],
    now: datetime,
    *,
    new: Container[str] = (),
    left: Mapping[str, tuple[str, int]] = MappingProxyType({}),
) -> None:
    """Writes records as they are now, with the next numbers of their scopes.

    `new` has the ids that, under the lock, were seen not to be there. `left` tells the readers of a scope that a
    record went elsewhere: id → (scope, revision of the move).
    """
    if not rows:
        return
    heads = await _take_numbers(
        conn, org, Counter(row.scope for row in rows), Counter(scope for scope, _ in left.values())
    )
    at = stamp(now)
    notices = []
    for id_, (scope, rev) in left.items():
        heads[scope] += 1
        notices.append((org, scope, id_, heads[scope], rev, at))
    added: list[tuple[Row, int]] = []
    changed: list[tuple[Row, int]] = []
    for row in rows:
        heads[row.scope] = seq = heads[row.scope] + 1
        (added if row.id in new else changed).append((row, seq))

    def columns(numbered: tuple[Row, int]) -> tuple[Any, ...]:
        row, seq = numbered
        return (
            org,
            row.id,
            row.kind,
            row.scope,
            seq,
            row.rev,
            row.state,
            row.author,
            row.body_json,
            _encode(row.facts) if row.facts else b"{}",
            _encode(row.log) if row.log else b"[]",
            _encode(row.missing) if row.missing else b"[]",
            _packed(row),
            int(row.deleted),
            at if row.created_at is now else stamp(row.created_at),
            at if row.updated_at is now else stamp(row.updated_at),
        )

    await driver.insert(
        conn,
        _insert(tables.record, added)._replace(
            made=columns, copied=lambda numbered: _copied(numbered, columns, now)
        ),
        _upsert(tables.record, changed)._replace(made=columns),
        _upsert(tables.moved, notices),
    )


def _copied(
    numbered: Sequence[tuple[Row, int]], columns: Callable[[tuple[Row, int]], tuple[Any, ...]], now: datetime
) -> Iterator[bytes]:
    """New rows as COPY takes them. Those that a phone has just made differ in id, number and body alone: what stands
    between is spelled once.
    """
    frames: dict[Any, list[bytes]] = {}
    for start in range(0, len(numbered), COPIED):
        parts: list[Any] = []
        for row, seq in numbered[start : start + COPIED]:
            told = row.told
            alike: Any = None
            if told is not None and row.as_told and row.created_at is row.updated_at is now:
                version = next(iter(row.fv.values()), None)
                alike = (row.kind, row.scope, row.rev, row.state, row.author, version, row.missing)
            if told is None or alike is None or row.log or row.facts or row.deleted:
                parts += _framed(columns((row, seq)))
                continue
            frame = frames.get(alike)
            if frame is None:
                frame = frames[alike] = _framed(columns((row, seq)), holes=True)
            id_, body = row.id.encode(), told.text
            parts += (
                frame[0],
                len(id_).to_bytes(4, "big"),
                id_,
                frame[1],
                seq.to_bytes(8, "big"),
                frame[2],
                len(body).to_bytes(4, "big"),
                body,
                frame[3],
            )
        yield b"".join(parts)


_COUNT = len(tables.record.columns).to_bytes(2, "big")
_BIGINT = (8).to_bytes(4, "big")
_HOLES = ("id", "seq", "body")


def _framed(values: Sequence[Any], *, holes: bool = False) -> list[bytes]:
    """A row in COPY's form; with `holes`, what stands before, between and after id, number and body."""
    frame = [_COUNT]
    for name, type_, value in zip(_names(tables.record), _types(tables.record), values, strict=True):
        if holes and name in _HOLES:
            frame[-1] += _BIGINT if name == "seq" else b""
            frame.append(b"")
        else:
            frame[-1] += driver.field(type_, value)
    return frame


async def _take_numbers(
    conn: AsyncConnection, org: str, rows: Mapping[str, int], notices: Mapping[str, int]
) -> dict[str, int]:
    """Moves the counters on, by the rows and notices of each scope; returns where each stood before.

    Notices get the first numbers, rows those after them.
    """
    taken = [(scope, notices.get(scope, 0), rows.get(scope, 0)) for scope in rows.keys() | notices.keys()]
    given = (
        "unnest($2::text[], $3::bigint[], $4::bigint[]) AS g (scope, notices, total)"
        if driver.postgresql(conn)
        else "(SELECT value ->> 0 AS scope, value ->> 1 AS notices, value ->> 2 AS total"
        " FROM json_each($2)) AS g"
    )
    found = await driver.fetch(
        conn,
        "INSERT INTO scope_head (org, scope, seq, moved, horizon)"
        f" SELECT $1, scope, total, notices, 0 FROM {given} WHERE true"
        " ON CONFLICT (org, scope) DO UPDATE SET seq = scope_head.seq + excluded.seq,"
        " moved = CASE WHEN excluded.moved > 0 THEN scope_head.seq + excluded.moved ELSE scope_head.moved END"
        " RETURNING scope, seq",
        org,
        *_columns_of(conn, [(scope, out, out + new) for scope, out, new in taken]),
    )
    totals = {scope: out + new for scope, out, new in taken}
    return {row[0]: row[1] - totals[row[0]] for row in found}


def _columns_of(conn: AsyncConnection, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Rows as parameters: an array a column on PostgreSQL, one JSON text on SQLite."""
    if driver.postgresql(conn):
        return [list(column) for column in zip(*rows, strict=True)]
    return [_encode(rows).decode()]


async def save_operations(
    conn: AsyncConnection, org: str, device: str, now: datetime, operations: Sequence[Operation]
) -> None:
    """Adds to the operation table; a number that is there already is a fault and fails the transaction."""
    received_at = stamp(now)
    rows = [
        (
            org,
            device,
            o.n,
            o.person,
            o.kind,
            o.id,
            o.op,
            o.at,
            received_at,
            o.skew_ms,
            o.skew_error_ms,
            o.payload,
            o.status,
            o.code,
            o.result,
            o.event,
        )
        for o in operations
    ]
    await driver.insert(conn, _insert(tables.operation, rows))


def pack(pushes: Sequence[Pushed]) -> asyncio.Future[list[tuple[bytes, bytes]]]:
    """What is kept of the pushes' payloads and answers; of many, made in a thread while the database is at work."""
    loop = asyncio.get_running_loop()
    if sum(len(p.payloads) for p in pushes) >= WORTH_A_THREAD:
        return loop.run_in_executor(None, _packed_all, pushes)
    packed = loop.create_future()
    packed.set_result(_packed_all(pushes))
    return packed


def _packed_all(pushes: Sequence[Pushed]) -> list[tuple[bytes, bytes]]:
    squeeze = zstandard.ZstdCompressor(level=1)  # one a thread
    return [(squeeze.compress(_encode(p.payloads)), squeeze.compress(_encode(p.answers))) for p in pushes]


async def save_pushes(
    conn: AsyncConnection,
    org: str,
    now: datetime,
    pushes: Sequence[Pushed],
    packed: Sequence[tuple[bytes, bytes]],
) -> None:
    """Keeps what devices sent (`pack`), and moves each device on: its last number, its clock, when it was here."""
    if not pushes:
        return
    at = stamp(now)
    rows = [
        (
            org,
            p.device,
            p.n,
            p.last,
            p.person,
            p.schema,
            at,
            p.skew.skew_ms,
            p.skew.skew_error_ms,
            payloads,
            answers,
        )
        for p, (payloads, answers) in zip(pushes, packed, strict=True)
        if p.payloads
    ]
    latest = {p.device: (p.device, p.last, p.skew.skew_ms, p.skew.skew_error_ms) for p in pushes}
    device = _columns_of(conn, list(latest.values()))
    if driver.postgresql(conn):  # both in one trip
        first = 3 + len(device)
        kept = ", ".join(f"${first + i}::{name}[]" for i, name in enumerate(_types(tables.push)))
        sql = (
            f"WITH kept AS (INSERT INTO push ({', '.join(_names(tables.push))}) SELECT * FROM unnest({kept}))"
            f" {_MOVE_ON} FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[])"
            " AS g (id, n, skew, error) WHERE device.org = $1 AND device.id = g.id"
        )
        columns = list(zip(*rows, strict=True)) or [()] * len(tables.push.columns)
        await driver.fetch(conn, sql, org, at, *device, *columns)
        return
    row = ", ".join(f"${i}" for i in range(1, len(tables.push.columns) + 1))
    await driver.fetch_each(
        conn,
        *((f"INSERT INTO push ({', '.join(_names(tables.push))}) VALUES ({row})", each) for each in rows),
        (_MOVE_ON_SQLITE, (org, at, *device)),
    )


_MOVE_ON = "UPDATE device SET n = g.n, skew_ms = g.skew, skew_error_ms = g.error, last_seen = $2"
_MOVE_ON_SQLITE = (
    f"{_MOVE_ON} FROM (SELECT value ->> 0 AS id, value ->> 1 AS n, value ->> 2 AS skew, value ->> 3 AS error"
    " FROM json_each($3)) AS g WHERE device.org = $1 AND device.id = g.id"
)
_expand = zstandard.ZstdDecompressor()
_raws = msgspec.json.Decoder(list[Raw])


def unpack(packed: bytes) -> list[Raw]:
    """The parts of a push or of its answers, in order."""
    return _raws.decode(_expand.decompress(packed))


async def save_server_n(conn: AsyncConnection, org: str, n: int) -> None:
    """Notes how many operations the server itself has made; the caller holds the lock."""
    await conn.execute(text("UPDATE org SET seq = :n WHERE id = :org"), {"org": org, "n": n})


async def answers(
    conn: AsyncConnection, org: str, device: str, first: int, last: int
) -> dict[int, tuple[bytes, bytes]]:
    """Payload and stored answer of a device's operations by number."""
    found = await driver.fetch(
        conn,
        "SELECT n, payload, answers FROM push WHERE org = $1 AND device = $2 AND n <= $4 AND last >= $3",
        org,
        device,
        first,
        last,
    )
    return {
        n: (bytes(payload), bytes(answer))
        for start, payloads, given in found
        for n, (payload, answer) in enumerate(zip(unpack(payloads), unpack(given), strict=True), start)
    }


async def last_n(conn: AsyncConnection, org: str, device: str) -> int:
    """The highest number in the operation table for a device, 0 when there is none."""
    found = await driver.fetch(
        conn, "SELECT coalesce(max(n), 0) FROM operation WHERE org = $1 AND device = $2", org, device
    )
    return int(found[0][0])


class Part(msgspec.Struct, frozen=True):
    """A stretch of one scope's feed: `after` < number ≤ `upto`; what was gone by `since` is left out."""

    scope: str
    after: int
    upto: int
    since: int
    notices: bool


async def feed(
    conn: AsyncConnection, org: str, parts: Sequence[Part], mine: Sequence[str], limit: int
) -> Sequence[Any]:
    """Rows and notices of the parts, part by part and by number in each, at most `limit`.

    A row: (index of the part, seq, id, rev, `deleted`, `moved` or "" when it is there, kind, state, updated_at,
    the record as the feed tells it, in JSON); of what is gone, only the first five say something. Notices of
    records that are in one of `mine` now are left out.
    """
    notices = any(part.notices for part in parts)
    args: list[Any] = [org, limit]
    if notices:
        args.append(driver.listed(conn, mine))
    for part in parts:
        args += [part.scope, part.after, part.upto, part.since]
    return await driver.fetch(conn, _feed(driver.postgresql(conn), len(parts), notices), *args)


# The database puts the JSON together: a page of it costs a third of what a page of columns does. Nothing but the
# four columns that are JSON already may need an escape: ids, scopes, kinds, states and times are plain. What may be
# long comes last, so that it is copied once.
_CHANGE = (
    '{"id":"', "id", '","kind":"', "kind", '","scope":"', "scope", '","seq":', "seq", ',"rev":', "rev",
    ',"state":"', "state", '","author":', """coalesce('"' || author || '"', 'null')""", ',"at":"', "updated_at",
    '","facts":', "facts", ',"log":', "log", ',"missing":', "missing", ',"data":', "body", "}",
)  # fmt: skip

_JSON = ("facts", "log", "missing", "body")


@cache
def _change(postgres: bool) -> str:
    """The record as the feed tells it; an expression that gives text on SQLite, bytes on PostgreSQL."""
    words, columns = _CHANGE[::2], _CHANGE[1::2]
    if not postgres:
        text = "%s".join(words)
        names = [f"CAST({name} AS TEXT)" if name in _JSON else name for name in columns]
        return f"format('{text}', {', '.join(names)})"
    plain = len(columns) - len(_JSON)
    head = " || ".join(f"'{word}' || {name}" for word, name in zip(words[:plain], columns, strict=False))
    rest = zip(words[plain:-1], columns[plain:], strict=True)
    tail = " || ".join(f"'{word}'::bytea || {name}" for word, name in rest)
    return f"convert_to({head}, 'UTF8') || {tail} || '{words[-1]}'::bytea"


class Stretch(NamedTuple):
    """A stretch of one scope as the feed tells it: `told` of `rows` up to number `last`, JSON objects in a row."""

    rows: int
    told: int
    last: int
    changes: bytes


async def stretch(conn: AsyncConnection, org: str, part: Part, out: LeftOut, limit: int) -> Stretch:
    """The next rows of a part that has no notices, put together by the database."""
    found = await driver.fetch(
        conn,
        _stretch(driver.postgresql(conn)),
        org,
        limit,
        part.scope,
        part.after,
        part.upto,
        part.since,
        out.since,
        *(driver.listed(conn, each) for each in (out.closed, out.kinds, out.newer)),
    )
    rows, told, last, changes = found[0]
    return Stretch(rows, told, last or part.upto, changes or b"")


def _range(n: int) -> str:
    """The rows of a part, whose scope, after, upto and since are the parameters from the n-th on."""
    return (
        f"FROM record WHERE org = $1 AND scope = ${n} AND seq > ${n + 1} AND seq <= ${n + 2}"
        f" AND NOT (deleted = 1 AND seq <= ${n + 3}) ORDER BY seq LIMIT $2"
    )


_GONE = '{"id":"%s","scope":"%s","seq":%s,"rev":%s,"gone":"%s"}'


@cache
def _stretch(postgres: bool) -> str:
    def gone(how: str) -> str:
        text = f"format('{_GONE}', id, scope, seq, rev, '{how}')"
        return f"convert_to({text}, 'UTF8')" if postgres else text

    joined = (
        "string_agg(change, ','::bytea ORDER BY seq)"
        if postgres
        else "CAST(group_concat(change, ',') AS BLOB)"
    )
    return (
        f"SELECT count(*), count(change), max(seq), {joined} FROM (SELECT seq, CASE"
        f" WHEN deleted = 1 THEN {gone('deleted')}"
        f" WHEN (updated_at < $7 AND kind || '/' || state {driver.any_on(postgres, 8)})"
        f" OR kind {driver.any_on(postgres, 9)}"
        f" THEN CASE WHEN seq > $6 THEN {gone('moved')} END"
        f" WHEN kind {driver.any_on(postgres, 10)} THEN NULL ELSE {_change(postgres)} END AS change"
        f" {_range(3)}) AS r"
    )


@cache
def _feed(postgres: bool, parts: int, notices: bool) -> str:
    """One index range a part, each cut at the limit: no more than limit × parts rows are read."""
    arms = []
    change = _change(postgres) if postgres else f"CAST({_change(postgres)} AS BLOB)"
    own = driver.any_on(postgres, 3)
    at = 4 if notices else 3
    for i in range(parts):
        scope, after, upto, since = (f"${at + 4 * i + k}" for k in range(4))
        rows = (
            f"SELECT {i} AS part, seq, id, rev, CASE deleted WHEN 1 THEN 'deleted' ELSE '' END AS gone, kind,"
            f" state, updated_at, {change} AS change {_range(at + 4 * i)}"
        )
        if parts == 1 and not notices:
            return rows  # as the index has them: nothing is sorted
        arms.append(f"SELECT * FROM ({rows}) AS r{i}")
        if notices:
            arms.append(
                f"SELECT * FROM (SELECT {i} AS part, m.seq, m.id, m.rev, 'moved' AS gone, '', '', '',"
                f" CAST('' AS {'bytea' if postgres else 'BLOB'}) FROM moved AS m WHERE m.org = $1 AND m.scope = {scope}"
                f" AND m.seq > {after} AND m.seq <= {upto} AND m.seq > {since}"
                " AND NOT EXISTS (SELECT 1 FROM record AS r WHERE r.org = m.org AND r.id = m.id"
                f" AND r.deleted = 0 AND r.scope {own}) ORDER BY m.seq LIMIT $2) AS m{i}"
            )
    return " UNION ALL ".join(arms) + " ORDER BY part, seq LIMIT $2"


class Version(NamedTuple):
    """A record's revision, and what tells whether a reader holds it."""

    id: str
    rev: int
    seq: int
    kind: str
    state: str
    at: str


async def versions(conn: AsyncConnection, org: str, scope: str) -> list[Version]:
    """The living records of a scope."""
    found = await conn.execute(
        text(
            "SELECT id, rev, seq, kind, state, updated_at FROM record"
            " WHERE org = :org AND scope = :scope AND deleted = 0"
        ),
        {"org": org, "scope": scope},
    )
    return [Version(*row) for row in found]


async def sizes(conn: AsyncConnection, org: str, scopes: Sequence[str]) -> list[Group]:
    """How many living records of each sort these scopes hold, and their bytes: a look at every one of them."""
    rows = await driver.fetch(
        conn,
        "SELECT scope, kind, state, substr(updated_at, 1, 10), count(*),"
        " sum(length(body) + length(facts) + length(log)) FROM record"
        f" WHERE org = $1 AND scope {driver.any_of(conn, 2)} AND deleted = 0 GROUP BY 1, 2, 3, 4",
        org,
        driver.listed(conn, scopes),
    )
    return [Group(row[0], row[1], row[2], row[3], row[4], int(row[5])) for row in rows]


async def purge(conn: AsyncConnection, org: str, before: datetime) -> int:
    """Removes tombstones and moved notices older than `before`; returns how many.

    A reader below a scope's horizon starts again, so it is raised in the same transaction.
    """
    await lock(conn, org)
    given = {"org": org, "before": stamp(before)}
    old = (
        "SELECT scope, seq FROM record WHERE org = :org AND deleted = 1 AND updated_at < :before"
        " UNION ALL SELECT scope, seq FROM moved WHERE org = :org AND at < :before"
    )
    found = (
        await conn.execute(text(f"SELECT scope, max(seq), count(*) FROM ({old}) AS o GROUP BY scope"), given)
    ).all()
    for scope, seq, _ in found:
        await conn.execute(
            text(
                "UPDATE scope_head SET horizon = :seq WHERE org = :org AND scope = :scope AND horizon < :seq"
            ),
            {"org": org, "scope": scope, "seq": seq},
        )
    await conn.execute(
        text("DELETE FROM record WHERE org = :org AND deleted = 1 AND updated_at < :before"), given
    )
    await conn.execute(text("DELETE FROM moved WHERE org = :org AND at < :before"), given)
    return sum(count for _, _, count in found)


async def register_device(
    conn: AsyncConnection, org: str, person: str, device: str, name: str, app_version: str, now: datetime
) -> int:
    """Registers a phone, or greets a known one; returns its last operation number.

    Raises SyncError `device_taken` when the id is another person's, `device_revoked`.
    """
    await conn.execute(
        text(
            "INSERT INTO device (org, id, person, name, app_version, n, registered_at, last_seen)"
            " VALUES (:org, :id, :person, :name, :app_version, 0, :now, :now)"
            " ON CONFLICT (org, id) DO UPDATE SET name = excluded.name, app_version = excluded.app_version,"
            " last_seen = excluded.last_seen WHERE device.person = excluded.person"
        ),
        {
            "org": org,
            "id": device,
            "person": person,
            "name": name,
            "app_version": app_version,
            "now": stamp(now),
        },
    )
    known = (await devices(conn, org, device=device))[0]
    if known.person != person:
        raise SyncError("device_taken")
    if known.revoked_at is not None:
        raise SyncError("device_revoked")
    return known.n


async def revoke_device(conn: AsyncConnection, org: str, device: str, now: datetime) -> bool:
    """From now on the device is refused; False when there is no such device."""
    done = await conn.execute(
        text("UPDATE device SET revoked_at = coalesce(revoked_at, :now) WHERE org = :org AND id = :id"),
        {"org": org, "id": device, "now": stamp(now)},
    )
    return bool(done.rowcount)


async def devices(
    conn: AsyncConnection, org: str, *, person: str | None = None, device: str | None = None
) -> list[Device]:
    """Registered phones, all or those of a person, oldest first."""
    query = (
        "SELECT id, person, name, app_version, n, registered_at, last_seen, revoked_at, skew_ms,"
        " skew_error_ms FROM device"
        " WHERE org = :org"
    )
    given = {"org": org}
    if person is not None:
        query, given["person"] = query + " AND person = :person", person
    if device is not None:
        query, given["device"] = query + " AND id = :device", device
    found = await conn.execute(text(query + " ORDER BY registered_at, id"), given)
    return [Device(*row) for row in found]


def _insert(table: Table, rows: Sequence[Sequence[Any]]) -> driver.Insert:
    """Rows that, under the lock, are known not to be there."""
    return driver.Insert(table.name, _names(table), _types(table), rows, new=True)


def _upsert(table: Table, rows: Sequence[Sequence[Any]]) -> driver.Insert:
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if c.name not in keys)
    after = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"
    return driver.Insert(table.name, _names(table), _types(table), rows, after)


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


@cache
def _types(table: Table) -> tuple[str, ...]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return tuple(c.type.compile(dialect).split(" COLLATE")[0] for c in table.columns)
