"""A list as lines of a table: words, times with the offset of the company's zone, no formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from backend.catalogue import ZONE
from backend.lists.names import Named
from backend.lists.query import Line
from backend.lists.rows import GRADES
from backend.lists.words import Language, word
from media.sniff import extension

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s_]+')


def safe(cell: str) -> str:
    """What people wrote is text in every sheet program, also where it begins like a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def local(moment: str) -> str:
    """`2026-11-24 10:00:00 +08:00`: the company's clock, with its offset."""
    at = datetime.fromisoformat(moment).astimezone(ZONE)
    return f"{at:%Y-%m-%d %H:%M:%S} {at.isoformat()[-6:]}"


def cells(line: Line, names: Mapping[str, Named], language: Language) -> list[str]:
    """One record, in the order of words.COLUMNS."""
    thing = names.get(line.subject)
    title = line.title_en if language == "en" and line.title_en else line.title
    return [
        line.id,
        word(language, line.kind),
        word(language, line.state),
        word(language, GRADES[line.grade]),
        called(names.get(line.unit), language),
        called(names.get(line.person), language),
        called(thing, language),
        thing.code if thing else "",
        title,
        local(line.at),
        local(line.changed),
    ]


def called(named: Named | None, language: Language) -> str:
    """A name in the language, where there is one."""
    if named is None:
        return ""
    return named.en if language == "en" and named.en else named.zh


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV as Excel reads it, without the mark that begins the file."""
    out = io.StringIO()
    csv.writer(out).writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def part(text: str) -> str:
    """A piece of a file's name: no separators, no path, of bounded length."""
    return _UNFIT.sub("-", text).strip("-. ")[:40] or "-"


def photo_name(station: str, at: str, thing: str, role: str, n: int, type_: str) -> str:
    """`station_date_equipment_role_n.jpg`; `n` makes it the only one of its archive."""
    day = local(at)[:10]
    return (
        "_".join((part(station), day, part(thing), part(role), str(n)))
        + f".{extension(type_.partition(';')[0])}"
    )
