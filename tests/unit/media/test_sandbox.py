"""The child that unpacks pictures does not take more memory than it was given."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from media.sandbox import Sandbox

MIB = 2**20
PIXELS = 50_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space")
async def test_a_picture_that_needs_more_memory_than_allowed_is_given_up_and_the_next_is_derived(
    tmp_path: Path,
) -> None:
    large, small = tmp_path / "large.png", tmp_path / "small.png"
    Image.new("RGB", (7000, 7000)).save(large, compress_level=1)  # 147 MB unpacked
    Image.new("RGB", (64, 48)).save(small)
    enough, tight = Sandbox(2048 * MIB, 60, PIXELS), Sandbox(330 * MIB, 60, PIXELS)
    try:
        assert (await enough.derive(large, tmp_path))["reason"] is None
        assert (await tight.derive(large, tmp_path))["reason"] == "memory"
        assert (await tight.derive(small, tmp_path))["reason"] is None
    finally:
        await enough.close()
        await tight.close()
