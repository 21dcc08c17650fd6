"""Mutated photos go through the decoders and the child that derives views without crash, hang or too much memory.

Drawn by hypothesis with a seed, as those of `make test`, from all samples up to 1.6 MB, thermal layouts made by hand
and tiny pictures of every kind that phones make. The child has the server's own bounds: 1.5 GiB of address space, 30 s,
50 million pixels; it answers for each, or it falls short.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.fault import mutations
from tests.fault.mutations import Tally, drawn, real_up_to
from tests.prove import Figure

GROUP = "media"
ROUNDS = 100_000  # of each at least, and those of the large files beside them
SEED = 20261127
LARGE_ROUNDS = 2_000
TINY_ROUNDS = 50_000
MADE_ROUNDS = 20_000


def prove(folder: Path) -> Iterator[Figure]:
    tally = Tally()
    mutations.read_all(drawn(real_up_to(400_000), ROUNDS - MADE_ROUNDS, SEED), tally)
    mutations.read_all(drawn(list(mutations.made()), MADE_ROUNDS, SEED + 1), tally)
    mutations.read_all(drawn(real_up_to(mutations.LARGEST), LARGE_ROUNDS, SEED + 2), tally)
    yield from _figures("decoded", tally)
    yield Figure("decoded: kinds of outcome", len(tally.reasons), at_least=20)
    tally = Tally()
    mutations.derive_all(drawn(real_up_to(80_000), ROUNDS - TINY_ROUNDS, SEED + 3), folder, tally)
    mutations.derive_all(drawn(list(mutations.tiny()), TINY_ROUNDS, SEED + 4), folder, tally)
    mutations.derive_all(drawn(real_up_to(mutations.LARGEST), LARGE_ROUNDS, SEED + 5), folder, tally)
    yield from _figures("derived", tally)


def _figures(name: str, tally: Tally) -> Iterator[Figure]:
    for what in tally.broken[:20]:
        print(f"        {what}", flush=True)
    real = {sample: count for sample, count in tally.of.items() if sample in mutations.real()}
    yield Figure(f"{name}: mutations", tally.of.total(), at_least=ROUNDS + LARGE_ROUNDS)
    yield Figure(f"{name}: of real samples", sum(real.values()), at_least=ROUNDS / 2)
    yield Figure(f"{name}: different real samples", len(real), at_least=len(mutations.real()))
    yield Figure(f"{name}: crashed, hung or over its memory", len(tally.broken), at_most=0)
    yield Figure(f"{name}: slowest", tally.slowest_s, "s", at_most=mutations.SLOW_S)
