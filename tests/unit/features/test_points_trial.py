"""A rule tried on the past: the old one gives just the old points, and the new one's effects are counted right."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backend import catalogue
from backend.catalogue import PointsRules
from backend.features.points.rules import Past, base, propose, replay, tried

OLD = catalogue.edition("2026.11").points
ITEMS = {"QX-01": 3, "FD-01": 6, "YYT-03": 2, "TQ-05": 12, "JL-02": 1}


def rules(off: frozenset[str], cap: int, items: dict[str, int]) -> PointsRules:
    return PointsRules("2026.12.3", OLD.cycle, cap, OLD.classes, OLD.thresholds, items, off, 4)


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Past], dict[str, PointsRules]]:
    """A ledger as confirmations write it: each line by the rule of its day, counting the lines before it."""
    off = frozenset(draw(st.sets(st.sampled_from(["M1", "M2", "M3", "M4", "M5", "M6"]))))
    items = draw(st.dictionaries(st.sampled_from(list(ITEMS)), st.integers(0, 9)))
    laws = {OLD.version: OLD, "2026.12.3": rules(off, draw(st.integers(9, 20)), items)}
    lines: list[Past] = []
    for n in range(draw(st.integers(0, 30))):
        person, item = draw(st.sampled_from("abc")), draw(st.sampled_from(list(ITEMS)))
        cycle, version = draw(st.sampled_from(["2025", "2026"])), draw(st.sampled_from(list(laws)))
        law, flags = laws[version], draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
        earlier = sum((one.person, one.cycle, one.item) == (person, cycle, item) for one in lines)
        points = propose(
            law,
            base(law, item, ITEMS[item]),
            item,
            earlier,
            complaint=flags[0],
            self_reported=flags[1],
            false_evidence=flags[2],
        ).points
        lines.append(Past(n + 1, person, "u" + person, cycle, item, points, version, ITEMS[item], *flags))
    return lines, laws


@given(ledgers())
def test_the_old_rule_gives_exactly_the_old_points(made: tuple[list[Past], dict[str, PointsRules]]) -> None:
    lines, laws = made
    assert [one.points for one in replay(lines, lambda one: laws[one.rule])] == [one.points for one in lines]


@given(ledgers())
def test_sums_of_people_and_units_agree_with_the_decisions(
    made: tuple[list[Past], dict[str, PointsRules]],
) -> None:
    lines = [one for one in made[0] if one.cycle == "2025"]
    new = rules(frozenset({"M1"}), 6, {"QX-01": 1})
    trial, after = tried(lines, lambda _: 12, new)
    assert trial.decisions == len(lines) == len(after)
    assert sum(unit.before for unit in trial.units) == sum(one.points for one in lines)
    assert sum(unit.after for unit in trial.units) == sum(after)
    assert sum(unit.changed for unit in trial.units) == trial.changed
    assert all(points <= 6 for points in after)
    for moved in trial.people:
        own = [
            (one.points, points)
            for one, points in zip(lines, after, strict=True)
            if one.person == moved.person
        ]
        assert (moved.before, moved.after) == (sum(a for a, _ in own), sum(b for _, b in own))
        assert (moved.was_over, moved.is_over) == (moved.before >= 12, moved.after >= 6)


def past(n: int, person: str, points: int, **more: object) -> Past:
    made = Past(n, person, "u1", "2025", "QX-01", points, OLD.version, 3, False, False, False)
    return replace(made, **more)


def test_who_newly_crosses_the_cap_stands_first_and_who_no_longer_does_is_counted() -> None:
    lines = [past(1, "a", 3), past(2, "b", 12, item="TQ-05", default=12, unit="u2"), past(3, "c", 3)]
    new = rules(frozenset(), 9, {"QX-01": 9, "TQ-05": 6})
    trial, after = tried(lines, lambda _: 12, new)
    assert after == [9, 6, 9]
    assert [(one.person, one.was_over, one.is_over) for one in trial.people] == [
        ("a", False, True),
        ("b", True, False),
        ("c", False, True),
    ]
    assert [(unit.unit, unit.newly_over, unit.no_longer_over) for unit in trial.units] == [
        ("u1", 2, 0),
        ("u2", 0, 1),
    ]


def test_a_modifier_that_is_switched_off_does_nothing_and_is_not_named() -> None:
    law = rules(frozenset({"M1", "M2"}), 12, {})
    made = propose(law, 3, "QX-01", 5, complaint=False, self_reported=False, false_evidence=True)
    assert (made.points, made.modifiers, made.unit_case) == (4, ("M5",), False)
