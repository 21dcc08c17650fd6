"""The same picture in two records: what a reviewer is told of it.

Told of: records that he may read, and that there is one in another unit. Never told of: what lies in `control` or is
one person's own, where he may not read it. Else a station could learn of an unannounced visit by its photos.
"""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database, chunks
from backend.evidence import evidence, mentions
from backend.problems import AppError
from media import reuse
from sync import store
from sync.caller import Caller
from sync.records import Row
from sync.tables import record

REVIEWERS = frozenset({"supervisor", "leader", "admin", "auditor"})
COPIES = ("violation", "entry")  # what the server made out of a finding, with its photos
MOST = 50  # records named for one photo


class Elsewhere(msgspec.Struct, frozen=True):
    """A record that shows the picture too. `sha256` is its photo; `share` of the picture's pieces are the same, 1 for
    the same file; `taken_at` is what its phone told.
    """

    record: str
    kind: str
    state: str
    unit: str | None
    author: str | None
    sha256: str
    role: str
    taken_at: str | None
    share: float
    mirrored: bool


class Reused(msgspec.Struct, frozen=True):
    """A photo of the record whose picture stands in others; `hidden`: in some of another unit too."""

    sha256: str
    elsewhere: list[Elsewhere]
    hidden: bool


class ReusedPhotos(msgspec.Struct, frozen=True):
    photos: list[Reused]


@get("/records/{id:str}/reused", operation_id="ReusedPhotos", summary="Photos that other records show too")
async def reused_photos(
    id: FromPath[str],  # noqa: A002 (the word of the protocol)
    caller: NamedDependency[SkipValidation[Caller]],
    db: NamedDependency[SkipValidation[Database]],
) -> ReusedPhotos:
    """For reviewers: the same file in another record, and photos with the same picture in them, however they were
    cut, mirrored or written on. 404 `not_found` for a record that the caller may not read.
    """
    if not caller.roles & REVIEWERS:
        raise AppError("forbidden")
    async with db.read() as conn:
        found = await find(conn, caller, id)
    if found is None:
        raise AppError("not_found")
    return ReusedPhotos(found)


async def find(conn: AsyncConnection, caller: Caller, id_: str) -> list[Reused] | None:
    """None when there is no such record for the caller."""
    own = await conn.scalar(
        sa.select(record.c.id).where(
            record.c.org == caller.org,
            record.c.id == id_,
            record.c.deleted == 0,
            record.c.scope.in_(caller.scopes),
        )
    )
    if own is None:
        return None
    mine = list(
        await conn.scalars(
            sa.select(evidence.c.sha256)
            .where(evidence.c.org == caller.org, evidence.c.record == id_, evidence.c.stored.is_(True))
            .order_by(evidence.c.sha256)
        )
    )
    alike = [reuse.Twin(sha256, sha256, 1.0, False) for sha256 in mine]
    alike += await reuse.twins(conn, caller.org, mine)
    shown = await _shown(conn, caller.org, id_, {one.other for one in alike})
    rows = await store.load(
        conn, caller.org, sorted({name for names in shown.values() for name, _ in names})[:500]
    )
    rows = {name: row for name, row in rows.items() if not row.body.get("practice")}
    found: dict[str, Reused] = {}
    for one in alike:
        others = [(name, scope) for name, scope in shown.get(one.other, ()) if name in rows]
        open_ = [name for name, scope in others if scope in caller.scopes]
        hidden = any(scope not in caller.scopes and scope.startswith("u:") for _, scope in others)
        if not open_ and not hidden:
            continue
        known = found.setdefault(one.sha256, Reused(one.sha256, [], False))
        named = {each.record for each in known.elsewhere}
        more = [_elsewhere(rows[name], one) for name in open_ if name not in named]
        elsewhere = (known.elsewhere + more)[:MOST]
        found[one.sha256] = Reused(one.sha256, elsewhere, known.hidden or hidden)
    return list(found.values())


async def _shown(
    conn: AsyncConnection, org: str, but: str, photos: set[str]
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """By photo, id and scope of the living records that show it, but those that the server copied, and not `but`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for some in chunks(sorted(photos)):
        rows = await conn.execute(
            sa.select(evidence.c.sha256, record.c.id, record.c.scope)
            .select_from(
                evidence.join(record, (record.c.org == evidence.c.org) & (record.c.id == evidence.c.record))
            )
            .where(
                evidence.c.org == org,
                evidence.c.sha256.in_(some),
                evidence.c.stored.is_(True),
                record.c.deleted == 0,
                record.c.id != but,
                record.c.kind.not_in(COPIES),
            )
            .order_by(record.c.id)
        )
        for row in rows:
            found.setdefault(row.sha256, []).append((row.id, row.scope))
    return found


def _elsewhere(row: Row, one: reuse.Twin) -> Elsewhere:
    told = next((ref for ref, _ in mentions(row) if ref["sha256"] == one.other), {})
    return Elsewhere(
        record=row.id,
        kind=row.kind,
        state=row.state,
        unit=row.body.get("unit"),
        author=row.author,
        sha256=one.other,
        role=str(told.get("role", "")),
        taken_at=told.get("taken_at"),
        share=one.share,
        mirrored=one.mirrored,
    )


def router() -> Router:
    """The route under /api/v1."""
    return Router("/api/v1", route_handlers=[reused_photos], tags=["photos"])
