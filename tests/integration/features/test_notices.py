"""Notices from the change that causes them to a real receiver, on both databases; the clock is the test's."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.exc import NoResultFound

from backend.app import Parts, build
from backend.clock import new_id
from backend.custody.owner import caller_of
from backend.db import Database
from backend.jobs import job
from backend.migrations.run import migrate
from backend.notices import keep, tables
from backend.notices.webpush import encode, new_private_key, public_bytes
from backend.settings import load
from sync import store
from sync.push import Op
from tests.conftest import ENGINES
from tests.support.company import Company, found
from tests.support.postgres import Postgres
from tests.support.receiver import Receiver, receiver

START = datetime(2030, 1, 10, 2, 0, tzinfo=UTC)  # 10:00 in the company's zone
SECRET = "known to both"


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    parts: Parts
    company: Company
    time: Time
    hook: Receiver

    async def act(self, name: str, *ops: Op) -> None:
        for op in ops:
            async with self.parts.db.write() as conn:
                caller = await caller_of(conn, self.company.org, self.company.people[name], "", self.time.now)
                assert caller is not None
                result = await self.parts.engine.act(conn, caller, self.time.now, op)
            assert result.status in ("applied", "merged"), result

    def event(self, kind: str, subject: str, type_: str, **data: Any) -> Op:
        return Op(
            op="event",
            kind=kind,
            id=new_id(self.time.now),
            subject=subject,
            type=type_,
            at=self.time.now,
            data=data,
        )

    async def job(self, grade: str = "critical", hours: float = 24) -> str:
        """A defect in the first station; gives the repair job that it makes."""
        now = self.time.now
        body = {
            "unit": self.company.stations[0],
            "source_kind": "hazard",
            "source": new_id(now),
            "grade": grade,
            "title": "刀闸触头 SECRET-TITLE",
            "opened_at": now.isoformat(),
            "deadline_at": (now + timedelta(hours=hours)).isoformat(),
        }
        defect = Op(op="put", kind="defect", id=new_id(now), at=now, data=body)
        async with self.parts.db.write() as conn:
            org = self.company.org
            (made,) = await self.parts.engine.write(conn, org, new_id(now), now, [defect], "test")
            assert made.status == "applied", made
            row = (await store.load(conn, org, [defect.id]))[defect.id]
        return str(row.facts["repair"])

    async def finding(self) -> str:
        """A finding of an unannounced check that comes back to its inspector."""
        now = self.time.now
        id_ = new_id(now)
        body = {
            "unit": self.company.stations[0],
            "visit": "unannounced",
            "item": "QX-01",
            "catalogue": "2026.11",
            "happened_at": now.isoformat(),
            "fact": "SECRET-FACT",
            "photos": [
                {
                    "sha256": "a" * 64,
                    "size": 9,
                    "type": "image/jpeg",
                    "role": "evidence",
                    "taken_at": now.isoformat(),
                }
            ],
        }
        put = Op(op="put", kind="finding", id=id_, at=now, data=body)
        await self.act("inspector", put, self.event("finding", id_, "submit"))
        await self.act("supervisor", self.event("finding", id_, "return", reason="SECRET-REASON"))
        return id_

    async def work(self) -> int:
        """What is due is done; how many jobs."""
        worker, n = self.parts.worker(), 0
        while await worker.run_one(sa.and_(job.c.org == self.company.org, job.c.name.like("notice_%"))):
            n += 1
        return n

    async def states(self, way: str = "webhook") -> dict[tuple[str, str], str]:
        """By person's login and kind of notice, where it stands."""
        logins = {id_: login for login, id_ in self.company.people.items()}
        async with self.parts.db.read() as conn:
            found = await conn.execute(
                sa.select(tables.notice.c.person, tables.notice.c.kind, tables.sending.c.state)
                .join(tables.sending, tables.sending.c.notice == tables.notice.c.id)
                .where(tables.sending.c.org == self.company.org, tables.sending.c.way == way)
            )
            return {(logins[row.person], row.kind): row.state for row in found}

    async def choose(self, login: str, **values: Any) -> None:
        async with self.parts.db.write() as conn:
            row = {"quiet": None, "language": "zh-CN", "address": "", **values}
            await conn.execute(
                tables.choice.insert().values(org=self.company.org, person=self.company.people[login], **row)
            )

    async def how(self, way: str = "webhook") -> Any:
        async with self.parts.db.read() as conn:
            mine = sa.and_(tables.way.c.org == self.company.org, tables.way.c.way == way)
            return (await conn.execute(sa.select(tables.way).where(mine))).one()

    async def failed(self) -> list[Any]:
        """Jobs of this company that have failed."""
        async with self.parts.db.read() as conn:
            mine = sa.and_(job.c.org == self.company.org, job.c.error.is_not(None))
            return list((await conn.execute(sa.select(job).where(mine))).all())

    async def endpoints(self) -> list[str]:
        async with self.parts.db.read() as conn:
            mine = tables.subscription.c.org == self.company.org
            return sorted(await conn.scalars(sa.select(tables.subscription.c.endpoint).where(mine)))


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


