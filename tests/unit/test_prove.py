"""The runner of `make prove` cannot pass what falls short."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.prove.__main__ as runner
from tests.prove import Figure
from tests.prove.__main__ import chosen, main, proofs, run
from tests.support.server import ROOT


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
    assert {"simulate", "mutants", "cursor", "kills", "ratio", "rivals", "delta"} <= set(sync)
    assert "lighthouse" not in sync
    media = chosen("media")
    assert {"upload_kills", "upload_disk", "photo_mutations", "reused", "upload", "photos"} <= set(media)
    assert list(chosen("kills")) == ["kills"]
    assert chosen("") == proofs()


def test_each_proof_has_a_place_for_its_last_figures() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    for name in proofs():
        assert page.count(f"<!-- figures: {name} -->") == 1, name
        assert f"`make prove ONLY={name}`" in page, name


def test_the_report_keeps_the_figures_of_proofs_that_did_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def holds(_: Path) -> Iterator[Figure]:
        yield Figure("lost", 0, at_most=0)

    monkeypatch.setattr(runner, "REPORT", tmp_path / "prove.json")
    for name in ("one", "two", "one"):
        monkeypatch.setattr(runner, "chosen", lambda only: {only: holds})
        assert main(name) == 0
    rows = json.loads((tmp_path / "prove.json").read_text("utf-8"))["rows"]
    assert [row["proof"] for row in rows] == ["one", "two"]
    assert all(row["when"].endswith("UTC") for row in rows)


def test_the_auc_is_a_half_where_nothing_differs_and_one_where_all_does() -> None:
    from tests.prove.secrecy import auc

    assert auc([1, 2, 2, 3], [1, 2, 2, 3]) == 0.5
    assert auc([4, 5], [1, 2, 3]) == 1
    assert auc([1, 2], [2, 3]) == 0.125
