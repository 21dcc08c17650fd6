"""Where is my record: one answer for a record, an event, an operation (`device:n`) or a photo's hash.

`sync.where` knows records and operations, `evidence` which photos they name, `media` which of those are here.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from backend.evidence import evidence
from backend.problems import AppError
from media.tables import holder
from sync import store, where
from sync.caller import Caller
from sync.push import Engine
from sync.records import Row
from sync.tables import record
from sync.where import CONTROL, Deleted, Here, Step

_SHA256 = re.compile("[0-9a-f]{64}")
MOST = 2000


class MissingPhoto(msgspec.Struct):
    """A photo that a record names and the server has not; `device` announced it, None when it may not be told."""

    sha256: str
    role: str
    device: str | None
    announced_at: datetime | None


class Photos(msgspec.Struct):
    """Photos that the record and its events name, and how many of them are here."""

    named: int
    here: int
    missing: list[MissingPhoto]


class OnePhoto(msgspec.Struct):
    """A photo asked for by its hash. `sent_at`: when the caller's own upload was complete; `records`: kind and id
    of those that name it and the caller may see.
    """

    sha256: str
    sent_at: datetime | None
    records: list[tuple[str, str]]


class Where(msgspec.Struct, kw_only=True):
    """`state` says it in a word: here, rejected, conflict, deleted, moved; photo_here, photo_missing."""

    asked: str
    id: str
    kind: str
    state: str
    here: Here | None
    deleted: Deleted | None
    steps: list[Step]
    photos: Photos | None
    photo: OnePhoto | None


class Announced(msgspec.Struct):
    """Photos that a device announced and the server has not, and since when the first of them is awaited."""

    device: str
    photos: int
    records: int
    since: datetime


class Waiting(msgspec.Struct):
    devices: list[Announced]


@get("/where/{id:str}", operation_id="Where", summary="Where a record, event, photo or operation is")
async def where_is(
    id: FromPath[str],  # noqa: A002 (the word of the protocol)
    caller: NamedDependency[SkipValidation[Caller]],
    db: NamedDependency[SkipValidation[Database]],
    engine: NamedDependency[SkipValidation[Engine]],
) -> Where:
    """`id` is a record's or an event's id, a photo's SHA-256, or `device:n`. 404 `not_found` for what was never
    here and for what the caller may not know of, alike.
    """
    async with db.read() as conn:
        found = (
            await _photo(conn, caller, id)
            if _SHA256.fullmatch(id)
            else await _record(conn, engine, caller, id)
        )
    if found is None:
        raise AppError("not_found")
    return found


async def _record(conn: AsyncConnection, engine: Engine, caller: Caller, asked: str) -> Where | None:
    answer = await where.find(conn, engine.kinds, caller, asked)
    found, row = answer or (None, None)
    photos = await _photos(conn, caller, row, found.id if found else asked)
    if found is None:
        return None
    return Where(
        asked=asked,
        id=found.id,
        kind=found.kind,
        state=found.state,
        here=found.here,
        deleted=found.deleted,
        steps=found.steps,
        photos=photos if found.here else None,
        photo=None,
    )


async def _photos(conn: AsyncConnection, caller: Caller, row: Row | None, id_: str) -> Photos:
    named = (
        await conn.execute(
            sa.select(evidence.c.sha256, evidence.c.role, evidence.c.stored).where(
                evidence.c.org == caller.org, evidence.c.record == id_
            )
        )
    ).all()
    return Photos(
        named=len(named),
        here=sum(1 for link in named if link.stored),
        missing=[
            _missing(caller, row, link.sha256, link.role)
            for link in sorted(named, key=lambda link: link.sha256)
            if row is not None and not link.stored
        ],
    )


def _missing(caller: Caller, row: Row, sha256: str, role: str) -> MissingPhoto:
    first = announcer(row, sha256)
    if first is None or not (CONTROL in caller.scopes or first.person == caller.person):
        return MissingPhoto(sha256, role, None, None)
    return MissingPhoto(sha256, role, first.device, first.at)


class Announcer(NamedTuple):
    """Who named a photo, on which device, and when the server learnt of it as far as the record tells."""

    device: str
    person: str | None
    at: datetime | None


def announcer(row: Row, sha256: str) -> Announcer | None:
    """Events keep their photos with device and receipt; of the body's list the record knows its last writer."""
    for entry in row.log:
        if _names(entry.data, sha256):
            return Announcer(entry.device, entry.by, entry.received_at)
    if not _names(row.body, sha256) or "photos" not in row.fv:
        return None
    rev, device = row.fv["photos"]
    first = rev % store.LOST_REVS == 1  # of its epoch
    at = row.created_at if first else row.updated_at if rev == row.rev else None
    return Announcer(device, row.author, at)


