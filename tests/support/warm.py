"""`mingcha` as processes of their own that start in a fraction of a second.

They are forked from a process that has read all code already: reading it takes two seconds, and the tests start the
program a thousand times. Each has its own settings and session, and dies of SIGKILL as any does. That the program
also starts from nothing is shown where it is called as people call it (`tests/deploy`).
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

from .passwords import FULL_PRICE, cheaply

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
REMEMBER = (
    "DERIVED_BEFORE"  # in the environment: what the decoder said of the demo's photos is not asked again
)
READ = [
    "backend.cli",
    "backend.app",
    "backend.custody.commands",
    "backend.demo",
    "backend.migrations.run",
    "granian.server.embed",
    "granian.constants",
    "alembic.command",
    "aiosqlite",
    "asyncpg",
    "qrcode",
    "tests.support.codecs",
]


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(READ)
    return context


class Warm:
    """One of them, with as much of `subprocess.Popen` as `Server` needs. Its output is appended to `out`, its errors
    to `err` or there too; `hook` is `module:function`, called in it first.
    """

    def __init__(
        self, args: Sequence[str], env: Mapping[str, str], out: Path, err: Path | None = None, hook: str = ""
    ) -> None:
        self._process = _context().Process(
            target=_main, args=(list(args), dict(env), str(out), str(err or out), hook), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Its exit code. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("mingcha", timeout)
        return self._process.exitcode

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()


def _main(args: list[str], env: dict[str, str], out: str, err: str, hook: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody outlives the tests
    os.setsid()
    os.chdir(ROOT)
    for source, target in ((os.devnull, 0), (out, 1), (err, 2)):
        file = os.open(source, os.O_RDONLY if target == 0 else os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(file, target)
        os.close(file)
    sys.stdout, sys.stderr = (
        os.fdopen(fd, "w", buffering=1, encoding="utf-8", closefd=False) for fd in (1, 2)
    )
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    if FULL_PRICE not in env:
        cheaply()
    if REMEMBER in env:
        from tests.support import derived

        derived.remember()
    if hook:
        module, _, name = hook.partition(":")
        getattr(importlib.import_module(module), name)()
    from backend import cli

    cli.main(args)
