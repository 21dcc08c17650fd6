"""Second looks: a drawn decision is sealed until a second person has decided without knowing of it.

The record stays as it was: it waits, in every list, feed and history, for everybody. Only the sealed line knows
better, and tells nobody but the one who decided that he has.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.access.scope import scopes
from backend.features.review.rules import drawn, reason_of, turn
from backend.features.review.tables import draw_key, second_look
from sync.push import Context, Entry, Hand, Kept, Op, Refused, Row
from sync.tables import record, stamp

Said = Literal["accept", "return", "reject"]
REFEREES = ("leader", "supervisor")


class First(msgspec.Struct, frozen=True):
    """The first decision, to be carried out later as if it came now."""

    id: str
    type: str
    at: datetime
    data: dict[str, Any]
    instead_of: str = ""  # in whose place
    instead_of_name: str = ""


async def key_of(conn: AsyncConnection, org: str) -> bytes:
    """The company's secret for draws; made when there is none yet."""
    known: bytes | None = await conn.scalar(sa.select(draw_key.c.key).where(draw_key.c.org == org))
    if known is None:
        known = secrets.token_bytes(32)
        await conn.execute(draw_key.insert().values(org=org, key=known))
    return known


async def of_round(conn: AsyncConnection, org: str, record_id: str, round_: int) -> sa.RowMapping | None:
    """The second look at this decision of the record, whatever has become of it."""
    found = await conn.execute(
        sa.select(second_look).where(
            second_look.c.org == org, second_look.c.record == record_id, second_look.c.round == round_
        )
    )
    return found.mappings().first()


async def sealed_accepts(conn: AsyncConnection, org: str, person: str, ids: Iterable[str]) -> set[str]:
    """Of these records, those that the person accepted one by one and that wait for a second person."""
    found = await conn.execute(
        sa.select(second_look.c.record, second_look.c.first).where(
            second_look.c.org == org,
            second_look.c.state == "sealed",
            second_look.c.first_by == person,
            second_look.c.first_said == "accept",
            second_look.c.record.in_(list(ids)),
        )
    )
    return {row.record for row in found if not first_of(row.first).data.get("bulk")}


def first_of(raw: bytes) -> First:
    """The first decision as it was sealed."""
    return msgspec.json.decode(raw, type=First)


def hand_of(look: Any) -> Hand:
    """Who took the first decision, and in whose place."""
    first = first_of(look["first"])
    return Hand.kept(look["first_by"], look["first_name"], first.instead_of, first.instead_of_name)


def hands_of(look: Any) -> set[str]:
    """All who had a hand in what was decided so far: those who acted, and those in whose place."""
    hands = (
        look["first_by"],
        first_of(look["first"]).instead_of,
        look["second_by"],
        look["second_instead_of"],
    )
    return {hand for hand in hands if hand}


def sealing(share_pct: float) -> Callable[[Context, Row, Entry, str, str], Awaitable[Iterable[Op]]]:
    """What is done with a decision that is sound: carried out, sealed, or held against the sealed one."""

    async def seal(ctx: Context, row: Row, entry: Entry, home: str, grade: str) -> Iterable[Op]:
        round_ = turn(row.log)
        look = await of_round(ctx.conn, ctx.org, row.id, round_)
        if look is not None and look["state"] == "sealed":
            if entry.hands & hands_of(look):
                raise Refused("second_person_needed", {"role": "reviewer"})
            raise Kept(lambda: _compare(ctx, look, row, entry))
        if (
            look is None
            and share_pct > 0
            and drawn(await key_of(ctx.conn, ctx.org), row.id, round_, share_pct)
        ):
            raise Kept(lambda: _seal(ctx, row, entry, round_, home, grade))
        return ()

    return seal


async def _seal(
    ctx: Context, row: Row, entry: Entry, round_: int, home: str, grade: str
) -> Sequence[tuple[Op, Hand]]:
    await key_of(ctx.conn, ctx.org)  # one made for this draw went with what was undone
    first = First(entry.id, entry.type, entry.at, entry.data, entry.instead_of, entry.instead_of_name)
    await ctx.conn.execute(
        second_look.insert().values(
            org=ctx.org,
            id=ctx.new_id(),
            record=row.id,
            round=round_,
            kind=row.kind,
            unit=row.body.get("unit") or "",
            home=home,
            grade=grade,
            state="sealed",
            first=msgspec.json.encode(first),
            first_by=entry.by,
            first_name=entry.by_name,
            first_said=entry.type,
            drawn_at=stamp(ctx.now),
        )
    )
    return ()


