# ruff: noqa: S608 (statements are put together from the names of our own tables, never from values)
"""All SQL of the engine. The only module that gives numbers (`seq`) and writes records, on both databases.

Who calls `lock` holds the organisation until its transaction ends: on PostgreSQL by the row lock, on SQLite
because the caller's transaction was begun with BEGIN IMMEDIATE. A number is thus visible only after all lower
ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import tables
from sync.clock import Skew
from sync.errors import SyncError
from sync.records import Entry, Row
from sync.tables import moment, stamp

_log = msgspec.json.Decoder(tuple[Entry, ...])
_fv = msgspec.json.Decoder(dict[str, tuple[int, str]])
_missing = msgspec.json.Decoder(tuple[str, ...])
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Head:
    """The counter row of an organisation."""

    epoch: int
    seq: int
    horizon: int


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


@dataclass(frozen=True, slots=True)
class Operation:
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


async def create_org(conn: AsyncConnection, org: str) -> None:
    """Makes the counter row of an organisation; does nothing when it is there."""
    await conn.execute(
        text("INSERT INTO org (id, epoch, seq, horizon) VALUES (:org, 1, 0, 0) ON CONFLICT (id) DO NOTHING"),
        {"org": org},
    )


async def raise_epoch(conn: AsyncConnection, org: str) -> None:
    """After a restore from backup: numbers may be given a second time, so every reader starts again."""
    await conn.execute(text("UPDATE org SET epoch = epoch + 1 WHERE id = :org"), {"org": org})


async def head(conn: AsyncConnection, org: str) -> Head:
    """The counter, without a lock."""
    found = await conn.execute(text("SELECT epoch, seq, horizon FROM org WHERE id = :org"), {"org": org})
    return Head(*found.one())


async def lock(conn: AsyncConnection, org: str) -> int:
    """Takes the organisation for this transaction; returns the last number given."""
    found = await conn.execute(
        text("SELECT seq FROM org WHERE id = :org" + _for_update(conn, "org")), {"org": org}
    )
    return int(found.scalar_one())


async def lock_device(conn: AsyncConnection, org: str, device: str, person: str) -> tuple[int, int]:
    """Takes the organisation and the device; returns the last number given and the device's last operation.

    Raises SyncError `device_unknown`, `device_revoked`.
    """
    query = (
        "SELECT o.seq, d.n, d.person, d.revoked_at FROM org AS o JOIN device AS d ON d.org = o.id"
        " WHERE o.id = :org AND d.id = :device" + _for_update(conn, "o, d")
    )
    found = (await conn.execute(text(query), {"org": org, "device": device})).one_or_none()
    if found is None or found.person != person:
        raise SyncError("device_unknown")
    if found.revoked_at is not None:
        raise SyncError("device_revoked")
    return found.seq, found.n


def _for_update(conn: AsyncConnection, names: str) -> str:
    return f" FOR NO KEY UPDATE OF {names}" if conn.dialect.name == "postgresql" else ""


async def load(conn: AsyncConnection, org: str, ids: Iterable[str]) -> dict[str, Row]:
    """The records with these ids, whatever their scope: only for the engine, never for an answer."""
    query = f"SELECT {_columns(tables.record)} FROM record WHERE org = :org AND id {_any_of(conn, 'ids')}"
    found = await conn.execute(text(query), {"org": org, "ids": _list(conn, list(ids))})
    return {row.id: _row(row) for row in found}


def _row(stored: Any) -> Row:
    return Row(
        org=stored.org,
        id=stored.id,
        kind=stored.kind,
        scope=stored.scope,
        seq=stored.seq,
        rev=stored.rev,
        state=stored.state,
        author=stored.author,
        body=msgspec.json.decode(stored.body),
        facts=msgspec.json.decode(stored.facts),
        log=_log.decode(stored.log),
        missing=_missing.decode(stored.missing),
        fv=_fv.decode(stored.fv),
        deleted=bool(stored.deleted),
        created_at=moment(stored.created_at),
        updated_at=moment(stored.updated_at),
    )


async def save(conn: AsyncConnection, rows: Sequence[Row]) -> None:
    """Writes records as they are now, new or not."""
    await _upsert(
        conn,
        tables.record,
        [
            {
                "org": row.org,
                "id": row.id,
                "kind": row.kind,
                "scope": row.scope,
                "seq": row.seq,
                "rev": row.rev,
                "state": row.state,
                "author": row.author,
                "body": _encode(row.body),
                "facts": _encode(row.facts),
                "log": _encode(row.log),
                "missing": _encode(row.missing),
                "fv": _encode(row.fv),
                "deleted": int(row.deleted),
                "created_at": stamp(row.created_at),
                "updated_at": stamp(row.updated_at),
            }
            for row in rows
        ],
    )


async def save_moved(
    conn: AsyncConnection, org: str, moved: Mapping[tuple[str, str], int], now: datetime
) -> None:
    """Tells the readers of a scope that a record left it: (scope, id) to the number of the move."""
    at = stamp(now)
    rows = [
        {"org": org, "scope": scope, "id": id_, "seq": seq, "at": at} for (scope, id_), seq in moved.items()
    ]
    await _upsert(conn, tables.moved, rows)


async def save_operations(
    conn: AsyncConnection, org: str, device: str, now: datetime, operations: Sequence[Operation]
) -> None:
    """Adds to the operation table; a number that is there already is a fault and fails the transaction."""
    received_at = stamp(now)
    rows = [
        {
            "org": org,
            "device": device,
            "n": o.n,
            "person": o.person,
            "kind": o.kind,
            "id": o.id,
            "op": o.op,
            "at": o.at,
            "received_at": received_at,
            "skew_ms": o.skew_ms,
            "skew_error_ms": o.skew_error_ms,
            "payload": o.payload,
            "status": o.status,
            "code": o.code,
            "result": o.result,
            "event": o.event,
        }
        for o in operations
    ]
    await _insert(conn, tables.operation, rows, "")


async def save_head(conn: AsyncConnection, org: str, seq: int) -> None:
    """Moves the counter on; the caller holds the lock."""
    await conn.execute(text("UPDATE org SET seq = :seq WHERE id = :org"), {"org": org, "seq": seq})


async def save_device(
    conn: AsyncConnection, org: str, device: str, n: int, skew: Skew, now: datetime
) -> None:
    """Notes the last operation of a device, when it was here and how far its clock is behind."""
    await conn.execute(
        text(
            "UPDATE device SET n = :n, skew_ms = :skew, skew_error_ms = :error, last_seen = :at"
            " WHERE org = :org AND id = :id"
        ),
        {
            "org": org,
            "id": device,
            "n": n,
            "skew": skew.skew_ms,
            "error": skew.skew_error_ms,
            "at": stamp(now),
        },
    )


async def answers(
    conn: AsyncConnection, org: str, device: str, first: int, last: int
) -> dict[int, tuple[bytes, bytes]]:
    """Payload and stored answer of a device's operations by number."""
    found = await conn.execute(
        text(
            "SELECT n, payload, result FROM operation"
            " WHERE org = :org AND device = :device AND n BETWEEN :first AND :last"
        ),
        {"org": org, "device": device, "first": first, "last": last},
    )
    return {row.n: (row.payload, row.result) for row in found}


