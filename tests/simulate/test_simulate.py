"""The short version of the simulator: some rounds on both databases, and faults that they must find.

Each runs as a program of its own, as `make simulate` and `make mutants` do: servers are forks, and a test's process has
threads.
"""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.simulate.kill_mutants import every
from tests.support.server import ROOT

LIMIT_S = 560  # other work may share the machine

pytestmark = pytest.mark.timeout(600)


def run(program: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", program],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_phones_under_a_foul_net_keep_every_promise(engine: str) -> None:
    done = run("tests.simulate", SEEDS="1-2,copy,wider,rolling,restored,unseen", OPS="300", DB=engine)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    last = re.search(r"7 rounds, (\d+) operations, 0 violations\s*$", done.stdout)
    assert last, done.stdout
    assert int(last[1]) >= 600


@pytest.mark.parametrize(
    "names", ["cursor-to-head,number-outside-the-transaction", "outbox-dropped-early,drop-scopes-ignored"]
)
def test_a_fault_is_found(names: str) -> None:
    done = run("tests.simulate.kill_mutants", MUTANT=names, ROUNDS="4")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "2 mutants, 2 caught, 0 alive" in done.stdout


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len(every()) == len(set(every())) >= 20


def test_every_fault_of_the_phone_still_has_its_place() -> None:
    """Who changes the source that a fault changes moves the fault with it: `pwa/simulate/mutants.mjs`."""
    script = (
        "import('./simulate/mutants.mjs').then((m) => console.log(JSON.stringify(Object.entries(m.MUTANTS)"
        ".flatMap(([name, { changes }]) => changes.map(({ file, find }) => [name, file, find])))))"
    )
    done = subprocess.run(
        ["node", "-e", script], cwd=ROOT / "pwa", capture_output=True, text=True, check=True, timeout=60
    )
    for name, file, find in json.loads(done.stdout):
        times = (ROOT / "pwa" / "src" / file).read_text("utf-8").count(find)
        assert times == 1, f"{name}: {times} times in {file}: {find}"
