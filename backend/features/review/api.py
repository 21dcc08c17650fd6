"""Returns that wait with their authors, and a stream that says when something may have changed for the desk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend.db import Database
from backend.features.review.rules import last, opened_at
from backend.features.review.service import REVIEWED
from backend.problems import AppError
from backend.settings import Settings
from backend.web import ending
from sync.caller import Caller
from sync.records import Entry
from sync.tables import record, scope_head

MOST = 2000
LOOK_S = 1.0
END_S = 0.2
STREAM_S = 20.0
AGAIN_MS = 1000

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]

_HOME = {kind.name: kind.home for kind in REVIEWED}
_log = msgspec.json.Decoder(list[Entry])


class Returned(msgspec.Struct):
    """A record that is with its author: why, since when, and when he opened it. `late`: not opened in the set time.

    `equipment`, `meter_box`, `item`, `title`: what it is about, as the record says it.
    """

    id: str
    kind: str
    unit: str
    author: str | None
    author_name: str
    by_name: str
    reason: str
    remarks: int
    returned_at: datetime
    opened_at: datetime | None
    late: bool
    equipment: str | None
    meter_box: str | None
    item: str | None
    title: str | None


class Returns(msgspec.Struct):
    """`open_hours`: the set time, h. Not opened first, of these the oldest first."""

    now: datetime
    open_hours: int
    returns: list[Returned]


@get(
    "/returns", operation_id="ListReturns", summary="Returned records, and whether their authors opened them"
)
async def list_returns(
    caller: GivenCaller,
    db: GivenDb,
    clock: NamedDependency[SkipValidation[Callable[[], datetime]]],
    settings: NamedDependency[SkipValidation[Settings]],
) -> Returns:
    """For supervisors, of the units whose records they review. A returned record itself is its author's alone."""
    if not caller.roles & {"supervisor", "leader", "admin"}:
        raise AppError("forbidden")
    wanted = (
        sa.select(record.c.id, record.c.kind, record.c.author, record.c.body, record.c.log)
        .where(record.c.org == caller.org, record.c.state == "returned", record.c.deleted == 0)
        .order_by(record.c.updated_at)
    )
    async with db.read() as conn:
        rows = (await conn.execute(wanted)).all()
    now = clock()
    limit = timedelta(hours=settings.return_open_hours)
    found = [one for row in rows if (one := _returned(row, caller, now, limit)) is not None]
    found.sort(key=lambda one: (one.opened_at is not None, one.returned_at))
    return Returns(now, settings.return_open_hours, found[:MOST])


def _returned(
    row: sa.Row[*tuple[Any, ...]], caller: Caller, now: datetime, limit: timedelta
) -> Returned | None:
    home, body, log = _HOME.get(row.kind), msgspec.json.decode(row.body), _log.decode(row.log)
    returned = last(log, "return")
    if home is None or returned is None or home(body) not in caller.scopes:
        return None
    handed_in = last(log, "submit", "restore")
    opened = opened_at(log)
    return Returned(
        id=row.id,
        kind=row.kind,
        unit=body["unit"],
        author=handed_in.by if handed_in else row.author,
        author_name=handed_in.by_name if handed_in else "",
        by_name=returned.by_name,
        reason=returned.data["reason"],
        remarks=len(returned.data.get("remarks", ())),
        returned_at=returned.received_at,
        opened_at=opened,
        late=opened is None and now - returned.received_at > limit,
        equipment=body.get("equipment"),
        meter_box=body.get("meter_box"),
        item=body.get("item"),
        title=body.get("title"),
    )


@get("/live", operation_id="Live", summary="Server-sent events: something changed that the caller may read")
async def live(caller: GivenCaller, db: GivenDb) -> ServerSentEvent:
    """Sends `changed` when a scope of the caller's moved: the time to pull. Ends by itself after some seconds; the
    browser opens it again, and is asked for its session anew.
    """
    return ServerSentEvent(
        _changes(caller, db), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _changes(caller: Caller, db: Database) -> AsyncIterator[ServerSentEventMessage]:
    ends = time.monotonic() + STREAM_S
    known = await _heads(caller, db)
    yield ServerSentEventMessage(event="open", data=str(len(known)), retry=AGAIN_MS)
    while time.monotonic() < ends:
        look = time.monotonic() + LOOK_S
        while time.monotonic() < look:
            if ending.told():
                return
            await asyncio.sleep(END_S)
        heads = await _heads(caller, db)
        if heads != known:
            known = heads
            yield ServerSentEventMessage(event="changed", data="")


async def _heads(caller: Caller, db: Database) -> dict[str, int]:
    """The counter of each scope that the caller reads."""
    wanted = sa.select(scope_head.c.scope, scope_head.c.seq).where(
        scope_head.c.org == caller.org, scope_head.c.scope.in_(caller.scopes)
    )
    async with db.read() as conn:
        return {row.scope: row.seq for row in await conn.execute(wanted)}


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[list_returns, live], tags=["review"])
