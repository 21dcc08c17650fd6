"""A record kind is one declaration; everything the engine needs to know about it is derived from it here.

Pure: knows msgspec and nothing of HTTP, SQL or the clock.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of all record bodies and event data: an unknown field is refused, never dropped."""


class Nothing(Body):
    """Data of an event that says all by its name."""


COPY = "annotated"  # the role of marked copies, and of nothing else
RECORDINGS: Mapping[str, str] = {"voice": "audio/", "video": "video/"}
"""By their role, what the type of a recording begins with. It stands among the photos and is none."""


class Photo(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Reference to a photo inside a body or an event; the field is always `photos: list[Photo]`.

    `taken_at` is the phone's clock; `lat`, `lon` in degrees WGS 84, `accuracy_m` the 68 % radius. `place_age_ms`: how
    long before or after the photo that place was read. `heading_deg`: where the phone looked, from north eastwards.
    `origin`: by the app's own camera, by the phone's, out of its gallery or a file; None: not told.
    `copy_of`: the photo beside this one of which this is a marked copy; such a copy proves nothing by itself.
    """

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(gt=0, le=268_435_456)]
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    role: Annotated[str, Meta(min_length=1, max_length=40)]
    taken_at: Annotated[datetime, Meta(tz=True)]
    name: Annotated[str, Meta(max_length=200)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    accuracy_m: Annotated[float, Meta(ge=0)] | None = None
    place_age_ms: Annotated[int, Meta(ge=0, le=86_400_000)] | None = None
    heading_deg: Annotated[float, Meta(ge=0, lt=360)] | None = None
    copy_of: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None
    origin: Literal["app", "camera", "gallery", "import"] | None = None


class Issue(msgspec.Struct, frozen=True):
    """One thing wrong in a body: `path` like `points[2].temp_c`, `code` stable, the phone has the words."""

    path: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A named change of state.

    `target` None keeps the state. `roles` may hold the pseudo roles `author` (who made the record) and
    `system` (reactions and server writers only). With `whole` the full body must decode and pass the kind's
    `check`. `amends` names fields of the body that the event changes: its data are then a `reason` and the
    `changes`; the log entry keeps the values of before for good, and of `photos` nothing is ever taken away.
    """

    name: str
    source: frozenset[str]
    target: str | None = None
    data: type[Body] = Nothing
    roles: frozenset[str] = frozenset({"author"})
    whole: bool = False
    amends: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an upcaster sees of an operation: `type` is an event's name, `base` 0 for a put that makes the record."""

    op: Literal["put", "event", "delete"]
    type: str
    base: int
    data: dict[str, Any]


def _never(_: Mapping[str, Any]) -> bool:
    return False


def _nowhere(body: Mapping[str, Any]) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Declaration of a record kind.

    merge: `draft`: its author alone puts, in `editable` states; `fields`: people with `put_roles` patch field
    by field; `events`: made by the system, changed by events; `server`: made and changed by the server only.
    scope(body, state, author): where the row lives now; author is "" for records the system made.
    home(body): the scope it must live in at last, None while unknown; at every put and event it must be among
    the caller's scopes.
    check: rules over the whole body, run by events with `whole` and by every put of `fields` kinds.
    derive(body, now): facts kept beside the body, computed by events with `whole`.
    since: the schema number that first had the kind; phones of before it are not sent its records.
    closed: states in which nothing more is to be done; phones forget such records after some days.
    register: things rather than work; the first that a phone goes without when its budget is short.
    fixed: fields that say what a record is: the put that makes it sets them for good.
    passing(body): whether its author may delete the record in every state; of any other only in `initial`. To be told
    by `fixed` fields alone.
    join: fields of which what two devices wrote is put together and is no conflict: (kept, added) → both.
    upcasts: by schema number, how an operation that an app of that schema wrote becomes one of the next.
    """

    name: str
    body: type[Body]
    merge: Literal["draft", "fields", "events", "server"]
    scope: Callable[[Mapping[str, Any], str, str], str]
    home: Callable[[Mapping[str, Any]], str | None] = _nowhere
    since: int = 1
    initial: str = "draft"
    editable: frozenset[str] = frozenset({"draft", "returned"})
    put_roles: frozenset[str] = frozenset()
    events: tuple[Event, ...] = ()
    columns: tuple[str, ...] = ()
    check: Callable[[Any], list[Issue]] | None = None
    derive: Callable[[Any, datetime], dict[str, Any]] | None = None
    closed: frozenset[str] = frozenset()
    register: bool = False
    fixed: frozenset[str] = frozenset()
    passing: Callable[[Mapping[str, Any]], bool] = _never
    join: Mapping[str, Callable[[Any, Any], Any]] = field(default_factory=dict)
    upcasts: Mapping[int, Callable[[Written], Written]] = field(default_factory=dict)


NOT_PUT = frozenset({"events", "server"})
"""Ways to merge of kinds whose records no person puts."""


class Invalid(Exception):  # noqa: N818 (an outcome, not a fault)
    """A body, patch or event did not decode or broke a rule."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__(issues)
        self.issues = issues


def patch_type(kind: Kind) -> type[msgspec.Struct]:
    """The body's type with every field optional: what a `put` may carry.

    `null` clears a field. A draft may clear any; elsewhere only fields that may be null.
    """
    fields: list[tuple[str, Any, Any]] = []
    for each in msgspec.structs.fields(kind.body):
        hint = get_type_hints(kind.body, include_extras=True)[each.name]
        options = (hint, None, UnsetType) if kind.merge == "draft" else (hint, UnsetType)
        fields.append((each.name, Union[options], UNSET))  # noqa: UP007 (options are computed)
    return msgspec.defstruct(
        f"{kind.body.__name__}Patch",
        fields,
        forbid_unknown_fields=True,
        kw_only=True,
        module=kind.body.__module__,
    )


def data_type(kind: Kind, event: Event) -> type[msgspec.Struct]:
    """The data of an event; of one that amends: why, and the fields that change."""
    return _amendment(kind.body, event) if event.amends else event.data


@cache
def _amendment(body: type[Body], event: Event) -> type[msgspec.Struct]:
    hints = get_type_hints(body, include_extras=True)
    fields = [(name, Union[hints[name], UnsetType], UNSET) for name in hints if name in event.amends]  # noqa: UP007
    made = {"forbid_unknown_fields": True, "kw_only": True, "module": body.__module__}
    name = f"{body.__name__}{event.name.title()}"
    changes = msgspec.defstruct(f"{name}Changes", fields, **made)  # type: ignore[arg-type]
    reason = Annotated[str, Meta(min_length=1, max_length=500)]
    return msgspec.defstruct(name, [("reason", reason), ("changes", changes)], **made)  # type: ignore[arg-type]


class Codec:
    """What one kind takes, made once at start-up."""

    __slots__ = ("_data", "_patch", "_required", "events", "kind")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.events = {event.name: event for event in kind.events}
        self._patch = _Reader(patch_type(kind))
        self._data = {event.name: _Reader(data_type(kind, event)) for event in kind.events}
        self._required = [f.name for f in msgspec.structs.fields(kind.body) if f.required]

    def patch(self, data: bytes | Raw) -> dict[str, Any]:
        """Fields of a `put` as plain JSON values. Raises Invalid."""
        return self._patch.plain(data)

    def data(self, event: str, data: bytes | Raw) -> dict[str, Any]:
        """Data of an event as plain JSON values. Raises Invalid."""
        plain = self._data[event].plain(data)
        found = copies(plain.get("photos"))
        if found:
            raise Invalid(found)
        return plain

    def whole(self, body: Mapping[str, Any]) -> Body:
        """The body as its Struct, after the kind's `check`. Raises Invalid with every issue found."""
        missing = [Issue(name, "missing") for name in self._required if name not in body]
        if missing:
            raise Invalid(missing)
        try:
            decoded = msgspec.convert(body, self.kind.body)
        except msgspec.ValidationError as error:
            raise Invalid([issue(str(error))]) from None
        found = copies(body.get("photos")) + (self.kind.check(decoded) if self.kind.check else [])
        if found:
            raise Invalid(found)
        return decoded


def copies(photos: Any) -> list[Issue]:
    """What is wrong with the marked copies and recordings among the photos of a body or an event, as plain JSON values.

    A copy says so by its role and stands beside its original; so wherever a photo is asked for, there is one that
    nobody has drawn on.
    """
    if not photos:
        return []
    originals = {photo["sha256"] for photo in photos if photo.get("copy_of") is None}
    found = []
    for i, photo in enumerate(photos):
        of = photo.get("copy_of")
        if (of is None) == (photo["role"] == COPY):
            found.append(Issue(f"photos[{i}].role", "choice"))
        elif of is not None and of not in originals:
            found.append(Issue(f"photos[{i}].copy_of", "unknown"))
        if not _played_as(photo["role"], photo["type"]):
            found.append(Issue(f"photos[{i}].type", "choice"))
    return found


def _played_as(role: str, type_: str) -> bool:
    if role in RECORDINGS:
        return type_.startswith(RECORDINGS[role])
    return not type_.startswith(tuple(RECORDINGS.values()))


def pictures(photos: Iterable[Photo]) -> list[Photo]:
    """Without the recordings: a word said or a film is no photo where one is asked for."""
    return [photo for photo in photos if photo.role not in RECORDINGS]


class _Reader:
    """Reads objects of one type. Texts that its own fields held and that had the right form are known: units, items
    and editions are named again and again, and to hold a text against its pattern costs as much as all the rest of it.
    """

    __slots__ = ("_known", "_loose", "_type")

    def __init__(self, type_: type[msgspec.Struct]) -> None:
        self._type = type_
        hints = get_type_hints(type_, include_extras=True)
        patterns = {name: _pattern(hint) for name, hint in hints.items()}
        self._known = [(name, re.compile(p), set[str]()) for name, p in patterns.items() if p is not None]
        needed = {each.name for each in msgspec.structs.fields(type_) if each.required}
        fields = [
            (name, _any_form(hints[name]), *(() if name in needed else (None,))) for name, _, _ in self._known
        ]
        self._loose = msgspec.defstruct(
            f"{type_.__name__}AnyForm", fields, bases=(type_,), kw_only=True, module=type_.__module__
        )

    def plain(self, data: bytes | Raw) -> dict[str, Any]:
        """The object as plain JSON values, if it passes for one of the type. Raises Invalid."""
        try:
            plain: dict[str, Any] = msgspec.json.decode(data)
            msgspec.convert(plain, self._loose)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Invalid([_wrong(self._type, data)]) from None
        for name, pattern, known in self._known:
            text = plain.get(name)
            if text is None or text in known:
                continue
            if not pattern.search(text):
                raise Invalid([_wrong(self._type, data)])
            if len(known) >= _REMEMBERED:
                known.clear()
            known.add(text)
        return plain


_REMEMBERED = 4096  # texts of a field


def _pattern(hint: Any) -> str | None:
    """The pattern that a field's text must match; None for a field of another kind."""
    for option in _options(hint):
        if get_origin(option) is Annotated and option.__origin__ is str:
            return next(
                (
                    m.pattern
                    for m in option.__metadata__
                    if isinstance(m, Meta) and m == Meta(pattern=m.pattern)
                ),
                None,
            )
    return None


def _any_form(hint: Any) -> Any:
    """A field's hint without that pattern."""
    return Union[tuple(str if _pattern(option) else option for option in _options(hint))]  # noqa: UP007 (computed)


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _wrong(type_: type[msgspec.Struct], data: bytes | Raw) -> Issue:
    """What is wrong with an object, and where: a number out of range has no place before it has a type."""
    try:
        msgspec.json.decode(data, type=type_)
    except msgspec.ValidationError as error:
        return issue(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return Issue("", "json")


_AT = re.compile(r" - at `(?:\$\.?)(?P<path>[^`]*)`$")
_FIELD = re.compile(r"Object (?P<what>missing required|contains unknown) field `(?P<name>[^`]*)`")
_WORDS = (
    ("of length", "length"),
    ("matching regex", "pattern"),
    (">=", "range"),
    ("<=", "range"),
    ("> ", "range"),
    ("< ", "range"),
    ("multiple of", "range"),
    ("Invalid enum value", "choice"),
    ("Invalid RFC3339", "time"),
    ("timezone component", "timezone"),
)


def issue(message: str) -> Issue:
    """The stable form of a msgspec validation message."""
    at = _AT.search(message)
    path = at["path"] if at else ""
    about = _FIELD.match(message)
    if about:
        name = f"{path}.{about['name']}" if path else about["name"]
        return Issue(name, "missing" if about["what"] == "missing required" else "unknown_field")
    code = next((code for words, code in _WORDS if words in message), "type")
    return Issue(path, code)


def components(kinds: Iterable[Kind]) -> dict[str, Any]:
    """OpenAPI components of all bodies, patches and event data (JSON Schema 2020-12)."""
    types: list[Any] = []
    for kind in kinds:
        types += [kind.body, patch_type(kind), *(data_type(kind, event) for event in kind.events)]
    _, schemas = msgspec.json.schema_components(
        list(dict.fromkeys(types)), ref_template="#/components/schemas/{name}"
    )
    return schemas


def machine(kind: Kind) -> dict[str, Any]:
    """The kind's state machine as data, for the phone."""
    return {
        "since": kind.since,
        "closed": sorted(kind.closed),
        "register": kind.register,
        "merge": kind.merge,
        "initial": kind.initial,
        "editable": sorted(kind.editable),
        "put_roles": sorted(kind.put_roles),
        "events": [
            {
                "name": event.name,
                "source": sorted(event.source),
                "target": event.target,
                "roles": sorted(event.roles),
                "whole": event.whole,
                "amends": sorted(event.amends),
            }
            for event in kind.events
        ],
    }
