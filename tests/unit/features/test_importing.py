"""A table of equipment: read in every encoding, each bad row told with what would be right, nothing reckoned."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import xlsxwriter

from backend.features.assets.importing import METER_BOXES, Known, Plan, plan
from backend.features.assets.table import MOST_ROWS, Unreadable, lines

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
UNITS = {
    "u1": {"name": "城关供电所", "name_en": "Chengguan", "level": "station"},
    "u2": {"name": "北关供电所", "level": "station"},
    "u3": {"name": "老街供电所", "level": "station", "until": "2026-01-01T00:00:00Z"},
}
ROWS = ["C01", "C02", "V01"]
HEAD = ["编号", "名称", "单位", "线路", "类型", "发热部位", "电压kV", "台区", "额定电流A", "纬度", "经度"]
GOOD = [
    "CG-1",
    "1#变压器",
    "城关供电所",
    "城中线",
    "变压器",
    "C01",
    "10",
    "丛台里台区",
    "400",
    "36.6",
    "114.5",
]


def csv(*rows: list[str]) -> bytes:
    return "\r\n".join(",".join(row) for row in rows).encode()


def xlsx(*rows: list[object]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    book.close()
    return file.getvalue()


def planned(raw: bytes, register: list[Known] | None = None) -> Plan:
    return plan(raw, lines(raw), UNITS, register or [], ROWS, NOW)


def with_(**changes: str) -> list[str]:
    row = dict(zip(HEAD, GOOD, strict=True)) | changes
    return [row[title] for title in HEAD]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_in_the_encodings_that_spreadsheets_write(encoding: str, separator: str) -> None:
    raw = "\n".join(separator.join(row) for row in (HEAD, GOOD)).encode(encoding)
    found = planned(raw)
    assert found.bad == []
    (change,) = found.changes
    assert change.fields["name"] == (None, "1#变压器")
    assert change.fields["unit"] == (None, "u1")
    assert change.fields["voltage_kv"] == (None, 10)


def test_a_workbook_is_read_and_its_formulas_are_not_reckoned() -> None:
    numbers: list[object] = [*GOOD[:6], 10, *GOOD[7:8], 400, 36.6, 114.5]
    formula: list[object] = ["CG-2", *numbers[1:6], "=2*5", *numbers[7:]]
    found = planned(xlsx([*HEAD], numbers, formula))
    assert [change.code for change in found.changes] == ["CG-1"]
    assert [(bad.row, bad.column, bad.code) for bad in found.bad] == [(3, "电压kV", "formula")]
    assert planned(csv(HEAD, with_(名称="=1+1"))).bad[0].code == "formula"


def test_every_bad_cell_is_told_with_what_would_be_right() -> None:
    found = planned(
        csv(
            HEAD,
            with_(编号="A", 单位="城关供电站"),
            with_(编号="B", 类型="路灯", 电压kV="高压"),
            with_(编号="C", 电压kV="2000", 发热部位="C99"),
            with_(编号="D", 名称=""),
            with_(编号="D"),
            with_(编号="E", 单位="老街供电所"),
            with_(编号="F", 经度=""),
            with_(编号="", 线路="长" * 81),
        )
    )
    told = {(bad.row, bad.column): (bad.code, bad.right) for bad in found.bad}
    assert told[2, "单位"] == ("unknown", ["城关供电所", "北关供电所"])
    assert told[3, "类型"][0] == "unknown"
    assert "变压器" in told[3, "类型"][1]
    assert told[3, "电压kV"] == ("number", ["0", "1100"])
    assert told[4, "电压kV"] == ("range", ["0", "1100"])
    assert told[4, "发热部位"] == ("unknown", ROWS)
    assert told[5, "名称"] == ("missing", [])
    assert told[6, "编号"] == ("duplicate", ["5"])
    assert told[7, "单位"] == ("closed", [])
    assert told[8, "经度"] == ("pair", [])
    assert told[9, "编号"] == ("missing", [])
    assert told[9, "线路"] == ("length", ["80"])
    assert len(told) == 11


def test_an_empty_cell_leaves_what_the_register_has_and_the_same_changes_nothing() -> None:
    body = {
        "code": "CG-1", "name": "1#变压器", "unit": "u1", "line": "城中线", "type": "transformer", "row": "C01",
        "voltage_kv": 10, "area_name": "丛台里台区", "rated_a": 400, "lat": 36.6, "lon": 114.5, "owner": "p",
    }  # fmt: skip
    register = [Known("e1", 7, body)]
    found = planned(csv(HEAD, with_(额定电流A="")), register)
    assert (found.same, found.changes, found.bad) == (1, [], [])
    short = planned(csv(["Number", "Unit"], ["CG-1", "北关供电所"]), register)
    (change,) = short.changes
    assert (change.id, change.fields) == ("e1", {"unit": ("u1", "u2")})
    assert planned(csv(HEAD, with_(电压kV="35kV")), register).changes[0].fields == {"voltage_kv": (10, 35)}


def test_the_digest_names_the_file_and_what_it_touches() -> None:
    body = dict.fromkeys(("name", "line", "type", "row", "area_name"), "x") | {
        "voltage_kv": 1,
        "unit": "u1",
    }
    raw = csv(["编号", "台区"], ["CG-1", "新台区"])
    digests = {planned(raw, [Known("e1", rev, {**body, "code": "CG-1"})]).digest for rev in (1, 1, 2)}
    assert len(digests) == 2
    other = [Known("e1", 1, {**body, "code": "CG-1"}), Known("e2", 1, {**body, "code": "CG-9"})]
    assert planned(raw, other).digest in digests
    assert planned(raw + b"\n", other).digest not in digests


BOX_HEAD = ["编号", "单位", "台区", "地址", "材质", "表位", "产权", "封印"]
BOX = ["MX-1", "城关供电所", "丛台里台区", "人民路 1 号", "金属箱", "6", "物业", ""]


def test_a_table_of_meter_boxes_is_read_by_its_own_columns() -> None:
    bad = [
        ["MX-2", *BOX[1:4], "木", "6.5", "谁", "x" * 61],
        ["MX-3", *BOX[1:3], "", "塑料", "61", "客户", ""],
    ]
    raw = csv(BOX_HEAD, BOX, *bad)
    found = plan(raw, lines(raw), UNITS, [], ROWS, NOW, METER_BOXES)
    (change,) = found.changes
    assert {name: after for name, (_, after) in change.fields.items()} == {
        "code": "MX-1",
        "unit": "u1",
        "area_name": "丛台里台区",
        "address": "人民路 1 号",
        "material": "metal",
        "positions": 6,
        "ownership": "property",
    }
    assert isinstance(change.fields["positions"][1], int)
    assert [(each.row, each.column, each.code, each.right) for each in found.bad] == [
        (3, "材质", "unknown", ["金属箱", "非金属箱"]),
        (3, "表位", "number", ["1", "60"]),
        (3, "产权", "unknown", ["供电企业", "客户", "物业"]),
        (3, "封印", "length", ["60"]),
        (4, "表位", "range", ["1", "60"]),
        (4, "地址", "missing", []),
    ]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (csv(HEAD), "empty"),
        (csv(["a", "b"], ["1", "2"]), "headers"),
        (b"\xff\xfe\x00\x00\xff", "encoding"),
        (b"PK\x03\x04 no workbook", "not_a_table"),
        ("编号\n".encode() + b"A\n" * (MOST_ROWS + 1), "too_many_rows"),
        (b"a\0b,c", "not_a_table"),
    ],
)
def test_what_is_no_table_is_refused_with_a_word_for_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        planned(raw)
    assert refused.value.reason == reason
