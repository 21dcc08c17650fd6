"""Keeps the list's rows beside the records, in the transaction that writes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import evidence
from backend.db import chunks
from backend.lists.rows import KINDS, listed
from backend.lists.standing import SEEING, sighting
from backend.lists.tables import listing
from sync.records import Row
from sync.unit import Written


async def on_write(
    conn: AsyncConnection, org: str, written: Sequence[Written], now: datetime
) -> Mapping[str, Sequence[str]]:
    """What belongs beside records: the list's rows, and the links to photos, whose answer it gives."""
    await _keep(conn, org, [each.after for each in written if _concerns(each)])
    await _see(conn, org, written)
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
    await put(conn, [line for line in wanted.values() if line is not None])


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
        c.name: insert.excluded[c.name] for c in listing.columns if not c.primary_key and c.name != "seen"
    }
    return insert.on_conflict_do_update(index_elements=["org", "id"], set_=changed)