def released(look: sa.RowMapping, kind: str) -> Op:
    """The sealed decision as an operation of the server."""
    first = first_of(look["first"])
    return Op(
        op="event",
        kind=kind,
        id=first.id,
        subject=look["record"],
        type=first.type,
        at=first.at,
        data=first.data,
    )


async def _compare(ctx: Context, look: sa.RowMapping, row: Row, entry: Entry) -> Sequence[tuple[Op, Hand]]:
    """The first decision takes effect, what the second person said stands beside it."""
    agrees = look["first_said"] == entry.type
    reason = reason_of(entry.data)
    named = (None, None) if agrees else await _referee(ctx.conn, ctx.org, look, row, entry)
    await ctx.conn.execute(
        second_look.update()
        .where(second_look.c.org == ctx.org, second_look.c.id == look["id"])
        .values(
            state="agrees" if agrees else "differs",
            second_by=entry.by,
            second_name=entry.by_name,
            second_instead_of=entry.instead_of or None,
            second_said=entry.type,
            second_reason=reason,
            done_at=stamp(ctx.now),
            referee=named[0],
            referee_name=named[1],
        )
    )
    said: dict[str, Any] = {"agrees": agrees, "said": entry.type} | ({"reason": reason} if reason else {})
    second = Op(op="event", kind=row.kind, id=entry.id, subject=row.id, type="second", at=entry.at, data=said)
    return ((released(look, row.kind), hand_of(look)), (second, entry.hand))


async def _referee(
    conn: AsyncConnection, org: str, look: sa.RowMapping, row: Row, second: Entry
) -> tuple[str | None, str | None]:
    """Who is asked where two differ: a leader, else a supervisor, who may read the record and had no part in it; he
    of the record's own unit first, then he of the units above it. Nobody: whoever may settle it finds it open.
    """
    found = await conn.execute(
        sa.select(record.c.id, record.c.kind, record.c.body).where(
            record.c.org == org,
            record.c.scope == "org",
            record.c.deleted == 0,
            record.c.kind.in_(("unit", "person")),
        )
    )
    units: dict[str, dict[str, Any]] = {}
    people: dict[str, dict[str, Any]] = {}
    for one in found:
        (units if one.kind == "unit" else people)[one.id] = msgspec.json.decode(one.body)
    parents = {id_: body.get("parent") for id_, body in units.items()}
    stations = [id_ for id_, body in units.items() if body.get("level") == "station"]
    part = hands_of(look) | {row.author, *(hand for entry in (*row.log, second) for hand in entry.hands)}
    way = [look["unit"]]
    while (above := parents.get(way[-1])) is not None and above not in way:
        way.append(above)

    def rank(person: str) -> tuple[int, int, str]:
        body = people[person]
        nearness = way.index(body["unit"]) if body["unit"] in way else len(way)
        role = next(n for n, name in enumerate(REFEREES) if name in body["roles"])
        return role, nearness, person

    fit = [
        id_
        for id_, body in people.items()
        if id_ not in part
        and set(REFEREES) & set(body["roles"])
        and look["home"] in scopes(id_, body["unit"], body["roles"], parents, stations)
    ]
    chosen = min(fit, key=rank, default=None)
    return (chosen, people[chosen]["name"]) if chosen else (None, None)


async def overdue(conn: AsyncConnection, before: datetime) -> list[sa.RowMapping]:
    """Decisions that nobody took a second time, of all companies."""
    found = await conn.execute(
        sa.select(second_look)
        .where(second_look.c.state == "sealed", second_look.c.drawn_at < stamp(before))
        .order_by(second_look.c.drawn_at)
        .limit(1000)
    )
    return list(found.mappings())


async def missed(conn: AsyncConnection, look: sa.RowMapping, now: datetime, state: str) -> None:
    """Nobody decided a second time: `missed`; `void` when the first decision fits no more."""
    await conn.execute(
        second_look.update()
        .where(second_look.c.org == look["org"], second_look.c.id == look["id"])
        .values(state=state, done_at=stamp(now))
    )
