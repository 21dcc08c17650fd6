"""XLSForm, a documented subset, read as the contents of a form; what was not taken is listed, nothing is guessed.

Taken: the sheets `survey`, `choices` and `settings` (form_title, form_id); the types of `TYPES`; labels, hints and
messages per language (`label::中文 (zh)`, `label::English (en)`, or without a language); `required`, `relevant`,
`constraint`, `constraint_message`, `calculation`, translated to the operators of `backend/sheets.py`. docs/features/
editions.md has the table. Source of the format: the XLSForm reference, xlsform.org.
"""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from openpyxl import load_workbook

from backend.problems import AppError
from backend.sheets import Expression

MAX_UNPACKED: Final = 30_000_000  # bytes
MAX_ROWS: Final = 2000
MAX_COLUMNS: Final = 80
READ_S: Final = 20
TYPES: Final = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "date": "moment",
    "datetime": "moment",
    "note": "note",
    "calculate": "calculated",
}
KNOWN: Final = frozenset(
    {
        *("type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message"),
        *("calculation", "list_name", "list name", "choice_filter", "form_title", "form_id", "version"),
        "default_language",
    }
)
OF_THE_APP: Final = frozenset({"start", "end", "today", "deviceid", "username", "phonenumber", "audit"})


class ImportNote(msgspec.Struct, frozen=True):
    """Something that was left out (`dropped`) or became something else (`changed`): sheet, row, what, and why."""

    sheet: str
    row: int
    what: str
    code: str
    kind: Literal["dropped", "changed"] = "dropped"


class Imported(msgspec.Struct, frozen=True):
    """The form's contents, its suggested name, and all that differs from the workbook."""

    name: str
    body: dict[str, Any]
    notes: list[ImportNote]


Row = dict[str, str]


async def read_bounded(raw: bytes) -> Imported:
    """Off the event loop and within bounds. Raises AppError `xlsform_unreadable`."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(read, raw), READ_S)
    except TimeoutError:
        raise AppError("xlsform_unreadable", reason="too slow") from None


def read(raw: bytes) -> Imported:
    """Raises AppError `xlsform_unreadable`."""
    sheets = _sheets(raw)
    if "survey" not in sheets:
        raise AppError("xlsform_unreadable", reason="no sheet `survey`")
    return _Reading(sheets).form()


def _sheets(raw: bytes) -> dict[str, list[tuple[int, Row]]]:
    """Rows of each sheet by column, with their numbers; blank ones left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            if sum(each.file_size for each in parts.infolist()) > MAX_UNPACKED:
                raise AppError("xlsform_unreadable", reason="too large")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        try:
            return {name: list(_rows(book[name])) for name in book.sheetnames}
        finally:
            book.close()
    except AppError:
        raise
    except Exception as error:  # whatever a broken file makes the library raise
        raise AppError("xlsform_unreadable", reason=type(error).__name__) from None


def _rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    lines = sheet.iter_rows(values_only=True, max_row=MAX_ROWS, max_col=MAX_COLUMNS)
    head = [_cell(value).strip().lower() for value in next(lines, ())]
    for number, line in enumerate(lines, 2):
        row = {
            name: text
            for name, value in zip(head, line, strict=False)
            if name and (text := _cell(value).strip())
        }
        if row:
            yield number, row


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@dataclass
class _Frame:
    """A group or repeat that is open: its condition, and where its questions go."""

    kind: Literal["group", "repeat"]
    name: str
    when: Expression
    questions: list[dict[str, Any]]


