"""Infrared judgement by DL/T 664 (2008 table, read as OR) as the catalogue gives it. Pure.

All temperatures are rounded to 0.1 °C before anything is compared, and so are differences and the relative
difference: what the phone shows is what was judged, and two languages with binary fractions agree.
`pwa/src/features/infrared/rules.ts` is the same rule; both answer `tests/vectors/dlt664.json`.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from backend.catalogue import CurrentRow, Dlt664, VoltageRow

Grade = Literal["normal", "general", "serious", "critical"]
Method = Literal["surface", "relative", "same_kind"]
Failure = Literal["T0_ABOVE_T2", "SHINY_SURFACE", "UNKNOWN_ROW", "TOO_FEW_POINTS"]

FLAGS = ("GAP", "ENV", "WEAK", "PROVISIONAL", "NEAR_LIMIT", "TRUST", "REVIEW")
OPEN = frozenset({"NEAR_LIMIT", "TRUST"})  # no grade holds until a person sets it
REVISION = 3  # of this rule, beside the edition of its limits; 3: pictures without true temperatures
ACCURACY_C, ACCURACY_SHARE = 2.0, 0.02  # what makers state for industrial cameras: ±2 °C or ±2 %, the larger
NEAR = ("serious_hot", "critical_hot", "serious_delta", "critical_delta", "min_diff")
_DECIDED = {
    ("critical", "surface"): "critical_hot",
    ("critical", "relative"): "critical_delta",
    ("serious", "surface"): "serious_hot",
    ("serious", "relative"): "serious_delta",
    ("general", "same_kind"): "min_diff",
}
_RANK = ("normal", "general", "serious", "critical")


class Spot(msgspec.Struct, frozen=True):
    """A measuring point as judged: °C, rounded to 0.1."""

    label: str
    c: float


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the judgement looks at. Points are (label, °C); `trust` is of the picture that they were read off."""

    row: str
    points: tuple[tuple[str, float], ...]
    ambient_c: float
    emissivity: float = 0.9
    load_a: float | None = None
    rated_a: float | None = None
    humidity_pct: float | None = None
    wind_m_s: float | None = None
    weather: str | None = None
    trust: str = "exact"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A grade with everything needed to say why in words.

    `grade` is None when `error` says so or when the survey's conditions do not allow a grade below serious.
    `method` and `limit` name the limit that decided: °C for surface, % for relative, K for same_kind. `near` names
    the limits that the camera's error would cross; `accuracy_c` is that error at the hottest point.
    """

    grade: Grade | None
    delta_pct: float | None
    diff_k: float | None
    rise_k: float | None
    hot: Spot | None
    ref: Spot | None
    ambient_c: float
    row: str
    profile: str | None
    catalogue: str
    method: Method | None
    limit: float | None
    flags: tuple[str, ...]
    env: tuple[str, ...]
    near: tuple[str, ...]
    error: Failure | None
    accuracy_c: float | None
    revision: int = REVISION


class Verdict(msgspec.Struct, frozen=True):
    """A grade, what decided it and what a reviewer must know about it."""

    grade: Grade
    method: Method | None = None
    limit: float | None = None
    flags: frozenset[str] = frozenset()


def tenth(value: float) -> float:
    """Round half up to one decimal, the same in Python and JavaScript."""
    return math.floor(value * 10 + 0.5) / 10


def judge(rules: Dlt664, reading: Reading) -> Judgement:
    """Grade one device by its hottest point, its coolest point and the surroundings."""
    current = next((row for row in rules.current.rows if row.id == reading.row), None)
    voltage = next((row for row in rules.voltage.rows if row.id == reading.row), None)
    hot, ref = _extremes(reading)
    ambient = tenth(reading.ambient_c)
    diff = tenth(hot.c - ref.c) if hot and ref else None
    rise = tenth(hot.c - ambient) if hot else None
    error = _error(rules, reading, current, voltage, ref, ambient)
    delta = _delta(hot.c, ref.c, ambient) if current and hot and ref else None
    env = _out_of_limits(rules, reading, precise=voltage is not None)

    grade: Grade | None = None
    verdict = Verdict("normal")
    near: tuple[str, ...] = ()
    if error is None:
        assert hot is not None
        assert ref is not None
        assert diff is not None
        if voltage:
            verdict = _voltage(voltage, diff)
        else:
            assert current is not None
            verdict = _current(rules, current, hot.c, ref.c, ambient)
            near = _near(rules, current, verdict, hot.c, ref.c, ambient)
            verdict = msgspec.structs.replace(verdict, flags=verdict.flags | _provisional(rules, reading))
        doubts = {"NEAR_LIMIT": bool(near), "TRUST": reading.trust != "exact"}
        doubted = frozenset(flag for flag, raised in doubts.items() if raised)
        verdict = msgspec.structs.replace(verdict, flags=verdict.flags | doubted)
        grade = None if env and verdict.grade in {"normal", "general"} else verdict.grade
    flags = verdict.flags | (frozenset({"ENV"}) if env else frozenset())
    profile = rules.voltage.id if voltage else rules.current.id if current else None
    return Judgement(
        grade=grade,
        delta_pct=delta,
        diff_k=diff,
        rise_k=rise,
        hot=hot,
        ref=ref,
        ambient_c=ambient,
        row=reading.row,
        profile=profile,
        catalogue=rules.version,
        method=verdict.method if grade else None,
        limit=verdict.limit if grade else None,
        flags=tuple(flag for flag in FLAGS if flag in flags),
        env=env,
        near=near,
        error=error,
        accuracy_c=tenth(accuracy(hot.c)) if hot else None,
    )


def accuracy(celsius: float) -> float:
    """By how much a reading may be wrong, in °C."""
    return max(ACCURACY_C, ACCURACY_SHARE * abs(celsius))


def _delta(hot_c: float, ref_c: float, ambient_c: float) -> float | None:
    """Relative difference in %; None when nothing is warmer than the surroundings."""
    rise = tenth(hot_c - ambient_c)
    return tenth((hot_c - ref_c) / (hot_c - ambient_c) * 100) if rise > 0 else None


def _extremes(reading: Reading) -> tuple[Spot | None, Spot | None]:
    """The hottest point and the coolest of the others; the first one wins a tie."""
    if len(reading.points) < 2:
        return None, None
    spots = [Spot(label, tenth(celsius)) for label, celsius in reading.points]
    hot = max(spots, key=lambda spot: spot.c)
    others = [spot for spot in spots if spot is not hot]
    return hot, min(others, key=lambda spot: spot.c)


def _error(
    rules: Dlt664,
    reading: Reading,
    current: CurrentRow | None,
    voltage: VoltageRow | None,
    ref: Spot | None,
    ambient: float,
) -> Failure | None:
    if current is None and voltage is None:
        return "UNKNOWN_ROW"
    if ref is None:
        return "TOO_FEW_POINTS"
    if reading.emissivity <= rules.shiny_emissivity_max:
        return "SHINY_SURFACE"  # bare polished metal mirrors its surroundings: use tape or a paint spot
    if current is not None and ambient > ref.c:
        return "T0_ABOVE_T2"  # would give more than 100 %: somebody typed a wrong value
    return None


def _out_of_limits(rules: Dlt664, reading: Reading, *, precise: bool) -> tuple[str, ...]:
    """Which survey limits are broken. Differences of half a kelvin need the precise survey's calm air."""
    survey = rules.survey
    wind_max = survey.precise_wind_max_m_s if precise else survey.wind_max_m_s
    broken = (
        ("ambient", tenth(reading.ambient_c) < survey.ambient_min_c),
        ("humidity", reading.humidity_pct is not None and reading.humidity_pct > survey.humidity_max_pct),
        ("wind", reading.wind_m_s is not None and reading.wind_m_s > wind_max),
        ("weather", reading.weather in survey.weather_not),
    )
    return tuple(name for name, is_broken in broken if is_broken)


