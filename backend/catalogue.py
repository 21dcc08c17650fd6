"""The company's rules as versioned data, typed. `data/catalogue/<version>/` holds one folder per edition.

An edition is in force from the first day of the month that its name gives (`2026.11`: 1 November 2026) until
the next one. Every decision stores the edition it used, so an old decision can be explained by `edition()`.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from backend.sheets import Sheet, Words, faults

ZONE = ZoneInfo("Asia/Shanghai")


class CatalogueError(LookupError):
    """An edition, item or row that no catalogue holds."""


# --- checklist.json ---------------------------------------------------------------------------------------


class CheckItem(msgspec.Struct, frozen=True):
    """One item of an on-site inspection."""

    code: str
    group: str
    goal: str
    text: Words
    severity: int
    default_points: int
    evidence: tuple[str, ...]


class Checklist(msgspec.Struct, frozen=True):
    """Every item of an edition."""

    version: str
    items: tuple[CheckItem, ...]

    def item(self, code: str) -> CheckItem | None:
        """The item of that code, or None."""
        return next((item for item in self.items if item.code == code), None)


# --- points_rules.json ------------------------------------------------------------------------------------


class PointsClass(msgspec.Struct, frozen=True):
    """One of the values a violation may be worth."""

    id: str
    points: int


class Threshold(msgspec.Struct, frozen=True):
    """What the yearly sum brings about."""

    at: int
    action_zh: str
    action_en: str


class Cycle(msgspec.Struct, frozen=True):
    """How long points count."""

    type: str
    timezone: str


class PointsRules(msgspec.Struct, frozen=True):
    """Points, thresholds and cap. The effects of the modifiers are code in `features/points/rules.py`.

    `items`: points of checklist items where they differ from the checklist's own. `off`: modifiers that do not apply.
    """

    version: str
    cycle: Cycle
    cap_points: int
    classes: tuple[PointsClass, ...]
    thresholds: tuple[Threshold, ...]
    items: dict[str, int] = msgspec.field(default_factory=dict)
    off: frozenset[str] = frozenset()
    false_evidence_floor: int = 6


# --- dlt664_rules.json ------------------------------------------------------------------------------------


class CurrentRow(msgspec.Struct, frozen=True):
    """A row for current heating: limits in °C, K and %."""

    id: str
    equipment: Words
    general_diff_max_k: float = msgspec.field(name="general_diff_max_K")
    serious_hot_c: float = msgspec.field(name="serious_hot_C")
    serious_delta_pct: float
    critical_hot_c: float = msgspec.field(name="critical_hot_C")
    critical_delta_pct: float


class VoltageRow(msgspec.Struct, frozen=True):
    """A row for voltage heating: differences between like devices in K."""

    id: str
    equipment: Words
    limit_low_k: float = msgspec.field(name="limit_low_K")
    limit_high_k: float = msgspec.field(name="limit_high_K")


class CurrentProfile(msgspec.Struct, frozen=True):
    """The active rule for current heating."""

    id: str
    min_diff_k: float
    rows: tuple[CurrentRow, ...]


class VoltageProfile(msgspec.Struct, frozen=True):
    """The active rule for voltage heating."""

    id: str
    rows: tuple[VoltageRow, ...]


class SurveyLimits(msgspec.Struct, frozen=True):
    """Outside of these a measurement must be repeated."""

    ambient_min_c: float
    humidity_max_pct: float
    wind_max_m_s: float
    precise_wind_max_m_s: float
    load_min_pct_rated: float
    weather_not: frozenset[str]


class Dlt664(msgspec.Struct, frozen=True):
    """Everything the infrared judgement needs from one edition."""

    version: str
    current: CurrentProfile
    voltage: VoltageProfile
    weak_below_rise_k: float
    shiny_emissivity_max: float
    survey: SurveyLimits
    deadline_hours: dict[str, int]


# --- meter_box_hazards.json -------------------------------------------------------------------------------


class HazardItem(msgspec.Struct, frozen=True):
    """One kind of fault of a meter box; severity 1 general, 2 serious, 3 critical."""

    code: str
    text: Words
    severity: int
    deadline_days: int
    immediate_control: bool


class Hazards(msgspec.Struct, frozen=True):
    """Every hazard of an edition."""

    version: str
    items: tuple[HazardItem, ...]

    def item(self, code: str) -> HazardItem | None:
        """The hazard of that code, or None."""
        return next((item for item in self.items if item.code == code), None)


# --- service_commitments.json -----------------------------------------------------------------------------


class Commitments(msgspec.Struct, frozen=True):
    """Promised minutes by area class; None where nothing is promised."""

    version: str
    arrive_min: dict[str, int | None]
    restore_min: dict[str, int | None]


class Edition(msgspec.Struct, frozen=True):
    """All rules of one version."""

    version: str
    checklist: Checklist
    points: PointsRules
    dlt664: Dlt664
    hazards: Hazards
    commitments: Commitments
    sheets: tuple[Sheet, ...]

    def sheet(self, id_: str, version: int) -> Sheet | None:
        """The sheet of that id and version, or None. An edition keeps the versions of before."""
        return next((sheet for sheet in self.sheets if (sheet.id, sheet.version) == (id_, version)), None)


_WEATHER = {"雷": "thunder", "雨": "rain", "雾": "fog", "雪": "snow"}
_GRADES = {"一般": "general", "严重": "serious", "危急": "critical"}


def versions() -> tuple[str, ...]:
    """Every stored edition, oldest first."""
    root = files("backend.data") / "catalogue"
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir()))


@cache
def edition(version: str) -> Edition:
    """One edition by name; `CatalogueError` when there is none."""
    if version not in versions():
        raise CatalogueError(version)
    commitments = raw(version, "service_commitments.json")
    timers = {timer["id"]: timer["limit_min"] for timer in commitments["timers"] if "limit_min" in timer}
    return Edition(
        version=version,
        checklist=msgspec.convert(raw(version, "checklist.json"), Checklist),
        points=msgspec.convert(raw(version, "points_rules.json"), PointsRules),
        dlt664=_dlt664(raw(version, "dlt664_rules.json")),
        hazards=msgspec.convert(raw(version, "meter_box_hazards.json"), Hazards),
        commitments=Commitments(
            version=commitments["version"],
            arrive_min=msgspec.convert(timers["T_ARRIVE"], dict[str, int | None]),
            restore_min=msgspec.convert(timers["T_RESTORE"], dict[str, int | None]),
        ),
        sheets=_sheets(raw(version, "sheets.json")),
    )


def edition_on(day: date) -> Edition:
    """The edition in force on a day; before the first one, the first."""
    known = versions()
    in_force = [version for version in known if version <= f"{day.year:04}.{day.month:02}"]
    return edition(in_force[-1] if in_force else known[0])


def edition_at(moment: datetime) -> Edition:
    """The edition in force at a moment, by the company's calendar."""
    return edition_on(day_of(moment))


