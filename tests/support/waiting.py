"""Waiting for a program that a test has started."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def until_it_answers(
    name: str,
    process: subprocess.Popen[bytes],
    answers: Callable[[], bool],
    *,
    log: Path | None = None,
    limit_s: float = 60,
) -> None:
    """Gives back when `answers` does; OSError in it counts as no.

    RuntimeError with the log when the program ends before, or does not answer in time.
    """
    until = time.monotonic() + limit_s
    while True:
        try:
            if answers():
                return
        except OSError:  # nobody listens yet
            pass
        if process.poll() is not None or time.monotonic() > until:
            words = log.read_text("utf-8", "replace") if log else ""
            raise RuntimeError(f"{name} did not start:\n{words}")
        time.sleep(0.05)
