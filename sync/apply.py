"""What one operation does to one record: the decision, without database, clock or HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from sync.caller import Deputised
from sync.kinds import NOT_PUT, Codec, Invalid, Issue
from sync.records import Conflict, Entry, Op, Patch, Refused, Row

MAX_DATA = 65_536
MAX_LOG = 500
PSEUDO_ROLES = frozenset({"author", "system"})  # nobody holds these, whatever the account says


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """On whose behalf an operation runs. `system` is the server itself: no rights are asked of it; `instead_of` then
    says in whose place its person had said it.
    """

    org: str
    person: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    device: str = "server"
    skew_ms: int = 0
    skew_error_ms: int | None = None
    system: bool = False
    deputised: tuple[Deputised, ...] = ()
    instead_of: Deputised | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`row` is the record afterwards; it is the very row given when nothing changed.

    `revived`: somebody deleted the record, and this edit, made without knowing it, brought it back.
    """

    row: Row
    status: Literal["applied", "merged", "conflict"] = "applied"
    entry: Entry | None = None
    conflicts: tuple[Conflict, ...] = ()
    revived: bool = False


def decide(
    op: Op,
    row: Row | None,
    codec: Codec,
    who: Who,
    now: datetime,
    first_rev: int = 1,
    patch: Patch | None = None,
) -> Outcome:
    """Applies `op` to `row`, None when there is no such record; a new one gets `first_rev`. `patch` are the data of a
    put, when they were read before.

    Raises Refused or Invalid; the operation then changes nothing.
    """
    data = patch.text if patch else _text(op)
    hidden = row is not None and not who.system and row.scope not in who.scopes
    if hidden:
        row = None  # whatever is asked of it gets the answer of an id that nobody has
    if row is not None and row.kind != op.kind:
        raise Refused("bad_id")
    if op.op == "event":
        return _event(op, data, row, codec, who, now)
    if op.op == "delete":
        return _delete(op, row, codec, who, now)
    if row is None:
        created = _create(op, patch, data, codec, who, now, first_rev)
        if hidden:
            raise Refused("not_found")  # the id is taken: the one thing that cannot be kept from who knows it
        return created
    return _patch(op, patch, data, row, codec, who, now)


def _text(op: Op) -> bytes:
    data = bytes(op.data) if isinstance(op.data, Raw) else msgspec.json.encode(op.data)
    if len(data) > MAX_DATA:
        raise Refused("too_big", {"limit": MAX_DATA})
    return data


def _create(
    op: Op, patch: Patch | None, data: bytes | Raw, codec: Codec, who: Who, now: datetime, rev: int
) -> Outcome:
    kind = codec.kind
    _may_put(codec, who)
    purged = op.base > 0 and not who.system  # the writer had seen it, its tombstone is gone by now
    if purged and kind.merge != "draft":
        raise Refused("not_found")
    body = patch.values if patch else codec.patch(data)
    if patch.clears if patch else None in body.values():
        body = {name: value for name, value in body.items() if value is not None}
    if kind.merge != "draft":
        codec.whole(body)
    _at_home(codec, body, who)
    author = op.author if who.system else who.person
    entry = None
    if who.system:
        entry = _entry(op, "create", {}, who, now)
    row = Row(
        org=who.org,
        id=op.id,
        kind=kind.name,
        scope=kind.scope(body, kind.initial, author or ""),
        state=kind.initial,
        author=author,
        body=body,
        created_at=now,
        updated_at=now,
        rev=rev,
        facts=plain(op.facts) if op.facts else {},
        log=(entry,) if entry else (),
        fv=dict.fromkeys(body, (rev, who.device)),
        told=patch,
    )
    return Outcome(row=row, status="merged" if purged else "applied", entry=entry, revived=purged)


def _patch(
    op: Op, patch: Patch | None, data: bytes | Raw, row: Row, codec: Codec, who: Who, now: datetime
) -> Outcome:
    kind = codec.kind
    _may_put(codec, who)
    own = kind.merge == "draft" and not who.system
    if own and row.author != who.person:
        raise Refused("forbidden")
    changes = patch.values if patch else codec.patch(data)
    if own and row.state not in kind.editable:
        if all(row.body.get(name) == value for name, value in changes.items()):
            return Outcome(row=row)  # made twice, by a phone and its copy
        raise Refused("frozen", {"state": row.state})
    _stay_fixed(kind.fixed, row.body, changes)
    rev = row.rev + 1
    body, fv, conflicts = dict(row.body), dict(row.fv), []
    for name, value in changes.items():
        kept = row.body.get(name)
        if kept == value:
            continue
        if not who.system and _changed_elsewhere(row, name, op.base, who.device):
            join = _union if name == "photos" else kind.join.get(name)
            if join is None or not kept or not value:
                conflicts.append(Conflict(name, kept, value))
                continue
            value = join(kept, value)
        body[name] = value
        fv[name] = (rev, who.device)
        if value is None:
            del body[name]
    status = _status(row, op.base, who, conflicts)
    if body == row.body and not row.deleted:
        return Outcome(row=row, status=status, conflicts=tuple(conflicts))
    if kind.merge != "draft":
        codec.whole(body)
    _at_home(codec, body, who)
    after = replace(
        row,
        body=body,
        fv=fv,
        rev=rev,
        scope=kind.scope(body, row.state, row.author or ""),
        deleted=False,
        updated_at=now,
    )
    revived = row.deleted and not who.system
    return Outcome(row=after, status=status, conflicts=tuple(conflicts), revived=revived)