def day_of(moment: datetime) -> date:
    """The day of a moment by the company's calendar."""
    return moment.astimezone(ZONE).date()


def raw(version: str, name: str) -> dict[str, Any]:
    """One file of a shipped edition as it is."""
    text = (files("backend.data") / "catalogue" / version / name).read_bytes()
    value: dict[str, Any] = msgspec.json.decode(text)
    return value


def _sheets(raw: dict[str, Any]) -> tuple[Sheet, ...]:
    """Raises `CatalogueError` for a sheet that cannot be evaluated."""
    sheets = msgspec.convert(raw["sheets"], tuple[Sheet, ...])
    for sheet in sheets:
        if wrong := faults(sheet):
            raise CatalogueError(f"sheet {sheet.id} {sheet.version}: {'; '.join(wrong)}")
    return sheets


def _dlt664(raw: dict[str, Any]) -> Dlt664:
    profiles = {profile["id"]: profile for profile in raw["profiles"]}
    current, voltage = profiles["dlt664_2008_current"], profiles["dlt664_voltage"]
    general, precise = raw["environment"]["general"], raw["environment"]["precise"]
    shiny = [row["value"] for row in raw["emissivity"] if "do not grade" in row["verify"]]
    return Dlt664(
        version=raw["version"],
        current=CurrentProfile(
            id=current["id"],
            min_diff_k=current["min_diff_K"]["value"],
            rows=msgspec.convert(current["rows"], tuple[CurrentRow, ...]),
        ),
        voltage=VoltageProfile(
            id=voltage["id"], rows=msgspec.convert(voltage["rows"], tuple[VoltageRow, ...])
        ),
        weak_below_rise_k=raw["formula"]["weak_below_rise_K"]["value"],
        shiny_emissivity_max=max(shiny),
        survey=SurveyLimits(
            ambient_min_c=general["ambient_min_C"],
            humidity_max_pct=general["humidity_max_pct"],
            wind_max_m_s=general["wind_max_m_s"],
            precise_wind_max_m_s=precise["wind_max_m_s"],
            load_min_pct_rated=general["load_min_pct_rated"],
            weather_not=frozenset(_WEATHER[word] for word in general["weather_not"]),
        ),
        deadline_hours={
            _GRADES[word]: rule["hours"] if "hours" in rule else 24 * rule["days"]
            for word, rule in raw["deadlines_default"].items()
            if word in _GRADES
        },
    )
