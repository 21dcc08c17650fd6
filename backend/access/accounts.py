"""Accounts: who may sign in. The person himself is a record of kind `person` with the same id."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.access import grants
from backend.access.tables import account, session
from sync.tables import record, stamp


async def create(
    conn: AsyncConnection,
    now: datetime,
    *,
    org: str,
    person: str,
    login: str,
    password_hash: str,
    roles: Sequence[str],
) -> None:
    """Give a person an account. The login must be free: IntegrityError otherwise."""
    await conn.execute(
        account.insert().values(
            id=person,
            org=org,
            login=normal(login),
            password_hash=password_hash,
            grants=grants.stored([grants.lasting(role, now) for role in sorted(roles)]),
            disabled=False,
            created_at=stamp(now),
            password_at=stamp(now),
        )
    )
    facts = {"roles": sorted(roles)}
    await audit.append(conn, now, org, "account.created", subject=person, facts=facts)


async def by_login(conn: AsyncConnection, login: str) -> sa.Row[tuple[object, ...]] | None:
    found = await conn.execute(sa.select(account).where(account.c.login == normal(login)))
    return found.one_or_none()


async def set_password(
    conn: AsyncConnection, now: datetime, person: str, password_hash: str, *, by: str | None = None
) -> None:
    """A new password ends every session of the account."""
    org = await conn.scalar(
        account.update()
        .where(account.c.id == person)
        .values(password_hash=password_hash, password_at=stamp(now))
        .returning(account.c.org)
    )
    await conn.execute(session.delete().where(session.c.account == person))
    await audit.append(conn, now, str(org), "account.password", person=by, subject=person)


async def rehash(conn: AsyncConnection, person: str, password_hash: str) -> None:
    """The same password under today's cost; sessions stay."""
    await conn.execute(account.update().where(account.c.id == person).values(password_hash=password_hash))


async def set_roles(conn: AsyncConnection, now: datetime, person: str, roles: Sequence[str]) -> None:
    """His own roles from now on: others end, new ones begin. Takes effect with the next request of the person."""
    row = (await conn.execute(sa.select(account.c.org, account.c.grants).where(account.c.id == person))).one()
    kept, at = grants.read(row.grants), stamp(now)
    ended = [
        msgspec.structs.replace(each, until=max(each.since, at))
        if each.of is None and each.role not in roles and (each.until is None or each.until > at)
        else each
        for each in kept
    ]
    begun = [grants.lasting(role, now) for role in sorted(set(roles) - grants.own(kept, at))]
    await set_grants(conn, person, [*ended, *begun])
    facts = {"roles": sorted(roles)}
    await audit.append(conn, now, row.org, "account.roles", subject=person, facts=facts)


async def set_grants(conn: AsyncConnection, person: str, given: Sequence[grants.Grant]) -> None:
    """All grants of the account, ended ones too; whoever changes them says so in the audit log."""
    await conn.execute(account.update().where(account.c.id == person).values(grants=grants.stored(given)))


async def listing(conn: AsyncConnection) -> Sequence[sa.Row[tuple[object, ...]]]:
    return (await conn.execute(sa.select(account).order_by(account.c.org, account.c.login))).all()


async def gone(conn: AsyncConnection, org: str, person: str, now: datetime) -> bool:
    """Whether the person has left by now."""
    body = await conn.scalar(
        sa.select(record.c.body).where(record.c.org == org, record.c.id == person, record.c.deleted == 0)
    )
    return body is not None and grants.left(msgspec.json.decode(body), now)


def normal(login: str) -> str:
    """Logins differ neither by case nor by spaces around them."""
    return login.strip().casefold()
