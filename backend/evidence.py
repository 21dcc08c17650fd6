"""Which record shows which photo: links between `sync` and `media`, which do not know each other.

A link is made when a record that names the photo is stored; `stored` says that its bytes are here, sent by one of
those who named it: `person`. Bytes that somebody else sent do not count. Else a record that only names a hash would
tell whether a colleague of another office has that photo, and show it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import chunks
from media.tables import holder
from sync import store
from sync.caller import Caller
from sync.push import Engine, Row
from sync.tables import record
from sync.unit import Written

metadata = sa.MetaData()

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("stored", sa.Boolean, nullable=False),
    sa.Column("person", sa.Text),  # who sent the bytes, once they are stored
    sa.Index("evidence_photo", "org", "sha256"),
    sa.Index(  # what has not come yet
        "evidence_missing",
        "org",
        "record",
        postgresql_where=sa.text("NOT stored"),
        sqlite_where=sa.text("stored = 0"),
    ),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A photo's role in a record, and who named it there; the server (None) trusts everybody's bytes."""

    role: str
    by: frozenset[str | None]

    def sent_by(self, holders: Sequence[str]) -> str | None:
        """The first of the holders whose bytes count here."""
        return next((person for person in holders if None in self.by or person in self.by), None)


def photos_of(row: Row) -> dict[str, Claim]:
    """Every photo that the record or one of its events names, by SHA-256, in order."""
    found: dict[str, Claim] = {}
    for ref, by in mentions(row):
        known = found.get(ref["sha256"], Claim(ref["role"], frozenset()))
        found[ref["sha256"]] = Claim(known.role, known.by | {by})
    return found


def mentions(row: Row) -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """Every mention of a photo in the record or one of its events, and who made it, in order."""
    yield from ((ref, row.author) for ref in _references(row.body))
    for entry in row.log:
        yield from ((ref, entry.by) for ref in (*_references(entry.data), *_amended(entry.data)))


def _names_any(row: Row | None) -> bool:
    """Whether a record may name photos at all; most do not, and this is asked of every one that is written."""
    if row is None:
        return False
    return "photos" in row.body or (bool(row.log) and any("photos" in entry.data for entry in row.log))


def _shown(row: Row | None) -> dict[str, Claim]:
    return {} if row is None or row.deleted else photos_of(row)


def _references(source: Any) -> Iterator[Mapping[str, Any]]:
    photos = source.get("photos") if isinstance(source, Mapping) else None
    if isinstance(photos, list):
        yield from (ref for ref in photos if isinstance(ref, Mapping) and "sha256" in ref and "role" in ref)


