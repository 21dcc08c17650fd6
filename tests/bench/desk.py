"""The desk's lists, boards and queue steps of a county with years behind it: p95 of real requests, on both databases.

200,000 records and 400,000 photos (`RECORDS`, see `tests.support.county`). A supervisor asks, one request after the
other, over one connection; each is asked some times before the clock runs. `STEPS=map` asks those
only whose name has this in it.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import quote, urlencode

from backend.features.editions import service as editions
from backend.lists import query as lists
from tests.bench.line import Line
from tests.bench.site import Site, cpu_s, wanted
from tests.bench.wire import Answer, Wire, request
from tests.support import county
from tests.support.client import Client, now
from tests.support.server import Server

TIMES, BEFORE = int(wanted("TIMES", 60)), 3
GOAL_MS, TRIAL_MS = 200, 5000
SLOW = frozenset({"trial"})
"""What may take seconds is asked a few times only."""


class Desk:
    """A signed-in supervisor, or another, at the real server: sends, and takes the time."""

    def __init__(self, server: Server, login: str = "zhuguan") -> None:
        self.server = server
        self.client = Client(server.url, timeout_s=120).sign_in(login)
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.http.cookies.items())
        self.headers = {
            "Cookie": cookie,
            "X-Mingcha": "1",
            "Content-Type": "application/json",
        }
        self.wire = Wire(server.url)

    def get(self, path: str, **asked: str) -> bytes:
        return request(
            "GET",
            f"/api/v1/{path}" + (f"?{urlencode(asked, quote_via=quote)}" if asked else ""),
            self.headers,
        )

    def post(self, path: str, body: object) -> bytes:
        return request("POST", f"/api/v1/{path}", self.headers, json.dumps(body).encode())

    async def ask(self, raw: bytes) -> Answer:
        answer = await self.wire.send(raw)
        assert answer.status in (200, 204, 304), (raw[:300], answer.status, answer.body[:300])
        return answer

    def json(self, path: str, **asked: str) -> dict[str, object]:
        answer = self.client.http.get(f"/api/v1/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def lists_of(desk: Desk) -> Iterator[tuple[str, dict[str, str]]]:
    """The lists that are asked for: a name and the address of each."""
    page = desk.json("list", limit="200", kind="infrared")
    row = page["rows"][0]  # type: ignore[index]
    person, thing, unit = row["person"], row["thing"], row["unit"]
    yield "all", {}
    for sort in lists._KEYS:
        yield f"sort_{sort}_down", {"sort": f"-{sort}"}
        yield f"sort_{sort}_up", {"sort": sort}
    yield "unit", {"unit": unit}
    yield "unit_by_grade", {"unit": unit, "sort": "-grade"}
    yield "person", {"person": person}
    yield "thing", {"thing": thing}
    yield "kind", {"kind": "infrared"}
    yield "waiting", {"status": "submitted"}
    yield "kind_status", {"kind": "repair", "status": "accepted"}
    yield "grades", {"grade": "serious,critical"}
    yield "days", {"since": "2026-03-01", "until": "2026-03-31"}
    yield "saved_view", {"kind": "infrared,hazard", "grade": "critical", "unit": unit, "sort": "-changed"}
    yield "zero", {"zero": "Z7"}
    yield "register", {"kind": "equipment,meter_box"}
    yield "unseen", {"kind": "equipment", "unseen": "2026-09-01"}
    yield "words_common", {"q": "发热"}
    yield "words_rare", {"q": "现场编号04711"}
    yield "words_none", {"q": "没有这样的词"}
    yield "words_one_letter", {"q": "锈"}
    yield "words_two", {"q": "东侧 封印缺失"}
    yield "words_thing", {"q": "城中线 隔离开关"}
    yield "words_code", {"q": "bx-004711"}


async def deep(desk: Desk, asked: dict[str, str]) -> str:
    """The place in the middle of a list."""
    marks = json.loads((await desk.ask(desk.get("list/marks", **asked))).body)["marks"]
    return str(marks[len(marks) // 2]["after"]) if marks else ""


async def steps(desk: Desk) -> AsyncIterator[tuple[str, Callable[[], bytes]]]:
    """What is asked: a name, and what makes its next request."""
    found = list(lists_of(desk))
    for name, asked in found:
        yield f"list_{name}", lambda asked=asked: desk.get("list", limit="200", **asked)  # type: ignore[misc]
    for name, asked in found:
        if name in ("all", "sort_grade_down", "unit", "kind", "register"):
            place = await deep(desk, asked)
            yield (
                f"list_{name}_deep",
                lambda asked=asked, place=place: desk.get("list", limit="200", after=place, **asked),
            )  # type: ignore[misc]
    for name, asked in found:
        yield f"marks_{name}", lambda asked=asked: desk.get("list/marks", **asked)  # type: ignore[misc]
    for path in (
        "list-views",
        "phones",
        "returns",
        "second-looks",
        "reviewers",
        "sync/exceptions",
        "sync/waiting",
        "points/ledger",
    ):
        yield path.replace("/", "_").replace("-", "_"), lambda path=path: desk.get(path)  # type: ignore[misc]
    admin = Desk(desk.server, "guanli")
    for path in ("staff", "editions"):
        yield path, lambda path=path: admin.get(path)  # type: ignore[misc]
    yield "zeros", lambda: desk.get("zeros", since="2026-10-01", until="2026-12-31")
    yield "zeros_year", lambda: desk.get("zeros", since="2026-01-01", until="2026-12-31")
    yield "coverage", lambda: desk.get("coverage", since="2026-10-01")
    yield "map_county", lambda: desk.get("map", zoom="10")
    yield "map_town", lambda: desk.get("map", zoom="14", box="114.1,36.3,114.2,36.4")
    yield "map_critical", lambda: desk.get("map", zoom="10", grade="critical")
    thing = next(asked for name, asked in found if name == "thing")
    yield "history", lambda: desk.get("list", limit="200", kind="infrared", sort="at", **thing)
    async for name, make in queue(desk):
        yield name, make
    body = {"body": editions.shipped("points", "2026.11") | {"cap_points": 20}, "cycle": "2025"}
    yield "trial", lambda: desk.post("points/trial", body)


async def queue(desk: Desk) -> AsyncIterator[tuple[str, Callable[[], bytes]]]:
    """What the queue asks for at each step, and sends."""
    waiting = desk.json("list", limit="500", status="submitted", kind="hazard", sort="at")["rows"]
    records = iter([row["id"] for row in waiting])  # type: ignore[attr-defined]
    first = [row["id"] for row in waiting[:100]]  # type: ignore[index]
    turn = iter(range(10**9))
    yield "queue_reused", lambda: desk.get(f"records/{first[next(turn) % len(first)]}/reused")
    yield "queue_where", lambda: desk.get(f"sync/where/{first[next(turn) % len(first)]}")
    yield "queue_pull", await _pulls(desk)

    def decide() -> bytes:
        event = desk.client.event("hazard", next(records), "accept")
        return desk.post(
            "sync/push", {"device": desk.client.device, "schema": 1, "sent_at": now(), "ops": [event]}
        )

    yield "queue_decision", decide


async def _pulls(desk: Desk) -> Callable[[], bytes]:
    """The pull that follows a decision, from the end of what there is."""
    cursor = ""
    while True:
        answer = await desk.ask(
            desk.get("sync/pull", schema="1", limit="5000", **({"cursor": cursor} if cursor else {}))
        )
        if answer.status == 304:
            return lambda: desk.get("sync/pull", schema="1", limit="1000", cursor=cursor)
        cursor = answer.header(b"etag").strip(b'"').decode()


async def timed(desk: Desk, make: Callable[[], bytes], times: int) -> tuple[list[float], float]:
    """Milliseconds of each request, sorted, and the server's processor time of one."""
    for _ in range(min(BEFORE, times)):
        await desk.ask(make())
    spent, took = cpu_s(desk.server), []
    for _ in range(times):
        raw = make()
        began = time.perf_counter()
        await desk.ask(raw)
        took.append(1000 * (time.perf_counter() - began))
        if sum(took) > 30_000:  # far beyond its bound: said by a few as well
            break
    return sorted(took), 1000 * (cpu_s(desk.server) - spent) / len(took)


