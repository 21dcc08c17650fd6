"""Mutated photos go through the decoders and the child that derives views without crash, hang or too much memory.

Seeded, over all real samples up to 1.6 MB and the layouts made by hand. The child has the server's own bounds: 1.5 GiB
of address space, 30 s, 50 million pixels; it answers for each, or it falls short.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.fault import mutations
from tests.fault.mutations import Tally
from tests.prove import Figure

GROUP = "media"
ROUNDS = 100_000
SEED = 20261126
LARGE = 1_600_000
LARGE_ROUNDS = 2_000
TINY_ROUNDS = 90_000  # every kind of picture at 64 x 48 pixels: the time goes into decoders, not into pixels


def prove(folder: Path) -> Iterator[Figure]:
    tally = Tally()
    mutations.read_all(ROUNDS, SEED, 400_000, tally)
    mutations.read_all(LARGE_ROUNDS, SEED + 1, LARGE, tally)
    yield from _figures("decoded", tally.read, tally)
    yield Figure("decoded: kinds of outcome", len(tally.reasons), at_least=20)
    tally = Tally()
    mutations.derive_all(TINY_ROUNDS, SEED + 2, 0, folder, tally)
    mutations.derive_all(ROUNDS - TINY_ROUNDS, SEED + 3, 80_000, folder, tally)
    mutations.derive_all(LARGE_ROUNDS, SEED + 4, LARGE, folder, tally)
    yield from _figures("derived", tally.derived, tally)


def _figures(name: str, done: int, tally: Tally) -> Iterator[Figure]:
    for what in tally.broken[:20]:
        print(f"        {what}", flush=True)
    yield Figure(f"{name}: mutations", done, at_least=ROUNDS + LARGE_ROUNDS)
    yield Figure(f"{name}: crashed, hung or over its memory", len(tally.broken), at_most=0)
    yield Figure(f"{name}: slowest", tally.slowest_s, "s", at_most=mutations.SLOW_S)
