"""Mutated photos do no harm: the short, seeded run; `make prove ONLY=media` plays the long one."""

from pathlib import Path

import pytest

from tests.fault import mutations
from tests.fault.mutations import Tally


@pytest.mark.parametrize("seed", [1, 20261126])
def test_mutated_thermal_files_give_temperatures_or_a_reason(seed: int) -> None:
    tally = Tally()
    mutations.read_all(1500, seed, 400_000, tally)
    assert tally.broken == []
    assert tally.slowest_s < mutations.SLOW_S
    assert len(tally.reasons) > 15, "the damage reaches many places"


def test_mutated_photos_neither_crash_nor_hang_nor_fill_the_child(tmp_path: Path) -> None:
    tally = Tally()
    mutations.derive_all(150, 7, 400_000, tmp_path, tally)
    mutations.derive_all(600, 8, 0, tmp_path, tally)
    assert tally.broken == []
    assert tally.derived == 750


def test_the_same_seed_gives_the_same_mutations() -> None:
    first, second = ([data for _, data in mutations.candidates(90, 3, 50_000)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 80
