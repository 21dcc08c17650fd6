"""Writes notices beside the records, in the transaction that changes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import jobs
from backend.access import grants
from backend.access.tables import account
from backend.clock import new_id
from backend.db import Database
from backend.notices.rules import Cause, causes
from backend.notices.tables import notice, sending, subscription
from media.tables import insert_new
from sync.tables import device, record, stamp
from sync.unit import OnWrite, Written

KEEP: Final = timedelta(days=30)


def job_name(way: str) -> str:
    """The job that sends on one way."""
    return f"notice_{way}"


def beside(on_write: OnWrite, ways: Sequence[str]) -> OnWrite:
    """`on_write`, and after it the notices of what is written, to go out on these ways. A change that gives no notice
    costs no statement.
    """

    async def both(
        conn: AsyncConnection, org: str, written: Sequence[Written], now: datetime
    ) -> Mapping[str, Sequence[str]]:
        missing = await on_write(conn, org, written, now)
        found = [cause for each in written for cause in causes(each.before, each.after, now)]
        if found:
            await _note(conn, org, found, ways, now)
        return missing

    return both


async def _note(
    conn: AsyncConnection, org: str, found: Sequence[Cause], ways: Sequence[str], now: datetime
) -> None:
    crews = await _crews(conn, org, now) if any(cause.person is None for cause in found) else {}
    for cause in found:
        people = [cause.person] if cause.person else crews.get(cause.unit, [])
        known = set(
            await conn.scalars(
                sa.select(notice.c.person).where(
                    notice.c.org == org,
                    notice.c.record == cause.record,
                    notice.c.kind == cause.kind,
                    notice.c.cause == cause.cause,
                )
            )
        )
        fresh = [person for person in people if person not in known]
        if not fresh:
            continue
        lines = [_line(org, cause, person, now) for person in fresh]
        await conn.execute(insert_new(conn.dialect.name, notice), lines)
        for way in ways:
            await conn.execute(sending.insert(), [_going(line, way) for line in lines])
            if not known or cause.due <= now:  # else the job that waits for its time takes these too
                what = {"kind": cause.kind, "record": cause.record, "cause": cause.cause}
                await jobs.enqueue(conn, org, job_name(way), what, now, cause.due)


def _line(org: str, cause: Cause, person: str, now: datetime) -> dict[str, Any]:
    return {
        "org": org,
        "id": new_id(now),
        "person": person,
        "kind": cause.kind,
        "record": cause.record,
        "cause": cause.cause,
        "due_at": stamp(cause.due),
        "made_at": stamp(now),
        "read_at": None,
    }


def _going(line: Mapping[str, Any], way: str) -> dict[str, Any]:
    return {
        "org": line["org"],
        "notice": line["id"],
        "way": way,
        "person": line["person"],
        "state": "waiting",
        "due_at": line["due_at"],
        "at": None,
    }


async def _crews(conn: AsyncConnection, org: str, now: datetime) -> dict[str, list[str]]:
    """By unit, who is of a crew there now, in his own right or in place of another."""
    found = await conn.execute(
        sa.select(account.c.id, account.c.grants, record.c.body)
        .join(record, sa.and_(record.c.org == account.c.org, record.c.id == account.c.id))
        .where(
            account.c.org == org,
            account.c.disabled.is_(False),
            sa.cast(account.c.grants, sa.Text).like('%"crew"%'),
            record.c.deleted == 0,
        )
        .order_by(account.c.id)
    )
    crews: dict[str, list[str]] = {}
    for row in found:
        body = msgspec.json.decode(row.body)
        held = any(g.role == "crew" and g.runs(stamp(now)) for g in grants.read(row.grants))
        if held and not grants.left(body, now):
            crews.setdefault(body.get("unit", ""), []).append(row.id)
    return crews


async def sweep(db: Database, now: datetime) -> None:
    """Removes notices of a month ago, and browsers of revoked phones."""
    old = notice.c.due_at < stamp(now - KEEP)
    revoked = sa.and_(
        device.c.org == subscription.c.org,
        device.c.id == subscription.c.device,
        device.c.revoked_at.is_not(None),
    )
    async with db.write() as conn:
        await conn.execute(subscription.delete().where(sa.exists().where(revoked)))
    async with db.read() as conn:
        if await conn.scalar(sa.select(notice.c.id).where(old).limit(1)) is None:
            return
    async with db.write() as conn:
        gone = sa.select(notice.c.id).where(old, notice.c.org == sending.c.org)
        await conn.execute(sending.delete().where(sending.c.notice.in_(gone)))
        await conn.execute(notice.delete().where(old))