@dataclass
class _Reading:
    """One workbook on its way; `types` by XLSForm name."""

    sheets: Mapping[str, list[tuple[int, Row]]]
    notes: list[ImportNote] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    photos: list[dict[str, Any]] = field(default_factory=list)

    def note(self, row: int, what: str, code: str, kind: Literal["dropped", "changed"] = "dropped") -> None:
        self.notes.append(ImportNote("survey", row, what[:200], code, kind))

    def form(self) -> Imported:
        settings = next((row for _, row in self.sheets.get("settings", ())), {})
        self._columns()
        choices = self._choices()
        frames = [_Frame("group", "", True, [])]
        for number, row in self.sheets["survey"]:
            self._row(number, row, choices, frames)
        for open_ in frames[1:]:
            self.note(0, open_.name, "not_closed", "changed")
        title = settings.get("form_title") or settings.get("form_id") or "XLSForm"
        name = _name(settings.get("form_id") or "form").lower()[:30].lstrip("_0123456789") or "form"
        body = {
            "title": {"zh": title, "en": title if title.isascii() else ""},
            "hint": None,
            "roles": ["inspector"],
            "photos": self.photos,
            "questions": frames[0].questions,
            "withdrawn": False,
        }
        return Imported(name, body, self.notes)

    def _columns(self) -> None:
        """Columns that nothing is taken from, once each."""
        for sheet, lines in self.sheets.items():
            if sheet not in ("survey", "choices", "settings"):
                if lines:
                    self.notes.append(ImportNote(sheet, 0, sheet, "sheet"))
                continue
            seen = {column: number for number, row in reversed(lines) for column in row}
            for column, number in sorted(seen.items(), key=lambda one: one[1]):
                base, _, language = column.partition("::")
                if base.strip() not in KNOWN or base.strip() in ("version", "default_language"):
                    self.notes.append(ImportNote(sheet, number, column, "column"))
                elif language and _language(language) is None:
                    self.notes.append(ImportNote(sheet, number, column, "language"))

    def _choices(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for _, row in self.sheets.get("choices", ()):
            of = row.get("list_name") or row.get("list name")
            if of and row.get("name"):
                words = _words(row, "label", row["name"])
                found.setdefault(of, []).append({"value": row["name"], "text": words})
        return found

    def _row(
        self, n: int, row: Row, choices: Mapping[str, list[dict[str, Any]]], frames: list[_Frame]
    ) -> None:
        type_ = " ".join(row.get("type", "").replace("_", " ").split())
        word, _, rest = type_.partition(" ")
        if type_ in ("begin group", "begin repeat"):
            self._open(n, row, frames, "group" if type_ == "begin group" else "repeat")
        elif type_ in ("end group", "end repeat"):
            self._close(n, frames)
        elif word == "select" and rest.split(" ")[0] in ("one", "multiple"):
            self._select(n, row, choices, frames[-1], row["type"].split())
        elif type_ == "image":
            self._image(n, row, frames)
        elif type_ in TYPES:
            self._plain(n, row, frames, type_)
        elif type_ in OF_THE_APP:
            self.note(n, row.get("type", ""), "of_the_app")
        else:
            self.note(n, row.get("type", ""), "type")

    def _open(self, n: int, row: Row, frames: list[_Frame], kind: Literal["group", "repeat"]) -> None:
        name = self._named(n, row.get("name") or kind, kind)
        when = self._when(n, row, frames[-1].when if kind == "group" else True)
        if kind == "group":
            inside = frames[-1].questions
            if any(column.partition("::")[0] == "label" for column in row):
                title = {"name": name, "type": "note", "text": _words(row, "label", name)}
                inside.append(title | ({} if when is True else {"when": when}))
            frames.append(_Frame(kind, name, when, inside))
            return
        if any(frame.kind == "repeat" for frame in frames):
            self.note(n, name, "repeat_in_repeat", "changed")
            frames.append(_Frame("group", name, when, frames[-1].questions))
            return
        group: dict[str, Any] = {
            "name": name,
            "type": "group",
            "text": _words(row, "label", name),
            "questions": [],
        }
        outer = _both(frames[-1].when, when)
        if outer is not True:
            group["when"] = outer
        frames[-1].questions.append(group)
        frames.append(_Frame("repeat", name, True, group["questions"]))

    def _close(self, n: int, frames: list[_Frame]) -> None:
        if len(frames) == 1:
            self.note(n, "end", "not_open")
            return
        closed = frames.pop()
        if closed.kind == "repeat" and not closed.questions:
            frames[-1].questions.pop()
            self.note(n, closed.name, "empty_repeat")

    def _plain(self, n: int, row: Row, frames: list[_Frame], type_: str) -> None:
        name = self._named(n, row.get("name") or f"note_{n}", type_)
        question = self._question(n, row, frames[-1], name, TYPES[type_])
        if type_ == "decimal":
            question["digits"] = 3
        if type_ == "date":
            self.note(n, name, "date_as_moment", "changed")
        if type_ == "calculate" and not self._calculated(n, row, frames, question):
            return
        frames[-1].questions.append(question)

    def _calculated(self, n: int, row: Row, frames: list[_Frame], question: dict[str, Any]) -> bool:
        """Only numbers are worked out, and not within a repeat."""
        name = row.get("name", "")
        if any(frame.kind == "repeat" for frame in frames):
            self.note(n, name, "calculate_in_repeat")
            return False
        value = self._expression(n, row.get("calculation", ""), name, "calculation")
        if value is None or isinstance(value, bool) or not _numeric(value, self.types):
            if value is not None:
                self.note(n, row.get("calculation", ""), "calculate_not_a_number")
            self.types.pop(name, None)
            return False
        question["digits"] = 2
        if isinstance(value, list) and value[0] == "round":
            question["digits"], value = value[2], value[1]
        question["value"] = value
        for column in ("required", "hint"):
            question.pop(column, None)
        return True

    def _select(
        self,
        n: int,
        row: Row,
        choices: Mapping[str, list[dict[str, Any]]],
        frame: _Frame,
        said: Sequence[str],
    ) -> None:
        parts = [part for part in said if part not in ("select", "one", "multiple", "or_other")]
        many = "multiple" in " ".join(said)
        of = next((part for part in parts if part not in ("select_one", "select_multiple")), "")
        offered = [dict(one) for one in choices.get(of, ())]
        name = self._named(n, row.get("name") or f"choice_{n}", "multiple" if many else "choice")
        if not offered:
            self.note(n, of or name, "no_choices")
            self.types.pop(row.get("name", ""), None)
            return
        if "or_other" in said:
            offered.append({"value": "other", "text": {"zh": "其他", "en": "Other"}})
            self.note(n, name, "other_without_text", "changed")
        if "choice_filter" in row:
            self.note(n, row["choice_filter"], "choice_filter")
        question = self._question(n, row, frame, name, "choice")
        if not many:
            frame.questions.append(question | {"choices": offered})
            return
        self.note(n, name, "multiple_as_yes_no", "changed")
        when = {"when": question["when"]} if "when" in question else {}
        frame.questions.append({"name": name, "type": "note", "text": question["text"], **when})
        for one in offered:
            frame.questions.append(
                {"name": _part(name, one["value"]), "type": "yes_no", "text": one["text"], **when}
            )
        for column in ("required", "constraint"):
            if row.get(column, "").lower() not in ("", "no", "false", "false()"):
                self.note(n, f"{column}: {row[column]}", "of_multiple")

    def _image(self, n: int, row: Row, frames: list[_Frame]) -> None:
        if len(self.photos) >= 8:
            self.note(n, row.get("name", "image"), "too_many_images")
            return
        role = f"form_{len(self.photos) + 1}"
        needed = row.get("required", "").lower() in ("yes", "true", "true()", "1")
        words = _words(row, "label", row.get("name", role))
        self.photos.append({"role": role, "text": words, "least": 1 if needed else 0})
        if "relevant" in row or any(frame.when is not True for frame in frames):
            self.note(n, row.get("relevant", role), "condition_of_image")

    def _question(self, n: int, row: Row, frame: _Frame, name: str, type_: str) -> dict[str, Any]:
        question: dict[str, Any] = {"name": name, "type": type_, "text": _words(row, "label", name)}
        if any(column.partition("::")[0] == "hint" for column in row):
            question["hint"] = _words(row, "hint", "")
        when = self._when(n, row, frame.when)
        if when is not True:
            question["when"] = when
        if type_ == "note":
            return question
        required = row.get("required", "").lower()
        if required in ("yes", "true", "true()", "1"):
            question["required"] = True
        elif required not in ("", "no", "false", "false()", "0"):
            asked = self._expression(n, row["required"], name, "required")
            if asked is not None:
                question["required"] = asked
        if (
            "constraint" in row
            and (hold := self._expression(n, row["constraint"], name, "constraint")) is not None
        ):
            words = _words(row, "constraint_message", "")
            if not words["zh"]:
                words = {"zh": "不符合要求", "en": "Does not keep to the limits"}
            question["limits"] = [{"hold": hold, "text": {**words, "en": words["en"] or words["zh"]}}]
        return question

    def _when(self, n: int, row: Row, outer: Expression) -> Expression:
        if "relevant" not in row:
            return outer
        own = self._expression(n, row["relevant"], row.get("name", ""), "relevant")
        return outer if own is None else _both(outer, own)

    def _named(self, n: int, said: str, type_: str) -> str:
        name = _name(said)
        while name in self.names.values():
            name = f"{name[:36]}_{n}"
        if name != said:
            self.note(n, f"{said} → {name}", "name", "changed")
        self.names[said], self.types[said] = name, type_
        return name

    def _expression(self, n: int, text: str, name: str, column: str) -> Expression | None:
        try:
            return _Parser(text, name, self.names, self.types).whole()
        except _NotTakenError as error:
            self.note(n, f"{column}: {text}", f"expression_{error}")
            return None


def _both(one: Expression, other: Expression) -> Expression:
    if one is True:
        return other
    return one if other is True else ["and", one, other]


def _name(said: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", said)[:40]
    return name if name.isidentifier() else f"q_{name}"[:40]


def _part(name: str, value: str) -> str:
    return _name(f"{name[:24]}_{value}")


def _language(tag: str) -> Literal["zh", "en"] | None:
    tag = tag.lower()
    if re.search(r"\bzh\b|chinese|中文|汉语|简体", tag):
        return "zh"
    return "en" if re.search(r"\ben\b|english|英文|英语", tag) else None


def _words(row: Row, column: str, otherwise: str) -> dict[str, str]:
    """The texts of a column by language; Chinese takes what there is."""
    found = {"": row.get(column, "")}
    for name, text in row.items():
        base, _, tag = name.partition("::")
        if base.strip() == column and tag and (language := _language(tag)):
            found[language] = text
    plain = found[""]
    zh = found.get("zh") or plain or found.get("en") or otherwise
    en = found.get("en") or (plain if plain.isascii() else "") or (otherwise if zh == otherwise else "")
    return {"zh": zh[:500], "en": en[:500]}


# --- expressions ----------------------------------------------------------------------------------------------


class _NotTakenError(Exception):
    """An expression that the sheets' operators cannot say; the code says what."""


_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*[^}]+\s*\})|(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<op>!=|<=|>=|[=<>+*(),.-])|(?P<word>[A-Za-z_][\w:-]*))"
)
_COMPARE = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class _Parser:
    """Recursive descent over the subset of XPath that XLSForm uses for conditions and sums."""

    def __init__(self, text: str, name: str, names: Mapping[str, str], types: Mapping[str, str]) -> None:
        self.own, self.names, self.types = name, names, types
        self.tokens = list(self._split(text))
        self.at = 0

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, str]]:
        at, text = 0, text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise _NotTakenError("unreadable")
            yield found.lastgroup, found[found.lastgroup]
            at = found.end()

    def whole(self) -> Expression:
        if len(self.tokens) > 400:
            raise _NotTakenError("too_long")
        try:
            made = self._or()
        except RecursionError:
            raise _NotTakenError("too_long") from None
        if self.at < len(self.tokens):
            raise _NotTakenError("unreadable")
        return made

    def _next(self, *wanted: str) -> str | None:
        """Takes the next token when it is one of these operators or words."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("op", "word"):
            said = self.tokens[self.at][1]
            if said in wanted:
                self.at += 1
                return said
        return None

    def _or(self) -> Expression:
        made = [self._and()]
        while self._next("or"):
            made.append(self._and())
        return made[0] if len(made) == 1 else ["or", *made]

    def _and(self) -> Expression:
        made = [self._compare()]
        while self._next("and"):
            made.append(self._compare())
        return made[0] if len(made) == 1 else ["and", *made]

    def _compare(self) -> Expression:
        one = self._sum()
        said = self._next(*_COMPARE)
        if said is None:
            return one
        other = self._sum()
        for value, empty in ((one, other), (other, one)):
            if empty == "" and said in ("=", "!="):
                return ["not", ["answered", value]] if said == "=" else ["answered", value]
        if {self._type(one), self._type(other)} & {"date", "datetime"}:
            raise _NotTakenError("date")
        if {self._type(one), self._type(other)} & {"multiple"}:
            raise _NotTakenError("multiple")
        return [_COMPARE[said], one, other]

    def _type(self, value: Expression) -> str | None:
        if not isinstance(value, str) or not value.startswith("$"):
            return None
        return next((self.types.get(said) for said, name in self.names.items() if name == value[1:]), None)

    def _sum(self) -> Expression:
        made = self._product()
        while said := self._next("+", "-"):
            made = [said, made, self._product()]
        return made

    def _product(self) -> Expression:
        made = self._single()
        while said := self._next("*", "div", "mod"):
            if said == "mod":
                raise _NotTakenError("function")
            made = ["/" if said == "div" else "*", made, self._single()]
        return made

    def _single(self) -> Expression:
        if self._next("-"):
            value = self._single()
            return (
                -value if isinstance(value, int | float) and not isinstance(value, bool) else ["-", 0, value]
            )
        if self.at >= len(self.tokens):
            raise _NotTakenError("unreadable")
        kind, said = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return float(said) if "." in said else int(said)
        if kind == "text":
            if said[1:-1].startswith("$"):
                raise _NotTakenError("unreadable")
            return said[1:-1]
        if kind == "ref":
            return self._named(said[2:-1].strip())
        if said == ".":
            return self._named(self.own)
        if said == "(":
            made = self._or()
            self._need(")")
            return made
        if kind == "word":
            return self._called(said)
        raise _NotTakenError("unreadable")

    def _need(self, said: str) -> None:
        if not self._next(said):
            raise _NotTakenError("unreadable")

    def _named(self, said: str) -> str:
        if said not in self.names or said not in self.types:
            raise _NotTakenError("unknown_question")
        return f"${self.names[said]}"

    def _called(self, function: str) -> Expression:
        self._need("(")
        args: list[Expression] = []
        if not self._next(")"):
            args.append(self._or())
            while self._next(","):
                args.append(self._or())
            self._need(")")
        if function in ("true", "false") and not args:
            return function == "true"
        if function == "not" and len(args) == 1:
            return ["not", args[0]]
        if function == "number" and len(args) == 1:
            return args[0]
        if function == "round" and len(args) == 2 and type(args[1]) is int and 0 <= args[1] <= 6:
            return ["round", args[0], args[1]]
        if function == "selected" and len(args) == 2 and isinstance(args[1], str):
            if self._type(args[0]) == "multiple":
                return f"${_part(str(args[0])[1:], args[1])}"
            return ["==", args[0], args[1]]
        raise _NotTakenError("function")


def _numeric(value: Expression, types: Mapping[str, str]) -> bool:
    if isinstance(value, list):
        return value[0] in ("+", "-", "*", "/", "round")
    if isinstance(value, str):
        return value.startswith("$") and types.get(value[1:]) in ("integer", "decimal", "calculate")
    return True
