"""When there is a notice, for whom, until when it holds, and when it may be told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from backend.features.review.rules import last
from sync.records import Row
from sync.tables import stamp

NoticeKind = Literal["job", "return", "deadline"]
AMBER: Final = 0.7  # of the time that there is; as the clock on the phone's card turns
LONGEST_WARNING: Final = timedelta(hours=24)
WITHIN: Final = timedelta(hours=1)  # a deadline so near breaks through quiet hours, if the company says so
OUTSIDE_NEVER: Final = frozenset({"finding", "violation", "entry"})
"""Kinds that stay with the control group: nothing of them goes through the hands of others, not even that it is."""
CONTROL: Final = "control"
_BEFORE_ARRIVAL = frozenset({"new", "received"})
_UNDER_WAY = frozenset({*_BEFORE_ARRIVAL, "arrived", "located", "repaired"})


@dataclass(frozen=True, slots=True)
class Cause:
    """A notice to be. `person` None: all crews of `unit`. It holds from `due` on."""

    kind: NoticeKind
    record: str
    cause: str
    due: datetime
    person: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when somebody has to have done something, and from when he is warned."""

    until: datetime
    warn: datetime


def causes(before: Row | None, after: Row, now: datetime) -> list[Cause]:
    """What a change of a record gives notice of. Practice gives none."""
    if after.kind != "repair" and after.state != "returned":  # most of what phones send
        return []
    if after.deleted or after.body.get("practice"):
        return []
    unit = str(after.body.get("unit") or "")
    found = []
    if after.kind == "repair":
        if before is None and after.state == "new":
            found.append(Cause("job", after.id, "", now, None, unit))
        found += _deadlines(before, after, now, unit)
    returned = last(after.log, "return")
    if after.state == "returned" and returned is not None and returned.id != _return(before):
        to = mender(after)
        found += [Cause("return", after.id, returned.id, now, to, unit)] if to else []
    return found


def _return(row: Row | None) -> str | None:
    found = last(row.log, "return") if row is not None else None
    return found.id if found else None


def _deadlines(before: Row | None, after: Row, now: datetime, unit: str) -> list[Cause]:
    ahead = deadline(after)
    if ahead is None or ahead.until <= now:
        return []
    if before is not None and (deadline(before), taker(before)) == (ahead, taker(after)):
        return []
    return [Cause("deadline", after.id, stamp(ahead.until), max(ahead.warn, now), taker(after), unit)]


def deadline(row: Row) -> Deadline | None:
    """What of a repair job's promises runs now."""
    clock = row.facts.get("clock")
    if row.kind != "repair" or not clock or row.state not in _UNDER_WAY:
        return None
    arriving = row.state in _BEFORE_ARRIVAL
    until = clock["arrive_by"] if arriving else clock["restore_by"]
    if until is None:
        return None
    start = None if arriving else clock["arrived_at"]
    begun = datetime.fromisoformat(start or row.body["reported_at"])
    end = datetime.fromisoformat(until)
    return Deadline(end, max(begun + (end - begun) * AMBER, end - LONGEST_WARNING))


def taker(row: Row) -> str | None:
    """Who took a repair job."""
    found = last(row.log, "receive")
    return found.by if found else None


def mender(row: Row) -> str | None:
    """Who has to mend a returned record: its author, of a repair whoever handed it in."""
    if row.kind != "repair":
        return row.author
    found = last(row.log, "restore")
    return found.by if found else None


def holds(row: Row, kind: str, cause: str, person: str) -> bool:
    """Whether what a notice says is still so, for that person."""
    if row.deleted:
        return False
    if kind == "job":
        return row.state == "new"
    if kind == "return":
        return row.state == "returned" and _return(row) == cause and mender(row) == person
    ahead = deadline(row)
    return ahead is not None and stamp(ahead.until) == cause and taker(row) in (None, person)


def inside(row: Row) -> bool:
    """Whether it stays with the control group: an inspected station must not even see that something went out."""
    return row.kind in OUTSIDE_NEVER or row.scope == CONTROL


def page(kind: str, record_kind: str, record: str) -> str:
    """Where in the app a notice leads."""
    if record_kind == "repair":
        return f"/job/{record}"
    return f"/new/{record_kind}/{record}" if kind == "return" else f"/r/{record_kind}/{record}"


def quiet_until(hours: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that run now end; None outside of them. `hours` is `22:00-07:00` in the zone's time or
    empty; equal times are no hours.
    """
    if not hours:
        return None
    start, end = (time.fromisoformat(part) for part in hours.split("-"))
    here = now.astimezone(zone)
    at = here.time().replace(tzinfo=None)
    inside = start <= at < end if start <= end else (at >= start or at < end)
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if start > end and at >= start else 0)
    return datetime.combine(day, end, zone).astimezone(now.tzinfo)


def breaks_through(kind: str, cause: str, now: datetime, urgent: bool) -> bool:
    """Whether a notice is told in quiet hours too."""
    return urgent and kind == "deadline" and datetime.fromisoformat(cause) - now <= WITHIN
