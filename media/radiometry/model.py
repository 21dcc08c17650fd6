"""A matrix of temperatures and what is known about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Celsius = npt.NDArray[np.float32]
Trust = Literal["exact", "apparent", "approximate"]


class Unreadable(Exception):  # noqa: N818 - reads as what it says
    """The file claims to hold temperatures, but they cannot be trusted or read; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermogram:
    """Temperatures in °C, shape (height, width), row by row from the top left; NaN where there is none.

    exact: as the camera would show them. apparent: before correction for emissivity.
    approximate: taken back from the picture's colours.
    """

    format: str
    celsius: Celsius
    trust: Trust
    parameters: dict[str, Any] = field(default_factory=dict)
    taken_at: datetime | str | None = None  # text when the file gives no zone
