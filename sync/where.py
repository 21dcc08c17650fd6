"""Where something is that a phone once made: from the record as it stands, the operations that it does not tell of,
and the pushes as they came.

What a caller may learn: records in the caller's scopes, and what the caller wrote. Other people's operations, with
device and number, are for the control group: the gaps between an inspector's numbers would tell an inspected unit
that there is more than it may see. Everything else is as if it did not exist.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import store
from sync.caller import Caller
from sync.clock import Skew, claimed, written
from sync.ids import is_id
from sync.kinds import Kind
from sync.records import Row
from sync.tables import device, moment, operation, push, stamp

MOST = 500
BETWEEN = 200  # pushes between a record's first and last, each read as a whole
CONTROL = "control"
_NUMBER = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9][0-9]{0,15})")
_TROUBLE = ("rejected", "conflict")

State = Literal["here", "rejected", "conflict", "deleted", "moved"]


class Step(msgspec.Struct, kw_only=True):
    """One operation as the server has it. `payload` only of one that was not taken whole: nothing is lost."""

    device: str
    device_name: str | None
    n: int
    op: str
    type: str
    person: str
    at: str | None
    skew_ms: int
    skew_error_ms: int | None
    received_at: str
    status: str
    code: str
    rev: int
    payload: dict[str, Any] | None


class Waits(msgspec.Struct):
    """In whose queue a record is: who may move it on (`author` is who made it), by which events, since when."""

    roles: list[str]
    events: list[str]
    since: datetime


class Deleted(msgspec.Struct):
    at: datetime
    by: str


class Here(msgspec.Struct, kw_only=True):
    """The record as it stands on the server."""

    state: str
    rev: int
    author: str | None
    since: datetime
    changed_at: datetime
    waits: Waits | None


class Found(msgspec.Struct, kw_only=True):
    """`moved`: it lives where the caller may not look; only what the caller wrote is told."""

    id: str
    kind: str
    state: State
    here: Here | None
    deleted: Deleted | None
    steps: list[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One operation, from the operation table or from its push."""

    device: str
    device_name: str | None
    n: int
    person: str
    kind: str
    id: str
    op: str
    at: str | None
    skew: Skew
    received_at: str
    payload: dict[str, Any]
    result: dict[str, Any]

    @property
    def status(self) -> str:
        return str(self.result.get("status", ""))


def operation_of(asked: str) -> tuple[str, int] | None:
    """Device and number of `device:n`; None when it is not of that form."""
    match = _NUMBER.fullmatch(asked)
    return (match[1], int(match[2])) if match else None


async def find(
    conn: AsyncConnection, kinds: Mapping[str, Kind], caller: Caller, asked: str
) -> tuple[Found, Row | None] | None:
    """A record, an event or `device:n`, with the record's row where the caller may see it; None: no such thing.

    The same statements run whether it does not exist or may not be seen, and they read nothing of others' pushes for
    who does not control: neither their number nor their size shows in the time of the answer.
    """
    numbered = operation_of(asked)
    if numbered is None and not is_id(asked):
        return None
    control = CONTROL in caller.scopes
    mine = [one.id for one in await store.devices(conn, caller.org, person=caller.person)] or [""]
    if numbered is not None:
        named = await _sent(conn, caller, *numbered)
    else:
        named = await _operations(conn, caller.org, operation.c.event == asked)
    record = next((op.id for op in named if op.id), asked)
    about = named + await _operations(conn, caller.org, operation.c.id == record)
    row = (await store.load(conn, caller.org, [record])).get(record)
    visible = row is not None and row.scope in caller.scopes
    about += await _puts(conn, caller, record, row, _writers(row) if control and visible else mine, visible)
    about = _once(about)
    everything = control and (visible or row is None)
    told = [op for op in about if everything or op.person == caller.person]
    asked_for = {(op.device, op.n) for op in named}
    one = next((op for op in told if (op.device, op.n) in asked_for), None)
    logged = visible and row is not None and any(entry.id == asked for entry in row.log)
    if (asked_for and one is None and not logged) or not (visible or told):
        return None
    state = _state(row, visible, one, told)
    found = Found(
        id=record,
        kind=row.kind if row is not None and visible else told[0].kind,
        state=state,
        here=_here(kinds, row) if row is not None and visible and not row.deleted else None,
        deleted=_deleted(row if visible else None, told) if state == "deleted" else None,
        steps=[_step(op) for op in told],
    )
    return found, row if visible else None


def _state(row: Row | None, visible: bool, one: Line | None, told: Sequence[Line]) -> State:
    if one is not None and one.status in _TROUBLE:
        return "rejected" if one.status == "rejected" else "conflict"
    if row is not None and visible:
        return "deleted" if row.deleted else "here"
    if all(
        op.status == "rejected" for op in told
    ):  # the caller never had it: whether it is there must not show
        return "rejected"
    return "deleted" if row is None else "moved"


def _here(kinds: Mapping[str, Kind], row: Row) -> Here:
    return Here(
        state=row.state,
        rev=row.rev,
        author=row.author,
        since=row.created_at,
        changed_at=row.updated_at,
        waits=_waits(kinds.get(row.kind), row),
    )


def _waits(kind: Kind | None, row: Row) -> Waits | None:
    """Events that lead on from the record's state, and who may cause them; None when it is over."""
    on = [
        event
        for event in (kind.events if kind else ())
        if row.state in event.source and event.target not in (None, row.state) and event.roles != {"system"}
    ]
    if not on:
        return None
    since = row.log[-1].received_at if row.log else row.created_at
    roles = sorted(frozenset().union(*(event.roles for event in on)) - {"system"})
    return Waits(roles, [event.name for event in on], since)


