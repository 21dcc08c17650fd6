"""A crowd of phones against several servers on one database: polls, pushes of 20 operations, pulls, for a set time.

Each phone is a person with a session, a device and a kept connection of its own. About every `period_s` it asks for
changes, and every tenth time it first pushes 20 new findings; now and then one is a meter box, which everybody in the
organisation pulls. One loop drives them all, each with one request under way at most.
"""

import asyncio
import json
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psutil

from backend.access import accounts, sessions
from backend.app import build
from backend.settings import load
from sync.push import Op
from tests.bench.load import Phone, batch
from tests.bench.wire import Answer, Wire, request
from tests.support import company, register
from tests.support.client import uuid7
from tests.support.server import Server

OPS = 20
PUSH_SHARE = 0.1
BOX_SHARE = 0.05
PAGES = 50  # of one pull, at most
HANDLES = 8192


@dataclass
class Crowd:
    """What came of it. Times in seconds; memory in MiB and handles of all servers together, once a second."""

    requests: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    pushes_s: list[float] = field(default_factory=list)
    polls_s: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)

    def percentile(self, of: Sequence[float], share: float) -> float:
        return sorted(of)[min(len(of) - 1, int(share * len(of)))] if of else float("nan")

    @staticmethod
    def growth(values: Sequence[float]) -> float:
        """Mean of the last tenth over the mean of the second: the first is when the phones arrive."""
        tenth = max(1, len(values) // 10)
        return statistics.fmean(values[-tenth:]) / statistics.fmean(values[tenth : 2 * tenth] or values[:1])

    @staticmethod
    def slope_a_minute(values: Sequence[float]) -> float:
        """Of the straight line through the second half."""
        half = values[len(values) // 2 :]
        if len(half) < 2:
            return 0.0
        return 60 * statistics.linear_regression(range(len(half)), half).slope


def allow_handles() -> None:
    """A thousand connections need more handles than a shell allows; servers started afterwards inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HANDLES if hard == resource.RLIM_INFINITY else min(hard, HANDLES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def people(env: Mapping[str, str], orgs: int, phones: int) -> list[tuple[str, str]]:
    """Makes `orgs` organisations with inspectors who are signed in; gives a token and the unit for each phone."""
    parts, now = build(load(env)), datetime.now(UTC)
    made: list[tuple[str, str]] = []
    try:
        for number in range(orgs):
            one = await company.found(env, prefix=f"o{number}-")
            ids = [uuid7() for _ in range(number, phones, orgs)]
            for chunk in (ids[i : i + 200] for i in range(0, len(ids), 200)):
                ops = [
                    Op(
                        op="put",
                        kind="person",
                        id=id_,
                        at=now,
                        data={"name": "督察员", "unit": one.county, "post": "x", "roles": ["inspector"]},
                    )
                    for id_ in chunk
                ]
                async with parts.db.write() as conn:
                    await parts.engine.write(conn, one.org, uuid7(), now, ops, "test")
                    for id_ in chunk:
                        await accounts.create(
                            conn,
                            now,
                            org=one.org,
                            person=id_,
                            login=id_,
                            password_hash="",
                            roles=["inspector"],
                        )
                        token = await sessions.start(conn, parts.settings, one.org, id_, now)
                        made.append((token, one.stations[0]))
    finally:
        parts.passwords.close()
        await parts.db.close()
    return made


async def run(
    servers: Sequence[Server], known: Sequence[tuple[str, str]], *, seconds: float, period_s: float, seed: int
) -> Crowd:
    """All phones at work for so long, spread over the servers."""
    crowd, chance = Crowd(), random.Random(seed)
    end = time.monotonic() + seconds
    boxes = register.bodies([unit for _, unit in known[:1]])

    async def ask(phone: Phone, kind: str, raw: bytes, into: list[float]) -> Answer | None:
        began = time.monotonic()
        try:
            answer = await asyncio.wait_for(phone.wire.send(raw), 60)
        except (OSError, EOFError, TimeoutError) as error:
            crowd.errors.append(f"{kind}: {error!r}")
            phone.wire.close()
            return None
        into.append(time.monotonic() - began)
        crowd.requests[kind] += 1
        if answer.status not in (200, 304):
            crowd.errors.append(f"{kind}: {answer.status} {answer.body[:200]!r}")
            return None
        return answer

    async def push(phone: Phone) -> None:
        body = batch(phone, OPS)
        if chance.random() < BOX_SHARE:
            body = _with_box(body, phone, next(data for kind, data in boxes if kind == "meter_box"))
        raw = request("POST", "/api/v1/sync/push", phone.headers, body)
        for _ in range(3):  # without an answer the same again: nothing may be doubled
            answer = await ask(phone, "push", raw, crowd.pushes_s)
            if answer is not None:
                break
        if answer is not None and answer.body.count(b'"status":"applied"') != OPS:
            crowd.errors.append(f"push: {answer.body[:300]!r}")

    async def pull(phone: Phone, cursor: str) -> str:
        for _ in range(PAGES):
            path = "/api/v1/sync/pull?schema=1" + (f"&cursor={cursor}" if cursor else "")
            answer = await ask(phone, "pull", request("GET", path, phone.headers), crowd.polls_s)
            if answer is None or answer.status == 304:
                return cursor
            cursor = answer.header(b"etag").strip(b'"').decode()
            crowd.requests["changes"] += answer.body.count(b'"rev":')
            if b'"more":true' not in answer.body:
                return cursor
        return cursor

    async def live(number: int) -> None:
        token, unit = known[number]
        phone = Phone(Wire(servers[number % len(servers)].url), f"{sessions.COOKIE}={token}", uuid7(), unit)
        cursor = ""
        await asyncio.sleep(chance.random() * min(period_s, seconds / 10))
        body = b'{"id":"%s","name":"load","app_version":"0.1.0"}' % phone.device.encode()
        await ask(phone, "register", request("POST", "/api/v1/devices", phone.headers, body), [])
        while time.monotonic() < end:
            if chance.random() < PUSH_SHARE:
                await push(phone)
            cursor = await pull(phone, cursor)
            await asyncio.sleep(period_s * (0.5 + chance.random()))
        phone.wire.close()

    async def look() -> None:
        watched = [psutil.Process(server.pid) for server in servers]
        while time.monotonic() < end:
            crowd.rss_mb.append(sum(p.memory_info().rss for p in watched) / 2**20)
            crowd.handles.append(sum(p.num_fds() for p in watched))
            await asyncio.sleep(1)

    looking = asyncio.create_task(look())
    await asyncio.gather(*(live(number) for number in range(len(known))))
    await looking
    return crowd


def _with_box(body: bytes, phone: Phone, data: Mapping[str, object]) -> bytes:
    """The push with its last finding replaced by a new meter box."""
    push = json.loads(body)
    push["ops"][-1] |= {"kind": "meter_box", "data": {**data, "unit": phone.unit}}
    return json.dumps(push, ensure_ascii=False).encode()