def _stay_fixed(fixed: frozenset[str], body: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Raises Invalid when a field that the record was made with would change; false is the same as not said."""
    wrong = [name for name in fixed & changes.keys() if (changes[name] or None) != (body.get(name) or None)]
    if wrong:
        raise Invalid([Issue(name, "fixed") for name in sorted(wrong)])


def _event(op: Op, data: bytes | Raw, row: Row | None, codec: Codec, who: Who, now: datetime) -> Outcome:
    kind = codec.kind
    if row is None or row.deleted:
        raise Refused("not_found")
    event = codec.events.get(op.type)
    if event is None:
        raise Refused("unknown_event")
    for entry in row.log:
        if entry.id == op.id:  # sent before, by this phone under another device id
            if (entry.type, entry.by) != (op.type, who.person):
                raise Refused("bad_id")
            return Outcome(row=row)
    by_author = "author" in event.roles and row.author == who.person
    allowed = event.roles & who.roles - PSEUDO_ROLES
    if not (who.system or by_author or allowed):
        raise Refused("forbidden")
    principal = who.instead_of if who.system else None if by_author else _principal(who, allowed)
    _at_home(codec, row.body, who)
    if row.state not in event.source:
        raise Refused("bad_transition", {"state": row.state})
    if len(row.log) >= MAX_LOG and not who.system:
        raise Refused("log_full", {"limit": MAX_LOG})
    said = codec.data(op.type, data)
    facts, body, fv = row.facts, row.body, row.fv
    if event.amends:
        said, body, fv = _amended(row, said, who)
        _at_home(codec, body, who)
    if event.whole:
        whole = codec.whole(body)
        if kind.derive:
            facts = {**facts, **plain(kind.derive(whole, now))}
    state = event.target or row.state
    entry = _entry(op, op.type, said, who, now, principal)
    after = replace(
        row,
        state=state,
        scope=kind.scope(body, state, row.author or ""),
        body=body,
        fv=fv,
        facts=facts,
        log=(*row.log, entry),
        rev=row.rev + 1,
        updated_at=now,
    )
    return Outcome(row=after, entry=entry)


def _principal(who: Who, roles: frozenset[str]) -> Deputised | None:
    """In whose place he acts when none of these roles is his own."""
    own = who.roles.difference(*(each.roles for each in who.deputised))
    return None if roles & own else next((each for each in who.deputised if each.roles & roles), None)


def _amended(
    row: Row, said: dict[str, Any], who: Who
) -> tuple[dict[str, Any], dict[str, Any], dict[str, tuple[int, str]]]:
    """What the log shall say (with the values of before), the body and the versions afterwards.

    Raises Invalid when nothing is changed.
    """
    changes = dict(said["changes"])
    if "photos" in changes:  # a photo that was evidence stays evidence
        changes["photos"] = _union(row.body.get("photos") or [], changes["photos"])
    changes = {name: value for name, value in changes.items() if row.body.get(name) != value}
    if not changes:
        raise Invalid([Issue("changes", "missing")])
    before = {name: row.body.get(name) for name in changes}
    body = {name: value for name, value in {**row.body, **changes}.items() if value is not None}
    fv = {**row.fv, **dict.fromkeys(changes, (row.rev + 1, who.device))}
    return {"reason": said["reason"], "changes": changes, "before": before}, body, fv


def _delete(op: Op, row: Row | None, codec: Codec, who: Who, now: datetime) -> Outcome:
    if row is None:
        raise Refused("not_found")
    if not who.system:
        if codec.kind.merge != "draft" or row.author != who.person:
            raise Refused("forbidden")
        if row.state != codec.kind.initial and not codec.kind.passing(row.body):
            raise Refused("frozen", {"state": row.state})
    if row.deleted:
        return Outcome(row=row)
    unseen = [] if who.system else [f for f in row.fv if _changed_elsewhere(row, f, op.base, who.device)]
    if unseen:  # an edit wins over a delete that had not seen it
        conflicts = tuple(Conflict(name, row.body.get(name), None) for name in unseen)
        return Outcome(row=row, status="conflict", conflicts=conflicts)
    return Outcome(row=replace(row, deleted=True, rev=row.rev + 1, updated_at=now))


def _may_put(codec: Codec, who: Who) -> None:
    if who.system:
        return
    if codec.kind.merge in NOT_PUT or codec.kind.put_roles.isdisjoint(who.roles):
        raise Refused("forbidden")


def _at_home(codec: Codec, body: Mapping[str, Any], who: Who) -> None:
    if who.system:
        return
    home = codec.kind.home(body)
    if home is not None and home not in who.scopes:
        raise Refused("foreign_unit")


def _changed_elsewhere(row: Row, name: str, base: int, device: str) -> bool:
    """Whether another device changed the field after `base`; an own queued edit is no conflict."""
    rev, by = row.fv.get(name, (0, ""))
    return rev > base and by != device


def _status(
    row: Row, base: int, who: Who, conflicts: list[Conflict]
) -> Literal["applied", "merged", "conflict"]:
    if conflicts:
        return "conflict"
    if row.deleted or (not who.system and any(_changed_elsewhere(row, f, base, who.device) for f in row.fv)):
        return "merged"
    return "applied"


def _union(kept: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {photo["sha256"] for photo in kept}
    return [*kept, *(photo for photo in added if photo["sha256"] not in known)]


def _entry(
    op: Op, name: str, data: dict[str, Any], who: Who, now: datetime, principal: Deputised | None = None
) -> Entry:
    return Entry(
        id=op.id,
        type=name,
        at=op.at,
        received_at=now,
        by=who.person,
        by_name=who.name,
        instead_of=principal.person if principal else "",
        instead_of_name=principal.name if principal else "",
        device=who.device,
        skew_ms=who.skew_ms,
        skew_error_ms=who.skew_error_ms,
        data=data,
    )


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """As the same JSON will read when it comes back from the database."""
    if not value:
        return {}
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return decoded
