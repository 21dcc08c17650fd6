"""Pairs of photos before and after a repair: warps of real pictures with the true map, and other boxes of the type.

Everything is seeded. A pair is two JPEGs decoded again to grey, at most 320 px long, and the true map between them.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

_PHOTOS = Path(__file__).resolve().parents[2] / "backend/demo/photos"
_CABINET = ("box", "conduits", "contactor", "door", "fuses", "latch", "lock", "pipes", "plate", "riser", "site",
            "terminals", "wires", "conduit")  # fmt: skip
_WALLS = ("conduit", "pipes", "riser", "conduits")
LONG = 320  # pixels of a pair's pictures
_WORK = 640  # pixels of what they are made from
Pixels = Any
Plane = Any


@dataclass(frozen=True)
class Pair:
    """`plane` maps pixels of `before` onto `after`; None when they show different things."""

    name: str
    before: Pixels
    after: Pixels
    plane: Plane | None


def cabinets() -> dict[str, Image.Image]:
    """The demo company's photos of a fuse box, grey."""
    return {name: _opened(_PHOTOS / "cabinet" / f"{name}.jpg") for name in _CABINET}


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("L")
    image.thumbnail((_WORK, _WORK), Image.Resampling.LANCZOS)
    return image


# --- one view, photographed twice -----------------------------------------------------------------------------


