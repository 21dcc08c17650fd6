"""Where is my record: one answer for a record, an event, an operation (`device:n`) or a photo's hash.

`sync.where` knows records and operations, `evidence` which photos they name, `media` which of those are here.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from backend.evidence import evidence
from backend.problems import AppError
from media.tables import holder, photo
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
    device_name: str | None
    announced_at: str | None


class Photos(msgspec.Struct):
    """Photos that the record and its events name, and how many of them are here."""

    named: int
    here: int
    missing: list[MissingPhoto]


class OnePhoto(msgspec.Struct):
    """A photo asked for by its hash. `records`: kind and id of those that name it and the caller may see."""

    sha256: str
    stored_at: datetime | None
    size: int | None
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
    since: str


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
    roles = {link.sha256: link.role for link in named if not link.stored}
    first = await where.announced(conn, caller.org, {id_: roles}) if roles and row is not None else {}
    return Photos(
        named=len(named),
        here=sum(1 for link in named if link.stored),
        missing=[_missing(caller, sha, role, first.get((id_, sha))) for sha, role in sorted(roles.items())],
    )


def _missing(caller: Caller, sha256: str, role: str, op: Any) -> MissingPhoto:
    if op is None or not (CONTROL in caller.scopes or op.person == caller.person):
        return MissingPhoto(sha256, role, None, None, None)
    return MissingPhoto(sha256, role, op.device, op.device_name, op.received_at)


async def _photo(conn: AsyncConnection, caller: Caller, sha256: str) -> Where | None:
    naming = list(
        await conn.scalars(
            sa.select(evidence.c.record)
            .where(evidence.c.org == caller.org, evidence.c.sha256 == sha256)
            .limit(MOST)
        )
    )
    rows = await store.load(conn, caller.org, naming)
    seen = [row for row in rows.values() if row.scope in caller.scopes and not row.deleted]
    stored: Any = (
        await conn.execute(
            sa.select(photo.c.stored_at, photo.c.size).where(
                photo.c.org == caller.org, photo.c.sha256 == sha256
            )
        )
    ).one_or_none()
    mine = await conn.scalar(
        sa.select(holder.c.person).where(
            holder.c.org == caller.org, holder.c.sha256 == sha256, holder.c.person == caller.person
        )
    )
    if not seen and mine is None:
        return None
    return Where(
        asked=sha256,
        id=sha256,
        kind="photo",
        state="photo_here" if stored else "photo_missing",
        here=None,
        deleted=None,
        steps=[],
        photos=None,
        photo=OnePhoto(
            sha256,
            stored.stored_at if stored else None,
            stored.size if stored else None,
            sorted((row.kind, row.id) for row in seen),
        ),
    )


@get("/waiting", operation_id="WaitingPhotos", summary="Photos that devices have announced and not sent")
async def waiting(
    caller: NamedDependency[SkipValidation[Caller]], db: NamedDependency[SkipValidation[Database]]
) -> Waiting:
    """Of records in the caller's scopes; who does not control learns only of the own devices."""
    async with db.read() as conn:
        links = await conn.execute(
            sa.select(evidence.c.record, evidence.c.sha256)
            .select_from(
                evidence.join(record, (record.c.org == evidence.c.org) & (record.c.id == evidence.c.record))
            )
            .where(
                evidence.c.org == caller.org,
                evidence.c.stored.is_(False),
                record.c.deleted == 0,
                record.c.scope.in_(caller.scopes),
            )
            .limit(MOST)
        )
        missing: dict[str, list[str]] = {}
        for link in links:
            missing.setdefault(link.record, []).append(link.sha256)
        first = await where.announced(conn, caller.org, missing)
    return Waiting(_by_device(caller, first))


def _by_device(caller: Caller, first: Mapping[tuple[str, str], Any]) -> list[Announced]:
    devices: dict[str, list[tuple[str, str]]] = {}
    for (id_, _), op in first.items():
        if CONTROL in caller.scopes or op.person == caller.person:
            devices.setdefault(op.device, []).append((id_, op.received_at))
    return [_announced(device_, of) for device_, of in sorted(devices.items())]


def _announced(device_: str, of: Sequence[tuple[str, str]]) -> Announced:
    return Announced(device_, len(of), len({id_ for id_, _ in of}), min(at for _, at in of))


def router() -> Router:
    """Beside the engine's own routes: these need photos, which `sync` does not know."""
    return Router("/api/v1/sync", route_handlers=[where_is, waiting], tags=["sync"])