async def feed(
    conn: AsyncConnection, org: str, scopes: Sequence[str], after: int, upto: int, since: int, limit: int
) -> Sequence[Any]:
    """Stored rows of the scopes with `after` < seq ≤ `upto`, by seq; tombstones only above `since`."""
    query = _feed(len(scopes))
    found = await conn.execute(
        query,
        {"org": org, "after": after, "upto": upto, "since": since, "limit": limit}
        | {f"s{i}": scope for i, scope in enumerate(scopes)},
    )
    return found.all()


@cache
def _feed(scopes: int) -> TextClause:
    """One index range a scope, each cut at the limit, then merged: no more than limit × scopes rows read."""
    columns = "id, kind, scope, seq, rev, state, author, body, facts, log, missing, deleted, updated_at"
    one = (
        f"SELECT * FROM (SELECT {columns} FROM record WHERE org = :org AND scope = :s{{0}}"
        " AND seq > :after AND seq <= :upto AND NOT (deleted = 1 AND seq <= :since)"
        " ORDER BY seq LIMIT :limit) AS f{0}"
    )
    return text(" UNION ALL ".join(one.format(i) for i in range(scopes)) + " ORDER BY seq LIMIT :limit")


async def notices(
    conn: AsyncConnection,
    org: str,
    scopes: Sequence[str],
    mine: Sequence[str],
    after: int,
    upto: int,
    limit: int,
) -> list[tuple[str, int]]:
    """Ids that left the scopes with `after` < seq ≤ `upto` and are in none of `mine` now, by seq."""
    query = (
        f"SELECT m.id, m.seq FROM moved AS m WHERE m.org = :org AND m.scope {_any_of(conn, 'scopes')}"
        " AND m.seq > :after AND m.seq <= :upto AND NOT EXISTS (SELECT 1 FROM record AS r"
        f" WHERE r.org = m.org AND r.id = m.id AND r.deleted = 0 AND r.scope {_any_of(conn, 'mine')})"
        " ORDER BY m.seq LIMIT :limit"
    )
    found = await conn.execute(
        text(query),
        {
            "org": org,
            "scopes": _list(conn, list(scopes)),
            "mine": _list(conn, list(mine)),
            "after": after,
            "upto": upto,
            "limit": limit,
        },
    )
    return [(row.id, row.seq) for row in found]


