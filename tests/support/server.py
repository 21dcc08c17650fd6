"""The real program under test: `mingcha serve` as a process of its own (`warm`), on a free port."""

import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from . import minio, postgres
from .minio import Minio
from .passwords import FULL_PRICE
from .postgres import Postgres, free_port
from .warm import REMEMBER, Warm

ROOT = Path(__file__).resolve().parents[2]


def mingcha() -> list[str]:
    """How to call the command line of this checkout."""
    program = Path(sysconfig.get_path("scripts")) / "mingcha"
    return [str(program)] if program.exists() else [sys.executable, "-m", "backend.cli"]


DEMO_S = (
    1800  # a demo company's clocks run from its making, in hours and days: an older one is not used again
)
MADE = (
    "MADE_BEFORE"  # in the environment: the folder in which all workers of a test run find what one has made
)


@cache
def made_before() -> Path:
    """That folder; one of this process when the run has none."""
    if MADE not in os.environ:
        os.environ[MADE] = tempfile.mkdtemp(prefix="mingcha-made-")
        atexit.register(shutil.rmtree, os.environ[MADE], ignore_errors=True)
    return Path(os.environ[MADE])


@cache
def _folder(demo: bool, turn: int) -> Path:
    """A folder with the tables, or with the demo company too, its photos derived; made once for many tests."""
    made = made_before() / (f"demo-{turn}" if demo else "tables")
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = made.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)  # of one that failed
            _made(Server(making), demo).folder.rename(made)
    return made


@cache
def _database(cluster: Postgres, demo: Minio | None, _turn: int) -> tuple[str, str]:
    """The same on PostgreSQL and, for the company, on MinIO: the addresses of both."""
    database, bucket = cluster.fresh(), demo.fresh() if demo else None
    with tempfile.TemporaryDirectory(prefix="mingcha-made-") as folder:
        env = {"MINGCHA_DATABASE_URL": database, **(bucket.env if bucket else {})}
        _made(Server(Path(folder) / "data", env), bucket is not None)
    return database, bucket.url if bucket else ""


def _made(server: "Server", demo: bool) -> "Server":
    server.folder.mkdir()
    server.run("migrate")
    if demo:
        server.env[REMEMBER] = "1"
        server.run("demo")
        # Else each server would derive the same hundred photos, and what a test sends would wait behind them.
        program = [sys.executable, "-m", "tests.support.derived"]
        subprocess.run(program, env=server.env, cwd=ROOT, check=True, capture_output=True)
    return server


def migrated(address: str) -> str:
    """The empty database at `address` gets its tables, as `mingcha migrate` makes them."""
    cluster = postgres.cluster(address)
    if cluster is not None:
        assert cluster.fill(address, lambda: _database(cluster, None, 0)[0])
    else:
        shutil.copyfile(_folder(False, 0) / "mingcha.db", address.removeprefix("sqlite+aiosqlite:///"))
    return address


class Server:
    """A server with data and settings of its own. `kill()` is SIGKILL, `stop()` is SIGTERM and waits.

    The port stays the same over stop and start, so that a phone under test finds it again. `hook` is a
    `module:function` called in the server first; `program`, when it is set, what is started from nothing instead.
    """

    def __init__(
        self,
        folder: Path,
        env: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        hook: str = "",
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("MINGCHA_")},
            "PYTHONUNBUFFERED": "1",
            **(env or {}),
            "MINGCHA_DATA_DIR": str(folder),
            "MINGCHA_HOST": "127.0.0.1",
            "MINGCHA_PORT": str(self.port),
        }
        self.hook = hook
        self.program: Sequence[str] = ()
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | Warm | None = None

    def another(self, hook: str = "") -> "Server":
        """A server on the same data with the same settings, on a port of its own."""
        env = {k: v for k, v in self.env.items() if k.startswith("MINGCHA_") or k in (REMEMBER, FULL_PRICE)}
        other = Server(self.folder, env, hook=hook)
        other.log = self.folder / f"server-{other.port}.log"
        return other

    @contextlib.contextmanager
    def others(self, count: int = 2, hook: str = "") -> Iterator[list["Server"]]:
        """So many of `another`, started, while the context lasts."""
        servers = [self.another(hook) for _ in range(count)]
        try:
            yield [server.start() for server in servers]
        finally:
            for server in servers:
                server.kill()

    def run(
        self, *args: str, check: bool = True, timeout: float = 300, hook: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Another command of `mingcha` with the same settings; `hook` as for the server."""
        with tempfile.TemporaryDirectory(prefix="mingcha-run-") as folder:
            out, err = (Path(folder) / name for name in ("out", "err"))
            code = Warm(args, self.env, out, err, hook).wait(timeout)
            done = subprocess.CompletedProcess(
                args, code, *(said.read_text("utf-8") if said.exists() else "" for said in (out, err))
            )
        if check and done.returncode:
            raise RuntimeError(
                f"mingcha {' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def prepare(self, *, demo: bool = False) -> "Server":
        """Make the tables, and the demo company if wanted: copied from what was made before, where that is possible."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if demo:
            self.env[REMEMBER] = "1"
        if not self._copied(demo):
            self.run("migrate")
            if demo:
                self.run("demo", "--if-empty")
        return self

    def _copied(self, demo: bool) -> bool:
        turn = int(time.monotonic() // DEMO_S) if demo else 0
        database, store = (self.env.get(f"MINGCHA_{name}_URL", "") for name in ("DATABASE", "STORE"))
        if not database and not store:
            if any(self.folder.iterdir()):
                return False
            shutil.copytree(_folder(demo, turn), self.folder, dirs_exist_ok=True)
            return True
        cluster, bucket = postgres.cluster(database), minio.server(store)
        if cluster is None or (demo and bucket is None):
            return False
        made = partial(_database, cluster, bucket if demo else None, turn)
        if not cluster.fill(database, lambda: made()[0]):
            return False
        if demo:
            minio.copy(made()[1], store)
        return True

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait_s: float = 300) -> "Server":
        assert not self.running, "the server runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.program:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*self.program, "serve"],
                    env=self.env,
                    cwd=ROOT,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        else:
            self._process = Warm(["serve"], self.env, self.log, hook=self.hook)
        deadline = time.monotonic() + wait_s
        while not self.ready():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"mingcha serve did not start:\n{self.log_tail()}")
            time.sleep(0.01)
        return self

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, *, wait_s: float = 20) -> int:
        """Ask it to end; what it answers must be 0. Gives the exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            code = self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"the server did not stop in {wait_s} s:\n{self.log_tail()}") from None
        self._process = None
        return code

    def died(self, limit_s: float = 30) -> bool:
        """Whether it ended by itself within the time."""
        until = time.monotonic() + limit_s
        while self.running and time.monotonic() < until:
            time.sleep(0.01)
        return not self.running

    def kill(self) -> None:
        """SIGKILL to the server and what it started (the photo decoder), as a power cut would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def restart(self) -> "Server":
        self.stop()
        return self.start()

    def log_tail(self, lines: int = 60) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
