"""Exceptions: operations that were refused or lost a race, kept until a person settles them.

A conflict does not depend on the phone that lost: both values stay here, for whoever may write the record (in
the register), or for the author (of a draft). A refusal is its sender's and the operators'. Settling is an
ordinary operation through the same engine, in the transaction that marks the exception.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import exception_store as kept
from sync import store
from sync.apply import Who
from sync.caller import Caller
from sync.errors import SyncError
from sync.exception_store import View
from sync.kinds import Kind
from sync.records import Conflict, Op, Result

# Whose business a refusal is that belongs to no record: it may tell of an unannounced check.
OPERATORS = frozenset({"admin", "supervisor"})
CONTROL = "control"
DESK = "desk:"  # with the person's id: the device under which somebody acts at a desk
# Of these the sender has no record that could be named: it is not there, not his, or was never read.
NAMELESS = frozenset({"malformed", "bad_id", "unknown_kind", "too_big", "not_found"})
PAGE_PAYLOAD = 16_384
MAX_REASON = 500
DEVICE = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

How = Literal["keep", "take", "mixed", "let_be", "resent"]
Choice = Literal["keep", "take", "let_be"]
_result = msgspec.json.Decoder(Result)


class Settled(msgspec.Struct, frozen=True):
    """Who settled it, when (server's time) and how.

    `mixed`: of several fields some kept the record's value and some took the other. `resent`: the sender mended it
    and sent it again.
    """

    at: str
    by: str
    name: str
    how: How
    reason: str


class Writer(msgspec.Struct, frozen=True):
    """Who wrote a value, on which device ('' at a desk), and when the server had it ('' when it no longer knows)."""

    person: str
    device: str
    at: str


class Exceptional(msgspec.Struct, frozen=True, kw_only=True):
    """One exception as its reader sees it.

    `record` is empty when there is no record that the reader could look at. `at` is the sender's clock,
    `received_at` the server's. `now` holds the record's values of the fields in conflict as they stand now,
    `rev` and `state` are the record's, `kept_by` tells by field who wrote the value that stood. `payload` is the
    operation as it came, absent when larger than a page carries (`bytes`): it is read alone then. `may` are
    the choices that this reader has.
    """

    device: str
    n: int
    what: Literal["conflict", "rejected", "revived"]
    kind: str
    record: str
    op: str
    code: str
    by: Writer
    at: str | None
    received_at: str
    issues: list[Any]
    facts: dict[str, Any]
    conflicts: list[Conflict]
    kept_by: dict[str, Writer]
    now: dict[str, Any]
    rev: int
    state: str
    payload: Raw | None
    bytes: int
    may: list[Choice]
    settled: Settled | None


class Page(msgspec.Struct, frozen=True):
    """`open` and `mine` count what is open in the caller's scopes and what waits for the caller."""

    exceptions: list[Exceptional]
    next: str | None
    open: int
    mine: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a list shall hold."""

    settled: bool = False
    mine: bool = False
    device: str | None = None
    before: str | None = None
    limit: int = 50


# --- in a push ----------------------------------------------------------------------------------------------


Answered = tuple[Op, Result, Who]


async def note(
    conn: AsyncConnection,
    org: str,
    now: datetime,
    lines: Mapping[str, Sequence[store.Operation]],
    answered: Mapping[str, Sequence[Answered]],
) -> None:
    """Keeps what pushes could not take over, and settles what its sender has settled with them.

    `lines` and `answered` by device; `answered` of devices alone that left something open before.
    """
    for device, done in answered.items():
        await _settled_by_sender(conn, org, device, now, done)
    for device, operations in lines.items():
        await kept.add(conn, org, device, now, [_new(o) for o in operations if _exceptional(o)])


def _exceptional(operation: store.Operation) -> bool:
    return operation.status in ("rejected", "conflict") or operation.code == "revived"


def _new(operation: store.Operation) -> kept.New:
    what = "revived" if operation.code == "revived" else operation.status
    record = "" if operation.code in NAMELESS else operation.id
    return kept.New(operation.n, operation.person, record, operation.kind, what)


async def _settled_by_sender(
    conn: AsyncConnection, org: str, device: str, now: datetime, done: Sequence[Answered]
) -> None:
    later = [each for each in done if each[1].status != "rejected"]
    for left in await kept.open_of_device(conn, org, device) if later else ():
        for op, result, who in later:
            how = _answers(left, op, result)
            if how:
                await kept.settle(
                    conn, org, device, left.n, now, by=who.person, name=who.name, how=how, reason=""
                )
                break


def _answers(left: Any, op: Op, result: Result) -> How | None:
    """How a later operation of the same device settles what it had left open, None when it does not.

    A conflict is settled by who writes the fields again knowing the other's value (`base`), a refusal by the
    same fields or the same event that went through.
    """
    if (op.subject or op.id) != left.record or op.n <= left.n:
        return None
    before = msgspec.json.decode(left.payload)
    data = op.data if isinstance(op.data, dict) else msgspec.json.decode(op.data)
    if left.what == "conflict":
        was = _result.decode(left.result)
        if op.base < was.rev or op.op == "event":
            return None
        if before["op"] == "delete":
            return "take" if op.op == "delete" else "keep"
        if not all(conflict.field in data for conflict in was.conflicts):
            return None
        same = [data[conflict.field] == conflict.kept for conflict in was.conflicts]
        return "keep" if all(same) else "mixed" if any(same) else "take"
    if left.what == "rejected" and result.status != "conflict" and op.op == before["op"]:
        wanted = before.get("data") or {}
        again = op.type == before.get("type", "") and (
            op.op == "event" or (isinstance(wanted, dict) and wanted.keys() <= data.keys())
        )
        return "resent" if again else None
    return None


# --- the list -----------------------------------------------------------------------------------------------


def view_of(kinds: Mapping[str, Kind], caller: Caller) -> View:
    """What this caller may see and settle."""
    mine = [kind for kind in kinds.values() if kind.put_roles & caller.roles]
    return View(
        org=caller.org,
        person=caller.person,
        scopes=caller.scopes,
        operator=bool(OPERATORS & caller.roles) and CONTROL in caller.scopes,
        fields=[kind.name for kind in mine if kind.merge == "fields"],
        drafts=[kind.name for kind in kinds.values() if kind.merge == "draft"],
    )


async def listed(conn: AsyncConnection, kinds: Mapping[str, Kind], caller: Caller, ask: Ask) -> Page:
    """A page of exceptions, newest first. Raises SyncError `malformed` for a `before` that nobody gave."""
    view = view_of(kinds, caller)
    found = await kept.page(
        conn,
        view,
        settled=ask.settled,
        mine=ask.mine,
        device=ask.device,
        before=_before(ask.before) if ask.before else None,
        limit=ask.limit + 1,
    )
    rows = found[: ask.limit]
    more = len(found) > ask.limit
    open_, mine = await kept.counts(conn, view)
    return Page(
        exceptions=[await _shown(conn, kinds, view, row, PAGE_PAYLOAD) for row in rows],
        next=f"{rows[-1].received_at}~{rows[-1].device}~{rows[-1].n}" if more else None,
        open=open_,
        mine=mine,
    )


async def read(
    conn: AsyncConnection, kinds: Mapping[str, Kind], caller: Caller, device: str, n: int
) -> Exceptional:
    """One exception with its whole payload. Raises SyncError `exception_unknown`."""
    view = view_of(kinds, caller)
    row = await kept.one(conn, view, device, n)
    if row is None:
        raise SyncError("exception_unknown")
    return await _shown(conn, kinds, view, row, len(row.payload))


def _before(text: str) -> tuple[str, str, int]:
    at, _, rest = text.partition("~")
    device, _, n = rest.partition("~")
    if (
        not re.fullmatch("[-0-9T:.]{26}Z", at)
        or not DEVICE.fullmatch(device)
        or not re.fullmatch("[0-9]{1,16}", n)
    ):
        raise SyncError("malformed", reason="before")
    return at, device, int(n)


async def _shown(
    conn: AsyncConnection, kinds: Mapping[str, Kind], view: View, row: Any, most: int
) -> Exceptional:
    result = _result.decode(row.result)
    body = msgspec.json.decode(row.body) if row.found else {}
    fields = [conflict.field for conflict in result.conflicts]
    return Exceptional(
        device=row.device,
        n=row.n,
        what=row.what,
        kind=row.kind,
        record=row.found or "",
        op=row.op,
        code=row.code,
        by=Writer(row.person, row.device_name or "", row.received_at),
        at=row.at,
        received_at=row.received_at,
        issues=list(result.issues),
        facts=result.facts,
        conflicts=list(result.conflicts),
        kept_by=await _writers(conn, view.org, row, fields) if row.found else {},
        now={field: body.get(field) for field in fields},
        rev=row.rev if row.found else 0,
        state=row.state if row.found else "",
        payload=Raw(row.payload) if len(row.payload) <= most else None,
        bytes=len(row.payload),
        may=_may(kinds, view, row) if row.settled_at is None else [],
        settled=None
        if row.settled_at is None
        else Settled(row.settled_at, row.settled_by, row.settled_name, row.how, row.reason),
    )


async def _writers(conn: AsyncConnection, org: str, row: Any, fields: Sequence[str]) -> dict[str, Writer]:
    """Who wrote what stands in the fields; when, as far as the record still tells it."""
    versions = store.field_versions(row.fv, msgspec.json.decode(row.body))
    found: dict[str, Writer] = {}
    for field in fields:
        rev, device = versions.get(field, (0, ""))
        at = row.updated_at if rev == row.rev else ""
        if device.startswith(DESK):
            found[field] = Writer(device.removeprefix(DESK), "", at)
            continue
        known = await store.devices(conn, org, device=device) if device else []
        if known:
            found[field] = Writer(known[0].person, known[0].name, at)
    return found


def _may(kinds: Mapping[str, Kind], view: View, row: Any) -> list[Choice]:
    """The choices that this reader has with an open exception."""
    if row.what == "rejected":
        return ["let_be"] if view.operator or row.person == view.person else []
    if not row.found:
        return []
    kind = kinds.get(row.record_kind)
    if kind is None:
        return []
    if kind.merge == "fields":
        mine = kind.name in view.fields
        return ["keep"] if mine and _a_delete(row) else ["keep", "take"] if mine else []
    if kind.merge != "draft" or row.author != view.person:
        return []
    fits = row.state == kind.initial if _a_delete(row) else row.state in kind.editable
    return ["keep", "take"] if fits else ["keep"]


def _a_delete(row: Any) -> bool:
    """Whether the value that lost is "deleted"."""
    return bool(row.what == "revived" or row.op == "delete")


# --- settling -----------------------------------------------------------------------------------------------


class Acts(Protocol):
    """The engine, as settling needs it."""

    kinds: Mapping[str, Kind]

    async def act(self, conn: AsyncConnection, caller: Caller, now: datetime, op: Op) -> Result:
        """One operation by a person's own rights."""


def _conflicts(row: Any) -> Sequence[Conflict]:
    return () if _a_delete(row) else _result.decode(row.result).conflicts


def _how(row: Any, choice: Choice, fields: Sequence[str]) -> How:
    """How a choice settles. Raises SyncError `exception_choice` for fields that are not in question."""
    known = {conflict.field for conflict in _conflicts(row)}
    if not fields:
        return choice
    if choice != "take" or not known.issuperset(fields):
        raise SyncError("exception_choice")
    return "take" if known == set(fields) else "mixed"


def chosen(row: Any, rev: int, now: datetime, fields: Sequence[str] = ()) -> Op:
    """The operation that takes the other value (of these fields alone), by somebody who saw revision `rev`."""
    conflicts = [one for one in _conflicts(row) if not fields or one.field in fields]
    return Op(
        op="delete" if _a_delete(row) else "put",
        kind=row.record_kind,
        id=row.found,
        base=rev,
        at=now,
        data={conflict.field: conflict.refused for conflict in conflicts},
    )


async def settle(
    engine: Acts,
    conn: AsyncConnection,
    caller: Caller,
    now: datetime,
    device: str,
    n: int,
    choice: Choice,
    rev: int,
    reason: str,
    fields: Sequence[str] = (),
) -> Exceptional:
    """Settles one exception, once; the same choice by the same person again answers the same.

    With `fields` these alone take the other value, all others keep the record's.

    `rev` is the record's revision that the person saw. Raises SyncError `exception_unknown`, `exception_settled`
    (who, when, how), `exception_choice` (not among what this person may choose), `exception_changed` (a field in
    question was changed since `rev`), `exception_refused` (the engine's code); the transaction must then be
    rolled back.
    """
    await store.lock(conn, caller.org)
    view = view_of(engine.kinds, caller)
    row = await kept.one(conn, view, device, n)
    if row is None:
        raise SyncError("exception_unknown")
    if row.settled_at is not None:
        if (row.settled_by, row.how) == (caller.person, _how(row, choice, fields)):
            return await _shown(conn, engine.kinds, view, row, PAGE_PAYLOAD)
        raise SyncError(
            "exception_settled", by=row.settled_by, name=row.settled_name, at=row.settled_at, how=row.how
        )
    if choice not in _may(engine.kinds, view, row) or (choice == "let_be" and not reason):
        raise SyncError("exception_choice")
    how = _how(row, choice, fields)
    if choice == "take":
        result = await engine.act(conn, caller, now, chosen(row, rev, now, fields))
        if result.status == "conflict":
            raise SyncError("exception_changed", rev=row.rev)
        if result.status == "rejected":
            raise SyncError("exception_refused", refusal=result.code)
    await kept.settle(
        conn, caller.org, device, n, now, by=caller.person, name=caller.name, how=how, reason=reason
    )
    settled = await kept.one(conn, view, device, n)
    assert settled is not None
    return await _shown(conn, engine.kinds, view, settled, PAGE_PAYLOAD)