def _names(source: Mapping[str, Any], sha256: str) -> bool:
    photos = source.get("photos")
    return isinstance(photos, list) and any(
        isinstance(photo, dict) and photo.get("sha256") == sha256 for photo in photos
    )


async def _photo(conn: AsyncConnection, caller: Caller, sha256: str) -> Where | None:
    """By the records that the caller sees and by what the caller sent: what others hold of it tells nothing here."""
    seen = (
        await conn.execute(
            sa.select(record.c.kind, record.c.id, evidence.c.stored)
            .select_from(
                evidence.join(record, (record.c.org == evidence.c.org) & (record.c.id == evidence.c.record))
            )
            .where(
                evidence.c.org == caller.org,
                evidence.c.sha256 == sha256,
                record.c.deleted == 0,
                record.c.scope.in_(caller.scopes),
            )
            .limit(MOST)
        )
    ).all()
    sent_at = await conn.scalar(
        sa.select(holder.c.at).where(
            holder.c.org == caller.org, holder.c.sha256 == sha256, holder.c.person == caller.person
        )
    )
    if not seen and sent_at is None:
        return None
    here = sent_at is not None or any(row.stored for row in seen)
    return Where(
        asked=sha256,
        id=sha256,
        kind="photo",
        state="photo_here" if here else "photo_missing",
        here=None,
        deleted=None,
        steps=[],
        photos=None,
        photo=OnePhoto(sha256, sent_at, sorted((row.kind, row.id) for row in seen)),
    )


@get("/waiting", operation_id="WaitingPhotos", summary="Photos that devices have announced and not sent")
async def waiting(
    caller: NamedDependency[SkipValidation[Caller]], db: NamedDependency[SkipValidation[Database]]
) -> Waiting:
    """Of records in the caller's scopes; who does not control learns only of the own devices."""
    async with db.read() as conn:
        return Waiting(await announced(conn, caller))


def awaited(caller: Caller) -> sa.Select[tuple[str, str]]:
    """Which photos of which records in the caller's scopes have not come: the first 2,000."""
    return (
        sa.select(evidence.c.record, evidence.c.sha256)
        .select_from(
            evidence.join(record, (record.c.org == evidence.c.org) & (record.c.id == evidence.c.record))
        )
        .where(
            evidence.c.org == caller.org,
            sa.not_(evidence.c.stored),
            record.c.deleted == 0,
            record.c.scope.in_(caller.scopes),
        )
        .limit(MOST)
    )


async def announced(conn: AsyncConnection, caller: Caller) -> list[Announced]:
    """By device, the photos that records in the caller's scopes name and the server has not; of the first 2,000."""
    links = await conn.execute(awaited(caller))
    missing: dict[str, list[str]] = {}
    for link in links:
        missing.setdefault(link.record, []).append(link.sha256)
    found = await store.load(conn, caller.org, missing)
    devices: dict[str, list[Row]] = {}
    for id_, row in found.items():
        for sha256 in missing[id_]:
            first = announcer(row, sha256)
            if first is not None and (CONTROL in caller.scopes or first.person == caller.person):
                devices.setdefault(first.device, []).append(row)
    return [_announced(device, rows) for device, rows in sorted(devices.items())]


def _announced(device: str, rows: Sequence[Row]) -> Announced:
    """`rows` has a record once for each of its photos."""
    return Announced(device, len(rows), len({row.id for row in rows}), min(row.created_at for row in rows))


def router() -> Router:
    """Beside the engine's own routes: these need photos, which `sync` does not know."""
    return Router("/api/v1/sync", route_handlers=[where_is, waiting], tags=["sync"])
