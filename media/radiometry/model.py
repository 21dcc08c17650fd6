"""A matrix of temperatures and what is known about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from media.radiometry.planck import Camera

Celsius = npt.NDArray[np.float32]
Counts = npt.NDArray[np.uint16]
Trust = Literal["exact", "apparent", "approximate"]
_COLDEST_C, _HOTTEST_C = -150.0, 3000.0  # no thermal camera measures beyond


REASONS = {
    "dji_parameters": "the DJI parameters are damaged",
    "dji_size": "the DJI matrix has another size than its header says",
    "dji_vendor_library": "only DJI's own library reads the temperatures of this camera or firmware",
    "flir_camera_record": "the FLIR camera record is damaged",
    "flir_chunk_missing": "a part of the FLIR data is missing",
    "flir_chunk_twice": "a part of the FLIR data is there twice",
    "flir_directory": "the FLIR directory is damaged",
    "flir_header": "the FLIR header is damaged",
    "flir_parameters": "the FLIR parameters are missing or impossible",
    "flir_raw_depth": "the FLIR raw picture has no 16 bits a pixel",
    "flir_raw_picture": "the FLIR raw picture cannot be read",
    "flir_raw_size": "the FLIR raw data has another size than its header says",
    "flir_record_missing": "the FLIR data has no raw picture or no parameters",
    "flir_record_size": "a FLIR record reaches beyond the file",
    "hikmicro_raw": "HIKMICRO raw counts have no fixed scale: export with the power-industry block",
    "infiray_scale": "an InfiRay file does not say which scale its counts have",
    "no_valid_pixels": "not one pixel holds a temperature",
    "power_block_cut": "the power-industry block is cut off",
    "power_block_note": "the note of the power-industry block has an impossible length",
    "power_block_offset": "the power-industry block lies outside the file",
    "power_block_size": "the power-industry block says an impossible size",
    "power_block_version": "the power-industry block has an unknown version",
    "unit_scale": "the temperature scale of the UNI-T picture is impossible",
}


class Unreadable(Exception):  # noqa: N818 - reads as what it says
    """The file claims to hold temperatures, but they cannot be trusted or read. `reason` is a key of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{REASONS[reason]} ({reason})")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Raw:
    """What the detector counted, and the camera's calibration with the conditions as set in it."""

    counts: Counts
    camera: Camera


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermogram:
    """Temperatures in °C, shape (height, width), row by row from the top left; NaN where there is none.

    exact: as the camera would show them. apparent: before correction for emissivity.
    approximate: taken back from the picture's colours. `raw` is there where emissivity, distance and the like can be
    changed afterwards; without it the file holds results only.
    """

    format: str
    celsius: Celsius
    trust: Trust
    parameters: dict[str, Any] = field(default_factory=dict)
    taken_at: datetime | str | None = None  # text when the file gives no zone
    raw: Raw | None = None


def within_reach(celsius: Celsius) -> Celsius:
    """The same matrix, what lies beyond every camera's reach as NaN."""
    with np.errstate(invalid="ignore"):
        valid = (celsius >= _COLDEST_C) & (celsius <= _HOTTEST_C)
    return celsius if valid.all() else np.where(valid, celsius, np.float32(np.nan))
