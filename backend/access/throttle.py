"""Failed sign-ins, counted per account and per address. A lock doubles with each further failure."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.tables import throttle
from backend.problems import AppError
from backend.settings import Settings
from sync.tables import moment, stamp

FORGET: Final = timedelta(days=1)


def lock_s(failures: int, allowed: int, first_s: int, longest_s: int) -> int:
    """Seconds of the lock after so many failures in a row; 0 while fewer than `allowed`."""
    if failures < allowed:
        return 0
    return int(min(longest_s, first_s * 2 ** min(failures - allowed, 30)))


async def check(conn: AsyncConnection, login: str | None, address: str, now: datetime) -> None:
    """Raises AppError `locked_out` with `retry_after_s` while the account (where one is named) or the address is
    locked.
    """
    keys = [f"address:{address}", *([f"account:{login}"] if login is not None else [])]
    until = await conn.scalar(sa.select(sa.func.max(throttle.c.locked_until)).where(throttle.c.key.in_(keys)))
    if until is not None and until > stamp(now):
        raise AppError("locked_out", retry_after_s=max(1, round((moment(until) - now).total_seconds())))


async def count(
    conn: AsyncConnection, settings: Settings, login: str | None, address: str, now: datetime
) -> None:
    """Count a failed attempt; a sign-in that is right, or not decided yet, counts for nothing."""
    bounds = {f"address:{address}": settings.lockout_address_failures}
    if login is not None:
        bounds[f"account:{login}"] = settings.lockout_failures
    for key in sorted(bounds):  # in one order, so that two sign-ins never wait for each other
        await conn.execute(
            sa.text(
                "INSERT INTO throttle (key, failures, updated_at) VALUES (:key, 0, :now)"
                " ON CONFLICT DO NOTHING"
            ),
            {"key": key, "now": stamp(now)},
        )
        row = (await conn.execute(sa.select(throttle).where(throttle.c.key == key).with_for_update())).one()
        failures = 1 if moment(row.updated_at) < now - FORGET else row.failures + 1
        lock = lock_s(failures, bounds[key], settings.lockout_s, settings.lockout_max_s)
        until = stamp(now + timedelta(seconds=lock)) if lock else None
        await conn.execute(
            throttle.update()
            .where(throttle.c.key == key)
            .values(failures=failures, locked_until=until, updated_at=stamp(now))
        )


async def forgive(conn: AsyncConnection, login: str) -> None:
    """The sign-in was right: the account starts anew. The address keeps its count."""
    await conn.execute(throttle.delete().where(throttle.c.key == f"account:{login}"))


async def sweep(conn: AsyncConnection, now: datetime) -> None:
    await conn.execute(throttle.delete().where(throttle.c.updated_at < stamp(now - FORGET)))
