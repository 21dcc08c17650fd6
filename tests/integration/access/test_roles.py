"""Roles with a start and an end, deputies, and who leaves: at every request and in the feed, on both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.access import accounts, enrolments, sessions
from backend.access.grants import Grant, read
from backend.access.sessions import Directory
from backend.access.tables import account
from backend.app import Parts, build
from backend.audit import audit
from backend.features.org import service
from backend.features.org.service import Desk
from backend.problems import AppError
from backend.settings import load
from sync.caller import Caller
from sync.tables import stamp
from tests.support.client import uuid7
from tests.support.company import Company, found

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class World:
    """A company, and its people's sessions, at any moment."""

    parts: Parts
    ours: Company
    began: datetime
    tokens: dict[str, str]

    async def caller(self, login: str, now: datetime) -> Caller:
        """As a request of that moment sees the person."""
        db = self.parts.db
        if login not in self.tokens:
            async with db.write() as conn:
                person = self.ours.people[login]
                self.tokens[login] = await sessions.start(
                    conn, self.parts.settings, self.ours.org, person, now
                )
        signed_in = await sessions.find(db, self.parts.settings, Directory(db), self.tokens[login], now)
        return signed_in.caller

    @asynccontextmanager
    async def desk(self, now: datetime) -> AsyncIterator[Desk]:
        """What the administrator changes at that moment."""
        admin = await self.caller("admin", now)
        async with self.parts.db.write() as conn:
            yield await Desk(conn, self.parts.engine, admin, now).begin()

    async def give(self, login: str, role: str, since: datetime, until: datetime | None, of: str = "") -> str:
        """The administrator gives a role, an hour after the company began."""
        grant = Grant(
            uuid7(), role, stamp(since), stamp(until) if until else None, self.ours.people[of] if of else None
        )
        async with self.desk(self.began + HOUR) as desk:
            await service.give_role(desk, self.ours.people[login], grant)
        return grant.id


@pytest.fixture
async def world(migrated_url: str, tmp_path: Path) -> AsyncIterator[World]:
    env = {"MINGCHA_DATABASE_URL": migrated_url, "MINGCHA_DATA_DIR": str(tmp_path)}
    parts = build(load(env))
    ours = await found(env)
    yield World(parts, ours, datetime.now(UTC), {})
    parts.passwords.close()
    await parts.db.close()


async def test_a_role_gives_nothing_before_it_starts_and_nothing_after_its_end(world: World) -> None:
    start, end = world.began + DAY, world.began + 2 * DAY
    await world.give("inspector", "supervisor", start, end)
    roles = {
        at: "supervisor" in (await world.caller("inspector", at)).roles
        for at in (start - HOUR, start, end - HOUR, end)
    }
    assert list(roles.values()) == [False, True, True, False]


async def test_the_feed_withdraws_what_an_ended_role_showed(world: World) -> None:
    """A crew member of the station is for a day at the county."""
    engine, db, ours = world.parts.engine, world.parts.db, world.ours
    start, end = world.began + 2 * HOUR, world.began + DAY
    async with world.desk(world.began + HOUR) as desk:
        await service.change_person(desk, ours.people["crew"], {"unit": ours.county})
    await world.give("crew", "inspector", start, end)
    async with db.read() as conn:
        page = await engine.pull(conn, await world.caller("crew", start), start, None, 5000, 1)
        assert page is not None
        later = await engine.pull(conn, await world.caller("crew", end), end, page.cursor, 5000, 1)
    assert later is not None
    assert set(later.drop_scopes) == {"control", *(f"u:{station}" for station in ours.stations)}


async def test_a_deputy_acts_with_the_role_of_another_and_the_log_says_for_whom(world: World) -> None:
    ours, now = world.ours, world.began + 3 * HOUR
    await world.give("inspector", "supervisor", world.began + HOUR, world.began + DAY, of="supervisor")
    deputy = await world.caller("inspector", now)
    assert deputy.roles == {"inspector", "supervisor"}
    assert [(each.person, each.roles) for each in deputy.deputised] == [
        (ours.people["supervisor"], frozenset({"supervisor"}))
    ]
    assert f"p:{ours.people['supervisor']}" not in deputy.scopes
    assert "supervisor" not in (await world.caller("inspector", world.began + DAY)).roles


