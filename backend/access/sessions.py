"""Sessions: opaque tokens of 256 bit in a cookie, stored as hashes, renewed while they are used.

A token older than `session_rotate_h` gets a successor, made from itself and a secret of the row, so that
requests at the same time get the same one. The old token stays good until the new one is first used (a lost
answer signs nobody out) and `session_grace_s` longer (for requests under way). Each renewal moves the end of
the session.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.grants import Grant, deputised, left, read
from backend.access.rights import caller_of
from backend.access.tables import session
from backend.clock import new_id
from backend.db import Database
from backend.problems import AppError
from backend.settings import Settings
from sync import driver
from sync.caller import Caller, Deputised
from sync.tables import moment, record, stamp

COOKIE = "mingcha_session"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, with what the session knows beside the rights."""

    caller: Caller
    session: str
    expires_at: datetime
    post: str
    unit_name: str
    org_name: str
    new_token: str | None = None  # to be handed to the client


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def successor(token: str, salt: str) -> str:
    return hmac.new(token.encode(), salt.encode(), hashlib.sha256).hexdigest()


async def start(conn: AsyncConnection, settings: Settings, org: str, account_id: str, now: datetime) -> str:
    """Open a session; gives its token, which is stored nowhere."""
    token = secrets.token_hex(32)
    await conn.execute(
        session.insert().values(
            id=new_id(now),
            org=org,
            account=account_id,
            token_hash=digest(token),
            created_at=stamp(now),
            rotated_at=stamp(now),
            expires_at=stamp(now + timedelta(days=settings.session_days)),
        )
    )
    return token


async def end(conn: AsyncConnection, token: str) -> None:
    await conn.execute(session.delete().where(_holds(digest(token))))


async def bind(conn: AsyncConnection, session_id: str, device_id: str) -> None:
    """The session is used on this device."""
    await conn.execute(session.update().where(session.c.id == session_id).values(device=device_id))


async def sweep(conn: AsyncConnection, now: datetime) -> None:
    await conn.execute(session.delete().where(session.c.expires_at < stamp(now)))


def _holds(hashed: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        session.c.token_hash == hashed, session.c.next_hash == hashed, session.c.previous_hash == hashed
    )


class Session(msgspec.Struct, frozen=True):
    """A session's row with its account and device, and where the scope `org` of its organisation stands."""

    id: str
    org: str
    account: str
    token_hash: str
    next_hash: str | None
    previous_hash: str | None
    previous_until: str | None
    device: str | None
    rotated_at: str
    expires_at: str
    grants: tuple[Grant, ...]
    disabled: bool
    revoked_at: str | None
    epoch: int
    seq: int

    @property
    def hashes(self) -> tuple[str | None, ...]:
        """Of the tokens that open it."""
        return self.token_hash, self.next_hash, self.previous_hash


_FIND = """
SELECT s.id, s.org, s.account, s.token_hash, s.next_hash, s.previous_hash, s.previous_until, s.device,
  s.rotated_at, s.expires_at, a.grants, a.disabled, d.revoked_at, coalesce(o.epoch, 0), coalesce(h.seq, 0)
FROM session AS s JOIN account AS a ON a.id = s.account LEFT JOIN org AS o ON o.id = s.org
  LEFT JOIN device AS d ON d.org = s.org AND d.id = s.device
  LEFT JOIN scope_head AS h ON h.org = s.org AND h.scope = 'org'
WHERE s.token_hash {0} OR s.next_hash {0} OR s.previous_hash {0}
"""


class Lookups:
    """Finds the sessions of tokens. What is asked for while a statement is under way goes together into the next
    one, so that many requests at once do not each take a connection; none is answered from before it asked.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self._wanted: dict[str, asyncio.Future[Session | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def session(self, hashed: str) -> Session | None:
        """The session that the token's hash opens. Raises DBAPIError."""
        found = self._wanted.get(hashed)
        if found is None:
            found = self._wanted[hashed] = asyncio.get_running_loop().create_future()
            if self._reading is None:
                self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(found)

    async def _read(self) -> None:
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            try:
                async with self.db.read() as conn:
                    rows = await driver.fetch(
                        conn, _FIND.format(driver.any_of(conn, 1)), driver.listed(conn, list(wanted))
                    )
            except Exception as error:
                for future in wanted.values():
                    _settle(future, error)
                continue
            found = {hashed: row for row in map(_session, rows) for hashed in row.hashes}
            for hashed, future in wanted.items():
                _settle(future, found.get(hashed))
        self._reading = None


def _settle(future: "asyncio.Future[Session | None]", with_: Session | Exception | None) -> None:
    if future.done():
        return
    if isinstance(with_, Exception):
        future.set_exception(with_)
        future.exception()  # whoever asked may have gone
    else:
        future.set_result(with_)


