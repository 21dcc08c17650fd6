"""Keeps the list's rows beside the records, in the transaction that writes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import evidence
from backend.db import chunks
from backend.lists.rows import KINDS, REGISTER, listed
from backend.lists.standing import SEEING, place, sighting
from backend.lists.tables import listing
from sync.records import Row
from sync.unit import Written

KEPT_APART = frozenset({"seen", "map_lat", "map_lon", "n"})
"""Columns that do not come from the row's own record."""
CONTROL = "control"


async def on_write(
    conn: AsyncConnection, org: str, written: Sequence[Written], now: datetime
) -> Mapping[str, Sequence[str]]:
    """What belongs beside records: the list's rows, and the links to photos, whose answer it gives."""
    await _keep(conn, org, [each.after for each in written if _concerns(each)])
    await _see(conn, org, written)
    await _move(conn, org, written)
    return await evidence.on_write(conn, org, written, now)


def _concerns(each: Written) -> bool:
    """Drafts, the bulk of what phones send, are neither in the list nor were."""
    if each.after.kind not in KINDS:
        return False
    return each.after.state != "draft" or (each.before is not None and each.before.state != "draft")


async def _keep(conn: AsyncConnection, org: str, rows: Sequence[Row]) -> None:
    wanted = {row.id: listed(row) for row in rows}
    gone = [id_ for id_, line in wanted.items() if line is None]
    for chunk in chunks(gone):
        await conn.execute(listing.delete().where(listing.c.org == org, listing.c.id.in_(chunk)))
    lines = [line for line in wanted.values() if line is not None]
    await put(conn, lines)
    for chunk in chunks([line["id"] for line in lines if line["shelf"] == "work"]):
        await conn.execute(
            listing.update().where(listing.c.org == org, listing.c.id.in_(chunk)).values(on_the_map())
        )


async def _move(conn: AsyncConnection, org: str, written: Sequence[Written]) -> None:
    """Records go with the things that they are about."""
    moved = [
        each.after
        for each in written
        if each.before is not None
        and each.after.kind in REGISTER
        and (place(each.before) != place(each.after) or each.before.deleted != each.after.deleted)
    ]
    for thing in moved:
        await conn.execute(
            listing.update()
            .where(
                listing.c.org == org,
                listing.c.shelf == "work",
                listing.c.subject == thing.id,
                listing.c.scope.in_((thing.scope, CONTROL)),
            )
            .values(on_the_map())
        )


def on_the_map() -> dict[str, sa.ColumnElement[float | None]]:
    """Where a row of work stands: with its thing, if that is of its own scope or it is of those who control; else at
    its own place. So nobody learns by his own record where a thing stands that he may not see.
    """
    thing = listing.alias("thing")

    def of(name: str) -> sa.ColumnElement[float | None]:
        found = sa.select(thing.c[name]).where(
            thing.c.org == listing.c.org,
            thing.c.id == listing.c.subject,
            thing.c.shelf == "register",
            sa.or_(thing.c.scope == listing.c.scope, listing.c.scope == CONTROL),
        )
        return sa.func.coalesce(found.scalar_subquery(), listing.c[name])

    return {"map_lat": of("lat"), "map_lon": of("lon")}


async def _see(conn: AsyncConnection, org: str, written: Sequence[Written]) -> None:
    """When the things that these records looked at were last seen, by what stands of all their records."""
    things: set[str] = set()
    for each in written:
        before, after = sighting(each.before), sighting(each.after)
        if before != after:
            things |= {seen[0] for seen in (before, after) if seen}
    for chunk in chunks(sorted(things)):
        await conn.execute(
            listing.update().where(listing.c.org == org, listing.c.id.in_(chunk)).values(seen=last_seen())
        )


def last_seen() -> sa.ColumnElement[str]:
    """Of a row of the register: the latest record of its own scope that looked at it."""
    work = listing.alias("work")
    latest = sa.select(sa.func.max(work.c.at)).where(
        work.c.org == listing.c.org,
        work.c.shelf == "work",
        work.c.scope == listing.c.scope,
        work.c.subject == listing.c.id,
        work.c.kind.in_(SEEING),
        work.c.state.in_(("submitted", "accepted")),
    )
    return sa.func.coalesce(latest.scalar_subquery(), "")


async def put(conn: AsyncConnection, lines: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows of the list, in place of what was there."""
    if lines:
        await conn.execute(_upsert(conn.dialect.name), list(lines))


def _upsert(dialect: str) -> sa.Insert:
    insert = sqlite.insert(listing) if dialect == "sqlite" else postgresql.insert(listing)
    changed = {
        c.name: insert.excluded[c.name]
        for c in listing.columns
        if not c.primary_key and c.name not in KEPT_APART
    }
    return insert.on_conflict_do_update(index_elements=["org", "id"], set_=changed)
