"""Servers that start in a fraction of a second: forked from a process that has read all code already.

A proof with hundreds of kills would spend its time on imports otherwise. Each server is a process of its own, with
its own settings, and dies of SIGKILL as any does. `python -m tests.fault.nursery` is that process: a line of JSON on
standard input is a server to start, a line on standard output its process id.
"""

import contextlib
import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.support.server import ROOT, Server

PR_SET_PDEATHSIG = 1
WARM = (
    "backend.app",
    "granian.server.embed",
    "granian.constants",
    "aiosqlite",
    "asyncpg",
    "qrcode",
    "alembic.command",
)


class Nursery:
    """The warm process, while the context lasts. Its servers die with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fault.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        self._pids: set[int] = set()

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for pid in list(self._pids):
            self.kill(pid)
        self._process.kill()
        self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def spawn(self, env: Mapping[str, str], log: Path, hook: str = "") -> int:
        """A server with these settings; `hook` is `module:function`, called in it before it serves."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"env": dict(env), "log": str(log), "hook": hook}) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        self._pids.add(pid)
        return pid

    def kill(self, pid: int, limit_s: float = 10) -> None:
        """SIGKILL to the server and what it started; gives back when it is gone."""
        self._pids.discard(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        until = time.monotonic() + limit_s
        while self.alive(pid) and time.monotonic() < until:
            time.sleep(0.002)

    @staticmethod
    def alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True


class QuickServer(Server):
    """A server out of the nursery. Made from one that was prepared: same folder and settings, a port of its own."""

    def __init__(self, nursery: Nursery, like: Server, hook: str = "") -> None:
        env = {k: v for k, v in like.env.items() if k.startswith("MINGCHA_")}
        super().__init__(like.folder, env)
        self.log = like.folder / f"server-{self.port}.log"
        self.hook = hook
        self._nursery = nursery
        self._pid: int | None = None

    @property
    def running(self) -> bool:
        return self._pid is not None and self._nursery.alive(self._pid)

    def start(self, *, wait_s: float = 300) -> "QuickServer":
        self._pid = self._nursery.spawn(self.env, self.log, self.hook)
        until = time.monotonic() + wait_s
        while not self.ready():
            if not self.running or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"mingcha serve did not start:\n{self.log_tail()}")
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        if self._pid is not None:
            self._nursery.kill(self._pid)
            self._pid = None

    def died(self, limit_s: float = 30) -> bool:
        """Whether it ended by itself within the time."""
        until = time.monotonic() + limit_s
        while self.running and time.monotonic() < until:
            time.sleep(0.01)
        return not self.running


def main() -> None:
    """Starts a server for each line, until standard input ends."""
    for name in WARM:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: leave no zombies
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _serve(wanted)
        print(pid, flush=True)


def _serve(wanted: dict[str, Any]) -> None:
    from backend import cli

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # no server outlives the nursery
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(wanted["env"])
    try:
        if wanted["hook"]:
            module, _, name = wanted["hook"].partition(":")
            getattr(importlib.import_module(module), name)()
        cli.main(["serve"])
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
