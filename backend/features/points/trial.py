"""A rule tried on a year's decisions before it binds. Only reads: the connection is one that cannot write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.catalogue import PointsRules
from backend.db import chunks
from backend.features.editions.model import PointsContent
from backend.features.editions.service import checklist_named, points_named, points_rules
from backend.features.points import ledger
from backend.features.points.rules import Past, Trial, tried
from backend.features.points.tables import ledger as table
from sync.caller import Caller
from sync.tables import record

MOST = 500


class Was(msgspec.Struct, frozen=True):
    """What a ledger line tells of its decision."""

    unit: str
    violation: str
    catalogue: str
    rule: str
    base_points: int
    cap: int
    happened_at: datetime
    fact: str
    id: str


class Circumstances(msgspec.Struct, frozen=True):
    """What the violation says that modifiers look at."""

    complaint: bool = False
    self_reported: bool = False
    false_evidence: bool = False


class Compared(msgspec.Struct, frozen=True):
    """A decision under both rules."""

    n: int
    person: str
    unit: str
    item: str
    happened_at: datetime
    fact: str
    before: int
    after: int


class Year(msgspec.Struct, frozen=True):
    """A year's decisions with what they rested on, in the ledger's order, and the rules that held."""

    past: list[Past]
    was: list[Was]
    rules: dict[str, PointsRules]


_was = msgspec.json.Decoder(Was)
_circumstances = msgspec.json.Decoder(Circumstances)


async def years(conn: AsyncConnection, org: str) -> list[tuple[str, int]]:
    """The cycles that have decisions, newest first, and how many."""
    wanted = sa.select(table.c.cycle, sa.func.count()).where(table.c.org == org).group_by(table.c.cycle)
    return [(cycle, n) for cycle, n in await conn.execute(wanted.order_by(table.c.cycle.desc()))]


async def year(conn: AsyncConnection, org: str, cycle: str) -> Year:
    """Everything that a cycle's decisions rest on, by a handful of statements."""
    lines = await ledger.lines(conn, org, cycle=cycle)
    was = [_was.decode(line.entry) for line in lines]
    how = await _how(conn, org, [one.violation for one in was])
    rules = {version: await points_named(conn, org, version) for version in {one.rule for one in was}}
    lists = {version: await checklist_named(conn, org, version) for version in {one.catalogue for one in was}}
    defaults = {
        version: {item.code: item.default_points for item in listed.checklist.items}
        for version, listed in lists.items()
        if listed is not None
    }
    past = [
        Past(
            n=line.n,
            person=line.person,
            unit=one.unit,
            cycle=line.cycle,
            item=line.item,
            points=line.points,
            rule=one.rule,
            default=defaults.get(one.catalogue, {}).get(line.item, one.base_points),
            complaint=how[one.violation].complaint,
            self_reported=how[one.violation].self_reported,
            false_evidence=how[one.violation].false_evidence,
        )
        for line, one in zip(lines, was, strict=True)
    ]
    return Year(past, was, {version: law for version, law in rules.items() if law is not None})


async def _how(conn: AsyncConnection, org: str, ids: Sequence[str]) -> Mapping[str, Circumstances]:
    found = dict.fromkeys(ids, Circumstances())
    for chunk in chunks(ids):
        wanted = sa.select(record.c.id, record.c.body).where(record.c.org == org, record.c.id.in_(chunk))
        for id_, body in await conn.execute(wanted):
            found[id_] = _circumstances.decode(body)
    return found


def trial(given: Year, content: PointsContent, caller: Caller) -> tuple[Trial, list[Compared]]:
    """What the edited rule makes of the year, of the units that the caller may see, and each decision compared."""
    caps = {one.n: was.cap for one, was in zip(given.past, given.was, strict=True)}
    seen = [n for n, one in enumerate(given.past) if f"u:{one.unit}" in caller.scopes]
    people = {given.past[n].person for n in seen}
    past = [one for one in given.past if one.person in people]  # an act elsewhere may have made a modifier
    found, after = tried(past, lambda one: caps[one.n], points_rules(content, "draft"))
    by_n = {one.n: was for one, was in zip(given.past, given.was, strict=True)}
    compared = [
        Compared(
            n=one.n,
            person=one.person,
            unit=one.unit,
            item=one.item,
            happened_at=by_n[one.n].happened_at,
            fact=by_n[one.n].fact,
            before=one.points,
            after=points,
        )
        for one, points in zip(past, after, strict=True)
    ]
    return found, compared


def of(compared: Sequence[Compared], person: str | None, unit: str | None) -> list[Compared]:
    """The decisions of a person or a unit, those that change first."""
    wanted = [
        one
        for one in compared
        if (person is None or one.person == person) and (unit is None or one.unit == unit)
    ]
    return sorted(wanted, key=lambda one: (one.before == one.after, one.n))[:MOST]
