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


async def charge(conn: AsyncConnection, settings: Settings, login: str, address: str, now: datetime) -> None:
    """Count an attempt as failed before it is checked, so that many at once cannot slip through.

    Raises AppError `locked_out` with `retry_after_s`; then nothing was counted.
    """
    bounds = {
        f"account:{login}": settings.lockout_failures,
        f"address:{address}": settings.lockout_address_failures,
    }
    for key in sorted(bounds):  # in one order, so that two sign-ins never wait for each other
        await conn.execute(
            sa.text(
                "INSERT INTO throttle (key, failures, updated_at) VALUES (:key, 0, :now)"
                " ON CONFLICT DO NOTHING"
            ),
            {"key": key, "now": stamp(now)},
        )
        row = (await conn.execute(sa.select(throttle).where(throttle.c.key == key).with_for_update())).one()
        if row.locked_until is not None and row.locked_until > stamp(now):
            left = moment(row.locked_until) - now
            raise AppError("locked_out", retry_after_s=max(1, round(left.total_seconds())))
        failures = 1 if moment(row.updated_at) < now - FORGET else row.failures + 1
        lock = lock_s(failures, bounds[key], settings.lockout_s, settings.lockout_max_s)
        until = stamp(now + timedelta(seconds=lock)) if lock else None
        await conn.execute(
            throttle.update()
            .where(throttle.c.key == key)
            .values(failures=failures, locked_until=until, updated_at=stamp(now))
        )


async def refund(conn: AsyncConnection, login: str, address: str) -> None:
    """The sign-in was right: the account starts anew, the address loses this one count."""
    await conn.execute(throttle.delete().where(throttle.c.key == f"account:{login}"))
    await conn.execute(
        throttle.update()
        .where(throttle.c.key == f"address:{address}", throttle.c.failures > 0)
        .values(failures=throttle.c.failures - 1, locked_until=None)
    )


async def sweep(conn: AsyncConnection, now: datetime) -> None:
    await conn.execute(throttle.delete().where(throttle.c.updated_at < stamp(now - FORGET)))
