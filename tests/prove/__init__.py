"""`make prove`: proofs that take too long for every `make test`, each with a figure and its bound.

A proof is a module of this folder with one function:

    def prove(folder: Path) -> Iterable[Figure]

`folder` is empty and is removed afterwards; the proof starts and ends its own servers. It yields a figure as soon as
it has one, so that a long proof is seen to move. It falls short when a figure misses its bound, when it raises, and
when it yields nothing. The first line of the module's docstring says what is proven. Where a short, seeded version
makes sense it stands in `make test`; both call the same code.

A proof may belong to a group: `GROUP = "sync"` in its module.

`python -m tests.prove` runs all proofs by name, `ONLY=name` one of them or those of a group. Each figure is a line on
standard output and a row of `build/prove.json`, which keeps the last figures of the proofs that did not run;
`python -m tests.bench.tables` puts them into docs/benchmarks.md. The exit code is the number of proofs that fell short.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, and between which bounds (both included) it must lie; `None` bounds nothing."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """False for a value out of bounds, and for one that is no number."""
        return (
            self.value == self.value
            and (self.at_least is None or self.value >= self.at_least)
            and (self.at_most is None or self.value <= self.at_most)
        )

    def __str__(self) -> str:
        bounds = [f"≥ {self.at_least:g}" if self.at_least is not None else ""]
        bounds += [f"≤ {self.at_most:g}" if self.at_most is not None else ""]
        wanted = " and ".join(bound for bound in bounds if bound)
        return f"{self.name:<44} {self.value:>10.6g} {self.unit:<6} {wanted}".rstrip()
