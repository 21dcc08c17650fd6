"""Which record shows which photo: links between `sync` and `media`, which do not know each other.

A link is made when a record that names the photo is stored; `stored` says that its bytes are here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from media.tables import photo
from sync.caller import Caller
from sync.push import Engine, Row
from sync.tables import record

metadata = sa.MetaData()

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("stored", sa.Boolean, nullable=False),
    sa.Index("evidence_photo", "org", "sha256"),
)


def photos_of(row: Row) -> dict[str, str]:
    """SHA-256 → role of every photo that the record or one of its events names, in order."""
    found: dict[str, str] = {}
    for source in (row.body, *(entry.data for entry in row.log)):
        for ref in _references(source):
            found.setdefault(ref["sha256"], ref["role"])
    return found


def _references(source: Any) -> Iterator[Mapping[str, Any]]:
    photos = source.get("photos") if isinstance(source, Mapping) else None
    if isinstance(photos, list):
        yield from (ref for ref in photos if isinstance(ref, Mapping) and "sha256" in ref and "role" in ref)


async def on_write(
    conn: AsyncConnection, org: str, rows: Sequence[Row], now: datetime
) -> Mapping[str, Sequence[str]]:
    """Bring the links of these records up to date. Gives, by record, the photos that have not arrived."""
    wanted = {row.id: ({} if row.deleted else photos_of(row)) for row in rows}
    linked: dict[str, dict[str, bool]] = {row.id: {} for row in rows}
    for chunk in _chunks(list(linked)):
        for link in await conn.execute(
            sa.select(evidence.c.record, evidence.c.sha256, evidence.c.stored).where(
                evidence.c.org == org, evidence.c.record.in_(chunk)
            )
        ):
            linked[link.record][link.sha256] = link.stored
    unknown = {sha for id_, photos in wanted.items() for sha in photos if not linked[id_].get(sha)}
    arrived: set[str] = set()
    for chunk in _chunks(sorted(unknown)):
        arrived.update(
            await conn.scalars(sa.select(photo.c.sha256).where(photo.c.org == org, photo.c.sha256.in_(chunk)))
        )
    new = [
        {"org": org, "record": id_, "sha256": sha, "role": role, "stored": sha in arrived}
        for id_, photos in wanted.items()
        for sha, role in photos.items()
        if sha not in linked[id_]
    ]
    if new:
        await conn.execute(evidence.insert(), new)
    for id_, photos in wanted.items():
        for sha in linked[id_].keys() - photos.keys():
            await conn.execute(
                evidence.delete().where(
                    evidence.c.org == org, evidence.c.record == id_, evidence.c.sha256 == sha
                )
            )
    return {
        id_: [sha for sha in photos if not linked[id_].get(sha) and sha not in arrived]
        for id_, photos in wanted.items()
    }


def _chunks(values: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """SQLite bounds the number of parameters of one statement."""
    return (values[i : i + size] for i in range(0, len(values), size))


@dataclass(frozen=True)
class Evidence:
    """What the application answers and does for `media`: its hooks `may_see` and `on_stored`."""

    engine: Engine

    async def on_stored(self, conn: AsyncConnection, org: str, sha256: str, now: datetime) -> None:
        """A photo's bytes arrived: mark its links and give the records a new revision.

        The organisation's lock is taken before links are read: a push that adds one at the same time is
        either before us, and its link is marked here, or after us, and finds the photo.
        """
        await self.engine.touch(conn, org, now, {})
        records = list(
            await conn.scalars(
                sa.update(evidence)
                .where(evidence.c.org == org, evidence.c.sha256 == sha256, evidence.c.stored.is_(False))
                .values(stored=True)
                .returning(evidence.c.record)
            )
        )
        if not records:
            return
        missing: dict[str, list[str]] = {id_: [] for id_ in records}
        for chunk in _chunks(records):
            for link in await conn.execute(
                sa.select(evidence.c.record, evidence.c.sha256)
                .where(evidence.c.org == org, evidence.c.record.in_(chunk), evidence.c.stored.is_(False))
                .order_by(evidence.c.sha256)
            ):
                missing[link.record].append(link.sha256)
        await self.engine.touch(conn, org, now, missing)

    async def may_see(self, conn: AsyncConnection, caller: Any, sha256: str) -> bool:
        """Whether a living record in one of the caller's scopes names the photo."""
        if not isinstance(caller, Caller):
            raise TypeError("may_see needs the application's caller")
        found = await conn.scalar(
            sa.select(sa.literal(1))
            .select_from(
                evidence.join(record, (record.c.org == evidence.c.org) & (record.c.id == evidence.c.record))
            )
            .where(
                evidence.c.org == caller.org,
                evidence.c.sha256 == sha256,
                record.c.deleted == 0,
                record.c.scope.in_(caller.scopes),
            )
            .limit(1)
        )
        return found is not None
