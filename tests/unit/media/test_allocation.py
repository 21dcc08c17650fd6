"""Reading temperatures allocates in the scale of what the file truly holds, never of what it claims."""

import json
import struct
import tracemalloc
from pathlib import Path

import pytest

from media import radiometry
from media.radiometry import Unreadable, power

SAMPLES = Path(__file__).parents[2] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())["files"]
HERE = sorted(name for name in EXPECTED if (SAMPLES / name).exists())
SLACK = 64 * 1024  # bytes: names, parameters, the interpreter's own


def measured(data: bytes) -> tuple[int, int]:
    """Peak of bytes allocated while reading, NumPy's included, and the number of pixels that came out."""
    tracemalloc.start()
    pixels = 0
    try:
        thermogram = radiometry.read(data)
        pixels = 0 if thermogram is None else thermogram.celsius.size
    except Unreadable:
        pixels = 0
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak, pixels


@pytest.mark.parametrize("name", HERE)
def test_a_sample_takes_a_small_multiple_of_itself_and_nothing_extra_when_refused(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    measured(data)  # modules and tables of the first use do not count
    peak, pixels = measured(data)
    if pixels:
        assert peak <= 16 * len(data) + SLACK
    else:
        assert peak <= len(data) + SLACK


@pytest.mark.parametrize("name", [name for name in HERE if name.startswith("state-grid")])
@pytest.mark.parametrize(("width", "height"), [(0xFFFF, 0xFFFF), (0xFFFF, 400), (2, 0xFFFF)])
def test_a_power_block_that_claims_more_than_the_file_holds_takes_no_more_than_the_file(
    name: str, width: int, height: int
) -> None:
    data = bytearray((SAMPLES / name).read_bytes())
    if not data.endswith(power.MARK):
        return
    at = int.from_bytes(data[-20:-16], "little")
    if at + 6 > len(data):
        return
    data[at + 2 : at + 6] = struct.pack("<2H", width, height)
    measured(bytes(data))
    peak, pixels = measured(bytes(data))
    assert pixels == 0
    assert peak <= len(data) + SLACK