async def measure(site: Site) -> AsyncIterator[Line]:
    records = int(wanted("RECORDS", 200_000))
    only = os.environ.get("STEPS", "")
    for engine in ("sqlite", "postgresql"):
        env = site.env(engine)
        server = site.prepare(env)
        await asyncio.to_thread(server.run, "demo")
        made = await county.grow(env, records=records, photos=2 * records)
        print(
            f"  {engine}: {made.rows['record']} records and {made.rows['photo']} photos in {made.seconds:.0f} s",
            flush=True,
        )
        server.env["MINGCHA_WORKER"] = "none"
        site.start(server)
        async for line in of(Desk(server), engine, only):
            yield line
        site.done(server)


async def of(desk: Desk, engine: str, only: str = "") -> AsyncIterator[Line]:
    """The figures of one server; `only` those whose name has this in it."""
    async for name, make in steps(desk):
        if only not in name:
            continue
        took, cpu = await timed(desk, make, 5 if name in SLOW else TIMES)
        p95 = took[max(0, -(-len(took) * 95 // 100) - 1)]
        yield Line(
            part="desk",
            name=f"desk_{name}_{engine}",
            value=round(p95, 1),
            unit="ms",
            less=True,
            goal=TRIAL_MS if name in SLOW else GOAL_MS,
            note=f"p95 of {len(took)}; p50 {statistics.median(took):.1f} ms, server {cpu:.1f} ms",
        )
