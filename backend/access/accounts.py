"""Accounts: who may sign in. The person himself is a record of kind `person` with the same id."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.access.tables import account, session
from sync.tables import stamp


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
            roles=sorted(roles),
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


async def set_password(conn: AsyncConnection, now: datetime, person: str, password_hash: str) -> None:
    """A new password ends every session of the account."""
    org = await conn.scalar(
        account.update()
        .where(account.c.id == person)
        .values(password_hash=password_hash, password_at=stamp(now))
        .returning(account.c.org)
    )
    await conn.execute(session.delete().where(session.c.account == person))
    await audit.append(conn, now, str(org), "account.password", subject=person)


async def rehash(conn: AsyncConnection, person: str, password_hash: str) -> None:
    """The same password under today's cost; sessions stay."""
    await conn.execute(account.update().where(account.c.id == person).values(password_hash=password_hash))


async def set_roles(conn: AsyncConnection, now: datetime, person: str, roles: Sequence[str]) -> None:
    """Takes effect with the next request of the person."""
    org = await conn.scalar(
        account.update().where(account.c.id == person).values(roles=sorted(roles)).returning(account.c.org)
    )
    facts = {"roles": sorted(roles)}
    await audit.append(conn, now, str(org), "account.roles", subject=person, facts=facts)


async def listing(conn: AsyncConnection) -> Sequence[sa.Row[tuple[object, ...]]]:
    return (await conn.execute(sa.select(account).order_by(account.c.org, account.c.login))).all()


def normal(login: str) -> str:
    """Logins differ neither by case nor by spaces around them."""
    return login.strip().casefold()
