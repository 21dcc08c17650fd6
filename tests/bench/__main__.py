"""Rates of push, pull and upload, each as a share of the bare driver or store under the same server.

`make bench` prints the table and writes `bench.json`. Rounds of ours and of the bare side alternate, so that
a slow minute of the machine hits both; the median round counts.
"""

import asyncio
import base64
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from backend.db import Database
from sync import store
from sync.ids import new_id
from tests.bench.server import ORG, PERSON, UNIT
from tests.support.minio import Minio
from tests.support.postgres import Postgres
from tests.support.server import Server

ROUNDS = 5
ROUND_S = 1.0
PHONES = 4
PHOTO_BYTES = 512 * 1024
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")

Turn = Callable[[httpx.AsyncClient, int], Awaitable[int]]


@dataclass(frozen=True)
class Line:
    """A row of bench.json: our rate, and its share of the rate of `to`."""

    name: str
    value: float
    unit: str
    ratio: float
    to: str


class Phones:
    """Phones with a device each; `push` sends one batch of 1 KB records, made before the clock runs."""

    def __init__(self, devices: list[str], batch: int) -> None:
        self.devices = devices
        self.batch = batch
        self.n = [0] * len(devices)

    def ops(self, phone: int) -> list[dict[str, object]]:
        now = datetime.now(UTC)
        made = []
        for _ in range(self.batch):
            self.n[phone] += 1
            data = {"unit": UNIT, "place": "bench", "fact": "现场" * 150, "happened_at": now.isoformat()}
            made.append(
                {
                    "n": self.n[phone],
                    "op": "put",
                    "kind": "finding",
                    "id": new_id(now),
                    "at": now.isoformat(),
                    "data": data,
                }
            )
        return made

    def body(self, phone: int) -> bytes:
        head = {"device": self.devices[phone], "schema": 1, "sent_at": datetime.now(UTC).isoformat()}
        return json.dumps(head | {"ops": self.ops(phone)}, ensure_ascii=False).encode()

    async def push(self, http: httpx.AsyncClient, phone: int) -> int:
        answer = await http.post("/api/v1/sync/push", content=self.body(phone))
        results = answer.raise_for_status().json()["results"]
        assert all(result["status"] == "applied" for result in results), results[0]
        return self.batch

    async def bare(self, http: httpx.AsyncClient, phone: int) -> int:
        (await http.post("/bare/push", content=self.body(phone))).raise_for_status().json()
        return self.batch


class Readers:
    """Each turn reads one page of 500, from the start again when all is read."""

    def __init__(self) -> None:
        self.cursor: dict[int, str] = {}
        self.after: dict[int, int] = {}

    async def pull(self, http: httpx.AsyncClient, phone: int) -> int:
        given = {"limit": "500"} | ({"cursor": self.cursor[phone]} if phone in self.cursor else {})
        page = (await http.get("/api/v1/sync/pull", params=given)).raise_for_status().json()
        self.cursor[phone] = page["cursor"]
        if not page["more"]:
            del self.cursor[phone]
        return len(page["changes"])

    async def bare(self, http: httpx.AsyncClient, phone: int) -> int:
        answer = await http.get("/bare/pull", params={"after": self.after.get(phone, 0)})
        rows = answer.raise_for_status().json()
        self.after[phone] = rows[-1][0] if len(rows) == 500 else 0
        return len(rows)


async def upload(http: httpx.AsyncClient, phone: int) -> int:
    """One photo by tus, created and sent in one request, as a phone with signal does."""
    data = JPEG + os.urandom(PHOTO_BYTES - len(JPEG))
    sha = hashlib.sha256(data).hexdigest()
    meta = {"sha256": sha, "type": "image/jpeg"}
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Upload-Metadata": ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in meta.items()),
        "Content-Type": "application/offset+octet-stream",
    }
    answer = await http.post("/api/v1/uploads", content=data, headers=headers)
    assert answer.status_code == 201, answer.text
    return 1