async def versions(conn: AsyncConnection, org: str, scope: str) -> list[tuple[str, int, int]]:
    """(id, rev, seq) of the living records of a scope."""
    found = await conn.execute(
        text("SELECT id, rev, seq FROM record WHERE org = :org AND scope = :scope AND deleted = 0"),
        {"org": org, "scope": scope},
    )
    return [(row.id, row.rev, row.seq) for row in found]


async def purge(conn: AsyncConnection, org: str, before: datetime) -> int:
    """Removes tombstones and moved notices older than `before`; returns the new horizon.

    A reader below the horizon starts again, so it is raised in the same transaction.
    """
    await lock(conn, org)
    given = {"org": org, "before": stamp(before)}
    old = "SELECT max(seq) FROM {0} WHERE org = :org AND {1} < :before"
    tombstones = await conn.execute(text(old.format("record", "deleted = 1 AND updated_at")), given)
    left = await conn.execute(text(old.format("moved", "at")), given)
    horizon = max(tombstones.scalar() or 0, left.scalar() or 0, (await head(conn, org)).horizon)
    await conn.execute(
        text("DELETE FROM record WHERE org = :org AND deleted = 1 AND updated_at < :before"), given
    )
    await conn.execute(text("DELETE FROM moved WHERE org = :org AND at < :before"), given)
    await conn.execute(
        text("UPDATE org SET horizon = :horizon WHERE id = :org"), {"org": org, "horizon": horizon}
    )
    return horizon


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


async def _upsert(conn: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if c.name not in keys)
    await _insert(conn, table, rows, f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}")


async def _insert(conn: AsyncConnection, table: Table, rows: list[dict[str, Any]], conflict: str) -> None:
    """One statement for all rows: arrays on PostgreSQL, the driver's own loop on SQLite."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    into = f"INSERT INTO {table.name} ({', '.join(names)}) "
    if conn.dialect.name == "postgresql":
        arrays = ", ".join(
            f"CAST(:{c.name} AS {c.type.compile(conn.dialect).split(' COLLATE')[0]}[])" for c in table.columns
        )
        await conn.execute(
            text(f"{into}SELECT * FROM unnest({arrays}){conflict}"),
            {name: [row[name] for row in rows] for name in names},
        )
    else:
        values = ", ".join(f":{name}" for name in names)
        await conn.execute(text(f"{into}VALUES ({values}){conflict}"), rows)


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _any_of(conn: AsyncConnection, name: str) -> str:
    """A list as one parameter, so that the statement's text stays the same for any length."""
    if conn.dialect.name == "postgresql":
        return f"= ANY(CAST(:{name} AS text[]))"
    return f"IN (SELECT value FROM json_each(:{name}))"


def _list(conn: AsyncConnection, values: list[str]) -> Any:
    return values if conn.dialect.name == "postgresql" else _encode(values).decode()
