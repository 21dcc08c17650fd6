"""What a record says it read off a thermal picture, against what the server reads at the same places. Pure.

A phone may be altered; the picture is signed. Both decoders agree within 0.05 K on every sample, and a stored
temperature is rounded to 0.01: more than `TOLERANCE_K` apart is no rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from backend.features.infrared.model import Measured

TOLERANCE_K = 0.1


class Reread(msgspec.Struct, frozen=True):
    """One mark: °C as the record has it and as the server reads it; `read_c` is null where nothing can be read."""

    label: str
    noted_c: float
    read_c: float | None
    agrees: bool


class Remeasured(msgspec.Struct, frozen=True):
    """agrees: every place reads what the record has, in the format and under the conditions that it names.

    missing: the picture has not come. unreadable: `reason` is why the server reads no temperatures in it. `wrong`
    names what else the record has and the picture has not: format, trust, adjusted.
    """

    state: Literal["agrees", "differs", "missing", "unreadable"]
    marks: tuple[Reread, ...]
    wrong: tuple[str, ...]
    reason: str | None


def compared(measured: Measured, answer: Mapping[str, Any]) -> Remeasured:
    """`answer` is of media.readings for the record's marks and conditions."""
    if "celsius" not in answer:
        return Remeasured("unreadable", (), (), answer["reason"])
    marks = tuple(
        Reread(mark.label, mark.temp_c, read, read is not None and abs(read - mark.temp_c) <= TOLERANCE_K)
        for mark, read in zip(measured.marks, answer["celsius"], strict=True)
    )
    wrong = tuple(name for name in ("format", "trust", "adjusted") if getattr(measured, name) != answer[name])
    same = not wrong and all(mark.agrees for mark in marks)
    return Remeasured("agrees" if same else "differs", marks, wrong, None)
