"""One database with two servers on it, and what a round may do to them.

A server is a fork of this process, so that it stands again in a fraction of a second after its kill; it is the
product's own application behind a real port. It was made and has answered a few requests before the fork: what a
process learns at its first request it would else learn anew after each kill. What differs from `mingcha serve`, all for
the sake of speed and replay: the hour comes from a file that the phones' process writes, SQLite's `synchronous` and
PostgreSQL's `synchronous_commit` are off (a killed process loses nothing by that, only a power cut would), SQLite works
in the server's own thread, and a mutant may be switched on.
"""

import asyncio
import atexit
import contextlib
import ctypes
import gc
import json
import mmap
import os
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio._backends._asyncio  # noqa: F401 (else each server loads it after its fork)
import asyncpg
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from sqlalchemy.engine import make_url

import backend.db
from backend import logs
from backend.app import Parts, create_app
from backend.migrations.run import migrate
from backend.settings import load
from sync.window import Window
from tests.simulate import company, inline, release, warm
from tests.simulate.mutants import SERVER
from tests.support.passwords import cheaply
from tests.support.postgres import Postgres, free_port

T = TypeVar("T")
START_MS = 1_795_507_200_000  # 2026-11-24 08:00 UTC
READY_S = 60
WINDOW_DAYS = 2
"""Of closed records, on a phone; a round may change it."""
PR_SET_PDEATHSIG = 1
_TEMPLATE: dict[str, str] = {}


