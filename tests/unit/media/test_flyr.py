"""Our FLIR reader beside flyr, which is copyleft (EUPL-1.2): a test may call it, the product does not."""

import json
from pathlib import Path

import flyr
import numpy as np
import pytest

from media import radiometry

SAMPLES = Path(__file__).parents[2] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())["files"]
FLIR = sorted(
    name
    for name, facts in EXPECTED.items()
    if "independent_fff_reader" in facts.get("temperature_celsius", {})
)
#: flyr knows no bare FFF and no directory in the other byte order
NOT_FOR_FLYR = ("flirpy/frame_000000_le.fff", "thermal-parser/DJI_XTR.jpg")


def test_all_but_two_of_the_flir_files_are_for_flyr_too() -> None:
    assert len(FLIR) == 12
    assert set(NOT_FOR_FLYR) < set(FLIR)


@pytest.mark.parametrize("name", [name for name in FLIR if name not in NOT_FOR_FLYR])
def test_every_pixel_is_that_of_flyr(name: str) -> None:
    ours = radiometry.read((SAMPLES / name).read_bytes())
    theirs = flyr.unpack(str(SAMPLES / name)).celsius
    assert ours is not None
    assert ours.celsius.shape == theirs.shape
    assert np.nanmax(np.abs(ours.celsius - theirs)) < 0.001


@pytest.mark.parametrize("name", NOT_FOR_FLYR)
def test_what_flyr_cannot_read_is_read(name: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        flyr.unpack(str(SAMPLES / name))
    assert radiometry.read((SAMPLES / name).read_bytes()) is not None
