"""The server reads the places that a phone says it has read."""

import json
from pathlib import Path

import pytest

from media import radiometry
from media.readings import readings

SAMPLES = Path(__file__).parents[2] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())["files"]
T640 = "thermal-parser/FLIR_T640.jpg"


def own(name: str) -> dict[str, float]:
    """The conditions as the camera wrote them."""
    thermogram = radiometry.read((SAMPLES / name).read_bytes())
    assert thermogram is not None
    names = ("emissivity", "distance_m", "reflected_c", "atmospheric_c", "humidity_pct")
    return {name: thermogram.parameters[name] for name in names}


def test_places_read_what_other_readers_say() -> None:
    known = EXPECTED[T640]["temperature_celsius"]["independent_fff_reader"]
    box = known["box"]
    corners = [box["x0"], box["y0"], box["x1"] - 1, box["y1"] - 1]
    hot = known["max_at"]
    marks = [
        {"tool": "box", "at": corners},
        {"tool": "line", "at": [hot[0], hot[1], hot[0], hot[1]]},
        {"tool": "spot", "at": [known["width"], 0]},
        {"tool": "box", "at": [1, 2]},
    ]
    answer = readings(SAMPLES / T640, own(T640), marks)
    assert (answer["format"], answer["trust"], answer["adjusted"]) == ("flir_fff", "exact", False)
    assert answer["celsius"][:2] == pytest.approx([box["max"], known["max"]], abs=0.05)
    assert answer["celsius"][2:] == [None, None]


def test_other_conditions_are_worked_out_where_the_file_holds_counts() -> None:
    marks = [{"tool": "spot", "at": [320, 240]}]
    (cold,) = readings(SAMPLES / T640, own(T640) | {"emissivity": 1.0}, marks)["celsius"]
    answer = readings(SAMPLES / T640, own(T640) | {"emissivity": 0.6}, marks)
    assert answer["adjusted"]
    assert answer["celsius"][0] > cold
    power = "state-grid-synthetic/sg_full.jpg"
    assert readings(SAMPLES / power, {"emissivity": 0.5}, marks) == {"reason": "not_adjustable"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("thermal-parser/DJI_XTS.jpg", "dji_vendor_library"),
        ("metadata-extractor-images/FLIR_not_radiometric.jpg", "no_temperatures"),
    ],
)
def test_a_picture_that_cannot_be_read_gives_its_reason(name: str, reason: str) -> None:
    assert readings(SAMPLES / name, {}, []) == {"reason": reason}
