"""The runner of `make prove` cannot pass what falls short."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prove import Figure
from tests.prove.__main__ import chosen, main, proofs, run


def test_a_figure_out_of_its_bounds_falls_short() -> None:
    assert Figure("share", 0.95, at_least=0.95).holds
    assert not Figure("share", 0.949, at_least=0.95).holds
    assert Figure("lost", 0, at_most=0).holds
    assert not Figure("lost", 1, at_most=0).holds
    assert not Figure("share", float("nan"), at_least=0, at_most=1).holds


def test_a_proof_that_misses_breaks_or_says_nothing_falls_short_and_the_others_still_run(
    tmp_path: Path,
) -> None:
    def misses(_: Path) -> Iterator[Figure]:
        yield Figure("lost", 1, at_most=0)

    def breaks(_: Path) -> Iterator[Figure]:
        yield Figure("lost", 0, at_most=0)
        raise RuntimeError("the server did not start")

    def silent(_: Path) -> Iterator[Figure]:
        return iter(())

    def holds(folder: Path) -> Iterator[Figure]:
        assert not list(folder.iterdir())
        yield Figure("lost", 0, at_most=0)

    rows, short = run({"misses": misses, "breaks": breaks, "silent": silent, "holds": holds})
    assert short == ["misses", "breaks", "silent"]
    assert [row["proof"] for row in rows] == ["misses", "breaks", "holds"]


def test_an_unknown_name_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("nothing-like-it") == 2
    told = capsys.readouterr().err
    assert all(name in told for name in proofs())


def test_a_group_is_run_by_its_name() -> None:
    sync = chosen("sync")
    assert {"simulate", "mutants", "cursor", "kills"} <= set(sync)
    assert "lighthouse" not in sync
    assert list(chosen("kills")) == ["kills"]
    assert chosen("") == proofs()


def test_the_auc_is_a_half_where_nothing_differs_and_one_where_all_does() -> None:
    from tests.prove.secrecy import auc

    assert auc([1, 2, 2, 3], [1, 2, 2, 3]) == 0.5
    assert auc([4, 5], [1, 2, 3]) == 1
    assert auc([1, 2], [2, 3]) == 0.125
