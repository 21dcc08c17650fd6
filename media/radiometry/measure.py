"""Spot, line and box on a matrix of °C, and the matrix under other conditions. Pure.

`pwa/src/media/radiometry/measure.ts` is the same; both answer `tests/vectors/radiometry.json`. x is the column, y the
row, from 0; ends and corners belong to what is measured. Pixels without a temperature do not count and are counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import floor
from typing import Literal

import numpy as np
import numpy.typing as npt

from media.radiometry.model import Celsius, Thermogram, within_reach
from media.radiometry.planck import Camera, celsius

Condition = Literal["emissivity", "distance_m", "reflected_c", "atmospheric_c", "humidity_pct"]
LIMITS: Mapping[Condition, tuple[float, float]] = {
    "emissivity": (0.01, 1),
    "distance_m": (0, 1000),
    "reflected_c": (-100, 1000),
    "atmospheric_c": (-60, 80),
    "humidity_pct": (0, 100),
}
_SPOT = 1  # pixels around the middle: 3 x 3


class NotAdjustable(Exception):  # noqa: N818 - reads as what it says
    """The file holds results, no raw counts: no condition can be changed afterwards."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One pixel, and the mean of the 3 x 3 around it: a single pixel may be noise."""

    c: float | None
    mean_c: float | None
    invalid: int


@dataclass(frozen=True, slots=True)
class Line:
    """The pixels from one end to the other, one for each step along the longer direction."""

    profile: tuple[float | None, ...]
    min_c: float | None
    max_c: float | None
    mean_c: float | None
    max_at: tuple[int, int] | None
    invalid: int


@dataclass(frozen=True, slots=True)
class Box:
    """p95: 95 of 100 valid pixels are not warmer (between two pixels linear). `max_at`: the first in reading order."""

    min_c: float | None
    max_c: float | None
    mean_c: float | None
    p95_c: float | None
    max_at: tuple[int, int] | None
    pixels: int
    invalid: int


def spot(matrix: Celsius, x: int, y: int) -> Spot:
    """ValueError outside the matrix; at its edge the mean takes what is there."""
    _inside(matrix, x, y)
    around = matrix[max(y - _SPOT, 0) : y + _SPOT + 1, max(x - _SPOT, 0) : x + _SPOT + 1]
    valid = _valid(around)
    own = float(matrix[y, x])
    return Spot(None if np.isnan(own) else own, _mean(valid), around.size - valid.size)


def line(matrix: Celsius, x0: int, y0: int, x1: int, y1: int) -> Line:
    """ValueError when an end lies outside the matrix."""
    _inside(matrix, x0, y0)
    _inside(matrix, x1, y1)
    places = _steps(x0, y0, x1, y1)
    values = np.array([matrix[y, x] for x, y in places], np.float32)
    valid = _valid(values)
    return Line(
        profile=tuple(None if np.isnan(value) else float(value) for value in values),
        min_c=float(valid.min()) if valid.size else None,
        max_c=float(valid.max()) if valid.size else None,
        mean_c=_mean(valid),
        max_at=places[int(np.nanargmax(values))] if valid.size else None,
        invalid=values.size - valid.size,
    )


def box(matrix: Celsius, x0: int, y0: int, x1: int, y1: int) -> Box:
    """Two opposite corners in any order; ValueError when one lies outside the matrix."""
    _inside(matrix, x0, y0)
    _inside(matrix, x1, y1)
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    inside = matrix[top : bottom + 1, left : right + 1]
    valid = _valid(inside)
    hottest = int(np.nanargmax(inside)) if valid.size else 0
    row, column = divmod(hottest, inside.shape[1])
    return Box(
        min_c=float(valid.min()) if valid.size else None,
        max_c=float(valid.max()) if valid.size else None,
        mean_c=_mean(valid),
        p95_c=float(np.percentile(valid.astype(np.float64), 95)) if valid.size else None,
        max_at=(left + column, top + row) if valid.size else None,
        pixels=inside.size,
        invalid=inside.size - valid.size,
    )


def adjusted(thermogram: Thermogram, conditions: Mapping[Condition, float]) -> Thermogram:
    """The same picture under other conditions; the file's own hold where none is given.

    NotAdjustable without raw counts; ValueError for a value that no measurement can have.
    """
    if thermogram.raw is None:
        raise NotAdjustable
    for name, value in conditions.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise ValueError(f"{name} must be between {low} and {high}")
    camera = _camera(thermogram.raw.camera, conditions)
    try:
        matrix = celsius(thermogram.raw.counts, camera)
    except (OverflowError, ZeroDivisionError) as error:
        raise ValueError("under these conditions nothing reaches the camera") from error
    return replace(
        thermogram,
        celsius=within_reach(matrix),
        parameters=thermogram.parameters | dict(conditions),
        raw=replace(thermogram.raw, camera=camera),
    )


def _camera(camera: Camera, conditions: Mapping[Condition, float]) -> Camera:
    given: dict[str, float] = {name: value for name, value in conditions.items() if name != "humidity_pct"}
    if "humidity_pct" in conditions:
        given["humidity"] = conditions["humidity_pct"] / 100
    return replace(camera, **given)


def _inside(matrix: Celsius, x: int, y: int) -> None:
    height, width = matrix.shape
    if not (0 <= x < width and 0 <= y < height):
        raise ValueError(f"{x},{y} lies outside the {width} x {height} pixels")


def _valid(values: Celsius) -> npt.NDArray[np.float32]:
    return values[~np.isnan(values)]


def _mean(valid: npt.NDArray[np.float32]) -> float | None:
    return float(valid.astype(np.float64).mean()) if valid.size else None


def _steps(x0: int, y0: int, x1: int, y1: int) -> list[tuple[int, int]]:
    n = max(abs(x1 - x0), abs(y1 - y0))
    if n == 0:
        return [(x0, y0)]

    def at(start: int, end: int, step: int) -> int:
        return floor((2 * (start * n + (end - start) * step) + n) / (2 * n))

    return [(at(x0, x1, step), at(y0, y1, step)) for step in range(n + 1)]