class Directory:
    """Persons and units of the organisations, as they last were: read again when scope `org` has moved on.

    Whoever writes a person or a unit takes a number of that scope, so what is kept is never older than the
    session that asks with the number.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self.lookups = Lookups(db)
        self._known: dict[str, _Company] = {}

    async def of(self, row: Session) -> "_Org":
        """The person of a session and the tree of units."""
        at = (row.epoch, row.seq)
        company = self._known.get(row.org)
        if company is None or company.at != at or row.account not in company.persons:
            async with self.db.read() as conn:
                if company is None or company.at != at:
                    company = self._known[row.org] = _Company(at, await _units(conn, row.org), {})
                company.persons[row.account] = await _person(conn, row.org, row.account)
        return _Org(company.persons[row.account], company.units)


async def find(db: Database, settings: Settings, directory: Directory, token: str, now: datetime) -> SignedIn:
    """The session of a token, renewed if it is time. Raises AppError `session_expired`, `device_revoked`."""
    hashed = digest(token)
    row = await directory.lookups.session(hashed)
    if row is None or row.disabled or row.expires_at <= stamp(now):
        raise AppError("session_expired")
    if row.previous_hash == hashed and (row.previous_until or "") < stamp(now):
        raise AppError("session_expired")
    if row.revoked_at is not None:
        raise AppError("device_revoked")
    known = await directory.of(row)
    if left(known.person, now):
        raise AppError("session_expired")
    new_token = None
    expires_at = row.expires_at
    due = moment(row.rotated_at) + timedelta(hours=settings.session_rotate_h) <= now
    if row.next_hash == hashed or (row.token_hash == hashed and due):
        expires_at = stamp(now + timedelta(days=settings.session_days))
        async with db.write() as conn:
            if row.next_hash == hashed:
                await _promote(conn, settings, row, now, expires_at)
            else:
                new_token = successor(token, await _offer(conn, row, token, expires_at))
    acting: tuple[Deputised, ...] = ()
    if any(grant.of for grant in row.grants):
        async with db.read() as conn:
            acting = await deputised(conn, row.org, known.person.get("unit"), row.grants, now)
    return _signed_in(row, known, acting, now, moment(expires_at), new_token)


async def _offer(conn: AsyncConnection, row: Session, token: str, expires_at: str) -> str:
    """Write down the next token, unless a request at the same time did. Gives the salt that makes it."""
    salt = secrets.token_hex(32)
    await conn.execute(
        session.update()
        .where(session.c.id == row.id, session.c.salt.is_(None))
        .values(salt=salt, next_hash=digest(successor(token, salt)), expires_at=expires_at)
    )
    stored = await conn.scalar(sa.select(session.c.salt).where(session.c.id == row.id))
    if stored is None:  # ended meanwhile
        raise AppError("session_expired")
    return str(stored)


async def _promote(
    conn: AsyncConnection, settings: Settings, row: Session, now: datetime, expires_at: str
) -> None:
    """The next token came back: it is the token now, the old one is good for the grace time only."""
    await conn.execute(
        session.update()
        .where(session.c.id == row.id, session.c.next_hash == row.next_hash)
        .values(
            token_hash=row.next_hash,
            next_hash=None,
            salt=None,
            previous_hash=row.token_hash,
            previous_until=stamp(now + timedelta(seconds=settings.session_grace_s)),
            rotated_at=stamp(now),
            expires_at=expires_at,
        )
    )


@dataclass(frozen=True, slots=True)
class _Org:
    person: Mapping[str, Any]
    units: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Company:
    at: tuple[int, int]
    units: Mapping[str, Mapping[str, Any]]
    persons: dict[str, Mapping[str, Any]]


def _session(row: Sequence[Any]) -> Session:
    fields = (*row[:10], read(row[10]), bool(row[11]), *row[12:])
    return Session(*fields)


async def _units(conn: AsyncConnection, org: str) -> Mapping[str, Mapping[str, Any]]:
    """The tree of units, by id; they live in scope `org`, which an index leads to."""
    found = await conn.execute(
        sa.select(record.c.id, record.c.body).where(
            record.c.org == org, record.c.scope == "org", record.c.deleted == 0, record.c.kind == "unit"
        )
    )
    return {row.id: msgspec.json.decode(row.body) for row in found}


async def _person(conn: AsyncConnection, org: str, person: str) -> Mapping[str, Any]:
    """The person's record; nothing when there is none."""
    found = await conn.scalar(
        sa.select(record.c.body).where(
            record.c.org == org, record.c.id == person, record.c.scope == "org", record.c.deleted == 0
        )
    )
    return {} if found is None else msgspec.json.decode(found)


def _signed_in(
    row: Session,
    known: _Org,
    acting: tuple[Deputised, ...],
    now: datetime,
    expires_at: datetime,
    new_token: str | None,
) -> SignedIn:
    top = next((b for b in known.units.values() if b.get("level") == "county" and not b.get("parent")), {})
    return SignedIn(
        caller=caller_of(
            row.org, row.account, known.person, known.units, row.grants, acting, row.device, now
        ),
        session=row.id,
        expires_at=expires_at,
        post=known.person.get("post", ""),
        unit_name=known.units.get(known.person.get("unit", ""), {}).get("name", ""),
        org_name=top.get("name", ""),
        new_token=new_token,
    )