def _amended(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The photos that an amendment brought; the log lists them with those that were there already."""
    known = {ref["sha256"] for ref in _references(data.get("before"))}
    return [ref for ref in _references(data.get("changes")) if ref["sha256"] not in known]


async def on_write(
    conn: AsyncConnection, org: str, written: Sequence[Written], now: datetime
) -> Mapping[str, Sequence[str]]:
    """Bring the links of these records up to date. Gives, by record, the photos that have not arrived."""
    before = {each.after.id: _shown(each.before) for each in written if _names_any(each.before)}
    named = [each.after for each in written if each.after.id in before or _names_any(each.after)]
    if not named:
        return {}
    wanted = {row.id: _shown(row) for row in named}
    linked: dict[str, dict[str, bool]] = {id_: {} for id_ in wanted}
    for chunk in chunks(list(before)):
        for link in await conn.execute(
            sa.select(evidence.c.record, evidence.c.sha256, evidence.c.stored).where(
                evidence.c.org == org, evidence.c.record.in_(chunk)
            )
        ):
            linked[link.record][link.sha256] = link.stored
    unknown = {sha for id_, photos in wanted.items() for sha in photos if not linked[id_].get(sha)}
    holders = await _holders(conn, org, unknown)
    arrived = {
        (id_, sha): person
        for id_, photos in wanted.items()
        for sha, claim in photos.items()
        if not linked[id_].get(sha) and (person := claim.sent_by(holders.get(sha, ())))
    }
    new = [
        {
            "org": org,
            "record": id_,
            "sha256": sha,
            "role": claim.role,
            "stored": (id_, sha) in arrived,
            "person": arrived.get((id_, sha)),
        }
        for id_, photos in wanted.items()
        for sha, claim in photos.items()
        if sha not in linked[id_]
    ]
    if new:
        await conn.execute(evidence.insert(), new)
    for (id_, sha), person in arrived.items():
        if sha in linked[id_]:  # named before by another, whose bytes never came
            await conn.execute(_link(org, id_, sha).values(stored=True, person=person))
    for id_, photos in wanted.items():
        for sha in linked[id_].keys() - photos.keys():
            await conn.execute(
                evidence.delete().where(
                    evidence.c.org == org, evidence.c.record == id_, evidence.c.sha256 == sha
                )
            )
    return {
        id_: [sha for sha in photos if not linked[id_].get(sha) and (id_, sha) not in arrived]
        for id_, photos in wanted.items()
    }


async def _holders(conn: AsyncConnection, org: str, hashes: Iterable[str]) -> Mapping[str, list[str]]:
    """Who has sent all bytes of these photos, the earliest first."""
    found: dict[str, list[str]] = {}
    for chunk in chunks(sorted(hashes)):
        for row in await conn.execute(
            sa.select(holder.c.sha256, holder.c.person)
            .where(holder.c.org == org, holder.c.sha256.in_(chunk))
            .order_by(holder.c.at, holder.c.person)
        ):
            found.setdefault(row.sha256, []).append(row.person)
    return found


def _link(org: str, record_id: str, sha256: str) -> sa.Update:
    return sa.update(evidence).where(
        evidence.c.org == org, evidence.c.record == record_id, evidence.c.sha256 == sha256
    )


async def _missing(conn: AsyncConnection, org: str, records: Sequence[str]) -> dict[str, list[str]]:
    """By record, the photos whose bytes are not here."""
    missing: dict[str, list[str]] = {id_: [] for id_ in records}
    for chunk in chunks(records):
        for link in await conn.execute(
            sa.select(evidence.c.record, evidence.c.sha256)
            .where(evidence.c.org == org, evidence.c.record.in_(chunk), sa.not_(evidence.c.stored))
            .order_by(evidence.c.sha256)
        ):
            missing[link.record].append(link.sha256)
    return missing


@dataclass(frozen=True)
class Evidence:
    """What the application answers and does for `media`: its hooks `shown_by` and `on_stored`."""

    engine: Engine

    async def on_stored(
        self, conn: AsyncConnection, org: str, sent: Sequence[tuple[str, str]], now: datetime
    ) -> None:
        """Photos (SHA-256) of which a person has sent all bytes: mark the links that wait for his, and give the
        records a new revision.

        The organisation's lock is taken before links are read: a push that adds one at the same time is
        either before us, and its link is marked here, or after us, and finds the photo. Records that wait for
        another's bytes are read and left alone: it takes as long whether there are any or not.
        """
        await self.engine.touch(conn, org, now, {})
        people: dict[str, list[str]] = {}
        for sha256, holder_ in sent:
            people.setdefault(sha256, []).append(holder_)
        waiting = (
            await conn.execute(
                sa.select(evidence.c.record, evidence.c.sha256).where(
                    evidence.c.org == org, evidence.c.sha256.in_(list(people)), evidence.c.stored.is_(False)
                )
            )
        ).all()
        rows = await store.load(conn, org, dict.fromkeys(link.record for link in waiting))
        claims = {id_: photos_of(row) for id_, row in rows.items()}
        marked: dict[str, None] = {}
        for link in waiting:
            claim = claims.get(link.record, {}).get(link.sha256)
            if claim and (person := claim.sent_by(people[link.sha256])):
                await conn.execute(_link(org, link.record, link.sha256).values(stored=True, person=person))
                marked[link.record] = None
        if marked:
            await self.engine.touch(conn, org, now, await _missing(conn, org, list(marked)))

    async def on_lost(self, conn: AsyncConnection, org: str, photos: Sequence[str], now: datetime) -> int:
        """Stored bytes are gone: the records that show them say so, as a new revision. Gives their number."""
        await self.engine.touch(conn, org, now, {})
        records: set[str] = set()
        for chunk in chunks(photos):
            records.update(
                await conn.scalars(
                    sa.update(evidence)
                    .where(evidence.c.org == org, evidence.c.sha256.in_(chunk), evidence.c.stored.is_(True))
                    .values(stored=False, person=None)
                    .returning(evidence.c.record)
                )
            )
        if records:
            await self.engine.touch(conn, org, now, await _missing(conn, org, sorted(records)))
        return len(records)

    async def shown_by(self, conn: AsyncConnection, caller: Any, sha256: str) -> frozenset[str]:
        """By whose bytes living records in the caller's scopes show the photo; empty: he may not see it."""
        if not isinstance(caller, Caller):
            raise TypeError("shown_by needs the application's caller")
        found = await conn.scalars(
            sa.select(evidence.c.person)
            .select_from(
                evidence.join(record, (record.c.org == evidence.c.org) & (record.c.id == evidence.c.record))
            )
            .where(
                evidence.c.org == caller.org,
                evidence.c.sha256 == sha256,
                evidence.c.stored.is_(True),
                record.c.deleted == 0,
                record.c.scope.in_(caller.scopes),
            )
        )
        return frozenset(person for person in found if person is not None)
