"""Temperatures at given places of a picture. Runs in the bounded child process only: what it opens may be hostile."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from media.radiometry import Thermogram, Unreadable, measure, read
from media.radiometry.measure import Condition

# what the last digit of a stored condition is worth: the phone rounds them as the decoders do
_STEP: Mapping[Condition, float] = {
    "emissivity": 0.0001,
    "distance_m": 0.01,
    "reflected_c": 0.01,
    "atmospheric_c": 0.01,
    "humidity_pct": 0.1,
}


def readings(
    source: Path, conditions: Mapping[Condition, float], marks: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What each mark reads under these conditions: {format, trust, adjusted, celsius}; else {reason}.

    A mark is {tool, at}: a spot reads the mean of its 3 x 3, a line or box its highest; null outside the picture and
    where no pixel holds a temperature. adjusted: the conditions are not the file's own.
    """
    try:
        thermogram = read(source.read_bytes())
    except Unreadable as unreadable:
        return {"reason": unreadable.reason}
    if thermogram is None:
        return {"reason": "no_temperatures"}
    changed = _changed(thermogram, conditions)
    if changed:
        try:
            thermogram = measure.adjusted(thermogram, changed)
        except measure.NotAdjustable:
            return {"reason": "not_adjustable"}
        except ValueError:
            return {"reason": "conditions"}
    return {
        "format": thermogram.format,
        "trust": thermogram.trust,
        "adjusted": bool(changed),
        "celsius": [_celsius(thermogram, mark["tool"], mark["at"]) for mark in marks],
    }


def _changed(thermogram: Thermogram, conditions: Mapping[Condition, float]) -> dict[Condition, float]:
    own = thermogram.parameters
    return {
        name: value
        for name, value in conditions.items()
        if not isinstance(own.get(name), (int, float)) or abs(own[name] - value) > 1.01 * _STEP[name]
    }


def _celsius(thermogram: Thermogram, tool: str, at: Sequence[int]) -> float | None:
    try:
        if tool == "spot":
            return measure.spot(thermogram.celsius, at[0], at[1]).mean_c
        how = measure.line if tool == "line" else measure.box
        return how(thermogram.celsius, at[0], at[1], at[2], at[3]).max_c
    except (ValueError, IndexError):  # outside the picture; a draft's mark may lack a number
        return None
