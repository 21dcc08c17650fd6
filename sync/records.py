"""What the engine moves: operations in, rows and results out. Values only, never changed in place."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw

from sync.caller import Deputised
from sync.kinds import Issue


class Op(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One operation, from a phone (`n` > 0) or from the server (`n` = 0).

    `id` is the record's id, for events the event's own id with the record in `subject`. `data` is JSON as it
    came, or a mapping. `base` is the revision the writer had seen. `facts` and `author` are for
    records that the server makes. `skew_ms` and `skew_error_ms` are what the phone knew of its clock when it wrote.
    """

    op: Literal["put", "event", "delete"]
    kind: str
    id: str
    subject: str = ""
    type: str = ""
    base: int = 0
    at: datetime
    data: Raw | dict[str, Any] = msgspec.field(default_factory=dict)
    n: int = 0
    facts: dict[str, Any] | None = None
    author: str | None = None
    skew_ms: int | None = None
    skew_error_ms: int | None = None


class Patch(msgspec.Struct, frozen=True, gc=False):
    """A put's data that were read, with nothing wrong in them, and their text. `clears`: there are fields to clear."""

    values: dict[str, Any]
    text: Raw
    clears: bool


class Hand(NamedTuple):
    """Who did something, and in whose place."""

    person: str
    name: str
    instead_of: Deputised | None = None

    @classmethod
    def kept(cls, person: str, name: str, principal: str, principal_name: str) -> "Hand":
        """As it was written down: `principal` is empty where he acted for himself; the roles are not kept."""
        return cls(person, name, Deputised(principal, principal_name, frozenset()) if principal else None)


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event in a record's log, in the server's order.

    `at` is the writer's clock as sent, `skew_ms` what the server's clock was ahead of it when it was written,
    give or take `skew_error_ms` (None: not known), `received_at` the server's clock. `instead_of` is the person in
    whose place a deputy did it, by a role that he does not hold himself.
    """

    id: str
    type: str
    at: datetime
    received_at: datetime
    by: str
    by_name: str = ""
    instead_of: str = ""
    instead_of_name: str = ""
    device: str = ""
    skew_ms: int = 0
    skew_error_ms: int | None = None
    data: dict[str, Any] = {}

    @property
    def hands(self) -> frozenset[str]:
        """Who did it: whoever acted, and in whose place. Another person is none of them."""
        return frozenset(filter(None, (self.by, self.instead_of)))

    @property
    def hand(self) -> Hand:
        """The same with their names, for what is written in their name later."""
        return Hand.kept(self.by, self.by_name, self.instead_of, self.instead_of_name)

    def corrected_at(self) -> datetime:
        """The server's estimate of when it happened."""
        return self.at + timedelta(milliseconds=self.skew_ms)


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record as stored. `fv` names for each field the revision and device of its last change.

    Its number in the feed is not here: `sync.store` gives it when the record is written.
    """

    org: str
    id: str
    kind: str
    scope: str
    state: str
    author: str | None
    body: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    rev: int = 0
    facts: dict[str, Any] = {}
    log: tuple[Entry, ...] = ()
    missing: tuple[str, ...] = ()
    fv: dict[str, tuple[int, str]] = {}
    deleted: bool = False
    told: Patch | None = None

    @property
    def as_told(self) -> bool:
        """Whether the body is still the one that its author's phone made it with."""
        return self.told is not None and self.told.values is self.body

    @property
    def body_json(self) -> bytes | Raw:
        """The body as JSON: in its author's own text, while it is that."""
        if self.told is not None and self.as_told:
            return self.told.text
        return msgspec.json.encode(self.body)


class Conflict(msgspec.Struct, frozen=True):
    """A field that two devices changed: the server's value stays, the other waits for a person."""

    field: str
    kept: Any
    refused: Any


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The answer to one operation.

    merged: somebody else's change since `base` stands beside this one; conflict: `conflicts` names fields
    that kept the server's value; rejected: nothing changed, `code` and `facts` say why. `code` is `revived` when
    the edit brought back a record that somebody had deleted, `kept` when the operation is kept aside: `rev` is then
    the revision after the record's present one.
    """

    n: int = 0
    id: str = ""
    status: Literal["applied", "merged", "conflict", "rejected"]
    rev: int = 0
    code: str = ""
    issues: list[Issue] = []
    conflicts: list[Conflict] = []
    facts: dict[str, Any] = {}


class Refused(Exception):  # noqa: N818 (an outcome, not a fault)
    """Rejects one operation and undoes all its effects; raised by the engine's rules and by reactions."""

    def __init__(self, code: str, facts: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts or {}


class Kept(Exception):  # noqa: N818 (an outcome, not a fault)
    """Raised by a reaction: the operation is sound and is kept aside, its record stays as it was. `instead` runs in
    its place, in the same transaction, and answers the server's operations that take effect now, each with whose
    it is.
    """

    def __init__(self, instead: Callable[[], Awaitable[Sequence[tuple[Op, Hand]]]]) -> None:
        super().__init__("kept")
        self.instead = instead
