"""The account of points, a person's own and, for those who decide, everybody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from backend import catalogue
from backend.db import Database
from backend.features.points import ledger
from backend.features.points.chain import Line
from backend.features.points.rules import Step, cycle, standing
from backend.problems import AppError
from sync import store
from sync.caller import Caller

READERS = frozenset({"supervisor", "leader", "auditor"})
LEDGER_READERS = READERS | {"admin"}
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
    chain: ChainState


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
    """The lines in order with the state of the chain; `not_found` for those who may not read it."""
    if not _may(caller, LEDGER_READERS):
        raise AppError("not_found")
    async with db.read() as conn:
        verdict = await ledger.check(conn, caller.org)
        page = await ledger.lines(conn, caller.org, after=after, limit=limit + 1)
    return LedgerPage(
        entries=[_entry(line) for line in page[:limit]],
        more=len(page) > limit,
        chain=ChainState(
            count=verdict.count,
            ok=verdict.broken is None,
            head=verdict.heads.get(caller.org),
            broken_at=verdict.broken.n if verdict.broken else None,
        ),
    )


def _may(caller: Caller, readers: frozenset[str]) -> bool:
    """A role alone is not enough: a station's head reads no more than his station."""
    return "control" in caller.scopes and bool(caller.roles & readers)


async def _account(db: Database, caller: Caller, person: str, now: datetime) -> Account:
    rules = catalogue.edition_at(now).points
    year = cycle(rules, now)
    async with db.read() as conn:
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
    return Router("/api/v1/points", route_handlers=[mine, of_person, whole], tags=["points"])
