"""What a table of equipment or boxes would change in the register: each bad row with what would be right. Pure."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

from backend.access.grants import left
from backend.features.assets.model import EquipmentType
from backend.features.assets.table import Line, Unreadable

Words = Mapping[str, tuple[str, ...]]


class Sheet(NamedTuple):
    """The table of one register: what a column may be called (first as the template has it: Chinese, English), what
    a row has to have, the longest texts, bounds of numbers (from, to, and whether the first is too small itself), and
    the words of a choice.
    """

    kind: str
    headers: Words
    needed: tuple[str, ...]
    longest: Mapping[str, int]
    numbers: Mapping[str, tuple[float, float, bool]]
    choices: Mapping[str, Words]
    counts: frozenset[str] = frozenset()  # numbers that are whole


_PLACE: Final[Words] = {
    "lat": ("纬度", "Latitude", "lat"),
    "lon": ("经度", "Longitude", "lon"),
}
_PLACES: Final[Mapping[str, tuple[float, float, bool]]] = {"lat": (-90, 90, False), "lon": (-180, 180, False)}
TYPES: Final[Words] = {
    "transformer": ("变压器", "Transformer"),
    "switch": ("开关", "Switch"),
    "breaker": ("断路器", "Breaker"),
    "joint": ("接头线夹", "Joint or clamp"),
    "cable": ("电缆", "Cable"),
    "arrester": ("避雷器", "Surge arrester"),
    "insulator": ("绝缘子", "Insulator"),
    "instrument": ("互感器", "Instrument transformer"),
    "capacitor": ("电容器", "Capacitor"),
    "bushing": ("套管", "Bushing"),
    "other": ("其他", "Other"),
}
EQUIPMENT: Final = Sheet(
    kind="equipment",
    headers={
        "code": ("编号", "Number", "设备编号", "code"),
        "name": ("名称", "Name", "设备名称"),
        "unit": ("单位", "Unit", "供电所", "所属单位"),
        "line": ("线路", "Line", "线路名称"),
        "type": ("类型", "Type", "设备类型"),
        "row": ("发热部位", "Row", "DL/T 664 行", "DL/T 664 row"),
        "voltage_kv": ("电压kV", "Voltage kV", "电压等级kV", "电压", "voltage_kv"),
        "area_name": ("台区", "Area", "台区名称", "area_name"),
        "rated_a": ("额定电流A", "Rated A", "额定电流", "rated_a"),
        **_PLACE,
    },
    needed=("code", "name", "unit", "line", "type", "row", "voltage_kv", "area_name"),
    longest={"code": 40, "name": 80, "line": 80, "area_name": 80},
    numbers={"voltage_kv": (0, 1100, True), "rated_a": (0, 20000, True), **_PLACES},
    choices={"type": TYPES},
)
METER_BOXES: Final = Sheet(
    kind="meter_box",
    headers={
        "code": ("编号", "Number", "计量箱编号", "表箱编号", "code"),
        "unit": ("单位", "Unit", "供电所", "所属单位"),
        "area_name": ("台区", "Area", "台区名称", "area_name"),
        "address": ("地址", "Address", "安装地址"),
        "material": ("材质", "Material", "箱体材质"),
        "positions": ("表位", "Meter places", "表位数", "positions"),
        "ownership": ("产权", "Ownership", "产权归属"),
        "seal": ("封印", "Seal", "封印号"),
        **_PLACE,
    },
    needed=("code", "unit", "area_name", "address", "material", "positions", "ownership"),
    longest={"code": 40, "area_name": 80, "address": 200, "seal": 60},
    numbers={"positions": (1, 60, False), **_PLACES},
    choices={
        "material": {
            "metal": ("金属箱", "Metal", "金属"),
            "plastic": ("非金属箱", "Not metal", "非金属", "塑料"),
        },
        "ownership": {
            "utility": ("供电企业", "Utility"),
            "customer": ("客户", "Customer"),
            "property": ("物业", "Property management"),
        },
    },
    counts=frozenset({"positions"}),
)
SHEETS: Final[Mapping[str, Sheet]] = {sheet.kind: sheet for sheet in (EQUIPMENT, METER_BOXES)}
assert set(TYPES) == set(get_args(EquipmentType))
_NUMBER: Final = re.compile(r"([+-]?[0-9]{1,12}(?:\.[0-9]{1,12})?) ?(?:kv|a|°)?", re.IGNORECASE)
NEAR: Final = 4  # units offered for one that is not known

Wrong = Literal[
    "missing", "unknown", "number", "range", "length", "duplicate", "ambiguous", "formula", "closed", "pair"
]


class BadCell(msgspec.Struct, frozen=True):
    """A cell that cannot be taken: its row as the spreadsheet counts, its column's title, what it says, and of `right`
    what it might say: names, bounds, or the number of the row that has it already.
    """

    row: int
    column: str
    value: str
    code: Wrong
    right: list[str] = []


class PlannedRow(msgspec.Struct, frozen=True):
    """A row that makes a piece of the register (`id` null) or changes one; `fields`: before and after."""

    row: int
    code: str
    id: str | None
    fields: dict[str, tuple[Any, Any]]


class Known(NamedTuple):
    """A piece of equipment or a box as the register has it."""

    id: str
    rev: int
    body: Mapping[str, Any]


class Plan(NamedTuple):
    """`digest` names the file, and the state of all that it touches."""

    digest: str
    rows: int
    same: int
    changes: list[PlannedRow]
    bad: list[BadCell]


class _Bad(Exception):  # noqa: N818 (a cell, not a fault)
    def __init__(self, code: Wrong, right: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code: Wrong = code
        self.right = list(right)


def plan(
    raw: bytes,
    table: Sequence[Line],
    units: Mapping[str, Mapping[str, Any]],
    register: Sequence[Known],
    rows_of_table: Sequence[str],
    now: datetime,
    sheet: Sheet = EQUIPMENT,
) -> Plan:
    """What the table would do to the register of `sheet`. `rows_of_table` are the rows of the DL/T 664 table.

    An empty cell leaves what the register has. Raises Unreadable `empty`, `headers`.
    """
    if len(table) < 2:
        raise Unreadable("empty")
    columns = _columns(table[0], sheet)
    reader = _Reader(sheet, units, rows_of_table, now)
    by_code: dict[str, list[Known]] = {}
    for known in register:
        by_code.setdefault(known.body["code"], []).append(known)
    bad: list[BadCell] = []
    changes: list[PlannedRow] = []
    touched: list[Any] = []
    seen: dict[str, int] = {}
    same = 0
    for number, cells in table[1:]:
        given, wrong = reader.row(number, cells, columns)
        code = given.get("code")
        found = by_code.get(code, []) if code else []
        title = columns["code"][1]
        if code and code in seen:
            wrong.append(BadCell(number, title, code, "duplicate", [str(seen[code])]))
        elif len(found) > 1:
            wrong.append(BadCell(number, title, code or "", "ambiguous"))
        if code:
            seen.setdefault(code, number)
        before = found[0].body if len(found) == 1 else {}
        wrong += _lacking(sheet, number, columns, {**before, **given}, wrong)
        if wrong:
            bad += wrong
            continue
        fields = {
            name: (before.get(name), value) for name, value in given.items() if before.get(name) != value
        }
        if not fields:
            same += 1
            continue
        known_id = found[0].id if found else None
        changes.append(PlannedRow(number, str(code), known_id, fields))
        touched.append([number, known_id, found[0].rev if found else 0, fields])
    told = json.dumps(
        [sheet.kind, hashlib.sha256(raw).hexdigest(), touched], ensure_ascii=False, sort_keys=True
    )
    return Plan(hashlib.sha256(told.encode()).hexdigest(), len(table) - 1, same, changes, bad)


def _columns(head: Line, sheet: Sheet) -> dict[str, tuple[int, str]]:
    """Where each field stands, and its title in this file. Raises Unreadable `headers`."""
    names = {_plain(title): field for field, titles in sheet.headers.items() for title in (field, *titles)}
    found: dict[str, tuple[int, str]] = {}
    for at, cell in enumerate(head[1]):
        field = names.get(_plain(cell.text))
        if field is not None and field not in found:
            found[field] = (at, cell.text)
    if "code" not in found:
        raise Unreadable("headers")
    return found


def _plain(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())


def _lacking(
    sheet: Sheet,
    number: int,
    columns: Mapping[str, tuple[int, str]],
    body: Mapping[str, Any],
    wrong: Sequence[BadCell],
) -> list[BadCell]:
    """What a row has to have and the row and the register do not say."""
    said = {each.column for each in wrong}
    titles = {
        name: columns[name][1] if name in columns else called[0] for name, called in sheet.headers.items()
    }
    found = [
        BadCell(number, titles[name], "", "missing")
        for name in sheet.needed
        if body.get(name) is None and titles[name] not in said
    ]
    if (body.get("lat") is None) != (body.get("lon") is None) and not said & {titles["lat"], titles["lon"]}:
        found.append(BadCell(number, titles["lon" if body.get("lon") is None else "lat"], "", "pair"))
    return found


class _Reader:
    """Cells as values of the fields."""

    def __init__(
        self,
        sheet: Sheet,
        units: Mapping[str, Mapping[str, Any]],
        rows_of_table: Sequence[str],
        now: datetime,
    ) -> None:
        self.sheet = sheet
        self.units = {
            called: id_
            for id_, body in units.items()
            for called in (body["name"], body.get("name_en"), id_)
            if called
        }
        self.closed = {id_ for id_, body in units.items() if left(body, now)}
        self.names = [body["name"] for id_, body in units.items() if id_ not in self.closed]
        self.choices = {
            field: {_plain(called): name for name, words in choice.items() for called in (name, *words)}
            for field, choice in sheet.choices.items()
        }
        self.rows = rows_of_table

    def row(
        self, number: int, cells: Sequence[Any], columns: Mapping[str, tuple[int, str]]
    ) -> tuple[dict[str, Any], list[BadCell]]:
        """What the row says, and its cells that say nothing that can be taken."""
        given: dict[str, Any] = {}
        wrong = []
        for name, (at, title) in columns.items():
            cell = cells[at] if at < len(cells) else None
            if cell is None or not cell.text:
                continue
            try:
                if cell.formula:
                    raise _Bad("formula")
                given[name] = self.value(name, cell.text)
            except _Bad as why:
                wrong.append(BadCell(number, title, cell.text[:80], why.code, why.right))
        return given, wrong

    def value(self, name: str, text: str) -> Any:
        """Raises _Bad."""
        if name in self.sheet.numbers:
            return _number(text, *self.sheet.numbers[name], whole=name in self.sheet.counts)
        if name == "unit":
            return self._unit(text)
        if name in self.choices:
            if _plain(text) not in self.choices[name]:
                raise _Bad("unknown", [words[0] for words in self.sheet.choices[name].values()])
            return self.choices[name][_plain(text)]
        if name == "row":
            if text.upper() not in self.rows:
                raise _Bad("unknown", self.rows)
            return text.upper()
        if len(text) > self.sheet.longest[name]:
            raise _Bad("length", [str(self.sheet.longest[name])])
        return text

    def _unit(self, text: str) -> str:
        id_ = self.units.get(text)
        if id_ is None:
            raise _Bad("unknown", difflib.get_close_matches(text, self.names, NEAR, 0.2) or self.names[:NEAR])
        if id_ in self.closed:
            raise _Bad("closed")
        return id_


def _number(text: str, low: float, high: float, above: bool, *, whole: bool) -> float:
    said = _NUMBER.fullmatch(text)
    if said is None or (whole and not float(said[1]).is_integer()):
        raise _Bad("number", [f"{low:g}", f"{high:g}"])
    value = float(said[1])
    if not (low < value <= high or (value == low and not above)):
        raise _Bad("range", [f"{low:g}", f"{high:g}"])
    return int(value) if whole else value