async def bare_upload(http: httpx.AsyncClient, phone: int) -> int:
    data = JPEG + os.urandom(PHOTO_BYTES - len(JPEG))
    headers = {"X-Name": hashlib.sha256(data).hexdigest()}
    (await http.post("/bare/upload", content=data, headers=headers)).raise_for_status()
    return 1


async def one_round(http: httpx.AsyncClient, turn: Turn) -> float:
    """Things a second, with all phones at work for a round."""
    began = time.perf_counter()

    async def work(phone: int) -> int:
        done = 0
        while time.perf_counter() - began < ROUND_S:
            done += await turn(http, phone)
        return done

    done = await asyncio.gather(*(work(phone) for phone in range(PHONES)))
    return sum(done) / (time.perf_counter() - began)


async def compare(http: httpx.AsyncClient, name: str, unit: str, ours: Turn, bare: Turn, to: str) -> Line:
    await one_round(http, ours)
    await one_round(http, bare)
    rounds = [(await one_round(http, ours), await one_round(http, bare)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(side) for side in zip(*rounds, strict=True))
    line = Line(name, round(mine, 1), unit, round(mine / theirs, 3), to)
    print(f"{line.name:22}{line.value:>12,.1f} {line.unit:12}{line.ratio:>8.3f} of {line.to}", flush=True)
    return line


class Running:
    """The bench's server process on a prepared database."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.server = Server(folder, env)
        self.folder = folder
        folder.mkdir(parents=True)
        self.server.run("migrate")

    async def __aenter__(self) -> httpx.AsyncClient:
        with (self.folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "tests.bench.server"]
            self.process = subprocess.Popen(command, env=self.server.env, stdout=log, stderr=log)
        self.http = httpx.AsyncClient(base_url=self.server.url, timeout=60)
        for _ in range(300):
            try:
                await self.http.get("/bare/pull", params={"after": 0})
                return self.http
            except httpx.TransportError:
                if self.process.poll() is not None:
                    break
                await asyncio.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text("utf-8", "replace"))

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        self.process.terminate()
        self.process.wait(20)

    async def devices(self, count: int) -> list[str]:
        url = self.server.env.get("MINGCHA_DATABASE_URL", f"sqlite+aiosqlite:///{self.folder / 'mingcha.db'}")
        db, now = Database(url), datetime.now(UTC)
        ids = [new_id(now) for _ in range(count)]
        async with db.write() as conn:
            await store.create_org(conn, ORG)
            for id_ in ids:
                await store.register_device(conn, ORG, PERSON, id_, "bench", "1", now)
        await db.close()
        return ids


async def bench(folder: Path, postgres: Postgres, minio: Minio) -> list[Line]:
    lines = []
    sides = {
        "sqlite": ({}, "sqlite3, one bulk upsert, synchronous=FULL", "files"),
        "postgresql": (
            {"MINGCHA_DATABASE_URL": postgres.fresh(), **minio.fresh().env},
            "asyncpg, one bulk upsert",
            "minio",
        ),
    }
    for name, (env, to, photos) in sides.items():
        running = Running(folder / name, env)
        devices = await running.devices(2 * PHONES)
        async with running as http:
            for batch, mine in ((20, devices[:PHONES]), (500, devices[PHONES:])):
                phones, others = Phones(mine, batch), Phones(mine, batch)
                lines.append(
                    await compare(http, f"push_{batch}_{name}", "records/s", phones.push, others.bare, to)
                )
            readers = Readers()
            lines.append(
                await compare(
                    http, f"pull_500_{name}", "records/s", readers.pull, readers.bare, to.split(",")[0]
                )
            )
            lines.append(
                await compare(http, f"upload_{photos}", "photos/s", upload, bare_upload, "the store's put")
            )
    return lines


def main() -> None:
    postgres, minio = Postgres().start(), Minio().start()
    try:
        with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as folder:
            lines = asyncio.run(bench(Path(folder), postgres, minio))
    finally:
        postgres.stop()
        minio.stop()
    Path("bench.json").write_text(json.dumps({"rows": [asdict(line) for line in lines]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