@pytest.fixture
def more() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module", params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database for all tests of the module: each has a company of its own in it."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('notices') / 'test.db'}"
    else:
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.fresh()

    async def made() -> None:
        db = Database(url)
        await migrate(db)
        await db.close()

    asyncio.run(made())
    return url


@pytest.fixture
async def world(database: str, tmp_path: Path, hook: Receiver, more: dict[str, str]) -> AsyncIterator[World]:
    env = {
        "MINGCHA_DATABASE_URL": database,
        "MINGCHA_DATA_DIR": str(tmp_path / "data"),
        "MINGCHA_NOTICE_WEBHOOK_URL": f"{hook.url}/hook?key=SECRET-KEY",
        "MINGCHA_NOTICE_WEBHOOK_SECRET": SECRET,
        "MINGCHA_NOTICE_NETWORKS": "127.0.0.0/8",
        "MINGCHA_NOTICE_TIMEOUT_S": "1",
        **more,
    }
    time = Time()
    parts = build(load(env), time)
    company = await found(env, prefix=f"{new_id(START)}-")
    try:
        yield World(parts, company, time, hook)
    finally:
        parts.rescue.close()
        parts.passwords.close()
        await parts.db.close()


def read(hook: Receiver) -> list[dict[str, Any]]:
    """What came, each with a signature that is good."""
    bodies = []
    for one in hook.got:
        signed = f"{one.headers['mingcha-timestamp']}.".encode() + one.body
        wanted = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert one.headers["mingcha-signature"] == f"v1={wanted}"
        bodies.append(json.loads(one.body))
        assert one.headers["mingcha-delivery"] == bodies[-1]["id"]
    return bodies


async def test_a_new_job_goes_signed_to_its_crew_alone_and_says_nothing_of_what_it_is(world: World) -> None:
    await world.choose("crew", address="wang.wu", language="en")
    repair = await world.job()
    assert await world.states() == {("crew", "job"): "waiting", ("crew", "deadline"): "waiting"}
    assert await world.work() == 1
    (body,) = read(world.hook)
    assert body["to"] == [{"person": world.company.people["crew"], "address": "wang.wu"}]
    assert (body["kind"], body["text"], body["n"]) == ("job", "You have a new repair job", 1)
    assert body["link"] == f"/job/{repair}"
    assert b"SECRET" not in world.hook.got[0].body
    assert await world.work() == 0
    world.time.now += timedelta(minutes=64)  # of 90
    await world.work()
    assert [one["kind"] for one in read(world.hook)] == ["job", "deadline"]
    assert await world.states() == {("crew", "job"): "sent", ("crew", "deadline"): "sent"}
    assert (await world.how()).ok_at is not None


