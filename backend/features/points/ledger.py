"""The ledger in the database: read, append, and the commands `mingcha ledger verify` and `export`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from backend.features.points.chain import FIRST, Broken, Line, Verdict, line, verify
from backend.features.points.tables import ledger
from sync import store
from sync.records import Row
from sync.tables import record

TOGETHER = 500  # lines whose copies are read in one statement
_UNREADABLE = (SQLAlchemyError, msgspec.MsgspecError, UnicodeDecodeError)


class Parts(Protocol):
    """What of the application the commands need."""

    @property
    def db(self) -> Database: ...


async def append(conn: AsyncConnection, entry: Mapping[str, Any]) -> Line:
    """Chains `entry` to the organisation's last line; the caller holds the organisation's lock."""
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
    return [_line(row) for row in found]


def _line(row: sa.Row[Any]) -> Line:
    """Strictly: a number that became a text is no line."""
    return msgspec.convert({str(name): value for name, value in row._mapping.items()}, Line)


async def verify_database(parts: Parts) -> int:
    """Prints what was found; 0 when every line and every person's copy of it holds, else 1."""
    async with parts.db.read() as conn:
        return _say(await check(conn))


async def check(conn: AsyncConnection, org: str | None = None) -> Verdict:
    """The chain, then the people's copies of its lines, then whether a copy has lost its line."""
    found, unreadable = await _readable(conn, org)
    verdict = verify(found)
    if verdict.broken is None and unreadable is not None:
        verdict = msgspec.structs.replace(verdict, broken=unreadable)
    if verdict.broken is None:
        verdict = msgspec.structs.replace(verdict, broken=await _copies(conn, org, found))
    return verdict


async def _readable(conn: AsyncConnection, org: str | None) -> tuple[list[Line], Broken | None]:
    """All lines, or those up to the first that the database or its decoder cannot give back."""
    with contextlib.suppress(*_UNREADABLE):
        return await lines(conn, org), None
    keys = sa.select(ledger.c.org, ledger.c.n).order_by(ledger.c.org, ledger.c.n)
    found: list[Line] = []
    at = ("", 0)
    try:
        wanted = keys if org is None else keys.where(ledger.c.org == org)
        for key in (await conn.execute(wanted)).all():
            at = (key.org, key.n)
            row = await conn.execute(sa.select(ledger).where(ledger.c.org == key.org, ledger.c.n == key.n))
            found.append(_line(row.one()))
    except _UNREADABLE:
        return found, Broken(*at, "unreadable")
    return found, None


async def _copies(conn: AsyncConnection, org: str | None, found: Sequence[Line]) -> Broken | None:
    """Each line's record of kind `entry` says the same; there is no such record without a line."""
    for owner, group in groupby(found, key=lambda each: each.org):
        theirs = list(group)
        for start in range(0, len(theirs), TOGETHER):
            broken = await _some_copies(conn, owner, theirs[start : start + TOGETHER])
            if broken is not None:
                return broken
    entries = sa.select(record.c.org, sa.func.count()).where(record.c.kind == "entry").group_by(record.c.org)
    for owner, count in (await conn.execute(entries)).all():
        known = sum(each.org == owner for each in found)
        if org in (None, owner) and count != known:
            return Broken(owner, known + 1, "removed")
    return None


async def _some_copies(conn: AsyncConnection, org: str, found: Sequence[Line]) -> Broken | None:
    """The first of the lines whose copy is not as it says."""
    entries: list[dict[str, Any]] = [msgspec.json.decode(each.entry) for each in found]
    ids = [id_ for entry in entries for id_ in (entry["id"], entry["violation"])]
    try:
        rows = await store.load(conn, org, dict.fromkeys(ids))
    except (*_UNREADABLE, ValueError):
        if len(found) == 1:
            return Broken(org, found[0].n, "copy_unreadable")
        for each in found:  # which of them
            broken = await _some_copies(conn, org, [each])
            if broken is not None:
                return broken
        return None
    for each, entry in zip(found, entries, strict=True):
        why = _copy_fault(each, entry, rows)
        if why:
            return Broken(org, each.n, why)
    return None


def _copy_fault(each: Line, entry: Mapping[str, Any], rows: Mapping[str, Row]) -> str:
    """What is wrong with a line's copy, "" when nothing is."""
    wanted = {name: value for name, value in entry.items() if name not in {"org", "id", "cycle"}}
    wanted |= {"prev_hash": each.prev_hash, "hash": each.hash}
    copy, source = rows.get(entry["id"]), rows.get(entry["violation"])
    if copy is None or copy.deleted or copy.kind != "entry" or source is None:
        return "copy_missing"
    photos = source.body.get("photos", [])
    hashes = sorted(str(photo.get("sha256")) for photo in photos)
    same = copy.body == {**wanted, "photos": photos} and hashes == entry["photos"]
    if not same or copy.scope != f"p:{each.person}" or copy.state != "live":
        return "copy_differs"
    return ""


def verify_file(path: str | Path) -> int:
    """Checks an exported file, one JSON object a line; 1 for a broken chain or line, 2 without a file."""
    try:
        return _say(verify(_read(Path(path))))
    except OSError as error:
        sys.stderr.write(f"ledger: {path}: {error.strerror}\n")
        return 2
    except (msgspec.MsgspecError, UnicodeError) as error:
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
    raw = path.read_bytes()
    for text in raw.removesuffix(b"\n").split(b"\n") if raw else ():
        found = decoder.decode(text)
        if msgspec.json.encode(found) != text:
            raise msgspec.DecodeError(f"entry {found.n} is not spelled as it was exported")
        yield found


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
