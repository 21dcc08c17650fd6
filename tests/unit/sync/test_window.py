"""What a phone holds, the same on both sides; and that it always fits."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.app import KINDS
from sync.window import LAST, Group, Hold, Window, fitting, hold, holds, left_out

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "window.json").read_text("utf-8"))
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"level {case['rule']['level']}")
def test_a_rule_holds_what_the_vectors_say(case: dict[str, Any]) -> None:
    rule = msgspec.convert(case["rule"], Hold)
    out = [
        r["id"]
        for r in VECTORS["records"]
        if not holds(KINDS, rule, r["kind"], r["state"], r["scope"], r["at"])
    ]
    assert out == case["out"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"level {case['rule']['level']}")
def test_what_the_database_leaves_out_is_what_the_rule_does_not_hold(case: dict[str, Any]) -> None:
    rule = msgspec.convert(case["rule"], Hold)
    out = []
    for r in VECTORS["records"]:
        left = left_out(KINDS, rule, r["scope"])
        old = r["at"] < left.since and f"{r['kind']}/{r['state']}" in left.closed
        out += [r["id"]] if old or r["kind"] in left.kinds else []
    assert out == case["out"]


def test_the_rule_of_a_level_is_the_vectors() -> None:
    made = [
        msgspec.to_builtins(hold(Window(), case["rule"]["level"], "own", NOW)) for case in VECTORS["cases"]
    ]
    assert made == [case["rule"] for case in VECTORS["cases"]]


def test_the_rule_changes_at_midnight_only() -> None:
    first, last = (hold(Window(), 2, "own", NOW.replace(hour=hour, minute=59)) for hour in (0, 23))
    assert first == last
    assert hold(Window(), 2, "own", NOW.replace(day=25, hour=0)).since > last.since


def group(kind: str, state: str, rows: int, scope: str = "u:their", day: str = "2026-11-24") -> Group:
    return Group(scope, kind, state, day, rows, rows * 1000)


@pytest.mark.parametrize(
    ("groups", "level"),
    [
        ([group("repair", "new", 900)], 0),
        ([group("repair", "new", 900), group("repair", "accepted", 900, day="2026-10-01")], 1),
        ([group("repair", "new", 900), group("repair", "accepted", 900, day="2026-11-01")], 2),
        ([group("repair", "new", 900), group("repair", "accepted", 900, day="2026-11-20")], 3),
        ([group("repair", "new", 900), group("meter_box", "live", 900)], 4),
        ([group("repair", "new", 900), group("meter_box", "live", 900, scope="u:own")], 5),
        ([group("repair", "new", 2000)], 6),
        ([group("repair", "new", 2000, scope="u:own")], LAST),
    ],
)
def test_what_is_open_stays_longest_when_the_budget_is_short(groups: list[Group], level: int) -> None:
    assert fitting(KINDS, Window(rows=1000), groups, "own", NOW).level == level
    assert fitting(KINDS, Window(bytes=1_000_000), groups, "own", NOW).level == level
