"""Where a server's time goes: py-spy looks at it a few hundred times a second from outside."""

import collections
import contextlib
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES_A_SECOND = 400


@contextlib.contextmanager
def profiled(pid: int, name: str, seconds: float) -> Iterator[None]:
    """Samples the process while the block runs, `seconds` long; writes build/profile-<name>.md."""
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    raw = folder / f"profile-{name}.folded"
    program = Path(sysconfig.get_path("scripts")) / "py-spy"
    command = [str(program), "record", "--pid", str(pid), "--duration", str(max(1, round(seconds)))]
    command += ["--rate", str(SAMPLES_A_SECOND), "--format", "raw", "--output", str(raw), "--nonblocking"]
    watching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield
        _, said = watching.communicate(timeout=60)
    finally:
        watching.kill()
    if not raw.exists():
        raise RuntimeError(f"py-spy: {said.decode()}")
    table = folder / f"profile-{name}.md"
    table.write_text(tables(raw.read_text("utf-8")), "utf-8")
    print(f"  profile: {table.relative_to(ROOT)}", flush=True)


def tables(folded: str, most: int = 45) -> str:
    """Two tables from folded stacks: time inside a function itself, and with all that it calls."""
    own: collections.Counter[str] = collections.Counter()
    whole: collections.Counter[str] = collections.Counter()
    total = 0
    for line in folded.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [_short(frame) for frame in stack.split(";")]
        total += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            whole[frame] += int(count)
    parts = [f"{total} samples in which the process ran\n"]
    for title, counted in (("with what it calls", whole), ("itself", own)):
        parts.append(f"\n| {title} | % |\n|---|---|\n")
        parts += [f"| `{frame}` | {100 * n / total:.1f} |\n" for frame, n in counted.most_common(most)]
    return "".join(parts)


def _short(frame: str) -> str:
    """`push (sync/api.py:97)` → `sync/api.py push`."""
    name, _, place = frame.partition(" (")
    file = place.rstrip(")").rpartition(":")[0]
    file = file.partition("site-packages/")[2] or file.removeprefix(f"{ROOT}/")
    return f"{file} {name}".strip()
