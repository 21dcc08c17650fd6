"""The bounded child: derives, measures or compares; jobs and answers are JSON lines. media.sandbox starts it."""

import json
import os
import resource
import sys
from pathlib import Path
from typing import TextIO


def main(memory: int, max_pixels: int) -> None:
    """Serve until the parent closes the pipe. `memory` bounds the address space in bytes."""
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
        _say(answers, answer)


def _say(answers: TextIO, answer: dict[str, object]) -> None:
    answers.write(json.dumps(answer, allow_nan=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