async def test_a_deputys_role_ends_with_the_role_that_it_stands_for(world: World) -> None:
    ours = world.ours
    await world.give("inspector", "supervisor", world.began + HOUR, None, of="supervisor")
    now = world.began + 4 * HOUR
    async with world.desk(now) as desk:
        (held,) = await desk.grants(ours.people["supervisor"])
        await service.end_role(desk, ours.people["supervisor"], held.id, desk.at)
    assert (await world.caller("inspector", now)).roles == {"inspector"}


async def test_a_deputy_is_of_the_same_unit_and_the_other_holds_the_role(world: World) -> None:
    for login, role, of in (
        ("manager", "supervisor", "supervisor"),
        ("inspector", "leader", "supervisor"),
        ("inspector", "inspector", "inspector"),
    ):
        with pytest.raises(AppError) as refused:
            await world.give(login, role, world.began + 5 * HOUR, None, of=of)
        assert refused.value.code in {"deputy_unfit", "role_held"}, login


async def test_the_last_administrator_stays(world: World) -> None:
    ours, now = world.ours, world.began + HOUR

    async def end() -> None:
        async with world.desk(now) as desk:
            held = [each for each in await desk.grants(ours.people["admin"]) if each.until is None]
            await service.end_role(desk, ours.people["admin"], held[0].id, desk.at)

    async def leave() -> None:
        async with world.desk(now) as desk:
            await service.change_person(desk, ours.people["admin"], {"until": (now + DAY).isoformat()})

    for remove in (end, leave):
        with pytest.raises(AppError) as refused:
            await remove()
        assert refused.value.code == "last_admin"
    await world.give("leader", "admin", now, world.began + 9 * DAY)  # not for good
    with pytest.raises(AppError):
        await end()
    await world.give("auditor", "admin", now, None)
    await end()
    assert "admin" not in (await world.caller("admin", now)).roles
    async with world.parts.db.read() as conn:
        told = await conn.execute(sa.select(audit.c.action).where(audit.c.person == ours.people["admin"]))
        assert [line.action for line in told] == ["role.given", "role.given", "role.ended"]


async def test_who_has_left_is_let_in_no_more(world: World) -> None:
    now, leaves = world.began + HOUR, world.began + DAY
    async with world.desk(now) as desk:
        await service.change_person(desk, world.ours.people["crew"], {"until": leaves.isoformat()})
    assert (await world.caller("crew", leaves - HOUR)).roles == {"crew"}
    with pytest.raises(AppError) as refused:
        await world.caller("crew", leaves)
    assert refused.value.code == "session_expired"
    async with world.parts.db.read() as conn:
        assert await accounts.gone(conn, world.ours.org, world.ours.people["crew"], leaves)


async def test_a_code_signs_in_once_and_not_after_its_minutes(world: World) -> None:
    now, crew = world.began + HOUR, world.ours.people["crew"]
    admin = await world.caller("admin", now)

    async def made() -> str:
        async with world.parts.db.write() as conn:
            return await enrolments.invite(conn, admin, crew, now, now + timedelta(minutes=10))

    async def used(code: str, at: datetime) -> str:
        async with world.parts.db.write() as conn:
            return (await enrolments.redeem(conn, code, at))[1]

    replaced, code = await made(), await made()
    assert await used(code.lower().replace("-", " "), now) == crew
    late = await made()
    for wrong, at in ((code, now), (replaced, now), (late, now + timedelta(minutes=10)), ("A" * 12, now)):
        with pytest.raises(AppError) as refused:
            await used(wrong, at)
        assert refused.value.code == "enrolment_ended"


async def test_roles_of_an_older_version_are_held_from_the_accounts_start(world: World) -> None:
    async with world.parts.db.read() as conn:
        kept = await conn.scalar(sa.select(account.c.grants).where(account.c.id == world.ours.people["crew"]))
    (only,) = read(kept or "")
    assert (only.role, only.until, only.of) == ("crew", None, None)


async def test_the_peoples_records_name_the_roles_of_today(world: World) -> None:
    await world.give("inspector", "supervisor", world.began + DAY, world.began + 2 * DAY)
    shown = []
    for now in (world.began + 2 * HOUR, world.began + DAY, world.began + 2 * DAY):
        async with world.desk(now) as desk:
            await service.show_due(desk.conn, world.parts.engine, now)
            shown.append((await desk.one("person", world.ours.people["inspector"]))["roles"])
    assert shown == [["inspector"], ["inspector", "supervisor"], ["inspector"]]
