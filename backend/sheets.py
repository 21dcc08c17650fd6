"""Sheets 细目: the questions that a checklist item asks, as data, and what their answers come to. Pure.

A sheet is known by id and version and never changed once records name it: a record is judged by the version that it
names. The phone evaluates the same data (`pwa/src/domain/sheet/`); both read `tests/vectors/sheets.json`.

An expression is a number, true, false, a text, `"$name"` (the answer to that question) or `[operator, …]`. The
operators are those of `OPERATORS`, a closed set. What is not answered is null; an operator that gets null, or what it
is not made for, gives null; so does a division by zero. `and`, `or` and `not` know three values (Kleene).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

Value = bool | float | str | list[dict[str, Any]] | None
Answers = Mapping[str, Any]
Expression = Any  # JSON: see above; `faults` says what is wrong with one

MAX_ROWS = 30
MAX_TEXT = 500
MAX_NUMBER = 1e12


class Words(msgspec.Struct, frozen=True):
    """One text in both languages."""

    zh: str
    en: str


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer that may be chosen."""

    value: str
    text: Words


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must hold for an answer, and the words when it does not. A `warn` is said and stops nothing."""

    hold: Expression
    text: Words
    warn: bool = False


class From(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a list comes from: records of the register, or with `field` the values that their field has.

    `where` narrows it: field of the record → name of an earlier question. The record's unit always narrows it.
    """

    kind: Literal["equipment", "meter_box"]
    field: str | None = None
    where: dict[str, str] = msgspec.field(default_factory=dict)


