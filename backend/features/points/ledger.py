"""The ledger in the database: read, append, and the commands `mingcha ledger verify` and `export`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from backend.features.points.chain import FIRST, Line, Verdict, line, verify
from backend.features.points.tables import ledger


class Parts(Protocol):
    """What of the application the commands need."""

    @property
    def db(self) -> Database: ...


async def append(conn: AsyncConnection, entry: Mapping[str, Any]) -> Line:
    """Chains `entry` to the organisation's last line and numbers it; the caller holds the organisation's lock."""
    last = (
        await conn.execute(
            sa.select(ledger.c.n, ledger.c.hash)
            .where(ledger.c.org == entry["org"])
            .order_by(ledger.c.n.desc())
            .limit(1)
        )
    ).one_or_none()
    n, prev_hash = (last.n + 1, last.hash) if last else (1, FIRST)
    added = line({**entry, "n": n}, prev_hash)
    await conn.execute(ledger.insert().values(**msgspec.structs.asdict(added)))
    return added


async def lines(
    conn: AsyncConnection,
    org: str | None = None,
    *,
    person: str | None = None,
    cycle: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[Line]:
    """Lines in order; of one organisation, person and cycle where given."""
    wanted = sa.select(ledger).where(ledger.c.n > after).order_by(ledger.c.org, ledger.c.n)
    for column, value in ((ledger.c.org, org), (ledger.c.person, person), (ledger.c.cycle, cycle)):
        if value is not None:
            wanted = wanted.where(column == value)
    found = await conn.execute(wanted if limit is None else wanted.limit(limit))
    return [Line(**row._mapping) for row in found]


async def verify_database(parts: Parts) -> int:
    """Prints what was found; 0 when every line holds, else 1."""
    async with parts.db.read() as conn:
        return _say(verify(await lines(conn)))


def verify_file(path: str | Path) -> int:
    """Checks an exported file, one JSON object a line; 0, 1 for a broken chain or an unreadable line."""
    try:
        return _say(verify(_read(Path(path))))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        sys.stderr.write(f"ledger: cannot be read: {error}\n")
        return 1


async def export(parts: Parts, path: str | Path) -> int:
    """Writes all lines, so that anyone can check them elsewhere."""
    async with parts.db.read() as conn:
        found = await lines(conn)
    Path(path).write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in found))  # noqa: ASYNC240
    sys.stdout.write(f"{len(found)} entries\n")
    return 0


def _read(path: Path) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(Line)
    for text in path.read_bytes().splitlines():
        yield decoder.decode(text)


def _say(verdict: Verdict) -> int:
    if verdict.broken is not None:
        sys.stdout.write(
            f"ledger: BROKEN at entry {verdict.broken.n} of {verdict.broken.org}: {verdict.broken.why}; "
            f"{verdict.count} entries before it hold\n"
        )
        return 1
    sys.stdout.write(f"ledger: {verdict.count} entries, chain whole\n")
    for org, head in sorted(verdict.heads.items()):
        sys.stdout.write(f"  {org} {head}\n")
    return 0