async def test_who_took_the_job_is_warned_and_nobody_once_it_is_done(world: World) -> None:
    repair = await world.job()
    await world.work()
    await world.act("crew", world.event("repair", repair, "receive"), world.event("repair", repair, "arrive"))
    world.time.now += timedelta(minutes=64)
    await world.work()
    assert [one["kind"] for one in read(world.hook)] == ["job"], "he is there: the first promise runs no more"
    world.time.now += timedelta(minutes=110)
    await world.work()
    assert [one["kind"] for one in read(world.hook)] == ["job", "deadline"], "70 % of the way to power again"


async def test_a_notice_is_made_with_its_cause_or_not_at_all(world: World) -> None:
    now = world.time.now
    body = {
        "unit": world.company.stations[0],
        "source_kind": "hazard",
        "source": new_id(now),
        "grade": "critical",
    }
    body |= {"title": "x", "opened_at": now.isoformat(), "deadline_at": now.isoformat()}
    defect = Op(op="put", kind="defect", id=new_id(now), at=now, data=body)
    with suppress(RuntimeError):
        async with world.parts.db.write() as conn:
            await world.parts.engine.write(conn, world.company.org, new_id(now), now, [defect], "test")
            raise RuntimeError("the transaction does not hold")
    assert await world.states() == {}
    assert await world.work() == 0


async def test_quiet_hours_gather_into_one_digest_and_what_is_near_breaks_through(world: World) -> None:
    world.time.now = datetime(2030, 1, 10, 15, 30, tzinfo=UTC)  # 23:30
    await world.job("serious", 20)
    await world.job("general", 200)
    world.time.now += timedelta(hours=1)  # past midnight
    await world.job("critical")
    await world.work()
    assert read(world.hook) == []
    world.time.now += timedelta(minutes=75)  # amber: 15 minutes of 90 are left, or it is past
    await world.work()
    assert [one["kind"] for one in read(world.hook)] == ["deadline"]
    world.time.now = datetime(2030, 1, 10, 22, 59, 59, tzinfo=UTC)
    await world.work()
    assert len(world.hook.got) == 1
    world.time.now += timedelta(seconds=1)  # 07:00
    await world.work()
    digest = read(world.hook)[-1]
    assert (digest["kind"], digest["text"], digest["n"]) == ("digest", "您有 3 条新通知", 3)
    assert digest["link"] == "/notices"
    assert len(world.hook.got) == 2
    world.time.now += timedelta(days=1)
    await world.work()


async def test_a_person_s_own_hours_go_before_the_company_s(world: World) -> None:
    await world.choose("crew", quiet="")
    world.time.now = datetime(2030, 1, 10, 16, 0, tzinfo=UTC)
    await world.job()
    await world.work()
    assert [one["kind"] for one in read(world.hook)] == ["job"]


@pytest.mark.parametrize("trouble", ["down", "slow", "http_500", "http_302"])
async def test_a_failure_shows_and_is_tried_again_until_it_goes_through(world: World, trouble: str) -> None:
    way = world.parts.sender.ways[0]
    good = way.url  # type: ignore[attr-defined]
    if trouble == "down":
        object.__setattr__(way, "url", "http://127.0.0.1:9/hook?key=SECRET-KEY")
    world.hook.slow_s = 3 if trouble == "slow" else 0
    world.hook.statuses = {"/hook?key=SECRET-KEY": int(trouble[5:])} if trouble.startswith("http_") else {}
    await world.job()
    await world.work()
    state = await world.how()
    assert state.error == {"down": "unreachable", "slow": "timeout"}.get(trouble, trouble)
    assert (state.ok_at, state.failed_since) == (None, state.failed_at)
    assert (await world.states())[("crew", "job")] == "waiting"
    (kept,) = await world.failed()
    assert kept.error == f"Undelivered: {state.error}"
    assert all(one.path == "/hook?key=SECRET-KEY" for one in world.hook.got), "a redirect is not followed"
    object.__setattr__(way, "url", good)
    world.hook.slow_s, world.hook.statuses = 0, {}
    world.hook.got.clear()
    world.time.now += timedelta(seconds=10)
    await world.work()
    assert [one["kind"] for one in read(world.hook)] == ["job"]
    state = await world.how()
    assert (state.error, state.failed_since) == ("", None)


