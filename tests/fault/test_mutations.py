"""Mutated photos do no harm: the short, seeded run; `make prove ONLY=media` plays the long one."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, note, seed, settings

from tests.fault import mutations
from tests.fault.mutations import Change, Mutation

SEED = int(os.environ.get("SEED", "20261126"))


def each(samples: list[str], rounds: int, look: Callable[[Mutation], object]) -> None:
    """Looks at so many mutations of the samples; a failing one is made as small as it goes and printed."""

    @seed(SEED)
    @settings(max_examples=rounds, database=None)
    @given(mutations.mutations(samples))
    def play(mutation: Mutation) -> None:
        note(f"SEED={SEED} {mutation}")
        look(mutation)

    play()


def test_mutated_thermal_files_give_temperatures_or_a_reason() -> None:
    answers: Counter[str] = Counter()

    def look(mutation: Mutation) -> None:
        answers[mutations.read(mutation)] += 1

    each([*mutations.real_up_to(400_000), *mutations.made()], 1500, look)
    assert len(answers) > 15, "the damage reaches many places"


def test_mutated_photos_neither_crash_nor_hang_nor_fill_the_child(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        child = mutations.Child(tmp_path)
        try:
            each(mutations.real_up_to(400_000), 150, lambda mutation: runner.run(child.derive(mutation)))
            each(list(mutations.tiny()), 450, lambda mutation: runner.run(child.derive(mutation)))
        finally:
            runner.run(child.close())


def test_a_failing_mutation_is_made_small() -> None:
    def look(mutation: Mutation) -> None:
        assert mutation.data[:2] == mutations.real()[mutation.sample][:2]

    with pytest.raises(AssertionError) as failed:
        each(mutations.real_up_to(50_000), 500, look)
    told = "".join(failed.value.__notes__)
    assert told.count("Change(") == 1, told
    assert f"SEED={SEED} Mutation(" in told


def test_the_same_seed_gives_the_same_mutations_and_each_kind_of_them() -> None:
    samples = mutations.real_up_to(50_000)
    first, second = (list(mutations.drawn(samples, 200, 3)) for _ in range(2))
    assert first == second
    assert len(first) == 200
    assert len({one.data for one in first}) > 150  # an empty file is drawn more than once
    assert {change.kind for one in first for change in one.changes} == set(mutations.KINDS)


def test_a_change_stays_within_what_is_there() -> None:
    with_ = {"put": b"\xff\xff\xff", "flip": 7, "cut": 64, "double": 64, "clear": 64, "end": None}
    for kind in mutations.KINDS:
        for part in ("whole", "head", "tail"):
            for at in (0, 2, 3, 5000):
                data = bytearray(b"abc")
                Change(kind, part, at, with_[kind]).apply(data)
                assert len(data) <= 6
