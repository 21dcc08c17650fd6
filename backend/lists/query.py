# ruff: noqa: S608 (statements are put together from names that stand here, never from values)
"""Reading the list: what is asked, and the statements for it.

One index range a scope, each cut at the page's length, laid together: a page costs its reader's scopes × the page,
however many records there are. Whoever has no scope of a record has no range with it.
"""

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.catalogue import ZONE
from backend.lists import wording
from backend.lists.rows import GRADES, KINDS, REGISTER
from backend.lists.standing import ZEROS
from sync.caller import Caller
from sync.kinds import Issue
from sync.tables import stamp

IDS = 200  # records that are named one by one, at most
STEP = 200  # rows from one mark to the next
AT = len("2026-11-24T08:30:00.000000Z")  # letters of a moment
_KEYS: Mapping[str, tuple[str, ...]] = {
    "at": ("at", "id"),
    "changed": ("changed", "id"),
    "grade": ("grade", "at", "id"),
}
_WHOLE = "org = :org AND shelf = :shelf"  # of a list that nothing is asked of
_COLUMNS = "id, kind, state, grade, unit, person, subject, at, changed, title, title_en"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A list as its address names it. Several values stand with commas; days are those of the company's zone.

    `ids` names single records, 200 at most; `thing` is a piece of equipment or a meter box; every word of `q` must be
    found. `zero`: what counts against these of the seven zeros at `now`, the days then those on which it came to count.
    `unseen`: things of the register that nobody has looked at since that day.
    """

    kind: str = ""
    status: str = ""
    grade: str = ""
    unit: str = ""
    person: str = ""
    thing: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    ids: str = ""
    zero: str = ""
    unseen: str = ""
    now: str = ""
    sort: str = "-at"


class Wrong(Exception):  # noqa: N818 (an outcome, not a fault)
    """What is asked cannot be meant."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.issue = Issue(path, "choice")


class Line(NamedTuple):
    """A row of the list as stored."""

    id: str
    kind: str
    state: str
    grade: int
    unit: str
    person: str
    subject: str
    at: str
    changed: str
    title: str
    title_en: str


class ListMark(msgspec.Struct, frozen=True):
    """`after` begins the page that follows the first `n` rows."""

    n: int
    after: str


class Filter(NamedTuple):
    """A WHERE clause without the scope, the caller's scopes as parameters, and the values of both. A row that fits has
    one of `ways` besides, never two; one without words is everywhere the same.
    """

    where: str
    scopes: str
    values: dict[str, Any]
    ways: tuple[str, ...] = ("",)


def filtered(asked: Asked, caller: Caller, *, postgres: bool) -> Filter:
    """Raises Wrong for a value that no record can have."""
    kinds = _several("kind", asked.kind, KINDS)
    if any(kind in REGISTER for kind in kinds) and not all(kind in REGISTER for kind in kinds):
        raise Wrong("kind")
    shelf = "register" if kinds and kinds[0] in REGISTER else "work"
    where = [_WHOLE]
    values: dict[str, Any] = {"org": caller.org, "shelf": shelf}

    def one_of(column: str, wanted: Sequence[Any]) -> None:
        names = [f"{column}{i}" for i in range(len(wanted))]
        values.update(zip(names, wanted, strict=True))
        equal = f"= :{names[0]}" if len(names) == 1 else f"IN ({', '.join(f':{name}' for name in names)})"
        where.append(f"{column} {equal}")

    if kinds:
        one_of("kind", kinds)
    if asked.status:
        one_of("state", _several("status", asked.status))
    if asked.grade:
        one_of("grade", [GRADES.index(grade) for grade in _several("grade", asked.grade, GRADES[1:])])
    for column, wanted in (("unit", asked.unit), ("person", asked.person), ("subject", asked.thing)):
        if wanted:
            one_of(column, [wanted])
    if asked.ids:
        one_of("id", [part for part in asked.ids.split(",") if part][:IDS])
    moment = "at"
    if asked.zero:
        moment = "counts_at"
        one_of("zero", _several("zero", asked.zero, ZEROS))
        where.append("counts_at <> '' AND counts_at <= :now")
        values["now"] = asked.now
    if asked.unseen:
        if shelf != "register":
            raise Wrong("unseen")
        where.append("seen < :unseen")
        values["unseen"] = stamp(day("unseen", asked.unseen))
    if asked.since:
        where.append(f"{moment} >= :since")
        values["since"] = stamp(day("since", asked.since))
    if asked.until:
        where.append(f"{moment} < :until")
        values["until"] = stamp(day("until", asked.until) + timedelta(days=1))
    scopes = scopes_of(caller, values)
    found, ways = _found(asked.q.lower().split()[:8], scopes, values, postgres=postgres)
    return Filter(" AND ".join(where + found), scopes, values, ways)


def _found(
    words: Sequence[str], scopes: str, values: dict[str, Any], *, postgres: bool
) -> tuple[list[str], tuple[str, ...]]:
    """Each word stands in the row, or in the thing of the register that it is about.

    The longest leads to the rows: SQLite lays the rows of both indexes together by itself, PostgreSQL is asked for
    each by itself.
    """
    lead = max(range(len(words)), key=lambda i: len(words[i]), default=0)
    where: list[str] = []
    ways: tuple[str, ...] = ("",)
    for i, word in enumerate(words):
        values[f"word{i}"] = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        stands = here = f"words LIKE :word{i} ESCAPE '\\'"
        if wording.indexed(word):
            here = wording.may_stand(word, f"letters{i}", values, postgres=postgres)
            if not wording.exact(word, postgres=postgres):
                here += f" AND {stands}"
        about = (
            "subject IN (SELECT id FROM listing WHERE org = :org AND shelf = 'register'"
            f" AND scope IN ({scopes}) AND {here})"
        )
        if i != lead:
            where.append(f"({stands} OR {about})")
        elif postgres and wording.indexed(word):
            ways = (f" AND {here}", f" AND {about} AND NOT {stands}")
        else:
            where.append(f"({here} OR {about})")
    return where, ways


def _several(path: str, value: str, known: Sequence[str] | None = None) -> list[str]:
    found = [part for part in value.split(",") if part][:20]
    if known is not None and not set(found) <= set(known):
        raise Wrong(path)
    return found


def day(path: str, value: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), time(), ZONE)
    except ValueError:
        raise Wrong(path) from None


def scopes_of(caller: Caller, values: dict[str, Any]) -> str:
    """The caller's scopes as parameters."""
    values.update({f"scope{i}": scope for i, scope in enumerate(caller.scopes)})
    return ", ".join(f":scope{i}" for i in range(len(caller.scopes)))


def _order(sort: str) -> tuple[tuple[str, ...], str]:
    """The key's columns, and its direction. Raises Wrong."""
    if sort.removeprefix("-") not in _KEYS:
        raise Wrong("sort")
    return _KEYS[sort.removeprefix("-")], " DESC" if sort.startswith("-") else ""


def key_after(asked: Asked, line: Line) -> str:
    """The opaque place after a row."""
    return _opaque([getattr(line, column) for column in _order(asked.sort)[0]])