def _provisional(rules: Dlt664, reading: Reading) -> frozenset[str]:
    """Without the load, or under the least share of it, the heat at full load stays unknown."""
    if reading.load_a is None:
        return frozenset({"PROVISIONAL"})
    if reading.rated_a and reading.load_a / reading.rated_a * 100 < rules.survey.load_min_pct_rated:
        return frozenset({"PROVISIONAL"})
    return frozenset()


def _current(rules: Dlt664, row: CurrentRow, hot_c: float, ref_c: float, ambient_c: float) -> Verdict:
    """Current heating. Under `weak_below_rise_K` the relative difference is shown but not judged by.

    There, half a kelvin of camera noise would pass for a critical defect; measure again at a higher load.
    """
    diff_k, weak = tenth(hot_c - ref_c), tenth(hot_c - ambient_c) < rules.weak_below_rise_k
    flags = {"WEAK"} if weak else set()
    usable = None if weak else _delta(hot_c, ref_c, ambient_c)
    if hot_c > row.critical_hot_c:
        return Verdict("critical", "surface", row.critical_hot_c, frozenset(flags))
    if usable is not None and usable >= row.critical_delta_pct:
        return Verdict("critical", "relative", row.critical_delta_pct, frozenset(flags))
    if hot_c > row.serious_hot_c:
        return Verdict("serious", "surface", row.serious_hot_c, frozenset(flags))
    if usable is not None and usable >= row.serious_delta_pct:
        return Verdict("serious", "relative", row.serious_delta_pct, frozenset(flags))
    if diff_k >= rules.current.min_diff_k:
        if diff_k > row.general_diff_max_k:
            flags |= {"GAP", "REVIEW"}
        return Verdict("general", "same_kind", rules.current.min_diff_k, frozenset(flags))
    return Verdict("normal", None, None, frozenset(flags))


def _near(
    rules: Dlt664, row: CurrentRow, verdict: Verdict, hot_c: float, ref_c: float, ambient_c: float
) -> tuple[str, ...]:
    """Limits that the camera's error would cross, so that the grade would be another.

    All points come from one camera: its error moves them the same way, and differences stay nearly what they are. The
    surroundings are measured with a thermometer.
    """
    crossed = set()
    for sign in (1, -1):
        hot, ref = (tenth(celsius + sign * accuracy(celsius)) for celsius in (hot_c, ref_c))
        other = _current(rules, row, hot, ref, ambient_c)
        if other.grade != verdict.grade:
            higher = max(other, verdict, key=lambda each: _RANK.index(each.grade))
            crossed.add(_DECIDED[higher.grade, higher.method or "surface"])
    return tuple(name for name in NEAR if name in crossed)


def _voltage(row: VoltageRow, diff_k: float) -> Verdict:
    """Voltage heating: tenths of a kelvin matter and a person decides; never closed by itself."""
    if diff_k >= row.limit_low_k:
        return Verdict("serious", "same_kind", row.limit_low_k, frozenset({"REVIEW"}))
    return Verdict("normal")
