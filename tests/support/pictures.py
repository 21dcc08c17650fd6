"""Pictures of screens, small and grey, and how far two of them are apart.

What is kept is a fourth of a screen's width and less: letters are no longer read, but where each block stands is seen.
Two pictures are compared in blocks after a blur, so that another edge of a letter or a pixel of its place says
nothing, while a line of text or a card that has moved, is missing or lies on another does.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

BLUR_PX = 1.5
BLOCK_PX = 12
LIMIT = 6.0  # of 255, the mean of a block

Grey = NDArray[np.float32]


def small(shot: bytes, factor: int) -> Image.Image:
    """The screen in grey, each pixel the mean of `factor` by `factor`."""
    return Image.open(io.BytesIO(shot)).convert("L").reduce(factor)


@dataclass(frozen=True)
class Difference:
    """`worst` of 255; `blocks` (left, top, right, bottom) in the small picture that are beyond the limit."""

    worst: float
    blocks: tuple[tuple[int, int, int, int], ...]

    def __bool__(self) -> bool:
        return bool(self.blocks)


def difference(got: Image.Image, want: Image.Image) -> Difference:
    """What differs so that a person would see it. A picture of another size differs as a whole."""
    if got.size != want.size:
        return Difference(255.0, ((0, 0, *got.size),))
    apart = np.abs(_blurred(got) - _blurred(want))
    height, width = apart.shape
    step = BLOCK_PX // 2
    worst, beyond = 0.0, []
    for top in range(0, max(1, height - step), step):
        for left in range(0, max(1, width - step), step):
            block = apart[top : top + BLOCK_PX, left : left + BLOCK_PX]
            mean = float(block.mean())
            worst = max(worst, mean)
            if mean > LIMIT:
                beyond.append((left, top, left + block.shape[1], top + block.shape[0]))
    return Difference(worst, tuple(beyond))


def _blurred(picture: Image.Image) -> Grey:
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(BLUR_PX)), dtype=np.float32)


def keep(picture: Image.Image, file: Path) -> None:
    picture.save(file, "WEBP", lossless=True, quality=100, method=6)


def kept(file: Path) -> Image.Image:
    return Image.open(file).convert("L")


def beside(got: Image.Image, want: Image.Image | None, found: Difference) -> Image.Image:
    """Got, want and got with the blocks that differ framed in red, side by side."""
    marked = got.convert("RGB")
    draw = ImageDraw.Draw(marked)
    for left, top, right, bottom in found.blocks:
        draw.rectangle((left, top, right - 1, bottom - 1), outline=(220, 0, 0))
    parts = [got.convert("RGB"), *([want.convert("RGB")] if want else []), marked]
    sheet = Image.new(
        "RGB", (sum(p.width + 8 for p in parts) - 8, max(p.height for p in parts)), (255, 255, 255)
    )
    left = 0
    for part in parts:
        sheet.paste(part, (left, 0))
        left += part.width + 8
    return sheet
