"""What a phone holds of what it may see: open records and the last days of closed ones, within a budget. Pure.

Server and phone follow the same rule (`tests/vectors/window.json`): the server leaves out of the feed what a
phone need not hold, the phone removes what has fallen out since, and both leave it out of the audit.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from sync.kinds import Kind
from sync.tables import stamp


class Window(msgspec.Struct, frozen=True):
    """How much a phone may hold: `days` of closed records, `rows` and `bytes` of all."""

    days: int = 90
    rows: int = 20_000
    bytes: int = 31_457_280


class Hold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reader's rule. `since`: closed records whose last change is older are not held. `registers`, `units`:
    whether registers, or anything at all, of units other than the reader's `own` are held. `rows`: the budget.
    """

    level: Annotated[int, Meta(ge=0, le=6)]
    since: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00\.000000Z$")]
    registers: Literal["all", "near", "none"]
    units: Literal["all", "near"]
    own: str
    rows: int


class Group(NamedTuple):
    """How many records there are of one sort, in bytes too; `day` of their last change, as `2026-11-24`."""

    scope: str
    kind: str
    state: str
    day: str
    rows: int
    bytes: int


# By level, the days of closed records (None: as set), the registers and the units held. What is open of the
# reader's own and of his controlling group stays at every level.
_LEVELS: tuple[tuple[int | None, Literal["all", "near", "none"], Literal["all", "near"]], ...] = (
    (None, "all", "all"),
    (30, "all", "all"),
    (7, "all", "all"),
    (0, "all", "all"),
    (0, "near", "all"),
    (0, "none", "all"),
    (0, "none", "near"),
)
LAST = len(_LEVELS) - 1


def hold(window: Window, level: int, unit: str | None, now: datetime) -> Hold:
    """The rule of a level, today; it changes once a day, at midnight UTC."""
    days, registers, units = _LEVELS[level]
    first = now - timedelta(days=window.days if days is None else min(days, window.days))
    since = stamp(first.replace(hour=0, minute=0, second=0, microsecond=0))
    return Hold(level, since, registers, units, f"u:{unit}" if unit else "", window.rows)


def holds(kinds: Mapping[str, Kind], rule: Hold, kind: str, state: str, scope: str, at: str) -> bool:
    """Whether a phone with this rule holds a record; `at` is the server's stamp of its last change."""
    if at >= rule.since and rule.registers == rule.units == "all":
        return True
    declared = kinds.get(kind)
    if declared is None:
        return True
    if at < rule.since and state in declared.closed:
        return False
    near = scope == rule.own or not scope.startswith("u:")
    if declared.register and (rule.registers == "none" or (rule.registers == "near" and not near)):
        return False
    return near or rule.units == "all"


class LeftOut(msgspec.Struct, frozen=True):
    """What a reader of one scope does not hold (`kind/state` in `closed` since before `since`, all of `kinds`), and
    kinds that it cannot read (`newer`).
    """

    since: str
    closed: Sequence[str]
    kinds: Sequence[str]
    newer: Sequence[str]


def left_out(kinds: Mapping[str, Kind], rule: Hold, scope: str, newer: Iterable[str] = ()) -> LeftOut:
    """What `holds` says no to in a scope."""
    near = scope == rule.own or not scope.startswith("u:")
    closed = [f"{name}/{state}" for name, kind in kinds.items() for state in sorted(kind.closed)]
    whole: list[str] = []
    if not near and rule.units != "all":
        whole = list(kinds)
    elif rule.registers == "none" or (rule.registers == "near" and not near):
        whole = [name for name, kind in kinds.items() if kind.register]
    return LeftOut(rule.since, closed, whole, sorted(newer))


def fitting(
    kinds: Mapping[str, Kind], window: Window, groups: Iterable[Group], unit: str | None, now: datetime
) -> Hold:
    """The widest rule under which these records fit the budget; the narrowest when none does."""
    sizes = list(groups)
    for level in range(LAST + 1):
        rule = hold(window, level, unit, now)
        kept = [g for g in sizes if holds(kinds, rule, g.kind, g.state, g.scope, f"{g.day}T00:00:00.000000Z")]
        if sum(g.rows for g in kept) <= window.rows and sum(g.bytes for g in kept) <= window.bytes:
            return rule
    return hold(window, LAST, unit, now)
