"""The audit log: who did what, appended in the transaction of the deed. The database refuses changes to it.

It names ids and codes, never passwords, tokens or free text of customers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import append_only
from sync.tables import stamp

metadata = sa.MetaData()

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("org", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text),
    sa.Column("device", sa.Text),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Index("audit_org_at", "org", "at"),
)
append_only(audit)


async def append(
    conn: AsyncConnection,
    now: datetime,
    org: str,
    action: str,
    *,
    person: str | None = None,
    device: str | None = None,
    subject: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """One line, `action` like `session.opened`. It stands or falls with the transaction of `conn`."""
    await conn.execute(
        audit.insert().values(
            org=org,
            at=stamp(now),
            person=person,
            device=device,
            action=action,
            subject=subject,
            facts=msgspec.json.encode(facts or {}).decode(),
        )
    )