class Clock:
    """The simulated hour: milliseconds in a file that both languages map."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.reset()

    def reset(self) -> None:
        self._map[:8] = struct.pack("<d", START_MS)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("<d", self._map[:8])[0] / 1000, UTC)


class Host:
    """A database and its servers, for one round after the other: `begin` makes all of it new but the application.

    On PostgreSQL when a cluster is given, else on SQLite.
    """

    def __init__(self, cluster: Postgres | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mingcha-round-"))
        self.cluster = cluster
        self.mutant = ""
        self.clock = Clock(self.folder / "clock")
        self.ports = (free_port(), free_port())
        self._pids: dict[int, int] = {}
        self._released: set[int] = set()
        self._backup = False
        self._window_days = WINDOW_DAYS
        self.data = self.folder / "data"
        self.data.mkdir()
        self.url = (
            f"sqlite+aiosqlite:///{self.data / 'mingcha.db'}" if cluster is None else _postgres_url(cluster)
        )
        self.env = {
            "MINGCHA_DATA_DIR": str(self.data),
            "MINGCHA_DATABASE_URL": self.url,
            "MINGCHA_WORKER": "none",
            "MINGCHA_SESSION_ROTATE_H": "8760",  # nobody signs in again when a backup lacks the new token
            "MINGCHA_LOG_LEVEL": "error",
            "MINGCHA_DATABASE_POOL": "4",
            "MINGCHA_PWA_DIR": str(self.folder),
        }
        inline.patch()
        cheaply()  # nobody signs in with a password, and a server hashes one as it starts
        self.app = self._made()

    def begin(self, mutant: str = "") -> None:
        """A round: an empty database, no servers, no photos. `mutant` names the fault that the servers have."""
        self.end()
        self.mutant = mutant
        self._released.clear()
        self._backup = False
        self._window_days = WINDOW_DAYS
        self.clock.reset()
        (self.folder / "server.log").unlink(missing_ok=True)
        for path in self.data.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        if self.cluster is None:
            self._put_back(_sqlite_template())
        else:
            _postgres_as(self.cluster, self._name, _postgres_template(self.cluster))

    def end(self) -> None:
        """The servers are gone."""
        for index in list(self._pids):
            self.kill(index)

    def _made(self) -> Litestar:
        """The application, which has answered once what phones ask."""
        settings = load(self.env)
        logs.configure(settings)
        app = create_app(settings, clock=self.clock)
        self.schema = release.install(app.state.parts.engine)
        self.begin()
        asyncio.run(warm.up(app))
        gc.collect()
        gc.freeze()  # what all servers share is neither looked at nor copied
        return app

    # --- the database ---------------------------------------------------------------------------------------

    def _put_back(self, copy: Path) -> None:
        """SQLite: the file holds what `copy` holds; it stays the same file."""
        for suffix in ("-wal", "-shm"):
            Path(f"{self._name}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(copy, self._name)

    def _work(self, work: Callable[[Parts], Coroutine[Any, Any, T]]) -> T:
        """Work on the database as `mingcha` itself would, in a loop of its own that is gone before the next fork."""
        parts: Parts = self.app.state.parts

        async def run() -> T:
            try:
                return await work(parts)
            finally:
                await parts.db.close()

        return asyncio.run(run())

    def backup(self) -> dict[str, Any]:
        """A copy of the database as it is now; photos stay where they are, a store keeps what it was given."""
        self._backup = True
        if self.cluster is None:
            with (
                contextlib.closing(sqlite3.connect(self._name)) as source,
                contextlib.closing(sqlite3.connect(self.folder / "backup.db")) as target,
            ):
                source.backup(target)
        else:
            running = list(self._pids)
            self._stop_all()
            _postgres_as(self.cluster, self._copy_name, self._name)
            for index in running:
                self.start(index)
        return {}

    def restore(self) -> dict[str, Any]:
        """Both servers are killed, the copy is put back, the epoch is raised, both servers start."""
        if not self._backup:
            return {}
        self.end()
        if self.cluster is None:
            self._put_back(self.folder / "backup.db")
        else:
            _postgres_as(self.cluster, self._name, self._copy_name)
        if self.mutant != "epoch-not-raised":
            self._work(company.raise_epoch)
        for index in range(len(self.ports)):
            self.start(index)
        return {}

    def held(self, devices: list[str], photos: list[str]) -> dict[str, Any]:
        """What devices sent, and the hash of each photo's stored bytes. Asked often, so without the product's parts."""
        sent = "SELECT device, received_at, schema, payload, answers FROM push WHERE device"
        here = "SELECT org, sha256 FROM photo WHERE sha256"
        if self.cluster is None:
            one_of = "IN (SELECT value FROM json_each(?))"
            with contextlib.closing(sqlite3.connect(self._name)) as conn:
                rows = conn.execute(f"{sent} {one_of}", [json.dumps(devices)]).fetchall()
                known = conn.execute(f"{here} {one_of}", [json.dumps(photos)]).fetchall()
        else:
            rows = _postgres_rows(self.cluster, self._name, f"{sent} = ANY($1::text[])", devices)
            known = _postgres_rows(self.cluster, self._name, f"{here} = ANY($1::text[])", photos)
        return {
            "operations": [op for row in rows for op in company.sent(*row)],
            "photos": {sha256: company.stored(self.data, org, sha256) for org, sha256 in known},
        }

    @property
    def engine(self) -> str:
        return "sqlite" if self.cluster is None else "postgresql"

    @property
    def _name(self) -> str:
        return str(make_url(self.url).database)

    @property
    def _copy_name(self) -> str:
        return f"{self._name}_copy"

    # --- the servers ----------------------------------------------------------------------------------------

    def start(self, index: int) -> None:
        if index in self._pids:
            return
        pid = os.fork()
        if pid == 0:
            self._serve(index)
        self._pids[index] = pid
        deadline = time.monotonic() + READY_S
        while not self._ready(index):
            done, _ = os.waitpid(pid, os.WNOHANG)
            if done or time.monotonic() > deadline:
                del self._pids[index]
                raise RuntimeError(f"a server did not start:\n{self.log_tail()}")
            time.sleep(0.02)

    def _serve(self, index: int) -> None:
        """In the child: never returns."""
        try:
            os.setsid()
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a server never outlives its host
            log = os.open(self.folder / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.closerange(3, 512)  # the pipes of the phones' process are not for this one
            asyncio.run(self._listen(index))
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)

    async def _listen(self, index: int) -> None:
        backend.db.SQLITE_PRAGMAS = tuple(  # type: ignore[misc]
            pragma.replace("synchronous = FULL", "synchronous = OFF") for pragma in backend.db.SQLITE_PRAGMAS
        )
        self.app.state.parts.engine.window = Window(days=self._window_days)
        if index in self._released:
            release.follow(self.app.state.parts.engine)
        SERVER.get(self.mutant, lambda: None)()
        server = Server(
            self.app, port=self.ports[index], interface=Interfaces.ASGI, websockets=False, log_enabled=False
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        await server.serve()

    def _ready(self, index: int) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[index]}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self, index: int) -> None:
        self._end(index, signal.SIGKILL)

    def restart(self, index: int) -> None:
        """As an upgrade does: the requests under way are answered first."""
        self._end(index, signal.SIGTERM)
        self.start(index)

    def _end(self, index: int, number: int) -> None:
        pid = self._pids.pop(index, None)
        if pid is None:
            return
        os.kill(pid, number)
        deadline = time.monotonic() + 20
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)

    def _stop_all(self) -> None:
        for index in list(self._pids):
            self._end(index, signal.SIGTERM)

    def log_tail(self, lines: int = 40) -> str:
        log = self.folder / "server.log"
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.exists() else ""

    # --- what the phones' process asks for ------------------------------------------------------------------

    def do(self, order: dict[str, Any]) -> dict[str, Any]:
        """One order of the phones' process, and the answer."""
        match order["do"]:
            case "found":
                found = self._work(company.found)
                for index in range(len(self.ports)):
                    self.start(index)
                return {
                    **found,
                    "ports": list(self.ports),
                    "clock": str(self.clock.path),
                    "start_ms": START_MS,
                    "schema": self.schema,
                    "window_days": self._window_days,
                }
            case "kill":
                self.kill(order["server"])
            case "start":
                self.start(order["server"])
            case "restart":
                self.restart(order["server"])
            case "release":
                self._released.add(order["server"])
                self.restart(order["server"])
            case "backup":
                return self.backup()
            case "restore":
                return self.restore()
            case "move":
                self._work(lambda parts: company.move(parts, order["person"], order["unit"]))
            case "purge":
                self._work(lambda parts: company.purge(parts, order["age_s"]))
            case "news":
                self._work(lambda parts: company.news(parts, order["person"]))
            case "window":
                self._window_days = order["days"]
                for index in list(self._pids):
                    self.restart(index)
            case "held":
                return self.held(order["devices"], order["photos"])
            case "dump":
                return self._work(company.dump)
            case other:
                raise ValueError(f"no such order: {other}")
        return {}

    def close(self) -> None:
        self.end()
        if self.cluster is not None:
            _postgres(self.cluster, f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
            _postgres(self.cluster, f'DROP DATABASE IF EXISTS "{self._copy_name}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)


def _migrated(url: str) -> None:
    async def run() -> None:
        db = backend.db.Database(url)
        try:
            await migrate(db)
        finally:
            await db.close()

    asyncio.run(run())


def _sqlite_template() -> Path:
    if "sqlite" not in _TEMPLATE:
        folder = Path(tempfile.mkdtemp(prefix="mingcha-simulate-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _migrated(f"sqlite+aiosqlite:///{folder / 'empty.db'}")
        with contextlib.closing(sqlite3.connect(folder / "empty.db")) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _TEMPLATE["sqlite"] = str(folder / "empty.db")
    return Path(_TEMPLATE["sqlite"])


_number = iter(range(1, 10**9))


def _postgres_template(cluster: Postgres) -> str:
    """A database of the cluster with all tables, migrated once."""
    name = f"template{cluster.port}"
    if name not in _TEMPLATE:
        url = cluster.fresh()
        _migrated(url)
        _postgres(cluster, "CREATE SEQUENCE numbers", database=str(make_url(url).database))  # for a mutant
        _TEMPLATE[name] = str(make_url(url).database)
    return _TEMPLATE[name]


def _postgres_url(cluster: Postgres) -> str:
    url = make_url(cluster.fresh())
    return url.render_as_string(hide_password=False)


def _postgres_as(cluster: Postgres, name: str, source: str) -> None:
    """Database `name` as a copy of `source`, whatever it was before."""
    _postgres(
        cluster,
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" TEMPLATE "{source}"',
        f'ALTER DATABASE "{name}" SET synchronous_commit = off',
    )


def _postgres_rows(cluster: Postgres, database: str, query: str, *args: Any) -> list[Any]:
    async def run() -> list[Any]:
        conn = await _connected(cluster, database)
        try:
            return list(await conn.fetch(query, *args))
        finally:
            await conn.close()

    return asyncio.run(run())


async def _connected(cluster: Postgres, database: str) -> Any:
    return await asyncpg.connect(
        host="127.0.0.1", port=cluster.port, user="mingcha", database=database, ssl=False
    )


def _postgres(cluster: Postgres, *statements: str, database: str = "postgres") -> None:
    async def run() -> None:
        conn = await _connected(cluster, database)
        try:
            for statement in statements:
                await conn.execute(statement)
        finally:
            await conn.close()

    asyncio.run(run())