def _opaque(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def _place(asked: Asked, after: str) -> list[Any]:
    keys = _order(asked.sort)[0]
    types = tuple[int, str, str] if len(keys) == 3 else tuple[str, str]
    try:
        raw = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        return list(msgspec.json.decode(raw, type=types))
    except (msgspec.DecodeError, binascii.Error, UnicodeError, ValueError):
        raise Wrong("after") from None


def page_statement(
    asked: Asked, caller: Caller, after: str, limit: int, *, postgres: bool
) -> tuple[str, dict[str, Any]]:
    """The rows after a place. Raises Wrong.

    A database would go through a whole order to come upon the few rows of one unit, word or zero: the plus bars its
    index on SQLite, an empty text does for words on PostgreSQL, so that they are found by their own and sorted.
    """
    where, scopes, values, ways = filtered(asked, caller, postgres=postgres)
    keys, direction = _order(asked.sort)
    few = asked.zero or asked.q or (keys[0] != "at" and (asked.unit or asked.person or asked.thing))
    order = ", ".join(key + direction for key in keys)
    inner = ", ".join("+" * bool(few and not postgres) + key + direction for key in keys)
    if asked.q and postgres:
        inner = ", ".join(key + (" + 0" if key == "grade" else " || ''") + direction for key in keys)
    if after:
        names = [f"after{i}" for i in range(len(keys))]
        values.update(zip(names, _place(asked, after), strict=True))
        where += f" AND ({', '.join(keys)}) {'<' if direction else '>'} ({', '.join(f':{n}' for n in names)})"
    values["limit"] = limit
    if asked.q:  # words are looked up once, not once a scope; only keys are sorted
        found = " UNION ALL ".join(
            f"SELECT {', '.join(keys)} FROM listing WHERE scope IN ({scopes}) AND {where}{way}"
            for way in ways
        )
        found = f"SELECT id FROM ({found}) AS w ORDER BY {inner} LIMIT :limit"
        return (
            f"SELECT {_COLUMNS} FROM listing WHERE org = :org AND id IN ({found}) ORDER BY {order}",
            values,
        )
    arms = [
        f"SELECT * FROM (SELECT {_COLUMNS} FROM listing WHERE scope = :scope{i} AND {where}"
        f" ORDER BY {inner} LIMIT :limit) AS s{i}"
        for i in range(len(caller.scopes))
    ]
    return f"{' UNION ALL '.join(arms)} ORDER BY {order} LIMIT :limit", values


async def page(
    conn: AsyncConnection, caller: Caller, asked: Asked, after: str, limit: int
) -> tuple[list[Line], str | None]:
    """Rows after a place, and the place after them; None when there are no more. Raises Wrong."""
    postgres = conn.dialect.name == "postgresql"
    statement, values = page_statement(asked, caller, after, limit + 1, postgres=postgres)
    lines = [Line(*row) for row in await conn.execute(text(statement), values)]
    return lines[:limit], key_after(asked, lines[limit - 1]) if len(lines) > limit else None


def marks_statement(asked: Asked, caller: Caller, *, postgres: bool) -> tuple[str, dict[str, Any]]:
    """All keys of the list as a text for each grade that the order tells apart, else for each way to a word, in no
    order. Raises Wrong.

    A county's list has more rows than a database numbers, or a driver hands over, while somebody waits; this takes a
    tenth of the time.
    """
    where, scopes, values, ways = filtered(asked, caller, postgres=postgres)
    keys = _order(asked.sort)[0]
    together = "string_agg" if postgres else "group_concat"
    every = f"SELECT {{}}, {together}({{}}, ',') FROM listing WHERE scope IN ({scopes}) AND {where}"
    if keys[0] == "grade" and where == _WHOLE:  # a number is slow to make a letter of
        arms = [
            f"{every.format(grade, ' || '.join(keys[1:]))} AND grade = {grade}"
            for grade in range(len(GRADES))
        ]
        return " UNION ALL ".join(arms), values
    arms = [every.format("''", " || ".join(keys)) + way for way in ways]
    return " UNION ALL ".join(arms), values


async def marks(conn: AsyncConnection, caller: Caller, asked: Asked) -> tuple[int, list[ListMark]]:
    """How many rows there are, and places to jump to. Raises Wrong."""
    statement, values = marks_statement(asked, caller, postgres=conn.dialect.name == "postgresql")
    found = [(str(head), keys or "") for head, keys in await conn.execute(text(statement), values)]
    return await asyncio.to_thread(_marked, found, asked.sort)


def _marked(found: Sequence[tuple[str, str]], sort: str) -> tuple[int, list[ListMark]]:
    parts: dict[str, list[str]] = {}
    for head, together in found:
        parts.setdefault(head, []).extend(together.split(",") if together else ())
    keys: list[str] = []
    for head, part in sorted(parts.items(), reverse=sort.startswith("-")):
        part.sort(reverse=sort.startswith("-"))
        keys += [head + key for key in part] if head else part
    graded = len(_order(sort)[0]) == 3
    return len(keys), [
        ListMark(n, _opaque(_parted(keys[n - 1], graded=graded))) for n in range(STEP, len(keys), STEP)
    ]


def _parted(key: str, *, graded: bool) -> list[Any]:
    """A key's columns; grades have one digit, moments one length."""
    grade, rest = ([int(key[0])], key[1:]) if graded else ([], key)
    return [*grade, rest[:AT], rest[AT:]]
