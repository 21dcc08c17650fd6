"""The account of points, a person's own and, for those who decide, everybody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from backend import catalogue
from backend.db import Database
from backend.features.editions.model import PointsContent
from backend.features.editions.rules import read
from backend.features.editions.service import points_at
from backend.features.points import ledger
from backend.features.points import trial as trials
from backend.features.points.chain import Line
from backend.features.points.rules import Step, Trial, cycle, replay, standing
from backend.features.points.trial import Compared
from backend.problems import AppError
from backend.web.asked import decoded
from sync import store
from sync.api import body as read_body
from sync.caller import Caller

READERS = frozenset({"supervisor", "leader", "auditor"})
LEDGER_READERS = READERS | {"admin"}
TRIERS = frozenset({"supervisor", "leader", "admin"})
MAX_BODY = 100_000
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]


class Account(msgspec.Struct, frozen=True):
    """A person's points in the running cycle, with the entries behind them."""

    person: str
    cycle: str
    balance: int
    cap: int
    to_cap: int
    thresholds: tuple[Step, ...]
    entries: list[dict[str, Any]]


class ChainState(msgspec.Struct, frozen=True):
    """Whether all lines of the organisation hold."""

    count: int
    ok: bool
    head: str | None
    broken_at: int | None


class LedgerPage(msgspec.Struct, frozen=True):
    """Lines after `after`; `more` tells whether others follow."""

    entries: list[dict[str, Any]]
    more: bool


@get("/me", operation_id="MyPoints", summary="My own points")
async def mine(caller: GivenCaller, db: GivenDb, clock: GivenClock) -> Account:
    """The signed-in person's account."""
    return await _account(db, caller, caller.person, clock())


@get("/people/{person:str}", operation_id="PointsOf", summary="A person's points")
async def of_person(person: FromPath[str], caller: GivenCaller, db: GivenDb, clock: GivenClock) -> Account:
    """One's own account, or anybody's for supervisors, leaders and auditors; `not_found` for others."""
    if person != caller.person and not _may(caller, READERS):
        raise AppError("not_found")
    return await _account(db, caller, person, clock())


