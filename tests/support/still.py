"""A company whose clock stands and whose ids follow each other: its screens show the same whenever it is made."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)  # a Wednesday, half past ten in the company's zone
HOOK = "tests.support.still:stand"


class _Standing:
    """In the place of `datetime` where the wall clock is read."""

    @staticmethod
    def now(zone: tzinfo) -> datetime:
        return NOW.astimezone(zone)


class _Following:
    """In the place of `secrets` and `os` where ids are made: each is greater than the one before of the same moment."""

    def __init__(self) -> None:
        self._n = 0

    def randbits(self, bits: int) -> int:
        self._n += bits < 62  # an id asks for 12 bits, then for 62
        return self._n % 4096 if bits < 62 else self._n

    def urandom(self, size: int) -> bytes:
        self._n += 1
        return self._n.to_bytes(size, "big")


def stand() -> None:
    """From now on this process reads one moment. Called first in a process of `mingcha` (`Warm`)."""
    from backend import clock
    from sync import ids

    clock.datetime = _Standing  # type: ignore[assignment, misc]
    clock.secrets = _Following()  # type: ignore[assignment, attr-defined]
    ids.os = _Following()  # type: ignore[assignment, attr-defined]
