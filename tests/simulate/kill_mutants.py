"""`make mutants`: each fault is switched on, and rounds are played until one is found out. Fails when one lives.

MUTANT=name,name for some of them, ROUNDS for how many rounds each may live at most.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.simulate.host import Host
from tests.simulate.mutants import KNOWN, ONLY_ON, SERVER
from tests.simulate.rounds import bundle, plan, play
from tests.support.postgres import Postgres
from tests.support.server import ROOT

ROUNDS = 12
OPS = 400


@dataclass(frozen=True)
class Verdict:
    """Where a mutant was caught, and by what; `seed` is None when it lives."""

    name: str
    side: str
    engine: str
    seed: int | str | None
    rounds: int
    said: str

    def __str__(self) -> str:
        caught = (
            f"caught by seed {self.seed} (round {self.rounds})"
            if self.seed is not None
            else f"LIVES after {self.rounds}"
        )
        return f"{self.name:<32} {self.side:<6} {self.engine:<10} {caught}: {self.said.splitlines()[0][:140]}"


def phone_mutants() -> list[str]:
    """Names of the faults that are built into the phones' program."""
    script = (
        "import('./simulate/mutants.mjs').then((m) => console.log(JSON.stringify(Object.keys(m.MUTANTS))))"
    )
    done = subprocess.run(
        ["node", "-e", script], cwd=ROOT / "pwa", capture_output=True, text=True, check=True, timeout=60
    )
    names: list[str] = json.loads(done.stdout)
    return names


def every() -> list[str]:
    """All mutants by name, the servers' first."""
    return [*SERVER, *phone_mutants()]


@contextmanager
def hosts() -> Iterator[Mapping[str, Host]]:
    """One of each database."""
    cluster = Postgres().start()
    try:
        with closing(Host(None)) as sqlite, closing(Host(cluster)) as postgresql:
            yield {"sqlite": sqlite, "postgresql": postgresql}
    finally:
        cluster.stop()


def hunt(name: str, phones: Path, on: Mapping[str, Host], rounds: int = ROUNDS) -> Verdict:
    """Plays rounds with the fault until one shows it; engines take turns where the fault lives on both."""
    engines = ONLY_ON.get(name, ("sqlite", "postgresql"))
    wanted: list[tuple[int | str, int, str]] = [
        (seed, OPS, engines[(seed - 1) % len(engines)]) for seed in range(1, rounds + 1)
    ]
    if name in KNOWN:
        wanted.insert(0, KNOWN[name])
    for number, (seed, ops, engine) in enumerate(wanted, 1):
        for outcome in play([plan(seed, ops)], phones, on[engine], name):
            # A machine that stands still is no verdict.
            if found := [text for text in outcome.violations if "a step does not end" not in text]:
                return Verdict(name, side(name), engine, seed, number, found[0])
    return Verdict(name, side(name), "/".join(engines), None, rounds, "no violation")


def side(name: str) -> str:
    return "server" if name in SERVER else "phone"


@contextmanager
def mutants(names: list[str]) -> Iterator[Iterator[tuple[str, Path]]]:
    """Each name with the program its phones run."""

    def each(sound: Path) -> Iterator[tuple[str, Path]]:
        for name in names:
            if name in SERVER:
                yield name, sound
            else:
                with bundle(name) as faulty:
                    yield name, faulty

    with bundle() as sound:
        yield each(sound)


def main() -> int:
    known = every()
    wanted = os.environ["MUTANT"].split(",") if os.environ.get("MUTANT") else known
    if unknown := set(wanted) - set(known):
        print(f"no mutant {unknown.pop()}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    alive = 0
    with hosts() as on, mutants(wanted) as programs:
        for name, phones in programs:
            verdict = hunt(name, phones, on, int(os.environ.get("ROUNDS") or ROUNDS))
            alive += verdict.seed is None
            print(verdict, flush=True)
    print(f"{len(wanted)} mutants, {len(wanted) - alive} caught, {alive} alive")
    return 1 if alive else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with it
    sys.exit(main())
