"""A million operations of simulated phones under a foul net, on two servers and either database: no promise broken.

Each database has its own rounds, both at once: `make simulate` plays any of them again by its seed. Phones are killed,
servers are killed and restarted, people move, backups are put back, phones are copied; see docs/simulator.md.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.simulate.rounds import SCENES
from tests.support.server import ROOT

GROUP = "sync"
OPS = 1250  # a round: each thing that can go wrong goes wrong once in it
ROUNDS = 400  # a database


def prove(folder: Path) -> Iterator[Figure]:
    began = time.monotonic()
    running = {engine: _begin(engine, folder / f"{engine}.log") for engine in ("sqlite", "postgresql")}
    operations = 0
    for engine, process in running.items():
        process.wait()
        said = (folder / f"{engine}.log").read_text("utf-8")
        last = re.search(r"(\d+) rounds, (\d+) operations, (\d+) violations\s*$", said)
        if process.returncode or last is None:
            print(said[-8000:])
        rounds, done, violations = (int(number) for number in last.groups()) if last else (0, 0, 1)
        operations += done
        yield Figure(f"{engine}: rounds", rounds, at_least=ROUNDS)
        yield Figure(f"{engine}: operations", done, at_least=ROUNDS * OPS)
        yield Figure(f"{engine}: violations", violations, at_most=0)
    yield Figure("both: operations a second", operations / (time.monotonic() - began))


def _begin(engine: str, log: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "SEEDS": ",".join(["race", *SCENES, f"1-{ROUNDS}"]), "OPS": str(OPS), "DB": engine}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.simulate"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