def turned(
    size: tuple[int, int],
    random: Random,
    angle: float = 15,
    scales: tuple[float, float] = (0.7, 1.4),
    shift: float = 0.25,
    tilt: float = 0.06,
) -> Plane:
    """A map of a picture's plane onto one of the same size: turn in degrees, size, shift and perspective as shares."""
    width, height = size
    turn = np.radians(random.uniform(-angle, angle))
    scale = np.exp(random.uniform(np.log(scales[0]), np.log(scales[1])))
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    bent = corners + [
        (random.uniform(-tilt, tilt) * width, random.uniform(-tilt, tilt) * height) for _ in corners
    ]
    middle = np.array([width / 2, height / 2])
    moved = (bent - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
    moved += (random.uniform(-shift, shift) * width, random.uniform(-shift, shift) * height)
    return through(corners, moved)


def through(start: Any, end: Any) -> Plane:
    """The homography through four points."""
    rows, values = [], []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -x * u, -y * u], [0, 0, 0, x, y, 1, -x * v, -y * v]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def seen(image: Image.Image, plane: Plane, random: Random) -> Image.Image:
    """The picture through `plane`; what lies outside is a wall of its own."""
    back = np.linalg.inv(plane)
    back /= back[2, 2]
    coefficients = tuple(back.flatten()[:8])
    ways: Any = (Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    inside = Image.new("L", image.size, 255).transform(image.size, *ways)
    return Image.composite(image.transform(image.size, *ways), _plaster(image.size, random), inside)


def _noise(size: tuple[int, int], random: Random, cells: tuple[int, ...] = (4, 12, 40)) -> Pixels:
    """Spots of several sizes, mean 0, about ±1."""
    numbers = np.random.default_rng(random.randrange(2**32))
    total = np.zeros((size[1], size[0]))
    for cell in cells:
        shape = (max(2, size[1] // cell), max(2, size[0] // cell))
        spots = Image.fromarray(numbers.normal(0, 1, shape).astype(np.float32))
        total += np.asarray(spots.resize(size, Image.Resampling.BICUBIC))
    return total / len(cells) ** 0.5


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _plaster(size: tuple[int, int], random: Random) -> Image.Image:
    wall = _image(random.uniform(90, 190) + random.uniform(4, 14) * _noise(size, random, (2, 5, 20, 60)))
    if random.random() < 0.6:
        wall = _bricked(wall, random)
    draw = ImageDraw.Draw(wall)
    for _ in range(random.randint(1, 5)):  # pipes, cables, cracks
        points = [
            (random.uniform(0, size[0]), random.uniform(0, size[1])) for _ in range(random.randint(2, 4))
        ]
        draw.line(points, fill=random.randint(30, 230), width=random.randint(1, 16))
    return wall


def _bricked(wall: Image.Image, random: Random) -> Image.Image:
    draw, (width, height) = ImageDraw.Draw(wall), wall.size
    long, tall, joint = random.randint(40, 110), random.randint(18, 45), random.randint(60, 220)
    for row, y in enumerate(range(random.randint(-tall, 0), height, tall)):
        draw.line((0, y, width, y), fill=joint, width=2)
        for x in range(random.randint(-long // 8, 0) + (long // 2) * (row % 2), width, long):
            draw.line((x, y, x, y + tall), fill=joint, width=2)
            if random.random() < 0.4:
                draw.rectangle((x + 2, y + 2, x + long - 2, y + tall - 2), fill=random.randint(70, 200))
    return wall


def lit(image: Image.Image, random: Random) -> Image.Image:
    """Other light, a shadow, the sensor's noise, a little out of focus, and a JPEG of it."""
    numbers = np.random.default_rng(random.randrange(2**32))
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.2))), float)
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    slope = random.uniform(-0.35, 0.35) * (x / pixels.shape[1] - 0.5)
    slope = slope + random.uniform(-0.35, 0.35) * (y / pixels.shape[0] - 0.5)
    mean = pixels.mean()
    pixels = (pixels - mean) * random.uniform(0.65, 1.35) + mean * random.uniform(0.75, 1.25)
    pixels = pixels * (1 + slope) + numbers.normal(0, random.uniform(1, 5), pixels.shape)
    packed = io.BytesIO()
    _image(pixels).save(packed, "JPEG", quality=random.randint(55, 92))
    return Image.open(packed).convert("L")


def repaired(image: Image.Image, random: Random) -> Image.Image:
    """A part that a repair changes: a lid or a plate over it, another label, a new part. At most a quarter of it."""
    image = image.copy()
    width, height = image.size
    share = random.uniform(0.1, 0.5)
    across, down = width * share, height * min(0.5, random.uniform(0.05, 0.25) / share)
    x, y = (
        random.uniform(0.05 * width, 0.95 * width - across),
        random.uniform(0.05 * height, 0.95 * height - down),
    )
    if random.random() < 0.5:
        lid = _image(random.uniform(60, 210) + 4 * _noise((round(across), round(down)), random))
        ImageDraw.Draw(lid).rectangle(
            (2, 2, lid.width - 3, lid.height - 3), outline=random.randint(0, 255), width=3
        )
        image.paste(lid, (round(x), round(y)))
    else:
        _label(ImageDraw.Draw(image), (x, y, x + across, y + down), random)
    return image


def _label(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], random: Random) -> None:
    draw.rectangle(box, fill=random.randint(170, 250), outline=40, width=2)
    lines = max(1, int((box[3] - box[1]) // 28))
    tall = (box[3] - box[1]) / (lines + 0.5)
    for line in range(lines):
        text = "".join(
            random.choice("0123456789ABCDEFGHKMX-")
            for _ in range(3 + int((box[2] - box[0]) / max(6, tall) * 1.4))
        )
        draw.text(
            (box[0] + 4, box[1] + tall * (line + 0.2)),
            text,
            fill=random.randint(10, 60),
            font_size=max(8, int(tall * 0.75)),
        )


def warps(name: str, image: Image.Image, random: Random, repair: bool) -> Pair:
    """The picture, and the same from elsewhere in other light; with `repair` a part of it was changed meanwhile."""
    plane = turned(image.size, random)
    later = repaired(image, random) if repair else image
    return _pair(name, lit(image, random), lit(seen(later, plane, random), random), plane)


def _pair(name: str, before: Image.Image, after: Image.Image, plane: Plane | None) -> Pair:
    small, also = _small(before), _small(after)
    if plane is not None:
        scale = np.diag([small.width / before.width, small.height / before.height, 1])
        scaled = np.diag([also.width / after.width, also.height / after.height, 1])
        plane = scaled @ plane @ np.linalg.inv(scale)
        plane = plane / plane[2, 2]
    return Pair(name, np.asarray(small), np.asarray(also), plane)


def _small(image: Image.Image) -> Image.Image:
    scale = min(1, LONG / max(image.size))
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


# --- another box of the same type -----------------------------------------------------------------------------


def kind_of(image: Image.Image) -> Image.Image:
    """What boxes of one type share: the picture without its fine marks."""
    return image.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.MedianFilter(5))


def drawn_kind(random: Random) -> Image.Image:
    """A meter box as it leaves the factory: lid, windows, meters, switches."""
    size = random.choice([(480, 640), (560, 460), (520, 520)])
    image = Image.new("L", size, random.randint(120, 210))
    draw = ImageDraw.Draw(image)
    draw.rectangle((4, 4, size[0] - 5, size[1] - 5), outline=60, width=random.randint(3, 8))
    columns, rows = random.randint(1, 3), random.randint(1, 3)
    wide, tall = size[0] / columns, size[1] * 0.8 / rows
    for column in range(columns):
        for row in range(rows):
            x, y = column * wide + 0.14 * wide, size[1] * 0.12 + row * tall + 0.08 * tall
            draw.rectangle(
                (x, y, x + 0.72 * wide, y + 0.8 * tall),
                fill=random.choice([40, 70, 230]),
                outline=20,
                width=3,
            )
            draw.rectangle(
                (x + 0.1 * wide, y + 0.1 * tall, x + 0.6 * wide, y + 0.5 * tall),
                fill=225,
                outline=50,
                width=2,
            )
            draw.rectangle(
                (x + 0.15 * wide, y + 0.15 * tall, x + 0.55 * wide, y + 0.28 * tall), fill=150, outline=30
            )
            draw.rectangle((x + 0.25 * wide, y + 0.56 * tall, x + 0.45 * wide, y + 0.74 * tall), fill=20)
    for corner in ((14, 14), (size[0] - 24, 14), (14, size[1] - 24), (size[0] - 24, size[1] - 24)):
        draw.ellipse((*corner, corner[0] + 10, corner[1] + 10), fill=50)
    draw.ellipse(
        (size[0] / 2 - 14, size[1] * 0.93 - 14, size[0] / 2 + 14, size[1] * 0.93 + 14), outline=30, width=4
    )
    return image


def box_of(kind: Image.Image, labels: list[tuple[float, float, float, float]], random: Random) -> Image.Image:
    """One box of a type: its own numbers at the places of the type's labels, its own stickers, dirt and scratches."""
    width, height = kind.size
    pixels = np.asarray(kind, float) * (
        1 + random.uniform(0.03, 0.08) * _noise(kind.size, random, (3, 9, 30, 90))
    )
    image = _image(pixels)
    draw = ImageDraw.Draw(image, "L")
    for left, top, right, bottom in labels:
        _label(draw, (left * width, top * height, right * width, bottom * height), random)
    if random.random() < 0.5:  # somebody's sticker
        x, y = random.uniform(0, 0.8) * width, random.uniform(0, 0.85) * height
        _label(
            draw,
            (x, y, x + random.uniform(0.1, 0.25) * width, y + random.uniform(0.05, 0.15) * height),
            random,
        )
    for _ in range(random.randint(3, 14)):
        x, y = random.uniform(0, width), random.uniform(0, height)
        end = (x + random.uniform(-0.2, 0.2) * width, y + random.uniform(-0.2, 0.2) * height)
        draw.line((x, y, *end), fill=random.randint(30, 240), width=random.choice([1, 1, 2]))
    for _ in range(random.randint(4, 16)):
        x, y, r = random.uniform(0, width), random.uniform(0, height), random.uniform(2, 14)
        draw.ellipse((x - r, y - r * random.uniform(0.4, 1.6), x + r, y + r), fill=random.randint(40, 220))
    return image


def labels_of(random: Random) -> list[tuple[float, float, float, float]]:
    found = []
    for _ in range(random.randint(1, 4)):
        x, y = random.uniform(0.03, 0.7), random.uniform(0.03, 0.85)
        found.append((x, y, x + random.uniform(0.1, 0.28), y + random.uniform(0.05, 0.12)))
    return found


def hung(box: Image.Image, share: float, place: tuple[float, float], wall: Image.Image) -> Image.Image:
    """The box on a wall: it takes `share` of the picture's width or height."""
    scale = share * min(wall.width / box.width, wall.height / box.height)
    small = box.resize((round(box.width * scale), round(box.height * scale)), Image.Resampling.LANCZOS)
    wall = wall.copy()
    room = wall.width - small.width, wall.height - small.height
    at = round(room[0] * place[0]), round(room[1] * place[1])
    shadow = Image.new("L", wall.size, 0)
    ImageDraw.Draw(shadow).rectangle(
        (at[0] + 4, at[1] + 6, at[0] + small.width + 8, at[1] + small.height + 10), fill=110
    )
    wall = Image.composite(Image.new("L", wall.size, 30), wall, shadow.filter(ImageFilter.GaussianBlur(4)))
    wall.paste(small, at)
    return wall


def _walls(
    size: tuple[int, int], walls: dict[str, Image.Image], random: Random
) -> tuple[Image.Image, Image.Image]:
    """Two walls that have nothing in common: real ones, cut out somewhere, or of plaster or brick."""
    names = [*random.sample(sorted(walls), 2), None, None]
    random.shuffle(names)
    one, two = (_cut_out(walls[name], size, random) if name else _plaster(size, random) for name in names[:2])
    return one, two


def _cut_out(wall: Image.Image, size: tuple[int, int], random: Random) -> Image.Image:
    if random.random() < 0.5:
        wall = ImageOps.mirror(wall)
    part = random.uniform(0.5, 0.9) * min(wall.width / size[0], wall.height / size[1])
    wide, tall = size[0] * part, size[1] * part
    x, y = random.uniform(0, wall.width - wide), random.uniform(0, wall.height - tall)
    return wall.resize(size, Image.Resampling.BICUBIC, (x, y, x + wide, y + tall))


def near(size: tuple[int, int], random: Random) -> Plane:
    """Where somebody stands who holds the phone by the ghost: nearly there."""
    return turned(size, random, angle=7, scales=(0.85, 1.18), shift=0.1, tilt=0.04)


def boxes(name: str, kind: Image.Image, walls: dict[str, Image.Image], random: Random, other: bool) -> Pair:
    """A box on its wall, and after its repair the same, or `other`: one of the same type on another wall."""
    labels, share = labels_of(random), random.uniform(0.6, 0.9)
    place = random.uniform(0.2, 0.8), random.uniform(0.2, 0.8)
    size = random.choice([(480, 640), (640, 480)])
    here, there = _walls(size, walls, random)
    first = hung(box_of(kind, labels, random), share, place, here)
    plane = near(size, random)
    second = hung(box_of(kind, labels, random), share, place, there) if other else repaired(first, random)
    return _pair(name, lit(first, random), lit(seen(second, plane, random), random), None if other else plane)


def walls() -> dict[str, Image.Image]:
    return {name: _opened(_PHOTOS / "cabinet" / f"{name}.jpg") for name in _WALLS}


def same(rounds: int, seed: int, repair: bool) -> list[Pair]:
    """Each cabinet photo `rounds` times, warped."""
    random, photos = Random(seed), cabinets()
    return [warps(name, image, random, repair) for _ in range(rounds) for name, image in photos.items()]


def of_type(rounds: int, seed: int, other: bool) -> list[Pair]:
    """Boxes of types made of the cabinet's photos and drawn ones."""
    random, photos, around = Random(seed), cabinets(), walls()
    found = []
    for _ in range(rounds):
        for name in ("box", "door", "fuses", "terminals", "contactor", "lock"):
            found.append(boxes(name, kind_of(photos[name]), around, random, other))
        for _ in range(4):
            found.append(boxes("drawn", drawn_kind(random), around, random, other))
    return found


# left, top, right, bottom in the photograph that they were cut out of, in pixels
_CUT = {
    "conduits": (0, 1410, 877, 1944), "contactor": (828, 1146, 1298, 1667), "door": (246, 258, 802, 1721),
    "fuses": (876, 492, 1305, 1145), "latch": (246, 1386, 818, 1717), "lock": (288, 258, 819, 778),
    "pipes": (0, 0, 693, 877), "plate": (288, 876, 901, 1264), "riser": (774, 0, 1386, 530),
    "terminals": (900, 942, 1308, 1432), "wires": (816, 306, 1306, 673),
}  # fmt: skip


def _apart(one: str, two: str) -> bool:
    """Whether two photos have no part in common."""
    if one == two or not {one, two} <= _CUT.keys():
        return one != two
    (left, top, right, bottom), (x0, y0, x1, y1) = _CUT[one], _CUT[two]
    return min(right, x1) <= max(left, x0) or min(bottom, y1) <= max(top, y0)


def strangers(rounds: int, seed: int) -> list[Pair]:
    """Cabinet photos that show nothing in common, against each other."""
    random, photos = Random(seed), cabinets()
    found = []
    for _ in range(rounds):
        for one in (*_CUT, "conduit"):
            two = random.choice([name for name in (*_CUT, "conduit") if _apart(one, name)])
            found.append(_pair(f"{one} {two}", lit(photos[one], random), lit(photos[two], random), None))
    return found
