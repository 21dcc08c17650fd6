"""Roles with a start and an end, a person's own and those that he has in place of another.

A grant gives its role from `since` until before `until`; before and after it gives nothing. Nothing is taken away by
removing a grant: it gets an end. All of an account stand in its row, where each request reads them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.tables import account
from backend.clock import new_id
from sync.caller import Deputised
from sync.tables import record, stamp


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """`since` and `until` are UTC text as in sync.tables; `of` is the person in whose place the role is held."""

    id: str
    role: str
    since: str
    until: str | None = None
    of: str | None = None

    def runs(self, at: str) -> bool:
        """Whether it gives its role at that time."""
        return self.since <= at and (self.until is None or at < self.until)


def own(grants: Iterable[Grant], at: str) -> frozenset[str]:
    """The roles that a person holds himself."""
    return frozenset(grant.role for grant in grants if grant.of is None and grant.runs(at))


def lasting(role: str, now: datetime) -> Grant:
    """A role from now on, until further notice."""
    return Grant(new_id(now), role, stamp(now))


def stored(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """As the account's row keeps them."""
    made: list[dict[str, Any]] = msgspec.to_builtins(grants)
    return made


def read(kept: str | bytes | Sequence[Any]) -> tuple[Grant, ...]:
    """What `stored` made, as text or already decoded."""
    if isinstance(kept, str | bytes):
        return msgspec.json.decode(kept, type=tuple[Grant, ...])
    return msgspec.convert(kept, tuple[Grant, ...])


async def deputised(
    conn: AsyncConnection, org: str, unit: str | None, grants: Iterable[Grant], now: datetime
) -> tuple[Deputised, ...]:
    """The roles that a person of this unit holds now in place of others, besides his own.

    They last as long as the other holds them himself, has not left, and works in the same unit: so a role never
    reaches further through a deputy than it does by itself.
    """
    at = stamp(now)
    held = own(grants, at)
    wanted = [grant for grant in grants if grant.of is not None and grant.runs(at) and grant.role not in held]
    if not wanted:
        return ()
    ids = sorted({str(grant.of) for grant in wanted})
    found = await conn.execute(
        sa.select(account.c.id, account.c.grants, record.c.body)
        .join(record, sa.and_(record.c.org == account.c.org, record.c.id == account.c.id))
        .where(
            account.c.org == org,
            account.c.id.in_(ids),
            account.c.disabled.is_(False),
            record.c.scope == "org",
            record.c.deleted == 0,
        )
    )
    holders = {row.id: (own(read(row.grants), at), msgspec.json.decode(row.body)) for row in found}
    acting: dict[str, set[str]] = {}
    for grant in wanted:
        roles, body = holders.get(str(grant.of), (frozenset[str](), {}))
        if grant.role in roles and body.get("unit") == unit and not left(body, now):
            acting.setdefault(str(grant.of), set()).add(grant.role)
    return tuple(
        Deputised(person, holders[person][1].get("name", ""), frozenset(roles))
        for person, roles in sorted(acting.items())
    )


def left(body: Any, now: datetime) -> bool:
    """Whether a person has left, or a unit is closed, by the record's `until`."""
    until = body.get("until")
    return until is not None and datetime.fromisoformat(until) <= now
