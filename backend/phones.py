"""What phones tell of themselves: how much they have not sent yet and since when, their storage, their last faults.

Counters and ages, no content and no names: who runs the phones sees that one is in trouble, not what lies on it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from litestar import Request, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.scope import manages
from backend.db import Database
from backend.problems import AppError
from backend.where import Announced, announced
from media.tables import insert_new
from sync import store
from sync.caller import Caller
from sync.tables import moment, stamp

metadata = sa.MetaData()

phone_report = sa.Table(
    "phone_report",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("said", sa.LargeBinary, nullable=False),
)
"""The last report of each device as JSON; `at` is when it was received, UTC text."""

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Bytes = Annotated[int, Meta(ge=0, le=2**50)]
At = Annotated[datetime, Meta(tz=True)]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """Something that went wrong on the phone, by its stable code, how often, and when last (the phone's clock)."""

    code: Annotated[str, Meta(pattern=r"^[a-z0-9_.:]{1,80}$")]
    count: Annotated[int, Meta(ge=1, le=1_000_000)]
    at: At


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """A phone's own word. `…_since`: when the oldest that it has not sent was made; `photo_bytes`: what its photos
    still need; `free_bytes` and `persistent`: what the browser says of its storage, None where it does not.
    """

    app_version: Annotated[str, Meta(max_length=40)]
    records: Count
    photos: Count
    photo_bytes: Bytes
    attention: Count
    records_since: At | None = None
    photos_since: At | None = None
    free_bytes: Bytes | None = None
    persistent: bool | None = None
    faults: Annotated[list[Fault], Meta(max_length=20)] = []


class Phone(msgspec.Struct):
    """A device as the server knows it, what it said last and when, and the photos that it announced and not sent."""

    id: str
    person: str
    name: str
    app_version: str
    last_seen: datetime | None
    revoked_at: datetime | None
    skew_ms: int | None
    skew_error_ms: int | None
    reported_at: datetime | None
    report: Report | None
    announced: Announced | None


class Phones(msgspec.Struct):
    now: datetime
    phones: list[Phone]


_report = msgspec.json.Decoder(Report)
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]


@put("/devices/{device:str}/report", status_code=204, operation_id="ReportPhone", summary="How this phone is")
async def report_phone(
    device: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
) -> None:
    """The last report counts; it stands beside the device for those who manage devices. Own devices only."""
    body = await request.body()
    async with db.write() as conn:
        found = await store.devices(conn, caller.org, device=device)
        if not found or found[0].person != caller.person:
            raise AppError("not_found")
        try:
            said: Report = _report.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AppError("malformed", reason=str(error)) from None
        row = {
            "org": caller.org,
            "device": device,
            "at": stamp(clock()),
            "said": msgspec.json.encode(said),
        }
        await conn.execute(insert_new(conn.dialect.name, phone_report).values(row))
        await conn.execute(
            phone_report.update()
            .where(phone_report.c.org == caller.org, phone_report.c.device == device)
            .values(at=row["at"], said=row["said"])
        )


@get(
    "/phones", operation_id="ListPhones", summary="How the phones are; who does not manage them sees the own"
)
async def list_phones(caller: GivenCaller, db: GivenDb, clock: GivenClock) -> Phones:
    """All devices of the organisation for a supervisor or admin, with their last report."""
    async with db.read() as conn:
        devices = await store.devices(conn, caller.org, person=None if manages(caller) else caller.person)
        reports = await _reports(conn, caller.org)
        awaited = {one.device: one for one in await announced(conn, caller)}
    return Phones(clock(), [_phone(each, reports.get(each.id), awaited.get(each.id)) for each in devices])


async def _reports(conn: AsyncConnection, org: str) -> dict[str, tuple[datetime, Report]]:
    rows = await conn.execute(sa.select(phone_report).where(phone_report.c.org == org))
    return {row.device: (moment(row.at), _report.decode(row.said)) for row in rows}


def _phone(
    device: store.Device, reported: tuple[datetime, Report] | None, awaited: Announced | None
) -> Phone:
    at, report = reported or (None, None)
    return Phone(
        id=device.id,
        person=device.person,
        name=device.name,
        app_version=report.app_version if report else device.app_version,
        last_seen=moment(device.last_seen) if device.last_seen else None,
        revoked_at=moment(device.revoked_at) if device.revoked_at else None,
        skew_ms=device.skew_ms,
        skew_error_ms=device.skew_error_ms,
        reported_at=at,
        report=report,
        announced=awaited,
    )


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[report_phone, list_phones], tags=["phones"])
