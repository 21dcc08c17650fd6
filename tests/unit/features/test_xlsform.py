"""The documented subset of XLSForm becomes a form; the rest is listed."""

import io
import zipfile
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook

from backend.features.editions.model import FormContent
from backend.features.editions.rules import read as read_content
from backend.features.editions.rules import sheet_of
from backend.features.editions.xlsform import Imported, read
from backend.problems import AppError
from backend.sheets import evaluate

SURVEY: list[list[Any]] = [
    ["type", "name", "label::中文 (zh)", "label::English (en)", "hint::zh", "required", "relevant", "constraint",
     "constraint_message::zh", "calculation", "appearance", "label::Français (fr)"],
    ["start", "start"],
    ["begin_group", "site", "现场", "Site"],
    ["text", "pole", "杆号", "Pole", "看标牌", "yes", None, None, None, None, "w1", "Poteau"],
    ["integer", "height", "高度", "Height", None, "yes", None, ". > 3 and . <= 30", "应在 3 到 30 之间"],
    ["decimal", "sag", "弧垂", "Sag", None, "no", "${height} >= 10"],
    ["end_group"],
    ["select_one state", "state", "状态", "State", None, "true()"],
    ["text", "why", "原因", "Why", None, "yes", "${state} = 'bad' or not(${height} < 20)"],
    ["select_multiple tools", "tools", "工具", "Tools", None, "yes"],
    ["note", "take_care", "注意带电", "Live parts", None, None, "selected(${tools}, 'rod')"],
    ["calculate", "ratio", None, None, None, None, None, None, None, "round(${sag} div ${height} * 100, 1)"],
    ["calculate", "said", None, None, None, None, None, None, None, "concat(${pole}, 'x')"],
    ["date", "last-seen", "上次检查", "Last seen"],
    ["image", "Photo", "照片", "Photo", None, "yes"],
    ["begin_repeat", "damage", "损坏", "Damage"],
    ["text", "part", "部位", "Part", None, "yes"],
    ["end_repeat"],
    ["geopoint", "where", "位置", "Where"],
    ["text", "late", "迟", "Late", None, None, "${unknown} = 1"],
]  # fmt: skip
CHOICES = [
    ["list_name", "name", "label::zh", "label::en"],
    ["state", "good", "好", "Good"],
    ["state", "bad", "坏", "Bad"],
    ["tools", "rod", "绝缘杆", "Rod"],
    ["tools", "glove", "手套", "Gloves"],
]
SETTINGS = [["form_title", "form_id", "version"], ["杆塔巡视", "Pole-Patrol", "3"]]


def book(**sheets: list[list[Any]]) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def imported() -> Imported:
    return read(book(survey=SURVEY, choices=CHOICES, settings=SETTINGS))


def test_what_is_in_the_subset_becomes_questions_with_their_rules(imported: Imported) -> None:
    content, wrong = read_content("form.pole_patrol", imported.body)
    assert wrong == []
    assert isinstance(content, FormContent)
    assert (imported.name, content.title.zh) == ("pole_patrol", "杆塔巡视")
    by_name = {question["name"]: question for question in imported.body["questions"]}
    assert by_name["site"]["type"] == "note"
    assert by_name["pole"]["hint"] == {"zh": "看标牌", "en": ""}
    assert by_name["height"]["limits"] == [
        {
            "hold": ["and", [">", "$height", 3], ["<=", "$height", 30]],
            "text": {"zh": "应在 3 到 30 之间", "en": "应在 3 到 30 之间"},
        }
    ]
    assert by_name["sag"]["when"] == [">=", "$height", 10]
    assert by_name["why"]["when"] == ["or", ["==", "$state", "bad"], ["not", ["<", "$height", 20]]]
    assert by_name["take_care"]["when"] == "$tools_rod"
    assert by_name["ratio"] | {"text": 0} == {
        "name": "ratio",
        "type": "calculated",
        "text": 0,
        "digits": 1,
        "value": ["*", ["/", "$sag", "$height"], 100],
    }
    assert [one["value"] for one in by_name["state"]["choices"]] == ["good", "bad"]
    assert by_name["damage"]["questions"][0]["required"] is True
    assert imported.body["photos"] == [{"role": "form_1", "text": {"zh": "照片", "en": "Photo"}, "least": 1}]
    assert msgspec.json.decode(msgspec.json.encode(imported.body)) == imported.body


def test_the_import_is_judged_like_a_form_of_ones_own(imported: Imported) -> None:
    content = msgspec.convert(imported.body, FormContent)
    sheet = sheet_of("pole_patrol", 1, content)
    given = {
        "pole": "12",
        "height": 12,
        "sag": 1.2,
        "state": "good",
        "tools_rod": True,
        "damage": [{"part": "横担"}],
    }
    found = evaluate(sheet, given)
    assert (found.wrong, found.calculated) == ([], {"ratio": 10.0})
    assert "take_care" in found.asked
    assert [one.code for one in evaluate(sheet, given | {"height": 31, "sag": None}).wrong] == [
        "limit",
        "missing",
    ]


def test_all_that_was_not_taken_is_listed_with_its_row(imported: Imported) -> None:
    said = {(note.row, note.code, note.kind) for note in imported.notes}
    assert {
        (2, "of_the_app", "dropped"),
        (10, "multiple_as_yes_no", "changed"),
        (10, "of_multiple", "dropped"),
        (13, "expression_function", "dropped"),
        (14, "date_as_moment", "changed"),
        (14, "name", "changed"),
        (19, "type", "dropped"),
        (20, "expression_unknown_question", "dropped"),
    } <= said
    assert {note.what for note in imported.notes if note.code == "column"} >= {"appearance", "version"}
    assert [note.what for note in imported.notes if note.code == "language"] == ["label::français (fr)"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("string-length(${a}) > 3", "function"),
        ("${a} > ", "unreadable"),
        ("(" * 2000, "too_long"),
        ("${a} mod 2 = 1", "function"),
        ("${day} > 3", "date"),
        ("${a} = 1; drop", "unreadable"),
    ],
)
def test_an_expression_beyond_the_operators_is_listed_and_stops_nothing(text: str, code: str) -> None:
    rows = [
        ["type", "name", "label", "relevant"],
        ["integer", "a", "甲"],
        ["date", "day", "日"],
        ["text", "b", "乙", text],
    ]
    made = read(book(survey=rows))
    assert [note.code for note in made.notes if note.row == 4] == [f"expression_{code}"]
    assert [question["name"] for question in made.body["questions"]] == ["a", "day", "b"]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04nonsense", b"type,name,label\n", book(choices=CHOICES)])
def test_a_file_that_is_no_xlsform_is_refused(raw: bytes) -> None:
    with pytest.raises(AppError) as refused:
        read(raw)
    assert refused.value.code == "xlsform_unreadable"


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 31_000_000)
    with pytest.raises(AppError, match="xlsform_unreadable"):
        read(out.getvalue())