def _deleted(row: Row | None, told: Iterable[Line]) -> Deleted | None:
    """When, and by whom if the caller may know; None when the server removed it and the tombstone is gone too."""
    last = next((op for op in reversed(list(told)) if op.op == "delete" and op.status != "rejected"), None)
    if row is not None:
        return Deleted(row.updated_at, last.person if last else "")
    return Deleted(moment(last.received_at), last.person) if last else None


def _step(op: Line) -> Step:
    return Step(
        device=op.device,
        device_name=op.device_name,
        n=op.n,
        op=op.op,
        type=str(op.payload.get("type", "")) if op.op == "event" else "",
        person=op.person,
        at=op.at,
        skew_ms=op.skew.skew_ms,
        skew_error_ms=op.skew.skew_error_ms,
        received_at=op.received_at,
        status=op.status,
        code=op.result.get("code", ""),
        rev=op.result.get("rev", 0),
        payload=op.payload if op.status in _TROUBLE else None,
    )


def _once(ops: Iterable[Line]) -> list[Line]:
    """Each operation once, in the order of receipt."""
    found = {(op.device, op.n): op for op in ops}
    return sorted(found.values(), key=lambda op: (op.received_at, op.device, op.n))


async def _operations(conn: AsyncConnection, org: str, *where: sa.ColumnElement[bool]) -> list[Line]:
    query = (
        sa.select(operation, device.c.name.label("device_name"))
        .select_from(
            operation.outerjoin(
                device, (device.c.org == operation.c.org) & (device.c.id == operation.c.device)
            )
        )
        .where(operation.c.org == org, *where)
        .order_by(operation.c.received_at, operation.c.device, operation.c.n)
        .limit(MOST)
    )
    return [
        Line(
            device=op.device,
            device_name=op.device_name,
            n=op.n,
            person=op.person,
            kind=op.kind,
            id=op.id,
            op=op.op,
            at=op.at,
            skew=Skew(op.skew_ms, op.skew_error_ms),
            received_at=op.received_at,
            payload=_decoded(op.payload),
            result=_decoded(op.result),
        )
        for op in await conn.execute(query)
    ]


def _writers(row: Row | None) -> list[str]:
    """Devices that the record knows of."""
    if row is None:
        return []
    return sorted({device_ for _, device_ in row.fv.values()} | {entry.device for entry in row.log})


async def _sent(conn: AsyncConnection, caller: Caller, device_: str, n: int) -> list[Line]:
    """The operation with this number, if it came."""
    found = await _pushes(conn, caller, push.c.device == device_, push.c.n <= n, push.c.last >= n)
    return [line for line in found if line.n == n]


async def _puts(
    conn: AsyncConnection,
    caller: Caller,
    record: str,
    row: Row | None,
    devices: Sequence[str],
    visible: bool,
) -> list[Line]:
    """Plain puts of a record: those of the pushes that made it and that changed it last, and those of the first
    pushes in between. How long a record lived that the caller may not see must not show: there is no between then.
    """
    first, last = (stamp(row.created_at), stamp(row.updated_at)) if row is not None else ("", "")
    end = last if visible else first
    between = sa.and_(push.c.received_at > first, push.c.received_at < end)
    by_them = push.c.device.in_(devices)
    found = await _pushes(conn, caller, by_them, push.c.received_at.in_([first, last]), about=record)
    found += await _pushes(conn, caller, by_them, between, about=record, most=BETWEEN)
    return [line for line in found if line.id == record]


async def _pushes(
    conn: AsyncConnection,
    caller: Caller,
    *where: sa.ColumnElement[bool],
    about: str = "",
    most: int = MOST,
) -> list[Line]:
    """Operations of pushes, those only that name `about`."""
    name = about.encode()
    own = () if CONTROL in caller.scopes else (push.c.person == caller.person,)
    query = (
        sa.select(push, device.c.name.label("device_name"))
        .select_from(push.outerjoin(device, (device.c.org == push.c.org) & (device.c.id == push.c.device)))
        .where(push.c.org == caller.org, *own, *where)
        .order_by(push.c.received_at, push.c.n)
        .limit(most)
    )
    return [
        _line(sent, n, payload, answered)
        for sent in await conn.execute(query)
        for n, (payload, answered) in enumerate(
            zip(store.unpack(sent.payload), store.unpack(sent.answers), strict=True), sent.n
        )
        if name in bytes(payload)
    ]


def _line(sent: Any, n: int, raw: Raw, answered: Raw) -> Line:
    payload = _decoded(bytes(raw))
    word = {k: payload[k] for k in ("kind", "op", "id", "subject") if isinstance(payload.get(k), str)}
    at, skew = _when(sent, payload)
    return Line(
        device=sent.device,
        device_name=sent.device_name,
        n=n,
        person=sent.person,
        kind=word.get("kind", ""),
        id=word.get("subject") or word.get("id", ""),
        op=word.get("op", ""),
        at=at,
        skew=skew,
        received_at=sent.received_at,
        payload=payload,
        result=_decoded(bytes(answered)),
    )


def _when(sent: Any, payload: Mapping[str, Any]) -> tuple[str | None, Skew]:
    """The device's time and the skew that held; None for a time that cannot be read, as in what was rejected."""
    skew = Skew(sent.skew_ms, sent.skew_error_ms)
    try:
        at = datetime.fromisoformat(payload["at"])
        claim = claimed(payload.get("skew_ms"), payload.get("skew_error_ms"))
        behind = round((moment(sent.received_at) - at).total_seconds() * 1000)
        return stamp(at), written(claim, skew, behind)
    except (KeyError, ValueError, OverflowError, TypeError):
        return None, skew


def _decoded(raw: bytes) -> dict[str, Any]:
    """Empty when it cannot be read, which is then why it was rejected."""
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
