"""Beside Kinto and express-pouchdb on the same records: push, pull, delta, unchanged poll, wire, memory, missed.

Eight phones push batches of 25 records of 1 KB (the most that a batch of Kinto takes) to one organisation. A delta is
50 records changed since the reader's cursor. The cursor reader follows the feed beside eight writers, as each server's
manual says a client should, and must end with everything that was acknowledged.
"""

import asyncio
import gzip
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

import zstandard

from tests.bench import peers
from tests.bench.line import Line
from tests.bench.load import Rate, one_round
from tests.bench.peers import Page, Peer
from tests.bench.site import PHONES, Site
from tests.bench.wire import Answer

BATCH = 25
PAGE = 1000
FILL = 1000
DELTA = 50
DELTAS = 20
WRITES = 25  # pushes of each writer beside the cursor reader, at most
WRITE_S = 8.0
WRITTEN = 10  # records of each
SETTLE_S = 2.0
GOALS = {"push": 5000.0, "pull": 20_000.0, "polls": 1000.0}


class Queue:
    """Pushes of one peer, made before the clock runs; all that was made is sent in the end."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.refused = 0
        self.ready: list[deque[bytes]] = [deque() for _ in range(PHONES)]

    def prepare(self, each: int, size: int = BATCH) -> None:
        for i, queue in enumerate(self.ready):
            while len(queue) < each:
                queue.append(self.peer.push(i, size)[0])

    async def turn(self, i: int) -> int:
        answer = await self.peer.wires[i].send(self.ready[i].popleft())
        done = self.peer.accepted(answer)
        self.refused += BATCH - done
        return done

    def more(self, i: int) -> bool:
        return bool(self.ready[i])

    async def empty(self) -> None:
        await one_round(self.turn, PHONES, 120, self.more)


async def measure(site: Site) -> AsyncIterator[Line]:
    base: dict[str, float] = {}
    starts: list[Callable[[], Awaitable[Peer]]] = [
        lambda: peers.kinto(site),
        lambda: peers.pouchdb(site),
        lambda: peers.ours(site),
    ]
    for start in starts:
        peer = await start()
        try:
            async for line in _one(site, peer, base):
                yield line
        finally:
            peer.close()
    two = await peers.ours(site, processes=2)
    try:
        yield await _missed(two)
    finally:
        two.close()


async def _one(site: Site, peer: Peer, base: dict[str, float]) -> AsyncIterator[Line]:
    def line(name: str, value: float, unit: str, *, less: bool = False, goal: float | None = None) -> Line:
        first = base.setdefault(name, value)
        ratio = round(value / first, 2) if peer.name == "mingcha" and goal is None and first else None
        return Line(
            part="rivals",
            name=f"{name}_{peer.name}",
            value=round(value, 2),
            unit=unit,
            less=less,
            goal=goal if peer.name == "mingcha" else None,
            ratio=ratio,
            to="kinto" if ratio is not None else "",
            note=f"{value / first:.1f} × kinto" if peer.name == "mingcha" and goal is not None else "",
        )

    rate = await _push(site, peer)
    yield line("push", rate, "records/s", goal=GOALS["push"])
    await _fill(peer)
    yield line("pull", await _pull(site, peer), "records/s", goal=GOALS["pull"])
    yield line("delta_50", await _delta(peer), "ms", less=True, goal=5.0)
    yield line("unchanged", await _polls(site, peer), "polls/s", goal=GOALS["polls"])
    async for name, size in _wire(peer):
        yield line(name, size, "bytes", less=True)
    running = [each for one in peer.processes for each in (one, *one.children(recursive=True))]
    memory = sum(process.memory_info().rss for process in running) / 2**20
    yield line("memory", memory, "MiB", less=True)
    if peer.name != "mingcha":
        yield await _missed(peer)


async def _push(site: Site, peer: Peer) -> float:
    """Records a second, the median of the rounds."""
    queue, rates, guess = Queue(peer), [], 200.0
    for number in range(site.rounds + 1):
        queue.prepare(2 + round(1.5 * guess * site.seconds / BATCH / PHONES))
        rate = await one_round(queue.turn, PHONES, site.seconds, queue.more)
        guess = max(guess, rate.a_second)
        if number:
            rates.append(rate.a_second)
    await queue.empty()
    if queue.refused:
        print(f"  {peer.name} refused {queue.refused} records of the pushes (to be sent again)", flush=True)
    return statistics.median(rates)


async def _fill(peer: Peer) -> None:
    """So many records more, for what is read."""
    queue = Queue(peer)
    queue.prepare(FILL // BATCH // PHONES)
    await queue.empty()


async def _ask(peer: Peer, i: int, cursor: str, limit: int = PAGE) -> tuple[Answer, Page]:
    answer = await peer.wires[i].send(peer.pull(i, cursor, limit))
    assert answer.status in (200, 304), (peer.name, answer.status, answer.body[:300])
    return answer, peer.page(answer)


async def _to_end(peer: Peer, i: int, cursor: str = "") -> tuple[set[str], str]:
    """All ids from the cursor on, and the cursor at the end."""
    seen: set[str] = set()
    while True:
        _, page = await _ask(peer, i, cursor)
        seen.update(page.ids)
        cursor = page.cursor or cursor
        if not page.more:
            return seen, cursor


async def _pull(site: Site, peer: Peer) -> float:
    """Records a second over pages that were asked for one after the other by every phone."""
    cursors = [""]
    while len(cursors) < 6:
        _, page = await _ask(peer, 0, cursors[-1])
        if not page.more or len(page.ids) < PAGE // 2:
            break
        cursors.append(page.cursor)
    cursors = cursors[:-1] or cursors
    turns = [0] * PHONES

    async def turn(i: int) -> int:
        turns[i] += 1
        raw = peer.pull(i, cursors[turns[i] % len(cursors)], PAGE)
        answer = await peer.wires[i].send(raw)
        assert answer.status == 200, answer.status
        return answer.body.count(b'"happened_at"')

    rates = [await one_round(turn, PHONES, site.seconds, lambda _: True) for _ in range(site.rounds + 1)]
    return statistics.median(rate.a_second for rate in rates[1:])


async def _delta(peer: Peer) -> float:
    """Milliseconds of one request for 50 new records, the median of some; nothing else runs."""
    _, cursor = await _to_end(peer, 0)
    took = []
    for _ in range(DELTAS):
        for _ in range(DELTA // BATCH):
            raw, _ids = peer.push(1, BATCH)
            answer = await peer.wires[1].send(raw)
            assert peer.accepted(answer) == BATCH, (peer.name, answer.status, answer.body[:300])
        raw = peer.pull(0, cursor, PAGE)
        began = time.perf_counter()
        answer = await peer.wires[0].send(raw)
        took.append(1000 * (time.perf_counter() - began))
        page = peer.page(answer)
        assert len(page.ids) == DELTA, (peer.name, len(page.ids))
        cursor = page.cursor
    return statistics.median(took)


async def _polls(site: Site, peer: Peer) -> float:
    _, cursor = await _to_end(peer, 0)
    cursors = [cursor] * PHONES
    raw = [peer.poll(i, cursors[i]) for i in range(PHONES)]

    async def turn(i: int) -> int:
        answer = await peer.wires[i].send(raw[i])
        assert answer.status == 304 or not peer.page(answer).ids, answer
        return 1

    rates: list[Rate] = [
        await one_round(turn, PHONES, site.seconds, lambda _: True) for _ in range(site.rounds + 1)
    ]
    return statistics.median(rate.a_second for rate in rates[1:])


async def _wire(peer: Peer) -> AsyncIterator[tuple[str, float]]:
    """Bytes a record: in a push of 25, and in a page of 1,000 packed as well as the server can."""
    raw, _ = peer.push(2, BATCH)
    body = raw[raw.index(b"\r\n\r\n") + 4 :]
    assert peer.accepted(await peer.wires[2].send(raw)) == BATCH
    yield "wire_push", (len(gzip.compress(body, 6)) if peer.name != "kinto" else len(body)) / BATCH
    answer = await peer.wires[0].send(peer.pull(0, "", PAGE, packed=True))
    yield "wire_pull", len(answer.body) / _records(answer)


def _records(answer: Answer) -> int:
    packing = answer.header(b"content-encoding")
    body = answer.body
    if packing == b"gzip":
        body = gzip.decompress(body)
    elif packing == b"zstd":
        body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return body.count(b'"happened_at"')


async def _missed(peer: Peer) -> Line:
    """Share of acknowledged records that a reader of the feed beside the writers never got, in percent."""
    _, cursor = await _to_end(peer, 0)
    made = [[peer.push(i, WRITTEN) for _ in range(WRITES)] for i in range(PHONES)]
    wires = [type(wire)(f"http://127.0.0.1:{wire.port}") for wire in peer.wires[:2]]
    written: set[str] = set()
    seen: set[str] = set()
    over = asyncio.Event()
    end = time.monotonic() + WRITE_S

    async def write(i: int) -> None:
        for raw, ids in made[i]:
            if time.monotonic() > end:
                break
            written.update(peer.acknowledged(await peer.wires[i].send(raw), ids))

    async def read() -> None:
        nonlocal cursor
        turn, quiet_since = 0, time.monotonic()
        while not over.is_set() or time.monotonic() - quiet_since < SETTLE_S:
            turn += 1
            answer = await wires[turn % 2].send(peer.pull(turn % 2, cursor, PAGE))
            page = peer.page(answer)
            seen.update(page.ids)
            cursor = page.cursor or cursor
            if page.ids or not over.is_set():
                quiet_since = time.monotonic()
            await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    try:
        await asyncio.gather(*(write(i) for i in range(PHONES)))
    finally:
        over.set()
        await reading
    share = 100 * len(written - seen) / len(written)
    return Line(
        part="rivals",
        name=f"missed_{peer.name}",
        value=round(share, 2),
        unit="%",
        less=True,
        goal=0.0 if peer.name == "mingcha" else None,
        note=f"{len(written - seen)} of {len(written)} records",
    )
