"""Accounts from the command line: the person's record and the account change in one transaction."""

import sys
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.access import accounts, grants
from backend.access.passwords import Passwords
from backend.clock import Clock, new_id
from backend.db import Database
from sync import store, tables
from sync.push import Engine, Op
from sync.tables import stamp

AUTHOR = "00000000-0000-7000-8000-000000000000"  # the operator at the machine


class Parts(Protocol):
    """What of the application is needed here."""

    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def passwords(self) -> Passwords: ...


def _fail(text: str) -> int:
    sys.stderr.write(f"mingcha: {text}\n")
    return 1


async def _units(conn: AsyncConnection) -> list[tuple[str, str, str]]:
    """(organisation, unit, name) of every unit."""
    found = await conn.execute(
        sa.select(tables.record.c.org, tables.record.c.id, tables.record.c.body).where(
            tables.record.c.kind == "unit", tables.record.c.deleted == 0
        )
    )
    return [(row.org, row.id, msgspec.json.decode(row.body)["name"]) for row in found]


async def add(
    parts: Parts, *, login: str, password: str, name: str, unit: str, post: str, roles: list[str]
) -> int:
    """A person with an account. An empty database gets the unit, as county unit of a new company."""
    hashed = await parts.passwords.hash(password)
    async with parts.db.write() as conn:
        now = parts.clock()
        units = await _units(conn)
        if not units:
            org, unit_id = new_id(now), new_id(now)
            await store.create_org(conn, org)
            county = {"name": unit, "level": "county", "area": "urban"}
            await _put(parts, conn, org, "unit", unit_id, county)
        else:
            fitting = [(o, id_) for o, id_, called in units if unit in (id_, called)]
            if len(fitting) != 1:
                return _fail(f"{len(fitting)} units are called {unit}: " + ", ".join(u[2] for u in units))
            org, unit_id = fitting[0]
        person = new_id(now)
        body = {"name": name, "unit": unit_id, "post": post or "-", "roles": sorted(roles)}
        await _put(parts, conn, org, "person", person, body)
        try:
            await accounts.create(
                conn, now, org=org, person=person, login=login, password_hash=hashed, roles=roles
            )
        except IntegrityError:
            await conn.rollback()
            return _fail(f"there is an account {login} already")
    sys.stdout.write(f"{person}\n")
    return 0


async def _put(
    parts: Parts, conn: AsyncConnection, org: str, kind: str, id_: str, data: dict[str, Any]
) -> None:
    op = Op(op="put", kind=kind, id=id_, at=parts.clock(), data=data)
    (result,) = await parts.engine.write(conn, org, AUTHOR, parts.clock(), [op], "mingcha user")
    if result.status == "rejected":
        raise RuntimeError(f"{kind}: {result.code} {result.facts}")


async def show(parts: Parts) -> int:
    """Login, roles and person of each account."""
    async with parts.db.read() as conn:
        for row in await accounts.listing(conn):
            account: Any = row
            state = " disabled" if account.disabled else ""
            roles = sorted(grants.own(grants.read(account.grants), stamp(parts.clock())))
            sys.stdout.write(f"{account.login}\t{','.join(roles)}\t{account.id}{state}\n")
    return 0


async def set_password(parts: Parts, login: str, password: str) -> int:
    hashed = await parts.passwords.hash(password)
    async with parts.db.write() as conn:
        account: Any = await accounts.by_login(conn, login)
        if account is None:
            return _fail(f"there is no account {login}")
        await accounts.set_password(conn, parts.clock(), account.id, hashed)
    return 0


async def set_roles(parts: Parts, login: str, roles: list[str]) -> int:
    async with parts.db.write() as conn:
        account: Any = await accounts.by_login(conn, login)
        if account is None:
            return _fail(f"there is no account {login}")
        await accounts.set_roles(conn, parts.clock(), account.id, roles)
        await _put(parts, conn, account.org, "person", account.id, {"roles": sorted(roles)})
    return 0


async def devices(parts: Parts, login: str) -> int:
    """Id, name, version, last seen and whether it is revoked, of each phone of the account."""
    async with parts.db.read() as conn:
        account: Any = await accounts.by_login(conn, login)
        if account is None:
            return _fail(f"there is no account {login}")
        for device in await store.devices(conn, account.org, person=account.id):
            state = " revoked" if device.revoked_at else ""
            sys.stdout.write(f"{device.id}\t{device.name}\t{device.app_version}\t{device.last_seen}{state}\n")
    return 0


async def revoke(parts: Parts, device: str) -> int:
    """The phone is refused from its next request on; what it has not sent stays on it."""
    async with parts.db.write() as conn:
        org = await conn.scalar(sa.select(tables.device.c.org).where(tables.device.c.id == device))
        if org is None:
            return _fail(f"there is no device {device}")
        await store.revoke_device(conn, org, device, parts.clock())
        await audit.append(conn, parts.clock(), org, "device.revoked", subject=device)
    return 0