Type = Literal["number", "text", "yes_no", "moment", "choice", "register", "group", "calculated", "note"]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `when`: it is asked only then. `required`: an expression too, so `true` or a condition.

    `unit` stands behind a number; `digits`: places after the point that it may have (and a calculated one has).
    `last`: the answer of the last time is offered. A `note` is only read.
    A `group` repeats its `questions` from `least` to `most` times.
    """

    name: str
    type: Type
    text: Words
    hint: Words | None = None
    when: Expression = True
    required: Expression = False
    unit: Words | None = None
    digits: int = 0
    limits: tuple[Limit, ...] = ()
    choices: tuple[Choice, ...] = ()
    source: From | None = msgspec.field(default=None, name="from")
    value: Expression = None
    last: bool = False
    least: int = 0
    most: int = MAX_ROWS
    questions: tuple[Question, ...] = ()


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The questions that some checklist items ask."""

    id: str
    version: int
    items: tuple[str, ...]
    title: Words
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What an answer breaks: `path` like `seals[1].number`; `limit` counts in the question's limits."""

    path: str
    code: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a set of answers comes to. `asked`: paths of the questions that are asked, in order."""

    asked: list[str] = field(default_factory=list)
    calculated: dict[str, float] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    warned: list[Wrong] = field(default_factory=list)


def evaluate(sheet: Sheet, answers: Answers) -> Evaluated:
    """Everything about the answers in one pass: a question may look only at earlier ones."""
    found = Evaluated()
    _questions(sheet.questions, answers, {}, "", found)
    return found


def _questions(
    questions: Sequence[Question], answers: Answers, known: dict[str, Value], at: str, found: Evaluated
) -> None:
    """Goes through questions of one level. `known` holds what expressions may see, and gets these answers too."""
    names = {question.name for question in questions}
    found.wrong.extend(Wrong(at + name, "unknown_field") for name in sorted(answers) if name not in names)
    for question in questions:
        path, given = at + question.name, answers.get(question.name)
        known[question.name] = None
        if calc(question.when, known) is not True:
            if given is not None:
                found.wrong.append(Wrong(path, "not_asked"))
            continue
        found.asked.append(path)
        if question.type == "note":
            if given is not None:
                found.wrong.append(Wrong(path, "not_asked"))
            continue
        if question.type == "calculated":
            if given is not None:
                found.wrong.append(Wrong(path, "not_asked"))
            given = calc(["round", question.value, question.digits], known)
            if given is None:
                continue
            found.calculated[path] = given
        elif given is None or given == "" or given == []:
            if question.least > 0 or calc(question.required, known) is True:
                found.wrong.append(Wrong(path, "missing"))
            continue
        elif code := _unfit(question, given):
            found.wrong.append(Wrong(path, code))
            continue
        elif question.type == "group":
            for position, row in enumerate(given):
                _questions(question.questions, row, dict(known), f"{path}[{position}].", found)
        known[question.name] = given
        _limits(question, known, path, found)


def _limits(question: Question, known: Mapping[str, Value], path: str, found: Evaluated) -> None:
    for position, limit in enumerate(question.limits):
        if calc(limit.hold, known) is False:
            (found.warned if limit.warn else found.wrong).append(Wrong(path, "limit", position))


def registered(sheet: Sheet, answers: Answers) -> Iterator[tuple[str, From, Answers, str]]:
    """Answers that name a record of the register: path, where it was to come from, the answers that narrowed the
    list, and the record's id.
    """
    for question in sheet.questions:
        given = answers.get(question.name)
        if question.source and question.source.field is None and given:
            yield question.name, question.source, answers, given
        for position, row in enumerate(given if isinstance(given, list) else ()):
            for inner in question.questions:
                if inner.source and inner.source.field is None and row.get(inner.name):
                    path = f"{question.name}[{position}].{inner.name}"
                    yield path, inner.source, {**answers, **row}, row[inner.name]


def _unfit(question: Question, given: Any) -> str | None:
    """The code of what an answer by itself breaks."""
    if question.type == "group":
        if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
            return "type"
        return None if question.least <= len(given) <= question.most else "length"
    if question.type == "yes_no":
        return None if isinstance(given, bool) else "type"
    if question.type == "number":
        if isinstance(given, bool) or not isinstance(given, int | float):
            return "type"
        if not abs(given) <= MAX_NUMBER:
            return "range"
        return None if _round(given, question.digits) == given else "digits"
    if not isinstance(given, str):
        return "type"
    if question.type == "moment":
        return None if _moment(given) is not None else "time"
    if question.type == "choice":
        return None if any(choice.value == given for choice in question.choices) else "choice"
    return None if len(given) <= MAX_TEXT else "length"


# --- expressions --------------------------------------------------------------------------------------------


def calc(expression: Expression, known: Mapping[str, Value]) -> Any:
    """The value of an expression; null where something that it needs is not answered."""
    if isinstance(expression, str) and expression.startswith("$"):
        return known.get(expression[1:])
    if not isinstance(expression, list):
        return expression
    return OPERATORS[expression[0]](expression[1:], known)


def _number(value: Any) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _of_numbers(step: Callable[[float, float], Any]) -> Callable[[list[Any], Mapping[str, Value]], Any]:
    def apply(args: list[Any], known: Mapping[str, Value]) -> Any:
        total: Any = _number(calc(args[0], known))
        for arg in args[1:]:
            value = _number(calc(arg, known))
            if total is None or value is None:
                return None
            total = step(total, value)
        return _finite(total) if isinstance(total, float) else total

    return apply


def _equal(args: list[Any], known: Mapping[str, Value]) -> bool | None:
    one, other = (calc(arg, known) for arg in args)
    for kind in (bool, str):
        if isinstance(one, kind) or isinstance(other, kind):
            return one == other if isinstance(one, kind) and isinstance(other, kind) else None
    first, second = _number(one), _number(other)
    return None if first is None or second is None else first == second


def _unequal(args: list[Any], known: Mapping[str, Value]) -> bool | None:
    return _opposite(_equal(args, known))


def _opposite(value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


def _not(args: list[Any], known: Mapping[str, Value]) -> bool | None:
    return _opposite(calc(args[0], known))


def _kleene(decides: bool) -> Callable[[list[Any], Mapping[str, Value]], bool | None]:
    """`or` is decided by a true, `and` by a false; without one, a null leaves it open."""

    def apply(args: list[Any], known: Mapping[str, Value]) -> bool | None:
        values = [calc(arg, known) for arg in args]
        if any(value is decides for value in values):
            return decides
        return not decides if all(isinstance(value, bool) for value in values) else None

    return apply


def _divide(one: float, other: float) -> float:
    return one / other if other else math.nan


def _rounded(args: list[Any], known: Mapping[str, Value]) -> float | None:
    value = _number(calc(args[0], known))
    return None if value is None else _round(value, args[1])


def _round(value: float, digits: int) -> float:
    """Half away from zero, in steps that JavaScript's numbers take alike."""
    scale = float(10**digits)
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value) + 0.0


_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def _moment(text: str) -> datetime | None:
    """RFC 3339 to the millisecond: what both languages read alike."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _minutes(args: list[Any], known: Mapping[str, Value]) -> float | None:
    """From the first moment to the second."""
    values = [calc(arg, known) for arg in args]
    moments = [_moment(value) if isinstance(value, str) else None for value in values]
    if moments[0] is None or moments[1] is None:
        return None
    return (moments[1] - moments[0]).total_seconds() / 60


def _answered(args: list[Any], known: Mapping[str, Value]) -> bool:
    return calc(args[0], known) not in (None, "", [])


def _over_rows(args: list[Any], known: Mapping[str, Value]) -> list[Any]:
    """The second expression in each row of the group: it sees the row's answers, then those outside."""
    rows = calc(args[0], known)
    return [calc(args[1], {**known, **row}) for row in rows] if isinstance(rows, list) else []


