"""The vectors that the phone's decoders answer are what the Python decoders say today."""

from __future__ import annotations

import json
from typing import Any

import pytest

from media import radiometry
from media.radiometry import measure
from tests.unit.media import radiometry_vectors as source

STORED = json.loads(source.VECTORS.read_text("utf-8"))
FRESH = source.vectors()


def alike(one: Any, other: Any) -> bool:
    """Equal but for the last digit of rounded numbers: processors differ there."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, (float, int)):
        return abs(one - other) <= 0.0011
    return bool(one == other)


@pytest.mark.parametrize("part", ["files", "made", "hurt", "adjusted", "matrices", "measured"])
def test_the_stored_vectors_are_those_of_today(part: str) -> None:
    assert alike(FRESH[part], STORED[part]), "python -m tests.unit.media.radiometry_vectors"


def test_every_sample_with_temperatures_is_among_them() -> None:
    assert set(STORED["files"]) == set(source.sample_names())
    assert len(STORED["files"]) == 26


def test_damaged_files_meet_refusals_and_readable_ones() -> None:
    outputs = [one["output"] for one in STORED["hurt"]]
    assert len({output["reason"] for output in outputs if "reason" in output}) >= 6
    assert sum("format" in output for output in outputs) >= 20


def test_all_layouts_of_one_scene_give_the_same_temperatures() -> None:
    outputs = [one["output"] for one in STORED["made"] if one["output"].get("format") == "flir_fff"]
    assert len(outputs) == 8
    assert all(output["points"] == outputs[0]["points"] for output in outputs)


def test_raw_counts_under_the_files_own_conditions_give_the_files_own_temperatures() -> None:
    thermogram = radiometry.read((source.SAMPLES / "thermal-parser/FLIR_E40.jpg").read_bytes())
    assert thermogram is not None
    assert (measure.adjusted(thermogram, {}).celsius == thermogram.celsius).all()
    warmer = measure.adjusted(thermogram, {"emissivity": 0.5})
    assert warmer.parameters["emissivity"] == 0.5
    assert thermogram.parameters["emissivity"] != 0.5, "the picture as it came is untouched"


def test_finished_temperatures_cannot_be_changed_afterwards() -> None:
    thermogram = radiometry.read((source.SAMPLES / "state-grid-synthetic/sg_full.jpg").read_bytes())
    assert thermogram is not None
    assert radiometry.thermal_facts(thermogram)["adjustable"] is False
    with pytest.raises(measure.NotAdjustable):
        measure.adjusted(thermogram, {"emissivity": 0.9})


@pytest.mark.parametrize(
    "conditions",
    [{"emissivity": 0}, {"emissivity": 1.01}, {"distance_m": -1}, {"humidity_pct": float("nan")}],
)
def test_conditions_that_no_measurement_has_are_refused(conditions: dict[Any, float]) -> None:
    thermogram = radiometry.read((source.SAMPLES / "thermal-parser/FLIR_E40.jpg").read_bytes())
    assert thermogram is not None
    with pytest.raises(ValueError, match="must be between"):
        measure.adjusted(thermogram, conditions)


@pytest.mark.parametrize("at", [(-1, 0), (0, -1), (7, 0), (0, 5)])
def test_what_lies_outside_the_matrix_is_not_measured(at: tuple[int, int]) -> None:
    matrix = source.np.zeros((5, 7), source.np.float32)
    for tool in (
        lambda: measure.spot(matrix, *at),
        lambda: measure.box(matrix, 0, 0, *at),
        lambda: measure.line(matrix, *at, 0, 0),
    ):
        with pytest.raises(ValueError, match="outside"):
            tool()


def test_spot_line_and_box_by_hand() -> None:
    matrix = source.np.array([[1, 2, 3], [4, float("nan"), 6], [7, 8, 9]], source.np.float32)
    assert measure.spot(matrix, 0, 0) == measure.Spot(1, pytest.approx(7 / 3), 1)
    assert measure.spot(matrix, 1, 1) == measure.Spot(None, 5, 1)
    line = measure.line(matrix, 0, 0, 2, 2)
    assert (line.profile, line.min_c, line.max_c, line.mean_c, line.max_at, line.invalid) == (
        (1, None, 9),
        1,
        9,
        5,
        (2, 2),
        1,
    )
    box = measure.box(matrix, 2, 2, 0, 0)
    assert (box.min_c, box.max_c, box.mean_c, box.max_at, box.pixels, box.invalid) == (1, 9, 5, (2, 2), 9, 1)
    assert box.p95_c == pytest.approx(8.65)
