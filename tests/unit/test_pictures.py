"""What counts as another picture of a screen: a block that moved does, another edge of a letter does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support.pictures import beside, difference, keep, kept

FACTOR = 4
LINES = ("10kV 27# B 86.4 °C", "Returned: the label cannot be read", "21 days left")


def screen(
    *, card: tuple[int, int] = (16, 120), lines: int = 3, grey: int = 22, size: int = 16
) -> Image.Image:
    """A card with lines of text and a button in it, as it is kept."""
    page = Image.new("L", (360, 780), 247)
    draw = ImageDraw.Draw(page)
    left, top = card
    draw.rounded_rectangle((left, top, left + 328, top + 180), 10, fill=255, outline=214)
    for line, text in enumerate(LINES[:lines]):
        draw.text((left + 12, top + 12 + 28 * line), text, fill=grey, font=ImageFont.load_default(16))
    draw.rounded_rectangle((left + 180, top + 120, left + 312, top + 168), 8, fill=80)
    return page.reduce(FACTOR)


def test_the_same_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    keep(screen(), tmp_path / "one.webp")
    assert difference(screen(), kept(tmp_path / "one.webp")).worst == 0


@pytest.mark.parametrize(
    "other",
    [screen(card=(17, 120)), screen(card=(16, 121)), screen(grey=40)],
    ids=["a pixel right", "a pixel down", "lighter letters"],
)
def test_how_letters_are_drawn_says_nothing(other: Image.Image) -> None:
    assert not difference(other, screen())


@pytest.mark.parametrize(
    "other",
    [screen(card=(28, 120)), screen(card=(16, 132)), screen(lines=2), screen(card=(16, 700))],
    ids=["moved right", "moved down", "a line is missing", "below the window"],
)
def test_what_has_moved_or_is_missing_is_found(other: Image.Image) -> None:
    found = difference(other, screen())
    assert found
    assert beside(other, screen(), found).width == 3 * 90 + 16


def test_a_longer_page_is_another() -> None:
    assert difference(screen().crop((0, 0, 90, 180)), screen()).worst == 255
