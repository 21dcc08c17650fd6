"""What the parts measure on: real servers on fresh databases, an organisation, signed-in phones."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from backend.app import build
from backend.settings import load
from sync.push import Op
from tests.bench.load import Phone
from tests.bench.wire import Wire
from tests.support import company
from tests.support.client import Client, uuid7
from tests.support.minio import Minio
from tests.support.postgres import Postgres
from tests.support.server import Server, mingcha

PHONES = 8
STATIONS = 12
PEOPLE = 200


class BareServer(Server):
    """The bare side as a process of its own, see `tests.bench.bare`."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        super().__init__(folder, env)
        self.program = [sys.executable, "-m", "tests.bench.bare"]


def cpu_s(server: Server) -> float:
    """Processor time of a server's process so far, children included, in seconds."""
    process = psutil.Process(server.pid)
    times = [process.cpu_times(), *(child.cpu_times() for child in process.children(recursive=True))]
    return sum(t.user + t.system for t in times)


def rss_mb(server: Server) -> float:
    """Resident memory of a server's process and its children, in MiB."""
    process = psutil.Process(server.pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 2**20


async def county(env: Mapping[str, str], *, prefix: str = "") -> company.Company:
    """An organisation of a real county's size: twelve stations more, two hundred people."""
    made = await company.found(env, prefix=prefix)
    parts, now = build(load(env)), datetime.now(UTC)
    ops = [
        Op(op="put", kind="unit", id=uuid7(), at=now, data=body)
        for body in (
            {"name": f"第{i}供电所", "level": "station", "area": "rural", "parent": made.county}
            for i in range(STATIONS)
        )
    ]
    ops += [
        Op(
            op="put",
            kind="person",
            id=uuid7(),
            at=now,
            data={"name": f"员工{i}", "unit": made.stations[i % 2], "post": "crew", "roles": ["crew"]},
        )
        for i in range(PEOPLE)
    ]
    try:
        async with parts.db.write() as conn:
            results = await parts.engine.write(conn, made.org, uuid7(), now, ops, "bench")
            assert all(r.status == "applied" for r in results), results
    finally:
        parts.passwords.close()
        await parts.db.close()
    return made


@dataclass
class Site:
    """Makes servers for the parts and ends them. `seconds` and `rounds` are how long is measured."""

    folder: Path
    seconds: float
    rounds: int
    profile: bool
    _postgres: Postgres | None = None
    _minio: Minio | None = None
    _servers: list[Server] = field(default_factory=list)
    _made: int = 0

    @property
    def postgres(self) -> Postgres:
        if self._postgres is None:
            self._postgres = Postgres().start()
        return self._postgres

    @property
    def minio(self) -> Minio:
        if self._minio is None:
            self._minio = Minio().start()
        return self._minio

    def env(self, engine: str, *, photos: bool = False) -> dict[str, str]:
        """Settings for a fresh database of `engine`, `sqlite` or `postgresql`."""
        self._made += 1
        env = {"MINGCHA_DATA_DIR": str(self.folder / f"{engine}{self._made}")}
        if engine == "postgresql":
            env["MINGCHA_DATABASE_URL"] = self.postgres.fresh()
            if photos:
                env |= self.minio.fresh().env
        return env

    def prepare(self, env: Mapping[str, str]) -> Server:
        """Our server with its tables made, not started."""
        return Server(Path(env["MINGCHA_DATA_DIR"]), env).prepare()

    def start(self, server: Server) -> Server:
        server.program = server.program or mingcha()  # as it is started in earnest
        self._servers.append(server.start())
        return server

    def bare(self, env: Mapping[str, str]) -> Server:
        return self.start(BareServer(Path(env["MINGCHA_DATA_DIR"]), env))

    def done(self, *servers: Server) -> None:
        """End servers that a part needs no longer."""
        for server in servers:
            server.kill()
            self._servers.remove(server)

    def close(self) -> None:
        for server in self._servers:
            server.kill()
        if self._postgres is not None:
            self._postgres.stop()
        if self._minio is not None:
            self._minio.stop()


async def sign_in(server: Server, login: str, count: int) -> list[Phone]:
    """So many phones of one person, each with a session and a registered device."""
    return [await asyncio.to_thread(_phone, server, login) for _ in range(count)]


def _phone(server: Server, login: str) -> Phone:
    with Client(server.url).sign_in(login) as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
        return Phone(Wire(server.url), cookie, client.device, client.unit)


def plain(server: Server, count: int) -> list[Phone]:
    """Phones for the bare side, which asks for nothing."""
    return [Phone(Wire(server.url), "none=none", uuid7(), uuid7()) for _ in range(count)]


def wanted(name: str, default: float) -> float:
    """A number from the environment; empty counts as not given."""
    return float(os.environ.get(name) or default)
