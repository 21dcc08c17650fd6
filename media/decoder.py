"""The bounded child: derives, measures or compares; jobs and answers are JSON lines. media.sandbox starts it."""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final, TextIO

_PR_SET_PDEATHSIG: Final = 1


def main(memory: int, max_pixels: int, seconds: int) -> None:
    """Serve until the parent closes the pipe. `memory` bounds the address space in bytes.

    A parent that is killed over a picture can end nobody: on Linux the kernel ends this process with it, elsewhere
    its own alarm does after `seconds`, for which the parent would not have waited.
    """
    _die_with_parent()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library that prints must not speak into the answers
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 * 2**20, 32 * 2**20))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    from media import likeness
    from media.derive import derive  # the libraries count against the bound too
    from media.readings import readings

    for line in sys.stdin:
        job = json.loads(line)
        signal.alarm(seconds)  # nobody handles it, so not even a decoder that never comes back outlives it
        try:
            if "source" in job:
                answer = derive(Path(job["source"]), Path(job["out"]), max_pixels)
            elif "measure" in job:
                answer = readings(Path(job["measure"]), job["conditions"], job["marks"])
            else:
                answer = likeness.answer(job)
        except MemoryError:
            _say(answers, {"error": "memory"})
            return  # a process that ran out of memory is not used again
        signal.alarm(0)
        _say(answers, answer)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _say(answers: TextIO, answer: dict[str, object]) -> None:
    answers.write(json.dumps(answer, allow_nan=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
