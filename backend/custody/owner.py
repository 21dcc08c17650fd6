"""Whose a phone's work is, and who may look after it."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.grants import deputised, left, read
from backend.access.rights import caller_of as with_rights
from backend.access.tables import account
from sync.caller import Caller
from sync.tables import record


async def caller_of(
    conn: AsyncConnection, org: str, person: str, device: str, now: datetime
) -> Caller | None:
    """The person as if signed in on this device; None when there is no open account."""
    row = (
        await conn.execute(
            sa.select(account.c.grants).where(
                account.c.id == person, account.c.org == org, account.c.disabled.is_(False)
            )
        )
    ).one_or_none()
    if row is None:
        return None
    bodies: dict[str, dict[str, Any]] = {
        found.id: msgspec.json.decode(found.body)
        for found in await conn.execute(
            sa.select(record.c.id, record.c.body).where(
                record.c.org == org,
                record.c.scope == "org",
                record.c.deleted == 0,
                sa.or_(record.c.kind == "unit", record.c.id == person),
            )
        )
    }
    body = bodies.pop(person, {})
    if left(body, now):
        return None
    grants = read(row.grants)
    acting = await deputised(conn, org, body.get("unit"), grants, now)
    return with_rights(org, person, body, bodies, grants, acting, device, now)
