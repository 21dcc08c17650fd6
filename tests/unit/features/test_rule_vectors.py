"""The rules answer the vectors that the phone's TypeScript answers too."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend import catalogue, sheets
from backend.features.infrared import rules as infrared
from backend.features.meterbox import rules as meterbox
from backend.features.points import rules as points
from backend.features.repair import rules as repair

VECTORS = Path(__file__).parents[2] / "vectors"
EDITION = catalogue.edition("2026.11")


def cases(name: str) -> list[Any]:
    loaded = json.loads((VECTORS / name).read_text("utf-8"))["cases"]
    return [pytest.param(case["input"], case["output"], id=case["name"]) for case in loaded]


def plain(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize(("given", "wanted"), cases("dlt664.json"))
def test_infrared_judgement(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    spots = tuple((point["label"], point["temp_c"]) for point in given["points"])
    reading = infrared.Reading(**{**given, "points": spots})
    assert plain(infrared.judge(EDITION.dlt664, reading)) == wanted


@pytest.mark.parametrize(("given", "wanted"), cases("hazards.json"))
def test_hazard_rating(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    found_at = datetime.fromisoformat(given["found_at"])
    assert plain(meterbox.rate(EDITION.hazards, given["items"], given["ownership"], found_at)) == wanted


@pytest.mark.parametrize(("given", "wanted"), cases("repair_clock.json"))
def test_repair_clock(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    answer = repair.clock(
        EDITION.commitments,
        given["area"],
        given["grade"],
        datetime.fromisoformat(given["reported_at"]),
        datetime.fromisoformat(given["deadline_at"]),
        instant(given["arrived_at"]),
        instant(given["restored_at"]),
    )
    assert plain(answer) == wanted


@pytest.mark.parametrize(("given", "wanted"), cases("points.json"))
def test_points_of_one_act(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert plain(points.propose(EDITION.points, **given)) == wanted


@pytest.mark.parametrize(("given", "wanted"), cases("points_cycle.json"))
def test_points_cycle(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    year = points.cycle(EDITION.points, datetime.fromisoformat(given["at"]))
    start, end = points.cycle_bounds(EDITION.points, year)
    assert plain({"cycle": year, "start": start, "end": end}) == wanted


@pytest.mark.parametrize(("given", "wanted"), cases("points_standing.json"))
def test_points_standing(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert plain(points.standing(EDITION.points, given["points"])) == wanted


SHEETS = json.loads((VECTORS / "sheets.json").read_text("utf-8"))


@pytest.mark.parametrize("case", SHEETS["expressions"], ids=lambda case: case["name"])
def test_expression_of_a_sheet(case: dict[str, Any]) -> None:
    value = sheets.calc(case["expression"], case["known"])
    assert (value, isinstance(value, bool)) == (case["value"], isinstance(case["value"], bool))


@pytest.mark.parametrize("case", SHEETS["cases"], ids=lambda case: case["name"])
def test_answers_to_a_sheet(case: dict[str, Any]) -> None:
    meant = case["sheet"]
    sheet = EDITION.sheet(meant, 1) if isinstance(meant, str) else msgspec.convert(meant, sheets.Sheet)
    assert sheet is not None
    found = sheets.evaluate(sheet, case["answers"])
    output = case["output"]
    assert (found.asked, found.calculated) == (output["asked"], output["calculated"])
    for name in ("wrong", "warned"):
        said = [(one.path, one.code, one.limit) for one in getattr(found, name)]
        assert said == [(one["path"], one["code"], one.get("limit")) for one in output[name]]


def test_each_shipped_sheet_is_of_known_items_and_has_no_fault() -> None:
    for sheet in EDITION.sheets:
        assert sheets.faults(sheet) == []
        assert all(EDITION.checklist.item(code) for code in sheet.items)


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        ({"type": "number", "when": ["==", "$later", 1]}, "a.when: $later"),
        ({"type": "calculated", "value": ["eval", "1"]}, "a.value: ['eval', '1']"),
        ({"type": "calculated", "value": ["round", 1, "$a"]}, "a.value: ['round', 1, '$a']"),
        (
            {"type": "number", "limits": [{"hold": ["<", "$a", None], "text": {"zh": "小", "en": "less"}}]},
            "a.limits: ['<', '$a', None]",
        ),
        ({"type": "calculated", "value": ["+", 1]}, "a.value: ['+', 1]"),
        ({"type": "calculated"}, "a: value"),
        ({"type": "choice"}, "a: choices"),
        ({"type": "group"}, "a: questions"),
        ({"type": "register"}, "a: from"),
        ({"type": "text", "required": {"$": 1}}, "a.required: {'$': 1}"),
        ({"type": "calculated", "value": ["sum", "$none", 1]}, "a.value: ['sum', '$none', 1]"),
    ],
)
def test_a_sheet_that_cannot_be_evaluated_says_where(question: dict[str, Any], fault: str) -> None:
    words = {"zh": "问", "en": "q"}
    sheet = {"id": "x", "version": 1, "items": [], "title": words}
    sheet["questions"] = [{"name": "a", "text": words, **question}]
    assert fault in sheets.faults(msgspec.convert(sheet, sheets.Sheet))


GRADES = {"一般": "general", "严重": "serious", "危急": "critical", None: None}


def published(part: Callable[[dict[str, Any]], list[Any]], name: str) -> list[Any]:
    folder = Path(catalogue.__file__).parent / "data" / "catalogue" / "2026.11"
    return part(json.loads((folder / name).read_text("utf-8")))


@pytest.mark.parametrize("vector", published(lambda raw: raw["test_vectors"], "dlt664_rules.json"))
def test_judgement_gives_the_catalogues_own_results(vector: dict[str, Any]) -> None:
    spots = (("T1", vector["T1"]), ("T2", vector["T2"]))
    answer = infrared.judge(
        EDITION.dlt664,
        infrared.Reading(row=vector["row"], points=spots, ambient_c=vector["T0"], load_a=1, rated_a=1),
    )
    assert answer.delta_pct == vector["delta_pct"]
    assert answer.grade == GRADES[vector.get("grade")]
    assert answer.error == vector.get("error")
    assert ("GAP" in answer.flags) == (vector.get("flag") == "GAP")


@pytest.mark.parametrize(
    ("item", "earlier", "flags", "wanted"),
    [
        ("QX-01", 0, {}, 3),
        ("QX-01", 1, {}, 6),
        ("YYT-03", 0, {"self_reported": True}, 1),
        ("FD-01", 0, {"complaint": True}, 12),
        ("YYT-05", 0, {"complaint": True}, 6),
    ],
)
def test_points_give_the_catalogues_worked_examples(
    item: str, earlier: int, flags: dict[str, bool], wanted: int
) -> None:
    known = EDITION.checklist.item(item)
    assert known is not None
    flags = {"complaint": False, "self_reported": False, "false_evidence": False, **flags}
    assert points.propose(EDITION.points, known.default_points, item, earlier, **flags).points == wanted
