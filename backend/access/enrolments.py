"""A code that signs one phone in without a password: shown as a QR code at the desk, good once and for minutes."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from litestar import Request
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.access import grants
from backend.access.tables import account, enrolment
from backend.problems import AppError
from backend.settings import Settings
from backend.web.address import is_https
from sync.caller import Caller
from sync.tables import record, stamp

LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another
LENGTH: Final = 12  # 58 bit


def plain(code: str) -> str:
    """As it was made: without the dashes, blanks and case of who typed it."""
    return "".join(letter for letter in code.upper() if letter in LETTERS)


def digest(code: str) -> str:
    return hashlib.sha256(plain(code).encode()).hexdigest()


async def invite(conn: AsyncConnection, caller: Caller, person: str, now: datetime, ends_at: datetime) -> str:
    """A new code for the person, in groups of four; earlier ones that were not used end."""
    await conn.execute(
        enrolment.update()
        .where(
            enrolment.c.org == caller.org,
            enrolment.c.person == person,
            enrolment.c.used_at.is_(None),
            enrolment.c.ends_at > stamp(now),
        )
        .values(ends_at=stamp(now))
    )
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    await conn.execute(
        enrolment.insert().values(
            code_hash=digest(letters),
            org=caller.org,
            person=person,
            made_by=caller.person,
            made_at=stamp(now),
            ends_at=stamp(ends_at),
        )
    )
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))


async def redeem(conn: AsyncConnection, code: str, now: datetime) -> tuple[str, str]:
    """(organisation, person) whom the code signs in, once. Raises AppError `enrolment_ended`."""
    row = (
        await conn.execute(
            enrolment.update()
            .where(
                enrolment.c.code_hash == digest(code),
                enrolment.c.used_at.is_(None),
                enrolment.c.ends_at > stamp(now),
            )
            .values(used_at=stamp(now))
            .returning(enrolment.c.org, enrolment.c.person)
        )
    ).one_or_none()
    if row is None or not await _open(conn, row.org, row.person, now):
        raise AppError("enrolment_ended")
    await audit.append(conn, now, row.org, "device.enrolled", person=row.person, subject=row.person)
    return row.org, row.person


async def _open(conn: AsyncConnection, org: str, person: str, now: datetime) -> bool:
    found = (
        await conn.execute(
            sa.select(account.c.disabled, record.c.body)
            .join(record, sa.and_(record.c.org == account.c.org, record.c.id == account.c.id))
            .where(account.c.org == org, account.c.id == person)
        )
    ).one_or_none()
    return found is not None and not found.disabled and not grants.left(msgspec.json.decode(found.body), now)


async def sweep(conn: AsyncConnection, now: datetime) -> None:
    """Codes that have ended are of no use; the audit log says who made and used them."""
    await conn.execute(enrolment.delete().where(enrolment.c.ends_at < stamp(now)))


def origin(request: Request[Any, Any, Any], settings: Settings) -> str:
    """The address that phones use."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if is_https(request.scope, settings) else "http"
    return f"{scheme}://{request.headers.get('host', '')}"


def picture(text: str) -> list[str]:
    """The rows of a QR code with its quiet zone, # for dark."""
    import qrcode

    code = qrcode.QRCode(border=4)
    code.add_data(text)
    code.make(fit=True)
    return ["".join("#" if dark else "." for dark in row) for row in code.get_matrix()]
