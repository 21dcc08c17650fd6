"""What an app of a released schema may have written still decodes today, or its kind declares an upcaster."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from backend.app import KINDS
from sync import upcast
from sync.kinds import Kind
from tests.support.compat import breaches
from tests.support.outboxes import schemas

RECORDED = sorted((Path(__file__).parents[2] / "vectors" / "schemas").glob("schema-*.json"))


def incompatible(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[str]]:
    """By kind, what today's decoders and state machine would refuse of the older app's operations."""
    found: dict[str, list[str]] = {}
    olds, news = old["components"], new["components"]

    def compare(kind: str, name: str, before: str, now: str | None) -> None:
        what = [": gone"] if now is None else list(breaches(olds[before], news[now], olds, news))
        found.setdefault(kind, []).extend(f"{name}{each}" for each in what)

    for kind, machine in old["kinds"].items():
        for each in ("patches", "bodies"):
            compare(kind, each, old[each][kind], new[each].get(kind))
        now = {event["name"]: event for event in new["kinds"].get(kind, {"events": []})["events"]}
        for event in machine["events"]:
            name = f"{kind}.{event['name']}"
            compare(kind, name, old["events"][name], new["events"].get(name))
            if event["name"] in now:
                lost = set(event["source"]) - set(now[event["name"]]["source"])
                found[kind] += [f"{name}: no longer from {state}" for state in sorted(lost)]
    return {kind: what for kind, what in found.items() if what}


def number(path: Path) -> int:
    return int(path.stem.removeprefix("schema-"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_an_older_app_may_have_written_still_decodes_or_is_lifted(path: Path) -> None:
    broken = incompatible(json.loads(path.read_text("utf-8")), schemas())
    unlifted = {kind: what for kind, what in broken.items() if not _lifts(KINDS.get(kind), number(path))}
    assert unlifted == {}, "raise SCHEMA and declare Kind.upcasts, or change additively"


def _lifts(kind: Kind | None, schema: int) -> bool:
    return kind is not None and schema in kind.upcasts


def test_todays_schema_is_recorded_and_is_the_one_that_phones_write() -> None:
    today = upcast.current(KINDS)
    assert [number(path) for path in RECORDED] == list(range(1, today + 1))
    source = (Path(__file__).parents[3] / "pwa" / "src" / "sync" / "outbox.ts").read_text("utf-8")
    assert f"export const SCHEMA = {today}\n" in source


def altered(**fields: Any) -> dict[str, Any]:
    """Today's schemas with fields of the hazard's body and patch replaced; None removes one."""
    changed = copy.deepcopy(schemas())
    for name in ("Hazard", "HazardPatch"):
        properties = changed["components"][name]["properties"]
        for field, change in fields.items():
            if change is None:
                del properties[field]
            else:
                properties[field] = {**properties.get(field, {}), **change}
    return changed


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"controlled": None}, "removed"),
        ({"unit": {"pattern": "^[0-9]+$"}}, "another pattern"),
        ({"items": {"maxItems": 5}}, "maxItems lowered"),
        ({"photos": {"minItems": 1}}, "minItems raised"),
        ({"found_at": {"type": "integer"}}, "was string"),
        ({"ownership": {"enum": ["utility"]}}, "no longer allowed"),
    ],
)
def test_a_change_that_refuses_older_work_is_told(change: dict[str, Any], told: str) -> None:
    broken = incompatible(schemas(), altered(**change))
    assert list(broken) == ["hazard"]
    assert all(told in each for each in broken["hazard"]), broken


def test_a_new_required_field_is_told() -> None:
    new = altered(weather={"type": "string"})
    new["components"]["Hazard"]["required"].append("weather")
    assert incompatible(schemas(), new) == {"hazard": ["bodies.weather: now required"]}


def test_an_event_renamed_or_taken_from_a_state_is_told() -> None:
    new = copy.deepcopy(schemas())
    del new["events"]["repair.arrive"]
    new["kinds"]["repair"]["events"] = [e for e in new["kinds"]["repair"]["events"] if e["name"] != "arrive"]
    submit = next(e for e in new["kinds"]["hazard"]["events"] if e["name"] == "submit")
    submit["source"] = ["draft"]
    assert incompatible(schemas(), new) == {
        "hazard": ["hazard.submit: no longer from returned"],
        "repair": ["repair.arrive: gone"],
    }


def test_an_additive_change_is_none() -> None:
    assert incompatible(schemas(), altered(weather={"type": "string"}, items={"maxItems": 99})) == {}
