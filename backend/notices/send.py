"""Sends what waits: now, or gathered at the end of the person's quiet hours. Bodies of background jobs, repeatable.

What a notice is about is looked at again before it goes: it goes only while its person may read that record and it is
still so. A failure stays in the table `notice_way` until something goes through, and the queue tries again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import jobs
from backend.catalogue import ZONE
from backend.clock import Clock
from backend.custody.owner import caller_of
from backend.db import Database
from backend.notices import rules
from backend.notices.keep import job_name
from backend.notices.outgoing import Undelivered
from backend.notices.tables import choice, notice, sending, subscription, way, way_row
from backend.notices.ways import Parcel, Way
from media.tables import insert_new
from sync import store
from sync.caller import Caller
from sync.records import Row
from sync.tables import moment, stamp

log = structlog.get_logger("notices")

LATE: Final = timedelta(hours=12)  # who was not told by then finds it in the app's list


@dataclass(frozen=True, slots=True)
class _Going:
    """A notice on its way, and where in the app it leads. `inside`: of what stays with the control group."""

    id: str
    person: str
    kind: str
    page: str
    language: str
    inside: bool


@dataclass(frozen=True)
class Sender:
    """`base` is the app's address for people; `quiet` and `urgent` as the company has them."""

    db: Database
    clock: Clock
    ways: Sequence[Way]
    base: str
    quiet: str
    urgent: bool

    def handlers(self) -> dict[str, jobs.Handler]:
        """The background jobs that send, by name; those of a way that is no longer set up give its notices up."""
        gone = {job_name(name): self._nowhere(name) for name in ("webhook", "push")}
        return gone | {job_name(each.name): self._handler(each) for each in self.ways}

    def _nowhere(self, name: str) -> jobs.Handler:
        async def give_up(org: str, _: dict[str, Any]) -> None:
            async with self.db.write() as conn:
                await conn.execute(
                    sending.update()
                    .where(
                        sending.c.org == org,
                        sending.c.way == name,
                        sending.c.state.in_(("waiting", "held")),
                    )
                    .values(state="void", at=stamp(self.clock()))
                )

        return give_up

    def _handler(self, each: Way) -> jobs.Handler:
        async def send(org: str, payload: dict[str, Any]) -> None:
            await self.send(each, org, payload)

        return send

    async def send(self, by: Way, org: str, payload: Mapping[str, Any]) -> None:
        """All that waits for this cause, or is held for this person until now. Raises Undelivered."""
        now = self.clock()
        async with self.db.write() as conn:
            going, reached = await self._choose(conn, by, org, payload, now)
        failed: Undelivered | None = None
        for parcel in self._parcels(by, org, going, digest="person" in payload):
            to = {person: reached[person] for person in parcel.people}
            within = [each for each in going if each.person in parcel.people]
            hidden = any(each.inside for each in within)
            try:
                ended = await by.send(parcel, to)
            except Undelivered as error:
                failed = error
                await self._told(by, org, hidden, [], error.code)
            else:
                await self._told(by, org, hidden, [each.id for each in within], "", ended)
        if failed is not None:
            raise failed

    async def _choose(
        self, conn: AsyncConnection, by: Way, org: str, payload: Mapping[str, Any], now: datetime
    ) -> tuple[list[_Going], Mapping[str, Any]]:
        await store.lock(conn, org)  # so that a person's held notices get one digest
        found = await self._waiting(conn, by, org, payload, now)
        rows = await store.load(conn, org, {each.record for each in found})
        people = sorted({each.person for each in found})
        chosen = {
            row.person: row
            for row in await conn.execute(
                sa.select(choice).where(choice.c.org == org, choice.c.person.in_(people))
            )
        }
        callers = {person: await caller_of(conn, org, person, "", now) for person in people}
        reached = await by.reached(conn, org, people) if people else {}
        going: list[_Going] = []
        void: list[str] = []
        for each in found:
            row = rows.get(each.record)
            late = now > moment(each.going_at) + LATE
            if (
                row is None
                or late
                or each.person not in reached
                or not self._may(by, callers[each.person], row, each)
            ):
                void.append(each.id)
                continue
            own = chosen.get(each.person)
            hours = self.quiet if own is None or own.quiet is None else own.quiet
            until = rules.quiet_until(hours, now, ZONE)
            if until and not rules.breaks_through(each.kind, each.cause, now, self.urgent):
                await self._hold(conn, by, org, each, until, now)
                continue
            language = own.language if own else "zh-CN"
            page = rules.page(each.kind, row.kind, each.record)
            going.append(_Going(each.id, each.person, each.kind, page, language, rules.inside(row)))
        await _mark(conn, org, by.name, void, "void", now)
        return going, reached

    async def _waiting(
        self, conn: AsyncConnection, by: Way, org: str, payload: Mapping[str, Any], now: datetime
    ) -> list[Any]:
        wanted = (
            sa.select(notice, sending.c.due_at.label("going_at"))
            .join(sending, sa.and_(sending.c.org == notice.c.org, sending.c.notice == notice.c.id))
            .where(notice.c.org == org, sending.c.way == by.name, sending.c.due_at <= stamp(now))
            .order_by(notice.c.id)
        )
        if "person" in payload:
            wanted = wanted.where(sending.c.state == "held", sending.c.person == payload["person"])
        else:
            wanted = wanted.where(
                sending.c.state == "waiting",
                notice.c.kind == payload["kind"],
                notice.c.record == payload["record"],
                notice.c.cause == payload["cause"],
            )
        return list((await conn.execute(wanted)).all())

    def _may(self, by: Way, caller: Caller | None, row: Row, each: Any) -> bool:
        return (
            caller is not None
            and row.scope in caller.scopes
            and rules.holds(row, each.kind, each.cause, each.person)
            and not (by.outside and rules.inside(row))
        )

    async def _hold(
        self, conn: AsyncConnection, by: Way, org: str, each: Any, until: datetime, now: datetime
    ) -> None:
        """Keeps a notice until quiet hours end; the first of a person's brings the job that sends them all."""
        others = await conn.scalar(
            sa.select(sending.c.notice)
            .where(
                sending.c.org == org,
                sending.c.way == by.name,
                sending.c.state == "held",
                sending.c.person == each.person,
                sending.c.due_at == stamp(until),
            )
            .limit(1)
        )
        await conn.execute(
            sending.update()
            .where(sending.c.org == org, sending.c.notice == each.id, sending.c.way == by.name)
            .values(state="held", due_at=stamp(until))
        )
        if others is None:
            what = {"person": each.person, "until": stamp(until)}
            await jobs.enqueue(conn, org, job_name(by.name), what, now, until)

    def _parcels(self, by: Way, org: str, going: Sequence[_Going], *, digest: bool) -> list[Parcel]:
        """One message for all who are told the same, where the way can do that; else one for each."""
        groups: dict[tuple[str, ...], list[_Going]] = {}
        for each in going:
            alone = digest or not by.together
            groups.setdefault((each.language, each.person if alone else ""), []).append(each)
        return [
            Parcel(
                id=group[0].id,
                org=org,
                kind="digest" if digest and len(group) > 1 else group[0].kind,
                language=group[0].language,
                link=f"{self.base}{'/notices' if digest and len(group) > 1 else group[0].page}",
                n=len(group) if digest else 1,
                people=tuple(dict.fromkeys(each.person for each in group)),
            )
            for group in groups.values()
        ]

    async def _told(
        self, by: Way, org: str, hidden: bool, sent: Sequence[str], error: str, ended: Sequence[str] = ()
    ) -> None:
        """What went out is marked, and how the way is."""
        now, name = self.clock(), way_row(by.name, hidden)
        async with self.db.write() as conn:
            await _mark(conn, org, by.name, sent, "sent", now)
            for gone in ended:
                await conn.execute(
                    subscription.delete().where(subscription.c.org == org, subscription.c.device == gone)
                )
            await conn.execute(insert_new(conn.dialect.name, way).values(org=org, way=name, error=""))
            mine = way.update().where(way.c.org == org, way.c.way == name)
            if error:
                log.warning("notice.failed", org=org, way=by.name, error=error)
                since = sa.func.coalesce(way.c.failed_since, stamp(now))
                await conn.execute(mine.values(failed_since=since, failed_at=stamp(now), error=error))
            else:
                await conn.execute(mine.values(ok_at=stamp(now), failed_since=None, error=""))


async def _mark(
    conn: AsyncConnection, org: str, by: str, ids: Sequence[str], state: str, now: datetime
) -> None:
    if ids:
        await conn.execute(
            sending.update()
            .where(sending.c.org == org, sending.c.way == by, sending.c.notice.in_(ids))
            .values(state=state, at=stamp(now))
        )
