"""A delta of 50 costs the same out of 20,000 and out of 1,000,000 records of a scope, on both databases.

The scope is filled by one statement that copies a record, then the statistics are taken. A phone pushes 50 records
more, the reader asks from its cursor; the median of many counts.
"""

import asyncio
import json
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from sync import cursor as cursors
from sync.tables import record
from tests.bench.line import Line
from tests.bench.load import Phone
from tests.bench.site import Site, county, sign_in
from tests.bench.wire import request
from tests.support import register
from tests.support.client import uuid7
from tests.support.server import Server

SMALL, LARGE = 20_000, 1_000_000
DELTA = 50
DELTAS = 60
GOAL = 1.2
GIVEN = {"id": "{id}", "seq": "r.seq + g.n"}
COLUMNS = ", ".join(column.name for column in record.columns)
COPY = (
    f"INSERT INTO record ({COLUMNS}) SELECT "
    + ", ".join(GIVEN.get(column.name, f"r.{column.name}") for column in record.columns)
    + " FROM record AS r, {numbers} WHERE r.id = '{template}'"
)
HEAD = "UPDATE scope_head SET seq = seq + {count} WHERE scope = '{scope}'"


async def _grow(env: dict[str, str], template: str, scope: str, first: int, last: int) -> None:
    """Copies `template` under the numbers from `first` to `last`, and takes the statistics anew."""
    head = HEAD.format(count=last - first + 1, scope=scope)
    if url := env.get("MINGCHA_DATABASE_URL"):
        copy = COPY.format(
            id="'01900000-0000-7000-8000-' || lpad(to_hex(g.n), 12, '0')",
            numbers=f"generate_series({first}, {last}) AS g(n)",
            template=template,
        )
        conn = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            for statement in (copy, head, "VACUUM ANALYZE"):
                await conn.execute(statement, timeout=600)
        finally:
            await conn.close()
        return
    copy = COPY.format(
        id="'01900000-0000-7000-8000-' || printf('%012x', g.n)",
        numbers=f"(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})"
        " SELECT n FROM s) AS g",
        template=template,
    )

    def fill() -> None:
        with sqlite3.connect(Path(env["MINGCHA_DATA_DIR"]) / "mingcha.db", timeout=60) as conn:
            conn.execute(copy)
            conn.execute(head)
            conn.commit()
            conn.execute("ANALYZE")
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    await asyncio.to_thread(fill)


async def _push(phone: Phone, count: int) -> list[str]:
    """Pushes so many meter boxes of the phone's unit; gives their ids."""
    at = datetime.now(UTC).isoformat()
    boxes = (body for kind, body in register.bodies([phone.unit]) if kind == "meter_box")
    ops: list[dict[str, object]] = []
    for _ in range(count):
        phone.n += 1
        op = {"n": phone.n, "op": "put", "kind": "meter_box", "id": uuid7(), "base": 0, "at": at}
        ops.append({**op, "data": next(boxes)})
    body = {"device": phone.device, "schema": 1, "sent_at": at, "ops": ops}
    raw = request("POST", "/api/v1/sync/push", phone.headers, json.dumps(body).encode())
    answer = await phone.wire.send(raw)
    assert answer.body.count(b'"status":"applied"') == count, answer.body[:300]
    return [str(op["id"]) for op in ops]


async def _deltas(writer: Phone, reader: Phone, cursor: str) -> tuple[float, str]:
    """Milliseconds of a delta, the median, and where the reader then stands."""
    took = []
    for _ in range(DELTAS):
        await _push(writer, DELTA)
        raw = request("GET", f"/api/v1/sync/pull?schema=1&limit=1000&cursor={cursor}", reader.headers)
        began = time.perf_counter()
        answer = await reader.wire.send(raw)
        took.append(1000 * (time.perf_counter() - began))
        assert answer.body.count(b'"rev":') == DELTA, (answer.status, answer.body[:300])
        cursor = answer.header(b"etag").strip(b'"').decode()
    return statistics.median(took), cursor


async def _end(reader: Phone) -> str:
    """The cursor of a reader who has read everything."""
    cursor = ""
    while True:
        path = "/api/v1/sync/pull?schema=1" + (f"&cursor={cursor}" if cursor else "")
        answer = await reader.wire.send(request("GET", path, reader.headers))
        assert answer.status in (200, 304), answer.body[:300]
        if answer.status == 304:
            return cursor
        cursor = answer.header(b"etag").strip(b'"').decode()


def _forward(cursor: str, scope: str, count: int) -> str:
    """The cursor past the records that were filled in."""
    held = cursors.parse(cursor)
    return str(held.advanced(scope, held.places[scope].pos + count))


async def measure(site: Site) -> AsyncIterator[Line]:
    for engine in ("postgresql", "sqlite"):
        env = site.env(engine)
        server: Server = site.prepare(env)
        made = await county(env)
        site.start(server)
        writer, reader = await sign_in(server, "inspector", 2)
        writer.unit = made.stations[0]
        scope = f"u:{writer.unit}"
        (template,) = await _push(writer, 1)
        cursor = await _end(reader)
        await _grow(env, template, scope, 1, SMALL)
        small, cursor = await _deltas(writer, reader, _forward(cursor, scope, SMALL))
        began = time.monotonic()
        await _grow(env, template, scope, SMALL + DELTAS * DELTA + 1, LARGE + DELTAS * DELTA)
        print(f"  {engine}: a million records filled in {time.monotonic() - began:.0f} s", flush=True)
        large, _ = await _deltas(writer, reader, _forward(cursor, scope, LARGE - SMALL))
        site.done(server)
        yield Line(
            part="delta", name=f"delta_of_20000_{engine}", value=round(small, 2), unit="ms", less=True, goal=5
        )
        yield Line(
            part="delta",
            name=f"delta_of_1000000_{engine}",
            value=round(large, 2),
            unit="ms",
            less=True,
            ratio=round(large / small, 3),
            to="out of 20,000",
            goal=GOAL,
        )
