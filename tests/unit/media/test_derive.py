"""Originals as phones write them: turned, in other colours, of two pictures, too large; what their views show."""

import io
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pi_heif
import pytest
from PIL import Image, ImageCms

from media.derive import derive

SAMPLES = Path(__file__).parents[2] / "samples"
IPHONE = SAMPLES / "metadata-extractor-images" / "IMG_1034_iPhone8.heic"  # Display P3, its picture in tiles
MAX_PIXELS = 50_000_000


def views_of(content: bytes | Path, folder: Path) -> tuple[dict[str, Any], dict[str, Image.Image]]:
    """The facts, and the views as pictures."""
    folder.mkdir(exist_ok=True)
    source = content if isinstance(content, Path) else folder / "original"
    if isinstance(content, bytes):
        source.write_bytes(content)
    facts = derive(source, folder, MAX_PIXELS)
    return facts, {name: Image.open(folder / f"{name}.webp").convert("RGB") for name in facts["views"]}


def like(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures of one size, 0 to 255."""
    small = [np.asarray(image.resize((64, 48)), dtype=float) for image in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


@pytest.mark.parametrize("turn", range(2, 9))
def test_whatever_way_the_phone_was_held_the_views_are_upright(turn: int, tmp_path: Path) -> None:
    upright, one = views_of(SAMPLES / "exif-orientation" / "Landscape_1.jpg", tmp_path / "1")
    facts, turned = views_of(SAMPLES / "exif-orientation" / f"Landscape_{turn}.jpg", tmp_path / "turned")
    assert (facts["width"], facts["height"]) == (upright["width"], upright["height"])
    for name in ("w320", "w1600"):
        assert turned[name].size == one[name].size
        assert like(turned[name], one[name]) < 12  # each file has another digit in its middle
        assert like(turned[name].rotate(180), one[name]) > 30


def test_a_heic_that_is_stored_upright_is_not_turned_again(tmp_path: Path) -> None:
    path = SAMPLES / "pillow-heif" / "arrow_orientation6.heic"
    with Image.open(path) as opened:  # the decoder turns it
        upright = opened.convert("RGB")
    facts, views = views_of(path, tmp_path)
    assert (facts["width"], facts["height"]) == upright.size
    assert like(views["w320"], upright) < 6


def test_a_picture_of_several_frames_is_accepted_and_shown(tmp_path: Path) -> None:
    path = SAMPLES / "pillow" / "frozenpond.mpo"
    with Image.open(path) as opened:
        assert opened.format == "MPO"
        first = opened.convert("RGB")
    facts, views = views_of(path, tmp_path)
    assert facts["reason"] is None
    assert facts["views"] == ["w1600", "w320"]
    assert like(views["w320"], first) < 6


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def in_srgb(colour: tuple[int, int, int]) -> list[float]:
    """A colour of Display P3 as sRGB, 0 to 255, by the matrices of both (CSS Color 4)."""
    to_xyz = np.array(
        [[0.486571, 0.265668, 0.198217], [0.228975, 0.691739, 0.079287], [0.0, 0.045113, 1.043944]]
    )
    to_srgb = np.array(
        [[3.240970, -1.537383, -0.498611], [-0.969244, 1.875968, 0.041555], [0.055630, -0.203977, 1.056972]]
    )
    light = np.clip(to_srgb @ to_xyz @ [linear(part / 255) for part in colour], 0, 1)
    return [255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) for v in light]


@pytest.mark.parametrize("colour", [(200, 60, 50), (60, 160, 70), (70, 90, 180)])
def test_colours_of_a_wide_display_become_those_of_every_screen(
    colour: tuple[int, int, int], tmp_path: Path
) -> None:
    profile = pi_heif.open_heif(IPHONE).info["icc_profile"]
    assert "P3" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    packed = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(packed, "JPEG", quality=98, icc_profile=profile)
    wanted = in_srgb(colour)
    assert max(abs(a - b) for a, b in zip(wanted, colour, strict=True)) > 5, "else nothing is tested"
    _, views = views_of(packed.getvalue(), tmp_path)
    for view in views.values():
        shown = view.getpixel((view.width // 2, view.height // 2))
        assert isinstance(shown, tuple)
        assert max(abs(a - b) for a, b in zip(wanted, shown, strict=True)) < 4, (wanted, shown)
        assert "icc_profile" not in view.info


def of_200_megapixels() -> bytes:
    """The iPhone's HEIC with the size of a Galaxy's largest picture in its box: 16320 × 12240."""
    data = IPHONE.read_bytes()
    at = max(
        (m.start() for m in re.finditer(b"ispe", data)), key=lambda i: struct.unpack_from(">I", data, i + 8)
    )
    return data[: at + 8] + struct.pack(">II", 16_320, 12_240) + data[at + 16 :]


def test_a_heic_of_199_megapixels_has_no_views_and_says_why(tmp_path: Path) -> None:
    facts, views = views_of(of_200_megapixels(), tmp_path)
    assert facts["reason"] == "too_many_pixels"
    assert views == {}
    assert [path.name for path in tmp_path.iterdir()] == ["original"]
