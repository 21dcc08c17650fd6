"""Record ids: UUID version 7 (RFC 9562) as lower-case text with hyphens."""

import os
import re
from datetime import datetime

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def uuid7(unix_ms: int, random: bytes) -> str:
    """The id for a moment in milliseconds since 1970 and 10 random bytes (74 of their bits are used)."""
    bits = unix_ms << 80 | int.from_bytes(random[:10], "big")
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_id(now: datetime) -> str:
    """A fresh id for `now`, its random part from the operating system."""
    return uuid7(int(now.timestamp() * 1000), os.urandom(10))


def is_id(text: str) -> bool:
    """Whether `text` is a UUIDv7 in the one spelling that is stored."""
    return _UUID7.fullmatch(text) is not None
