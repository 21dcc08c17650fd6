"""What came of second looks: what one has decided oneself, what two differ about, how far reviewers agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.clock import new_id
from backend.db import Database
from backend.features.review import fairness
from backend.features.review.fairness import Estimate, Look, UnitFigures
from backend.features.review.looks import REFEREES, first_of, hands_of
from backend.features.review.rules import reason_of
from backend.features.review.tables import second_look
from backend.problems import AppError
from sync.caller import Caller
from sync.push import Engine, Hand, Op
from sync.tables import moment, record, stamp

MOST = 100  # looks named in one answer
SPOKEN = ("agrees", "differs")
_LOOKS = sa.select(second_look, record.c.author).outerjoin(
    record, sa.and_(record.c.org == second_look.c.org, record.c.id == second_look.c.record)
)
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]


class SecondLook(msgspec.Struct):
    """A record that two decided, none knowing of the other; both are told here, since both have spoken. `mine`: the
    caller is asked to settle it. `stands`: `keep` the first decision, or `reopen`: it was taken back.
    """

    id: str
    record: str
    kind: str
    unit: str
    grade: str
    state: str
    first_name: str
    first_said: str
    first_reason: str
    second_name: str
    second_said: str
    second_reason: str
    done_at: datetime
    referee_name: str | None
    mine: bool
    stands: str | None
    settled_name: str | None
    settled_at: datetime | None
    settled_reason: str | None


class SecondLooks(msgspec.Struct):
    """`sealed`: records that the caller decided and that wait for a second person. `open`: what two differ about and
    nobody has settled; `done`: the caller's own, and what was settled, newest first.
    """

    sealed: list[str]
    open: list[SecondLook]
    done: list[SecondLook]


class Settling(msgspec.Struct, forbid_unknown_fields=True):
    """`keep`: the first decision stands. `reopen`: it is taken back and the record waits again; that needs a reason."""

    choice: Literal["keep", "reopen"]
    reason: Annotated[str, Meta(max_length=500)] = ""


class ReviewerFigures(msgspec.Struct):
    """See `fairness.Reviewer`."""

    person: str
    name: str
    looks: int
    same: int
    accepted: float
    kappa: Estimate | None
    leniency: Estimate | None
    differs: bool
    apart: bool


class Reviewers(msgspec.Struct):
    """From the second looks of the last `days` days. `level`: all intervals hold together with so many %. `whole`:
    all reviewers and units of the company; else the caller's own figures only.
    """

    days: int
    looks: int
    level: float
    whole: bool
    kappa: Estimate | None
    reviewers: list[ReviewerFigures]
    units: list[UnitFigures]


def _reviews(caller: Caller) -> None:
    if not caller.roles & {"supervisor", "leader", "admin"}:
        raise AppError("forbidden")


def _settles_for(caller: Caller) -> set[str]:
    """In whose name the caller settles: his own, and those of reviewers in whose place he acts today."""
    return {caller.person, *(each.person for each in caller.deputised if each.roles & set(REFEREES))}


def _settling(row: Any, caller: Caller) -> Hand | None:
    """By whose hand the caller may settle it: as the named one or his deputy; where nobody could be named, as a leader
    or administrator who may read the record. None for whoever made the record or had a hand in what is to be settled,
    and for whoever would act in the place of one who had.
    """
    part = hands_of(row._mapping) | {row.author}
    if caller.person in part:
        return None
    acting = [each for each in caller.deputised if each.person not in part]
    own = caller.roles.difference(*(each.roles for each in caller.deputised))
    if row.referee is not None and row.referee not in part:
        direct, whose = row.referee == caller.person, [each for each in acting if each.person == row.referee]
        roles = set(REFEREES)
    else:
        roles = {"leader", "admin"}
        direct, whose = bool(own & roles), acting
    if direct:
        return Hand(caller.person, caller.name)
    place = next((each for each in whose if each.roles & roles), None)
    return None if place is None else Hand(caller.person, caller.name, place)


def _told(row: Any, caller: Caller) -> SecondLook:
    return SecondLook(
        id=row.id,
        record=row.record,
        kind=row.kind,
        unit=row.unit,
        grade=row.grade,
        state=row.state,
        first_name=row.first_name,
        first_said=row.first_said,
        first_reason=reason_of(first_of(row.first).data),
        second_name=row.second_name,
        second_said=row.second_said,
        second_reason=row.second_reason or "",
        done_at=moment(row.done_at),
        referee_name=row.referee_name,
        mine=row.state == "differs" and row.settled_at is None and _settling(row, caller) is not None,
        stands=row.stands,
        settled_name=row.settled_name,
        settled_at=moment(row.settled_at) if row.settled_at else None,
        settled_reason=row.settled_reason,
    )


async def listed(conn: AsyncConnection, caller: Caller) -> SecondLooks:
    """What the caller may know: of a sealed decision nothing, but that he took one himself."""
    look = second_look.c
    sealed = await conn.scalars(
        sa.select(look.record).where(
            look.org == caller.org, look.state == "sealed", look.first_by == caller.person
        )
    )
    readable = sa.and_(look.org == caller.org, look.home.in_(caller.scopes))
    newest = _LOOKS.order_by(look.done_at.desc()).limit(MOST)
    waiting = await conn.execute(
        newest.where(readable, look.state == "differs", look.settled_at.is_(None)).where(
            sa.true()
            if caller.roles & {"leader", "admin"}
            else sa.or_(
                look.referee.in_(_settles_for(caller)),
                look.first_by == caller.person,
                look.second_by == caller.person,
            )
        )
    )
    done = await conn.execute(
        newest.where(
            readable,
            sa.or_(look.state == "agrees", look.settled_at.is_not(None)),
            look.state.in_(SPOKEN),
            sa.or_(
                look.first_by == caller.person,
                look.second_by == caller.person,
                look.referee == caller.person,
                look.settled_by == caller.person,
            ),
        )
    )
    return SecondLooks(
        sealed=list(sealed),
        open=sorted((_told(row, caller) for row in waiting), key=lambda one: not one.mine),
        done=[_told(row, caller) for row in done],
    )


async def settle(
    engine: Engine, conn: AsyncConnection, caller: Caller, now: datetime, id_: str, said: Settling
) -> SecondLook:
    """The named person's word on what two differ about. Raises AppError `not_found`, `forbidden`, `already_settled`,
    `invalid` without a reason, and the code with which taking the decision back was refused.
    """
    look = second_look.c
    wanted = _LOOKS.where(look.org == caller.org, look.id == id_, look.state == "differs")
    row = (await conn.execute(wanted)).first()
    if row is None or row.home not in caller.scopes:
        raise AppError("not_found")
    hand = _settling(row, caller)
    if hand is None:
        raise AppError("forbidden")
    if row.settled_at is not None:
        raise AppError("already_settled")
    reason = said.reason.strip()
    if said.choice == "reopen":
        if not reason:
            raise AppError("invalid", issues=[{"path": "reason", "code": "missing"}])
        op = Op(
            op="event",
            kind=row.kind,
            id=new_id(now),
            subject=row.record,
            type="reopen",
            at=now,
            data={"reason": reason},
        )
        (result,) = await engine.write(
            conn, caller.org, hand.person, now, [op], hand.name, instead_of=hand.instead_of
        )
        if result.status == "rejected":
            raise AppError("not_reopened", reason=result.code)
    await conn.execute(
        second_look.update()
        .where(look.org == caller.org, look.id == id_)
        .values(
            settled_by=caller.person,
            settled_name=caller.name,
            settled_at=stamp(now),
            stands=said.choice,
            settled_reason=reason,
        )
    )
    await audit.append(
        conn,
        now,
        caller.org,
        "second_look.settled",
        person=caller.person,
        subject=row.record,
        facts={"stands": said.choice} | ({"instead_of": hand.instead_of.person} if hand.instead_of else {}),
    )
    after = (await conn.execute(wanted)).one()
    return _told(after, caller)


async def figures(conn: AsyncConnection, caller: Caller, now: datetime, days: int) -> Reviewers:
    """Agreement and leniency on records that the caller may read; a supervisor is told of himself alone."""
    look = second_look.c
    found = (
        await conn.execute(
            sa.select(
                look.kind,
                look.grade,
                look.unit,
                look.first_by,
                look.first_name,
                look.first_said,
                look.second_by,
                look.second_name,
                look.second_said,
            )
            .where(
                look.org == caller.org,
                look.home.in_(caller.scopes),
                look.state.in_(SPOKEN),
                look.drawn_at >= stamp(now - timedelta(days=days)),
            )
            .order_by(look.drawn_at)
        )
    ).all()
    looks = [
        Look(row.kind, row.grade, row.unit, row.first_by, row.first_said, row.second_by, row.second_said)
        for row in found
    ]
    names = {row.first_by: row.first_name for row in found} | {
        row.second_by: row.second_name for row in found
    }
    told = fairness.report(looks)
    whole = bool(caller.roles & {"leader", "admin"})
    return Reviewers(
        days=days,
        looks=told.looks,
        level=told.level,
        whole=whole,
        kappa=told.kappa,
        reviewers=[
            ReviewerFigures(
                person=one.person,
                name=names[one.person],
                looks=one.looks,
                same=one.same,
                accepted=one.accepted,
                kappa=one.kappa,
                leniency=one.leniency,
                differs=one.differs,
                apart=one.apart,
            )
            for one in told.reviewers
            if whole or one.person == caller.person
        ],
        units=told.units if whole else [],
    )


@get(
    "/second-looks",
    operation_id="SecondLooks",
    summary="Records that two decided, and what they differ about",
)
async def second_looks(caller: GivenCaller, db: GivenDb) -> SecondLooks:
    """For supervisors, leaders and administrators. Of a decision that waits for a second one nothing is told, to
    whoever did not take it.
    """
    _reviews(caller)
    async with db.read() as conn:
        return await listed(conn, caller)


@post(
    "/second-looks/{look:str}/settle",
    status_code=200,
    operation_id="SettleSecondLook",
    summary="Settle what two reviewers differ about",
)
async def settle_second_look(
    look: FromPath[str],
    data: JSONBody[Settling],
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
    engine: NamedDependency[SkipValidation[Engine]],
) -> SecondLook:
    """For the person who is named; 404 for what the caller may not read."""
    _reviews(caller)
    async with db.write() as conn:
        return await settle(engine, conn, caller, clock(), look, data)


@get("/reviewers", operation_id="Reviewers", summary="How far reviewers agree, and who is more lenient")
async def reviewers(
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
    days: Annotated[int, QueryParameter(ge=1, le=3650)] = 365,
) -> Reviewers:
    """From blind second looks. Leaders and administrators see all; a supervisor his own figures."""
    _reviews(caller)
    async with db.read() as conn:
        return await figures(conn, caller, clock(), days)


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[second_looks, settle_second_look, reviewers], tags=["review"])
