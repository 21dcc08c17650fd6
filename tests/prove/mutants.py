"""Every fault that can be switched on in a server or a phone is found by the simulator.

A mutant is played for as many rounds as it takes; one that survives them all falls short. `make mutants` says with
which seed each was found, and by what.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.simulate.kill_mutants import every, hosts, hunt, mutants

GROUP = "sync"


def prove(folder: Path) -> Iterator[Figure]:
    names, alive = every(), 0
    with hosts() as on, mutants(names) as programs:
        for name, phones in programs:
            verdict = hunt(name, phones, on)
            alive += verdict.seed is None
            yield Figure(
                f"{name}: caught in round", -1 if verdict.seed is None else verdict.rounds, at_least=1
            )
    yield Figure("mutants", len(names), at_least=20)
    yield Figure("mutants alive", alive, at_most=0)
