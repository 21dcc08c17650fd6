"""Ledger checkpoints: each day the server signs how many lines an organisation's ledger has and the last one's hash.

The chain shows a line that was changed or taken out of its middle. It cannot show that its last lines are gone: what is
left is a good chain. A checkpoint does, wherever a copy of it is kept: in a bundle, on paper, at the auditor's.
"""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.clock import Clock
from backend.custody import keys
from backend.custody.tables import checkpoint
from backend.db import Database
from backend.features.points import ledger, tables
from media.tables import insert_new
from sync.tables import stamp

FORMAT: Final = "mingcha-checkpoint-1"
log = structlog.get_logger("custody")


class Checkpoint(msgspec.Struct, frozen=True):
    """What is signed: at `at` the ledger of `org` had `n` lines, and `hash` was that of the last."""

    format: Literal["mingcha-checkpoint-1"]
    org: str
    day: str
    n: int
    hash: str
    at: str


class Kept(msgspec.Struct, frozen=True):
    """A checkpoint and its JWS (RFC 7515, ES256)."""

    org: str
    day: str
    n: int
    hash: str
    at: str
    signed: str


class Parts(Protocol):
    """What of the application the commands need."""

    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...


async def sign_day(db: Database, now: datetime) -> int:
    """A checkpoint for each organisation whose ledger has grown since its last one, once a day; how many."""
    day, signed = stamp(now)[:10], 0
    async with db.read() as conn:
        heads = await _heads(conn)
        latest = {one.org: one for one in await of_org(conn)}  # the oldest come first
    for org, (n, hash_) in heads.items():
        last = latest.get(org)
        if last is not None and (last.day >= day or last.hash == hash_):
            continue
        async with db.write() as conn:
            key = await keys.in_use(conn, "sign", now)
            said = Checkpoint(FORMAT, org, day, n, hash_, stamp(now))
            row = {"org": org, "day": day, "n": n, "hash": hash_, "at": said.at}
            row |= {"signed": key.jws(FORMAT, msgspec.json.encode(said))}
            new = await conn.execute(insert_new(conn.dialect.name, checkpoint).values(row))
            signed += new.rowcount
    return signed


async def _heads(conn: AsyncConnection) -> dict[str, tuple[int, str]]:
    """Number and hash of each ledger's last line."""
    last = (
        sa.select(tables.ledger.c.org, sa.func.max(tables.ledger.c.n).label("n"))
        .group_by(tables.ledger.c.org)
        .subquery()
    )
    rows = await conn.execute(
        sa.select(tables.ledger.c.org, tables.ledger.c.n, tables.ledger.c.hash).join(
            last, (last.c.org == tables.ledger.c.org) & (last.c.n == tables.ledger.c.n)
        )
    )
    return {row.org: (row.n, row.hash) for row in rows}


async def of_org(conn: AsyncConnection, org: str | None = None) -> list[Kept]:
    """All checkpoints, oldest first."""
    query = sa.select(checkpoint).order_by(checkpoint.c.org, checkpoint.c.day)
    rows = await conn.execute(query if org is None else query.where(checkpoint.c.org == org))
    return [Kept(row.org, row.day, row.n, row.hash, row.at, row.signed) for row in rows]


def wanted(found: Sequence[Kept], entries: Sequence[int]) -> list[Kept]:
    """Those that a bundle needs: for each entry the first that counts it, and the last of all."""
    named = {next((one.day for one in found if one.n >= n), None) for n in entries}
    return [one for one in found if one.day in named or one is found[-1]]


def said_by(signed: str, public: dict[str, bytes]) -> Checkpoint:
    """What a checkpoint says. ValueError when it is none, or not signed by one of these keys."""
    jws = keys.read_jws(signed.strip(), FORMAT)
    key = public.get(jws.kid)
    if key is None:
        raise ValueError("not signed by this server")
    if not jws.signed_by(key):
        raise ValueError("the signature does not hold")
    return msgspec.json.decode(jws.content, type=Checkpoint)


async def faults(conn: AsyncConnection, copies: Sequence[str] = ()) -> list[str]:
    """What of the ledger is not as it was signed: by the checkpoints here, and by copies kept elsewhere."""
    public = {key.id: key.public for key in await keys.listing(conn)}
    found = []
    for signed in [*(one.signed for one in await of_org(conn)), *copies]:
        try:
            said = said_by(signed, public)
        except ValueError as error:  # msgspec's errors are ValueErrors
            found.append(f"checkpoint {signed[:24]}…: {error}")
            continue
        line = await conn.scalar(
            sa.select(tables.ledger.c.hash).where(
                tables.ledger.c.org == said.org, tables.ledger.c.n == said.n
            )
        )
        if line is None:
            found.append(f"{said.org}: had {said.n} lines on {said.day}; the last of them are gone")
        elif line != said.hash:
            found.append(f"{said.org}: line {said.n} is not the one signed on {said.day}")
    return found


async def verify(parts: Parts, copies: Sequence[str] = ()) -> int:
    """Check the whole chain, then each checkpoint; say what is wrong; 1 when something is."""
    chain = await ledger.verify_database(parts)
    async with parts.db.read() as conn:
        wrong = await faults(conn, copies)
        count = len(await of_org(conn))
    for each in wrong:
        sys.stderr.write(f"ledger: {each}\n")
    if not wrong:
        sys.stdout.write(f"{count} checkpoints of this server and {len(copies)} copies hold\n")
    return 1 if wrong else chain


async def show(parts: Parts) -> int:
    """Write all checkpoints, one JWS a line, to be kept elsewhere; the day's is made first."""
    await sign_day(parts.db, parts.clock())
    async with parts.db.read() as conn:
        for one in await of_org(conn):
            sys.stdout.write(f"{one.signed}\n")
    return 0
