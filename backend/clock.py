"""The only places where the application reads the wall clock or makes an id."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The server's time, in UTC."""
    return datetime.now(UTC)


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562 5.7) of the given moment: 48 bits of milliseconds, 74 random bits."""
    ms = int(now.timestamp() * 1000)
    value = (ms << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
