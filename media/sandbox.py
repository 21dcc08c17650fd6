"""A child process for unpacking pictures: bounded in memory, time and pixels, without our environment."""

import asyncio
import json
import math
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parent.parent
_JOBS_PER_CHILD: Final = 200  # a fresh process now and then: leaks of decoders do not add up
_ANSWER_LIMIT: Final = 2**20  # bytes


class Sandbox:
    """One picture at a time. A child that dies, hangs or runs out of memory is replaced."""

    def __init__(self, memory: int, seconds: float, max_pixels: int) -> None:
        alone_s = math.ceil(seconds) + 5  # after that a child whose parent was killed ends by itself
        bounds = (str(memory), str(max_pixels), str(alone_s))
        self._command = [sys.executable, "-m", "media.decoder", *bounds]
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandbox")

    async def derive(self, source: Path, out: Path) -> dict[str, Any]:
        """Facts as of media.derive, the views written to `out`; for a lost child only `reason`.

        Reasons of the sandbox itself: memory, timeout, crashed.
        """
        return await self.ask(_job(source, out), {"views": []})

    async def ask(self, job: Mapping[str, Any], lost: Mapping[str, Any]) -> dict[str, Any]:
        """The child's answer; for a lost child `lost` with the `reason`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._turn, job, lost)

    async def close(self) -> None:
        """End the child. A picture under way is given up."""
        if self._child is not None:
            self._child.kill()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown()

    def _turn(self, job: Mapping[str, Any], lost: Mapping[str, Any]) -> dict[str, Any]:
        if self._done >= _JOBS_PER_CHILD or (self._child is not None and self._child.poll() is not None):
            self._drop()
        child = self._child or self._start()
        self._done += 1
        answer = self._ask(child, job)
        if "error" in answer:
            self._drop()
            return {"reason": answer["error"], **lost}
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=_ROOT,
            start_new_session=True,  # Ctrl-C is for the server to handle
        )
        return self._child

    def _ask(self, child: subprocess.Popen[bytes], job: Mapping[str, Any]) -> dict[str, Any]:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(job).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            return {"error": "crashed"}
        deadline = time.monotonic() + self._seconds
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return {"error": "timeout"}
            piece = os.read(child.stdout.fileno(), 65536)
            if not piece or len(line) > _ANSWER_LIMIT:
                return {"error": "crashed"}
            line += piece
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _drop(self) -> None:
        child, self._child, self._done = self._child, None, 0
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # a job that the child never read


def _job(source: Path, out: Path) -> dict[str, str]:
    return {"source": str(source.absolute()), "out": str(out.absolute())}
