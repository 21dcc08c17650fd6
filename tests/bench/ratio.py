"""Push and pull, each as a share of the bare driver under the same HTTP server.

Ours is the real `mingcha serve`: sign-in, guard and headers, rules of the kind, evidence links, operation log, feed
numbers, background jobs. The bare side is `tests.bench.bare`. Rounds alternate ours, bare, bare, ours, so that a slow
minute of the machine hits both; the median round counts. Answers are not packed on either side.
"""

import statistics
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from tests.bench.line import Line
from tests.bench.load import Phone, Pushes, Rate, Turn, one_round
from tests.bench.profile import profiled
from tests.bench.site import PHONES, Site, county, cpu_s, plain, sign_in
from tests.bench.wire import request
from tests.support.server import Server

PAGE = 1000
FILL = 10_000
GOALS = {
    "push_postgresql": (0.70, 0.40),
    "push_sqlite": (0.60, 0.35),
    "pull": (0.70, 0.50),
    "upload": (0.70, 0.70),
}
BARE = {"sqlite": "sqlite3, synchronous=FULL", "postgresql": "asyncpg"}


@dataclass
class Side:
    """One server under load. `prepare` makes ready what a round may use; `more` tells whether there is any left."""

    server: Server
    turn: Turn
    prepare: Callable[[float], None] = lambda _: None
    more: Callable[[int], bool] = lambda _: True
    rate: float = 0.0
    cpu_ms: float = 0.0

    async def round(self, seconds: float) -> Rate:
        self.prepare(max(seconds, 0.5) * self.rate)
        before = cpu_s(self.server)
        rate = await one_round(self.turn, PHONES, seconds, self.more)
        self.rate = max(self.rate, rate.a_second)
        self.cpu_ms = 1e6 * (cpu_s(self.server) - before) / max(1, rate.done)
        return rate


async def compare(
    site: Site, name: str, unit: str, ours: Side, bare: Side, to: str, goal: str = "", part: str = "ratio"
) -> Line:
    """The line of one comparison."""
    for side in (ours, bare):  # warm, and the first estimate of what a round can use
        await side.round(0.5)
        await side.round(0.5)
    if site.profile:
        ours.prepare(ours.rate * 1.5 * 5)
        with profiled(ours.server.pid, name, 5):
            await one_round(ours.turn, PHONES, 5, ours.more)
    mine: list[Rate] = []
    theirs: list[Rate] = []
    cpu: list[tuple[float, float]] = []
    for number in range(site.rounds):
        order = [(ours, mine), (bare, theirs)]
        for side, kept in order if number % 2 == 0 else reversed(order):
            kept.append(await side.round(site.seconds))
        cpu.append((ours.cpu_ms, bare.cpu_ms))
    rate, base = (statistics.median(r.a_second for r in side) for side in (mine, theirs))
    client = 100 * sum(r.client_s for r in mine) / sum(r.seconds for r in mine)
    used, least = (statistics.median(side) for side in zip(*cpu, strict=True))
    goal_, floor = GOALS.get(goal, (None, None))
    return Line(
        part=part,
        name=name,
        value=round(rate, 1),
        unit=unit,
        ratio=round(rate / base, 3),
        to=to,
        goal=goal_,
        floor=floor,
        note=f"bare {base:,.0f}/s; server CPU {used:.0f} and {least:.0f} µs each; client {client:.0f} %",
    )


def pushing(server: Server, phones: list[Phone], path: str, size: int, *, photo: bool) -> Side:
    strict = path.startswith("/api")
    pushes = Pushes(phones, path, size, strict=strict, photo=photo)

    def prepare(records: float) -> None:
        pushes.prepare(4 + round(1.5 * records / size / len(phones)))

    return Side(server, pushes.turn, prepare, lambda i: bool(phones[i].ready))


class Readers:
    """Each turn reads one page, from the start again when all is read. Ours."""

    def __init__(self, phones: list[Phone]) -> None:
        self.phones = phones
        self.cursor = [b""] * len(phones)

    async def turn(self, i: int) -> int:
        phone, cursor = self.phones[i], self.cursor[i].decode()
        path = f"/api/v1/sync/pull?schema=1&limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
        answer = await phone.wire.send(request("GET", path, phone.headers))
        assert answer.status == 200, (answer.status, answer.body[:300])
        done = b'"more":false' in answer.body[:20_000]
        self.cursor[i] = b"" if done else answer.header(b"etag").strip(b'"')
        return answer.body.count(b'"rev":')


class BareReaders:
    def __init__(self, phones: list[Phone]) -> None:
        self.phones = phones
        self.after = [0] * len(phones)

    async def turn(self, i: int) -> int:
        phone = self.phones[i]
        path = f"/bare/pull?after={self.after[i]}&limit={PAGE}"
        answer = await phone.wire.send(request("GET", path, phone.headers))
        assert answer.status == 200, answer.body[:300]
        rows = answer.body.count(b'"happened_at"')
        if rows < PAGE:
            self.after[i] = 0
        else:
            self.after[i] = int(answer.body[answer.body.rindex(b"],[") + 3 :].split(b",", 1)[0])
        return rows


async def fill(pushes: Pushes, records: int) -> None:
    """Push so many records."""
    each = records // pushes.size // len(pushes.phones) + 1
    pushes.prepare(each)
    await one_round(pushes.turn, len(pushes.phones), 60, lambda i: bool(pushes.phones[i].ready))


async def measure(site: Site) -> AsyncIterator[Line]:
    for engine in ("postgresql", "sqlite"):
        env = site.env(engine)
        server = site.prepare(env)
        await county(env)
        site.start(server)
        bare = site.bare(site.env(engine))
        to = BARE[engine]
        for size, photo in ((20, False), (500, False), (20, True)):
            ours = pushing(
                server, await sign_in(server, "inspector", PHONES), "/api/v1/sync/push", size, photo=photo
            )
            other = pushing(bare, plain(bare, PHONES), "/bare/push", size, photo=photo)
            name = f"push_{size}{'_with_photo' if photo else ''}_{engine}"
            yield await compare(site, name, "records/s", ours, other, to, "" if photo else f"push_{engine}")
        phones, others = await sign_in(server, "inspector", PHONES), plain(bare, PHONES)
        await fill(Pushes(phones, "/api/v1/sync/push", 500, strict=True), FILL)
        await fill(Pushes(others, "/bare/push", 500, strict=False), FILL)
        ours, other = Side(server, Readers(phones).turn), Side(bare, BareReaders(others).turn)
        yield await compare(site, f"pull_{PAGE}_{engine}", "records/s", ours, other, to, "pull")
        site.done(server, bare)
