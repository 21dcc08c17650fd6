"""The child that unpacks pictures takes no more memory than it was given, and does not outlive who asked it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from media.sandbox import Sandbox

MIB = 2**20
PIXELS = 50_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space")
async def test_a_picture_that_needs_more_memory_than_allowed_is_given_up_and_the_next_is_derived(
    tmp_path: Path,
) -> None:
    large, small = tmp_path / "large.png", tmp_path / "small.png"
    Image.new("RGB", (7000, 7000)).save(large, compress_level=1)  # 147 MB unpacked
    Image.new("RGB", (64, 48)).save(small)
    enough, tight = Sandbox(2048 * MIB, 60, PIXELS), Sandbox(330 * MIB, 60, PIXELS)
    try:
        assert (await enough.derive(large, tmp_path))["reason"] is None
        assert (await tight.derive(large, tmp_path))["reason"] == "memory"
        assert (await tight.derive(small, tmp_path))["reason"] is None
    finally:
        await enough.close()
        await tight.close()


PARENT = """
import asyncio, sys
from pathlib import Path
from media.sandbox import Sandbox
asyncio.run(Sandbox(2**31, 600, 50_000_000).derive(Path(sys.argv[1]), Path("/")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere its alarm ends it")
def test_a_child_that_hangs_over_a_picture_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    os.mkfifo(silent)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(silent)])
    try:
        writes = being_read(silent)
        (child,) = children(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    limit = time.monotonic() + 30
    while alive(child):
        assert time.monotonic() < limit, "it outlived its parent"
        time.sleep(0.05)
    os.close(writes)


def test_a_child_that_hangs_ends_by_its_own_alarm_where_nobody_ends_it(tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    os.mkfifo(silent)
    program = [sys.executable, "-m", "media.decoder", str(2048 * MIB), str(PIXELS), "1"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps({"source": str(silent), "out": str(tmp_path)}).encode() + b"\n")
        child.stdin.flush()
        assert child.wait(60) == -signal.SIGALRM


def being_read(pipe: Path) -> int:
    """Once somebody reads the pipe; nothing comes out of it, as of a decoder that hangs in its own code."""
    limit = time.monotonic() + 60
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < limit, "nobody reads it"
            time.sleep(0.05)


def children(pid: int) -> list[int]:
    return [
        int(name) for name in os.listdir("/proc") if name.isdigit() and stat(int(name))[1:2] == [str(pid)]
    ]


def alive(pid: int) -> bool:
    return stat(pid)[:1] not in ([], ["Z"])  # who inherits it may not have looked at it yet


def stat(pid: int) -> list[str]:
    """State, parent and more of a process; nothing when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []
