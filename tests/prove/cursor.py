"""A reader of the feed beside concurrent writers on PostgreSQL misses nothing; with `nextval` it would.

First over HTTP: two servers on one database, eight phones pushing to either, a reader pulling small pages from both
in turn. Then within one process, where each transaction is held open for a moment, so that commits overtake each
other; once as the product does it, and once with numbers from a sequence.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import text

from backend.db import Database
from tests.contract.sync.company import Company
from tests.contract.sync.race import Run, numbers_from_a_sequence, race
from tests.prove import Figure
from tests.support.client import Client, uuid7
from tests.support.postgres import Postgres
from tests.support.server import Server

GROUP = "sync"
WRITERS = 8
PUSHES = 100


def prove(folder: Path) -> Iterator[Figure]:
    cluster = Postgres()
    try:
        cluster.start()
        run = _over_http(folder, cluster.fresh())
        yield Figure("two servers: records written", len(run.written), at_least=WRITERS * PUSHES * 2)
        yield Figure("two servers: missed by the reader", len(run.written - run.seen), at_most=0)
        run = asyncio.run(_in_process(cluster.fresh(), faulty=False))
        yield Figure("one process: records written", len(run.written), at_least=WRITERS * PUSHES * 2)
        yield Figure("one process: missed by the reader", len(run.written - run.seen), at_most=0)
        run = asyncio.run(_in_process(cluster.fresh(), faulty=True))
        yield Figure("with nextval: missed by the reader", len(run.written - run.seen), at_least=1)
    finally:
        cluster.stop()


async def _in_process(address: str, *, faulty: bool) -> Run:
    db = Database(address, pool=WRITERS + 4)
    try:
        company = await Company(db).open()
        if not faulty:
            return await race(company, PUSHES, WRITERS)
        async with db.write() as conn:
            await conn.execute(text("CREATE SEQUENCE numbers"))
        with numbers_from_a_sequence():
            return await race(company, PUSHES, WRITERS)
    finally:
        await db.close()


def _over_http(folder: Path, address: str) -> Run:
    env = {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_DATABASE_URL": address}
    servers = [Server(folder / "first", env).prepare(demo=True), Server(folder / "second", env)]
    try:
        for server in servers:
            server.start()
        return _write_and_read([server.url for server in servers])
    finally:
        for server in servers:
            server.kill()


def _write_and_read(urls: list[str]) -> Run:
    run, over = Run(set(), set()), threading.Event()
    readers = [Client(url).sign_in("duchayuan", register=False) for url in urls]
    phones = [Client(urls[i % len(urls)]).sign_in("duchayuan") for i in range(WRITERS)]

    def write(phone: Client) -> set[str]:
        written: set[str] = set()
        for _ in range(PUSHES):
            ops = [phone.put("finding", uuid7(), {"unit": phone.unit}) for _ in range(2)]
            phone.applied(*ops)
            written |= {op["id"] for op in ops}
        return written

    def read() -> set[str]:
        seen: set[str] = set()
        cursor, turn, last = "", 0, False
        while True:
            turn += 1
            params = {"schema": "1", "limit": "7", **({"cursor": cursor} if cursor else {})}
            answer = readers[turn % len(readers)].http.get("/api/v1/sync/pull", params=params)
            if answer.status_code == 200:
                cursor = answer.json()["cursor"]
                seen |= {change["id"] for change in answer.json()["changes"]}
            elif last:
                return seen
            else:
                last = over.is_set()

    try:
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            reading = pool.submit(read)
            try:
                for written in pool.map(write, phones):
                    run.written |= written
            finally:
                over.set()
            run.seen = reading.result()
    finally:
        for client in (*readers, *phones):
            client.http.close()
    return run