def _count(args: list[Any], known: Mapping[str, Value]) -> float:
    """Rows in which it is true."""
    return float(sum(value is True for value in _over_rows(args, known)))


def _sum(args: list[Any], known: Mapping[str, Value]) -> float:
    """Over the rows in which it is a number."""
    total = 0.0
    for value in _over_rows(args, known):
        total += _number(value) or 0.0
    return total


OPERATORS: dict[str, Callable[[list[Any], Mapping[str, Value]], Any]] = {
    "==": _equal,
    "!=": _unequal,
    "<": _of_numbers(lambda one, other: one < other),
    "<=": _of_numbers(lambda one, other: one <= other),
    ">": _of_numbers(lambda one, other: one > other),
    ">=": _of_numbers(lambda one, other: one >= other),
    "and": _kleene(decides=False),
    "or": _kleene(decides=True),
    "not": _not,
    "+": _of_numbers(lambda one, other: one + other),
    "-": _of_numbers(lambda one, other: one - other),
    "*": _of_numbers(lambda one, other: one * other),
    "/": _of_numbers(_divide),
    "round": _rounded,
    "minutes": _minutes,
    "answered": _answered,
    "count": _count,
    "sum": _sum,
}
_ONE, _TWO, _MANY = range(1, 2), range(2, 3), range(2, 10)
_ARGUMENTS = dict.fromkeys(OPERATORS, _TWO) | {
    "not": _ONE,
    "answered": _ONE,
    **dict.fromkeys(("and", "or", "+", "*"), _MANY),
}


# --- what is wrong with a sheet ------------------------------------------------------------------------------


def faults(sheet: Sheet) -> list[str]:
    """What keeps a sheet from being used, each with its place; none for a good one."""
    return list(_faults(sheet.questions, {}, ""))


def _faults(
    questions: Sequence[Question], outside: Mapping[str, tuple[Question, ...]], at: str
) -> Iterator[str]:
    seen: dict[str, tuple[Question, ...]] = dict(outside)
    for question in questions:
        path = at + question.name
        if not question.name.isidentifier() or question.name in seen:
            yield f"{path}: name"
        yield from (f"{path}.when: {what}" for what in _misspelt(question.when, seen))
        if question.source:
            yield from (f"{path}.from: {name}" for name in question.source.where.values() if name not in seen)
        if (question.type == "choice") != bool(question.choices):
            yield f"{path}: choices"
        if (question.type == "register") != (question.source is not None):
            yield f"{path}: from"
        if (question.type == "calculated") != (question.value is not None):
            yield f"{path}: value"
        if (question.type == "group") != bool(question.questions):
            yield f"{path}: questions"
        if at and question.type in {"group", "calculated"}:
            yield f"{path}: {question.type} in a group"
        if not 0 <= question.least <= question.most <= MAX_ROWS or not 0 <= question.digits <= 6:
            yield f"{path}: range"
        yield from (f"{path}.value: {what}" for what in _misspelt(question.value, seen))
        yield from (f"{path}.required: {what}" for what in _misspelt(question.required, seen))
        yield from _faults(question.questions, seen, f"{path}.")
        seen[question.name] = question.questions
        if any(not (limit.text.zh and limit.text.en) for limit in question.limits):
            yield f"{path}: words"
        for limit in question.limits:
            yield from (f"{path}.limits: {what}" for what in _misspelt(limit.hold, seen))


def _misspelt(expression: Expression, seen: Mapping[str, tuple[Question, ...]]) -> Iterator[str]:
    if isinstance(expression, str) and expression.startswith("$"):
        if expression[1:] not in seen:
            yield expression
    elif isinstance(expression, list):
        name = expression[0] if expression else None
        if name not in OPERATORS or len(expression) - 1 not in _ARGUMENTS[name]:
            yield str(expression)
            return
        args = expression[1:]
        if any(arg is None for arg in args):  # nothing to compare or to reckon with: it would never hold
            yield str(expression)
        if name == "round" and (type(args[1]) is not int or not 0 <= args[1] <= 6):
            yield str(expression)
        inside = seen
        if name in {"count", "sum"}:
            rows = seen.get(str(args[0])[1:]) or ()
            if not rows:
                yield str(expression)
            inside = {**seen, **{question.name: () for question in rows}}
        yield from _misspelt(args[0], seen)
        for arg in args[1:]:
            yield from _misspelt(arg, inside)
    elif not (expression is None or isinstance(expression, bool | int | float | str)):
        yield str(expression)
