"""A table that somebody keeps in a spreadsheet, as rows of text: CSV in UTF-8 or GB18030, or the first sheet of XLSX.

Nothing in it is reckoned: a formula is said to be one. Pure.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, NamedTuple

MOST_UNPACKED: Final = 64 * 2**20
MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 60
MOST_LETTERS: Final = 500  # of one cell; more is cut, and too long for any field
ZIP: Final = b"PK\x03\x04"


class Unreadable(Exception):  # noqa: N818 (an answer, not a fault)
    """The file is no table that can be read; `reason` is a stable word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Cell(NamedTuple):
    """What stands in a cell, without blanks around it; a formula's text is not its value."""

    text: str
    formula: bool = False


Line = tuple[int, list[Cell]]


def lines(raw: bytes) -> list[Line]:
    """The rows that are not empty, with their numbers as the spreadsheet shows them. Raises Unreadable."""
    found: list[Line] = []
    for number, cells in _xlsx(raw) if raw.startswith(ZIP) else _csv(raw):
        if any(cell.text for cell in cells):
            found.append((number, cells))
            if len(found) > MOST_ROWS + 1:
                raise Unreadable("too_many_rows")
    return found


def _csv(raw: bytes) -> Iterator[Line]:
    text = _decoded(raw)
    if "\0" in text:
        raise Unreadable("not_a_table")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            yield number, [_cell(value) for value in row[:MOST_COLUMNS]]
    except csv.Error:
        raise Unreadable("not_a_table") from None


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")


def _cell(value: str) -> Cell:
    text = value.strip()[:MOST_LETTERS]
    return Cell(text, formula=text.startswith("="))


def _xlsx(raw: bytes) -> Iterator[Line]:
    from openpyxl import load_workbook  # only here: commands and other requests do without

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            if sum(each.file_size for each in parts.infolist()) > MOST_UNPACKED:
                raise Unreadable("too_large")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
                yield number, [_typed(cell) for cell in row]
        finally:
            book.close()
    except (Unreadable, GeneratorExit):
        raise
    except Exception:  # whatever a broken file makes the library raise
        raise Unreadable("not_a_table") from None


def _typed(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell("")
    if cell.data_type == "f":
        return Cell(str(value)[:MOST_LETTERS], formula=True)
    if isinstance(value, bool | datetime | date):
        return Cell(str(value))
    if isinstance(value, int | float):
        return Cell(format(value, ".15g"))
    return Cell(str(value).strip()[:MOST_LETTERS])
