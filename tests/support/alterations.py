"""Real pictures, what people do to a photo before they hand it in a second time, and photos that only look alike.

Everything is seeded. Pictures go the product's way: the altered file is a JPEG, from it comes the small WebP view.
"""

import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pi_heif
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from media.likeness import SIDE

pi_heif.register_heif_opener(thumbnails=False)
_ROOT = Path(__file__).resolve().parents[2]
_LONG = 1600  # pixels: what a messenger leaves of a photo
# the same picture under another name, too small, or parts of one photograph
_SKIPPED = ("Landscape_2", "Landscape_3", "Landscape_4", "Landscape_5", "Landscape_6", "Landscape_7", "Landscape_8",
            "sg_", "invalid-exif", "hopper", "truncated")  # fmt: skip
_CUT_OUT = ("box", "door", "fuses", "latch", "lock", "pipes", "plate", "riser", "terminals", "wires", "conduits",
            "contactor")  # fmt: skip
Change = Callable[[Image.Image, Random], Image.Image]


def pictures() -> dict[str, Image.Image]:
    """Every different photo of the samples and the demo company, upright, by file name."""
    found: dict[str, Image.Image] = {}
    for folder in (_ROOT / "tests/samples", _ROOT / "backend/demo/photos"):
        for path in sorted(folder.rglob("*")):
            known = path.name in found or path.name.startswith(_SKIPPED) or path.stem in _CUT_OUT
            if known or path.suffix.lower() not in (".jpg", ".jpeg", ".heic") or path.stat().st_size < 15_000:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    with Image.open(path) as opened:
                        opened.draft("RGB", (_LONG, _LONG))
                        image = ImageOps.exif_transpose(opened).convert("RGB")
                except OSError:  # some samples are damaged on purpose
                    continue
            image.thumbnail((_LONG, _LONG))
            if min(image.size) >= 100:
                found[path.name] = image
    return found


def view(image: Image.Image) -> bytes:
    """The small view of a photo, as the worker makes it."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    small.save(packed, "WEBP", quality=78, method=2)
    return packed.getvalue()


def saved(image: Image.Image, quality: int) -> Image.Image:
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=quality)
    return Image.open(packed).convert("RGB")


# --- the same photo, altered ------------------------------------------------------------------------------


def cut(image: Image.Image, random: Random) -> Image.Image:
    share = random.uniform(0.6, 0.95)
    width, height = round(image.width * share), round(image.height * share)
    x, y = random.randint(0, image.width - width), random.randint(0, image.height - height)
    return saved(image.crop((x, y, x + width, y + height)), 85)


def encoded(image: Image.Image, random: Random) -> Image.Image:
    scale = random.uniform(0.4, 1)
    size = max(100, round(image.width * scale)), max(100, round(image.height * scale))
    return saved(image.resize(size), random.randint(30, 80))


def mirrored(image: Image.Image, random: Random) -> Image.Image:
    return saved(ImageOps.mirror(image), random.randint(75, 90))


def brightened(image: Image.Image, random: Random) -> Image.Image:
    lit = ImageEnhance.Brightness(image).enhance(random.uniform(0.5, 1.5))
    return saved(ImageEnhance.Contrast(lit).enhance(random.uniform(0.8, 1.2)), 85)


def written_on(image: Image.Image, random: Random) -> Image.Image:
    """A band with time and place, and a watermark across, as camera apps and messengers put there."""
    image = image.copy()
    draw, (width, height) = ImageDraw.Draw(image), image.size
    draw.rectangle((0, int(height * random.uniform(0.85, 0.92)), width, height), fill=(0, 0, 0))
    draw.text(
        (10, int(height * 0.94)), "2026-11-25 10:33 Station 12", fill="white", font_size=max(10, height // 24)
    )
    place = (int(width * random.uniform(0.05, 0.4)), int(height * random.uniform(0.2, 0.6)))
    draw.text(place, "WATERMARK 123", fill=(255, 255, 0), font_size=max(10, height // 12))
    return saved(image, 85)


def off_a_screen(image: Image.Image, random: Random) -> Image.Image:
    """A photo of a screen: perspective, the grid of its pixels, noise."""
    numbers = np.random.default_rng(random.randrange(2**32))
    pixels = np.asarray(_tilted(image, 0.04, numbers), np.float64)
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    turn, period = numbers.uniform(0, 3), numbers.uniform(3, 9)
    pixels *= (1 + 0.12 * np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / period))[..., None]
    return saved(_image(pixels + numbers.normal(0, 6, pixels.shape)), 80)


ALTERED: Mapping[str, Change] = {
    "cut": cut,
    "re-encoded": encoded,
    "mirrored": mirrored,
    "brightness": brightened,
    "written on": written_on,
}


# --- other photos that look alike ----------------------------------------------------------------------------


def taken_again(image: Image.Image, random: Random) -> Image.Image:
    """The same thing on another day: seen from a little beside, near and far shifted against each other, other light.

    A stand-in, for no real series lies here: 1.5 % of the width is what a step aside does to things one to three
    metres away.
    """
    numbers = np.random.default_rng(random.randrange(2**32))
    pixels = np.asarray(_tilted(image, 0.03, numbers))
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    shift = [_smooth(numbers, 5, width, height) * 0.015 * width for _ in range(2)]
    moved = pixels[
        np.clip(y + shift[0], 0, height - 1).astype(int), np.clip(x + shift[1], 0, width - 1).astype(int)
    ]
    lit = moved * (1 + 0.2 * _smooth(numbers, 4, width, height))[..., None]
    return saved(_image(lit + numbers.normal(0, 4, lit.shape)), 85)


def parts(image: Image.Image) -> list[Image.Image]:
    """Four parts of a photo that have nothing in common: what a camera sees that is turned."""
    width, height = image.width // 2, image.height // 2
    return [
        image.crop((x, y, x + width, y + height))
        for x in (0, image.width - width)
        for y in (0, image.height - height)
    ]


def _smooth(numbers: np.random.Generator, knots: int, width: int, height: int) -> Any:
    """A field that changes slowly, about -2 to 2."""
    coarse = Image.fromarray(numbers.normal(0, 1, (knots, knots)).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


def _tilted(image: Image.Image, most: float, numbers: np.random.Generator) -> Image.Image:
    """Each corner moved by up to `most` of the side."""
    width, height = image.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    rows, right = [], []
    for (x, y), (u, v) in zip(
        corners, corners + numbers.uniform(-most, most, (4, 2)) * (width, height), strict=True
    ):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    terms = tuple(float(term) for term in np.linalg.solve(np.array(rows), np.array(right)))
    return image.transform(image.size, Image.Transform.PERSPECTIVE, terms, Image.Resampling.BICUBIC)


def _image(pixels: Any) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
