"""The real program under test: `mingcha serve` as a process of its own (`warm`), on a free port."""

import atexit
import contextlib
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
from functools import cache
from pathlib import Path

from .postgres import free_port
from .warm import REMEMBER, Warm

ROOT = Path(__file__).resolve().parents[2]


def mingcha() -> list[str]:
    """How to call the command line of this checkout."""
    program = Path(sysconfig.get_path("scripts")) / "mingcha"
    return [str(program)] if program.exists() else [sys.executable, "-m", "backend.cli"]


DEMO_S = 300  # a demo company's clocks run from its making: an older one is not used again


@cache
def _demo(_turn: int) -> Path:
    """A folder with the demo company; made once for some minutes of tests."""
    folder = Path(tempfile.mkdtemp(prefix="mingcha-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Server(folder / "data")
    made.folder.mkdir()
    made.run("migrate")
    made.run("demo")
    return made.folder


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
        env = {k: v for k, v in self.env.items() if k.startswith("MINGCHA_") or k == REMEMBER}
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

    def run(self, *args: str, check: bool = True, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Another command of `mingcha` with the same settings."""
        with tempfile.TemporaryDirectory(prefix="mingcha-run-") as folder:
            out, err = (Path(folder) / name for name in ("out", "err"))
            code = Warm(args, self.env, out, err).wait(timeout)
            done = subprocess.CompletedProcess(
                args, code, *(said.read_text("utf-8") if said.exists() else "" for said in (out, err))
            )
        if check and done.returncode:
            raise RuntimeError(
                f"mingcha {' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def prepare(self, *, demo: bool = False) -> "Server":
        """Make the tables, and the demo company if wanted. On SQLite and files a company just made is copied."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if demo:
            self.env[REMEMBER] = "1"
        elsewhere = {"MINGCHA_DATABASE_URL", "MINGCHA_STORE_URL"} & self.env.keys()
        if demo and not elsewhere and not any(self.folder.iterdir()):
            shutil.copytree(_demo(int(time.monotonic() // DEMO_S)), self.folder, dirs_exist_ok=True)
            return self
        self.run("migrate")
        if demo:
            self.run("demo", "--if-empty")
        return self

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
