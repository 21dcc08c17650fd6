"""SQL of the exceptions: what one transaction could not take over, until a person settled it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import driver
from sync.tables import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Whose eyes read: scopes, and for what is nobody's record the person himself and `operator`s.

    `fields` are the kinds whose conflicts the reader settles in his scopes, `drafts` those in which he settles
    what he wrote.
    """

    org: str
    person: str
    scopes: Sequence[str]
    operator: bool
    fields: Sequence[str]
    drafts: Sequence[str]


@dataclass(frozen=True, slots=True)
class New:
    """An exception to be kept. `record` is empty when the sender has no record of that id."""

    n: int
    person: str
    record: str
    kind: str
    what: str


# A record that the reader may not look at, or none at all, is the sender's and the operators' business.
_SEEN = (
    "((r.id IS NOT NULL AND r.scope {scopes}) OR (r.id IS NULL AND (e.person = :person OR :operator = 1)))"
)
_MINE = (
    "((e.what = 'rejected' AND (e.person = :person OR :operator = 1))"
    " OR (e.what <> 'rejected' AND (r.kind {fields} OR (r.author = :person AND r.kind {drafts}))))"
)
_FROM = (
    " FROM exception AS e JOIN operation AS o ON o.org = e.org AND o.device = e.device AND o.n = e.n"
    " LEFT JOIN record AS r ON r.org = e.org AND r.id = e.record"
    " LEFT JOIN device AS d ON d.org = e.org AND d.id = e.device"
)
_WHAT = (
    "SELECT e.device, e.n, e.person, e.record, e.kind, e.what, e.received_at, e.settled_at, e.settled_by,"
    " e.settled_name, e.how, e.reason, d.name AS device_name, o.op, o.at, o.code, o.payload, o.result,"
    " r.id AS found, r.kind AS record_kind, r.scope, r.rev, r.state, r.author, r.body, r.fv, r.updated_at"
)


async def add(conn: AsyncConnection, org: str, device: str, now: datetime, new: Iterable[New]) -> None:
    """Keeps exceptions of one push."""
    rows = [
        {
            "org": org,
            "device": device,
            "n": one.n,
            "person": one.person,
            "record": one.record,
            "kind": one.kind,
            "what": one.what,
            "at": stamp(now),
        }
        for one in new
    ]
    if rows:
        await conn.execute(
            text(
                "INSERT INTO exception (org, device, n, person, record, kind, what, received_at)"
                " VALUES (:org, :device, :n, :person, :record, :kind, :what, :at)"
            ),
            rows,
        )


async def open_of_device(conn: AsyncConnection, org: str, device: str) -> Sequence[Any]:
    """(n, record, what, payload, result) of what this device left open, oldest first."""
    found = await conn.execute(
        text(
            "SELECT e.n, e.record, e.what, o.payload, o.result FROM exception AS e JOIN operation AS o"
            " ON o.org = e.org AND o.device = e.device AND o.n = e.n"
            " WHERE e.org = :org AND e.device = :device AND e.settled_at IS NULL ORDER BY e.n"
        ),
        {"org": org, "device": device},
    )
    return found.all()


async def settle(
    conn: AsyncConnection,
    org: str,
    device: str,
    n: int,
    now: datetime,
    *,
    by: str,
    name: str,
    how: str,
    reason: str,
) -> bool:
    """Marks an open exception; False when it is settled already. The caller holds the organisation's lock."""
    done = await conn.execute(
        text(
            "UPDATE exception SET settled_at = :at, settled_by = :by, settled_name = :name, how = :how,"
            " reason = :reason WHERE org = :org AND device = :device AND n = :n AND settled_at IS NULL"
        ),
        {
            "org": org,
            "device": device,
            "n": n,
            "at": stamp(now),
            "by": by,
            "name": name,
            "how": how,
            "reason": reason,
        },
    )
    return bool(done.rowcount)


async def page(
    conn: AsyncConnection,
    view: View,
    *,
    settled: bool,
    mine: bool,
    device: str | None,
    before: tuple[str, str, int] | None,
    limit: int,
) -> Sequence[Any]:
    """What the reader may see, newest first, older than `before`."""
    seen, given = _view(conn, view)
    query = f"{_WHAT}{_FROM} WHERE e.org = :org AND e.settled_at IS {'NOT NULL' if settled else 'NULL'} AND {seen}"
    if mine:
        query += f" AND {_mine(conn)}"
    if device is not None:
        query, given["device"] = query + " AND e.device = :device", device
    if before is not None:
        query += " AND (e.received_at, e.device, e.n) < (:before_at, :before_device, :before_n)"
        given |= {"before_at": before[0], "before_device": before[1], "before_n": before[2]}
    query += " ORDER BY e.received_at DESC, e.device DESC, e.n DESC LIMIT :limit"
    found = await conn.execute(text(query), {**given, "limit": limit})
    return found.all()


async def counts(conn: AsyncConnection, view: View) -> tuple[int, int]:
    """Open exceptions that the reader may see, and those that wait for him."""
    seen, given = _view(conn, view)
    query = (
        f"SELECT count(*), coalesce(sum(CASE WHEN {_mine(conn)} THEN 1 ELSE 0 END), 0){_FROM}"
        f" WHERE e.org = :org AND e.settled_at IS NULL AND {seen}"
    )
    found = (await conn.execute(text(query), given)).one()
    return int(found[0]), int(found[1])


async def one(conn: AsyncConnection, view: View, device: str, n: int) -> Any | None:
    """One exception, open or settled; None when there is none or the reader may not see it."""
    seen, given = _view(conn, view)
    found = await conn.execute(
        text(f"{_WHAT}{_FROM} WHERE e.org = :org AND e.device = :device AND e.n = :n AND {seen}"),
        {**given, "device": device, "n": n},
    )
    return found.one_or_none()


def _view(conn: AsyncConnection, view: View) -> tuple[str, dict[str, Any]]:
    seen = _SEEN.format(scopes=_any_of(conn, "scopes"))
    return seen, {
        "org": view.org,
        "person": view.person,
        "operator": int(view.operator),
        "scopes": _list(conn, list(view.scopes)),
        "fields": _list(conn, list(view.fields)),
        "drafts": _list(conn, list(view.drafts)),
    }


def _mine(conn: AsyncConnection) -> str:
    return _MINE.format(fields=_any_of(conn, "fields"), drafts=_any_of(conn, "drafts"))


def _any_of(conn: AsyncConnection, name: str) -> str:
    """A list as one parameter, so that the statement's text stays the same for any length."""
    if driver.postgresql(conn):
        return f"= ANY(CAST(:{name} AS text[]))"
    return f"IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 (a name of ours)


def _list(conn: AsyncConnection, values: list[str]) -> Any:
    return values if driver.postgresql(conn) else msgspec.json.encode(values).decode()