async def test_what_never_goes_through_is_a_dead_job_and_stays_in_the_list(world: World) -> None:
    world.hook.statuses = {"/hook?key=SECRET-KEY": 503}
    await world.job("serious", 300)
    for _ in range(9):
        await world.work()
        world.time.now += timedelta(hours=1)
    assert [one.state for one in await world.failed()] == ["dead"]
    assert (await world.states())[("crew", "job")] == "waiting"


class TestWecom:
    @pytest.fixture
    def more(self) -> dict[str, str]:
        return {"MINGCHA_NOTICE_WEBHOOK_STYLE": "wecom", "MINGCHA_PUBLIC_URL": "http://m.example"}

    async def test_a_robot_gets_its_markdown_and_its_refusal_is_one(self, world: World) -> None:
        await world.choose("crew", address="wang.wu")
        world.hook.says = b'{"errcode":45009,"errmsg":"api freq out of limit"}'
        repair = await world.job()
        await world.work()
        assert (await world.how()).error == "said_45009"
        world.hook.says = b'{"errcode":0,"errmsg":"ok"}'
        world.time.now += timedelta(seconds=10)
        await world.work()
        assert json.loads(world.hook.got[-1].body) == {
            "msgtype": "markdown",
            "markdown": {
                "content": "**明察**\n您有一条新的抢修任务\n"
                f"[打开](http://m.example/job/{repair})\n<@wang.wu>"
            },
        }
        assert (await world.states())[("crew", "job")] == "sent"


async def test_nothing_of_an_unannounced_check_goes_through_others_hands(world: World) -> None:
    await world.finding()
    assert await world.states() == {("inspector", "return"): "waiting"}
    await world.work()
    assert world.hook.got == []
    assert await world.states() == {("inspector", "return"): "void"}


async def test_who_may_not_read_the_record_any_more_is_told_nothing(world: World) -> None:
    await world.job()
    async with world.parts.db.write() as conn:
        moved = Op(
            op="put",
            kind="person",
            id=world.company.people["crew"],
            at=START,
            data={"unit": world.company.stations[1]},
        )
        await world.parts.engine.write(conn, world.company.org, new_id(START), START, [moved], "test")
    await world.work()
    assert world.hook.got == []
    assert (await world.states())[("crew", "job")] == "void"


async def test_a_month_later_a_notice_is_forgotten(world: World) -> None:
    await world.job()
    await world.work()
    world.time.now += keep.KEEP + timedelta(days=2)
    await keep.sweep(world.parts.db, world.time.now)
    assert await world.states() == {}


