"""Temperatures out of picture files: read(bytes) gives a Thermogram, or None where there are none."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from media.radiometry import dji, flir, hti, power, unit, unread
from media.radiometry.model import Celsius, Thermogram, Trust, Unreadable, within_reach

__all__ = ["Celsius", "Thermogram", "Trust", "Unreadable", "read", "thermal_facts", "thermal_json"]

_READERS = (power.read, flir.read, dji.read, hti.read, unit.read, unread.read)


def read(data: bytes) -> Thermogram | None:
    """The temperatures of a picture, values beyond every camera's reach as NaN.

    None: the file holds none. Unreadable: it claims to hold some, and `reason` says what is wrong with them.
    What is allocated stays in the scale of the file: sizes are checked against its length first.
    """
    for reader in _READERS:
        thermogram = reader(data)
        if thermogram is not None:
            return _checked(thermogram)
    return None


def _checked(thermogram: Thermogram) -> Thermogram:
    celsius = within_reach(thermogram.celsius)
    if np.isnan(celsius).all():
        raise Unreadable("no_valid_pixels")
    return replace(thermogram, celsius=celsius)


def thermal_json(thermogram: Thermogram) -> dict[str, Any]:
    """Summary in °C over the valid pixels, as the command line prints it."""
    celsius = thermogram.celsius.astype(np.float64)
    height, width = celsius.shape
    parameters = dict(thermogram.parameters)
    if thermogram.taken_at is not None:
        taken_at = thermogram.taken_at
        parameters["taken_at"] = taken_at.isoformat() if isinstance(taken_at, datetime) else taken_at
    return {
        "format": thermogram.format,
        "width": width,
        "height": height,
        "min": round(float(np.nanmin(celsius)), 3),
        "max": round(float(np.nanmax(celsius)), 3),
        "mean": round(float(np.nanmean(celsius)), 3),
        "invalid": int(np.count_nonzero(np.isnan(celsius))),
        "trust": thermogram.trust,
        "parameters": parameters,
    }


def thermal_facts(thermogram: Thermogram) -> dict[str, Any]:
    """The summary with the hottest and the coldest pixel; x is the matrix column, y its row, from 0.

    adjustable: emissivity and the other conditions can be changed afterwards.
    """
    return thermal_json(thermogram) | {
        "hot": _place(thermogram.celsius, int(np.nanargmax(thermogram.celsius))),
        "cold": _place(thermogram.celsius, int(np.nanargmin(thermogram.celsius))),
        "adjustable": thermogram.raw is not None,
    }


def _place(celsius: Celsius, index: int) -> dict[str, Any]:
    y, x = divmod(index, celsius.shape[1])
    return {"x": x, "y": y, "c": round(float(celsius[y, x]), 3)}
