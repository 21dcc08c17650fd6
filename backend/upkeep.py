"""What a company's records need from time to time: old tombstones go, photos lost from the store are sent again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from backend import audit
from backend.clock import Clock
from backend.db import Database
from backend.evidence import Evidence
from media.service import Media
from sync import store
from sync.tables import moved, org, record, stamp

log = structlog.get_logger("upkeep")


async def purge(db: Database, clock: Clock, days: int) -> int:
    """Removes tombstones and notices older than `days`; gives the number of organisations that had some.

    A reader that has not been here for so long starts its base again, see `sync.store.purge`.
    """
    before = clock() - timedelta(days=days)
    async with db.read() as conn:
        old = [
            id_ for id_ in list(await conn.scalars(sa.select(org.c.id))) if await _has_old(conn, id_, before)
        ]
    for id_ in old:
        async with db.write() as conn:
            await store.purge(conn, id_, before)
            await audit.append(conn, clock(), id_, "org.tombstones_purged", facts={"before": stamp(before)})
        log.info("tombstones.purged", org=id_, before=stamp(before))
    return len(old)


async def _has_old(conn: Any, id_: str, before: datetime) -> bool:
    """Looked up without the organisation's lock, which a purge takes from those who push."""
    tombstone = sa.select(sa.literal(1)).where(
        record.c.org == id_, record.c.deleted == 1, record.c.updated_at < stamp(before)
    )
    notice = sa.select(sa.literal(1)).where(moved.c.org == id_, moved.c.at < stamp(before))
    return await conn.scalar(tombstone.limit(1)) is not None or await conn.scalar(notice.limit(1)) is not None


async def lost_photos(db: Database, media: Media) -> Mapping[str, Sequence[str]]:
    """By organisation, photos that the database names and the store has not got."""
    async with db.read() as conn:
        orgs = list(await conn.scalars(sa.select(org.c.id)))
    found = {id_: [sha256 async for sha256 in media.lost(id_)] for id_ in orgs}
    return {id_: photos for id_, photos in found.items() if photos}


async def ask_again(
    db: Database, clock: Clock, media: Media, evidence: Evidence, lost: Mapping[str, Sequence[str]]
) -> int:
    """The records that show these photos say from now on that they are missing; phones that still have the bytes
    send them again. Gives the number of records.
    """
    records = 0
    for id_, photos in lost.items():
        async with db.write() as conn:
            await media.forget(conn, id_, photos)
            records += await evidence.on_lost(conn, id_, photos, clock())
            await audit.append(conn, clock(), id_, "photos.asked_again", facts={"photos": len(photos)})
    return records