@get("/ledger", operation_id="Ledger", summary="The company's ledger")
async def whole(
    caller: GivenCaller,
    db: GivenDb,
    after: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> LedgerPage:
    """The lines in order; `not_found` for those who may not read it."""
    if not _may(caller, LEDGER_READERS):
        raise AppError("not_found")
    async with db.read() as conn:
        page = await ledger.lines(conn, caller.org, after=after, limit=limit + 1)
    return LedgerPage(entries=[_entry(line) for line in page[:limit]], more=len(page) > limit)


@get("/ledger/chain", operation_id="LedgerChain", summary="Whether the company's ledger holds")
async def chain(caller: GivenCaller, db: GivenDb) -> ChainState:
    """All lines and their copies are checked anew: seconds for ten thousand lines. Who may ask: as for the lines."""
    if not _may(caller, LEDGER_READERS):
        raise AppError("not_found")
    async with db.read() as conn:
        verdict = await ledger.check(conn, caller.org)
    return ChainState(
        count=verdict.count,
        ok=verdict.broken is None,
        head=verdict.heads.get(caller.org),
        broken_at=verdict.broken.n if verdict.broken else None,
    )


class TrialYear(msgspec.Struct, frozen=True):
    """A year that has decisions, and how many."""

    cycle: str
    decisions: int


class TrialPage(msgspec.Struct, frozen=True):
    """A rule tried on one year. `old_is_exact`: the rules of their time give again just the points that were entered,
    so that what differs comes of the new rule alone.
    """

    cycle: str
    cycles: list[TrialYear]
    cap_before: int
    cap_after: int
    old_is_exact: bool
    trial: Trial


class TrialEntries(msgspec.Struct, frozen=True):
    """The decisions of a person or a unit under both rules, those that change first, 500 at most."""

    entries: list[Compared]


class _Tried(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: dict[str, Any]
    cycle: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")] | None = None
    person: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    unit: Annotated[str, msgspec.Meta(max_length=60)] | None = None


@post(
    "/trial",
    status_code=200,
    operation_id="TryRules",
    summary="What edited rules would make of a year's decisions",
)
async def try_rules(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> TrialPage:
    """For supervisors, leaders and administrators, of the units below them. Only reads; `invalid` names each fault."""
    asked, content = await _asked(request, caller)
    async with db.snapshot() as conn:
        cycles = await trials.years(conn, caller.org)
        wanted = asked.cycle or _last_year(cycles, clock())
        rules = await points_at(conn, caller.org, clock())
        given = await trials.year(conn, caller.org, wanted)
    found, _ = trials.trial(given, content, caller)
    again = [one.points for one in replay(given.past, lambda one: given.rules.get(one.rule, rules))]
    return TrialPage(
        cycle=wanted,
        cycles=[TrialYear(*one) for one in cycles],
        cap_before=rules.cap_points,
        cap_after=content.cap_points,
        old_is_exact=again == [one.points for one in given.past],
        trial=found,
    )


@post(
    "/trial/entries",
    status_code=200,
    operation_id="TriedEntries",
    summary="The decisions behind a row of a trial",
)
async def tried_entries(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> TrialEntries:
    """For supervisors, leaders and administrators; only reads."""
    asked, content = await _asked(request, caller)
    async with db.snapshot() as conn:
        wanted = asked.cycle or _last_year(await trials.years(conn, caller.org), clock())
        given = await trials.year(conn, caller.org, wanted)
    return TrialEntries(trials.of(trials.trial(given, content, caller)[1], asked.person, asked.unit))


async def _asked(request: Request[Any, Any, Any], caller: Caller) -> tuple[_Tried, PointsContent]:
    if not _may(caller, TRIERS):
        raise AppError("not_found")
    asked = decoded(await read_body(request, MAX_BODY), _Tried)
    content, wrong = read("points", asked.body)
    if not isinstance(content, PointsContent) or wrong:
        raise AppError("invalid", issues=msgspec.to_builtins(wrong))
    return asked, content


def _last_year(cycles: Sequence[tuple[str, int]], now: datetime) -> str:
    """The year that is over, or where it has no decisions the newest that has some."""
    running = catalogue.day_of(now).year
    known = [cycle for cycle, _ in cycles]
    last = f"{running - 1:04}"
    return last if last in known or not known else known[0]


def _may(caller: Caller, readers: frozenset[str]) -> bool:
    """A role alone is not enough: a station's head reads no more than his station."""
    return "control" in caller.scopes and bool(caller.roles & readers)


async def _account(db: Database, caller: Caller, person: str, now: datetime) -> Account:
    async with db.read() as conn:
        rules = await points_at(conn, caller.org, now)
        year = cycle(rules, now)
        known = (await store.load(conn, caller.org, [person])).get(person)
        if known is None or known.kind != "person":
            raise AppError("not_found")
        if person != caller.person and f"u:{known.body['unit']}" not in caller.scopes:
            raise AppError("not_found")
        lines = await ledger.lines(conn, caller.org, person=person, cycle=year)
    sums = standing(rules, [line.points for line in lines])
    return Account(
        person=person,
        cycle=year,
        balance=sums.balance,
        cap=sums.cap,
        to_cap=sums.to_cap,
        thresholds=sums.thresholds,
        entries=[_entry(line) for line in lines],
    )


def _entry(line: Line) -> dict[str, Any]:
    entry: dict[str, Any] = msgspec.json.decode(line.entry)
    return {**entry, "prev_hash": line.prev_hash, "hash": line.hash}


def router() -> Router:
    """The routes under `/api/v1/points`."""
    return Router(
        "/api/v1/points",
        route_handlers=[mine, of_person, whole, chain, try_rules, tried_entries],
        tags=["points"],
    )