class TestPush:
    @pytest.fixture
    def more(self) -> dict[str, str]:
        return {
            "MINGCHA_NOTICE_WEBHOOK_URL": "",
            "MINGCHA_NOTICE_PUSH_KEY": new_private_key(),
            "MINGCHA_NOTICE_PUSH_CONTACT": "mailto:it@m.example",
            "MINGCHA_NOTICE_PUSH_HOSTS": "127.0.0.1",
        }

    async def subscribe(self, world: World, login: str, path: str) -> tuple[str, ec.EllipticCurvePrivateKey]:
        device, key = new_id(world.time.now), ec.generate_private_key(ec.SECP256R1())
        org, person = world.company.org, world.company.people[login]
        async with world.parts.db.write() as conn:
            await store.register_device(conn, org, person, device, "phone", "1", world.time.now)
            await conn.execute(
                tables.subscription.insert().values(
                    org=org,
                    device=device,
                    person=person,
                    endpoint=world.hook.url + path,
                    p256dh=encode(public_bytes(key)),
                    auth=encode(b"0123456789abcdef"),
                    made_at="",
                )
            )
        return device, key

    async def test_a_browser_reads_what_its_person_may_know(self, world: World) -> None:
        _, key = await self.subscribe(world, "inspector", "/one")
        for login in ("crew", "manager", "supervisor"):
            await self.subscribe(world, login, f"/{login}")
        finding = await world.finding()
        await world.work()
        (got,) = world.hook.got
        assert got.headers["content-encoding"] == "aes128gcm"
        assert got.headers["authorization"].startswith("vapid t=")
        assert len(got.body) == 86 + 512 + 1 + 16
        said = json.loads(opened(got.body, key, b"0123456789abcdef"))
        assert said["text"] == "您有一条记录被退回，请修改"
        assert said["link"] == f"/new/finding/{finding}"
        assert got.path == "/one", "nothing to anybody of the inspected unit"
        assert await world.states("push") == {("inspector", "return"): "sent"}
        assert (await world.how("push.control")).ok_at is not None, "kept apart: not even when something went"
        with pytest.raises(NoResultFound):
            await world.how("push")

    async def test_an_ended_subscription_is_forgotten_and_a_revoked_phone_gets_nothing(
        self, world: World
    ) -> None:
        await self.subscribe(world, "crew", "/gone")
        revoked, _ = await self.subscribe(world, "crew", "/revoked")
        await self.subscribe(world, "crew", "/good")
        world.hook.statuses = {"/gone": 410}
        async with world.parts.db.write() as conn:
            await store.revoke_device(conn, world.company.org, revoked, world.time.now)
        await world.job()
        await world.work()
        assert sorted(one.path for one in world.hook.got) == ["/gone", "/good"]
        assert await world.endpoints() == [f"{world.hook.url}/good", f"{world.hook.url}/revoked"]
        await keep.sweep(world.parts.db, world.time.now)
        assert await world.endpoints() == [f"{world.hook.url}/good"]

    async def test_without_a_browser_it_stays_in_the_list(self, world: World) -> None:
        await world.job()
        await world.work()
        assert await world.states("push") == {("crew", "job"): "void", ("crew", "deadline"): "waiting"}

    async def test_a_digest_at_the_end_of_the_night_is_for_its_person_alone(self, world: World) -> None:
        _, inspector = await self.subscribe(world, "inspector", "/one")
        _, crew = await self.subscribe(world, "crew", "/crew")
        world.time.now = datetime(2030, 1, 10, 15, 30, tzinfo=UTC)  # 23:30
        await world.finding()
        await world.finding()
        await world.job("serious", 200)
        await world.work()
        assert world.hook.got == []
        world.time.now = datetime(2030, 1, 10, 23, 0, tzinfo=UTC)  # 07:00
        await world.work()
        said = {}
        for got in world.hook.got:
            key = inspector if got.path == "/one" else crew
            said[got.path] = json.loads(opened(got.body, key, b"0123456789abcdef"))["text"]
        assert said == {"/one": "您有 2 条新通知", "/crew": "您有一条新的抢修任务"}

    async def test_a_service_that_fails_is_tried_again(self, world: World) -> None:
        await self.subscribe(world, "crew", "/one")
        world.hook.statuses = {"/one": 500}
        await world.job()
        await world.work()
        assert (await world.how("push")).error == "http_500"
        world.hook.statuses = {}
        world.time.now += timedelta(seconds=10)
        await world.work()
        assert (await world.states("push"))[("crew", "job")] == "sent"


def opened(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What the browser does: RFC 8291 from the other side."""
    salt, own = body[:16], body[21:86]
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), own)
    secret = key.exchange(ec.ECDH(), sender)

    def derive(salt: bytes, ikm: bytes, info: bytes, length: int) -> bytes:
        return HKDF(SHA256(), length, salt, info).derive(ikm)

    ikm = derive(auth, secret, b"WebPush: info\0" + public_bytes(key) + own, 32)
    plain = AESGCM(derive(salt, ikm, b"Content-Encoding: aes128gcm\0", 16)).decrypt(
        derive(salt, ikm, b"Content-Encoding: nonce\0", 12), body[86:], None
    )
    return plain.rstrip(b"\0").removesuffix(b"\2")
