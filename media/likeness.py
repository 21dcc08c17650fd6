"""What a picture looks like: marks that survive cutting, mirroring, re-encoding, brightness and writing on it.

A mark is a blob (the extrema of differences of Gaussians, D. Lowe 2004) with the signs of the lowest frequencies of
the patch around it (DCT) as its description. Two pictures with the same picture in them share many marks, in the same
arrangement; `agreement` then lays one over the other and compares them piece by piece. The same thing photographed
twice shares marks too, but no shift and scale brings the pieces to cover each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

Grey = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Array = np.ndarray[Any, Any]

SIDE: Final = 320  # pixels of the long side that everything here is measured in
MARKS: Final = 40  # at most, of a picture
BITS: Final = 28  # of a word: the signs of the lowest frequencies
UNSURE: Final = 4  # signs of a mark that are tried both ways: those of the smallest coefficients
_ALIKE: Final = 0.85  # correlation from which on two pieces count as the same
SAME: Final = 0.45  # share of the pieces from which on two pictures count as the same
COVERS: Final = 0.15  # share of the smaller picture that must lie in the other
_SIGMA: Final = 1.6
_STEPS: Final = 3  # scales in an octave
_PATCH: Final = 16  # samples along a patch's side
_REACH: Final = 5.0  # half a patch's side, in sigmas
_FREQUENCIES: Final = 9
_LEAST_CONTRAST: Final = 1.5  # grey levels of 255


def _dct(size: int, count: int) -> Array:
    k, x = np.arange(count)[:, None], np.arange(size)[None, :]
    return np.cos(np.pi * (x + 0.5) * k / size).astype(np.float32)


_COS: Final = _dct(_PATCH, _FREQUENCIES)
# the 64 lowest frequencies but the mean, lowest first
_ORDER: Final = sorted(
    ((v, u) for v in range(_FREQUENCIES) for u in range(_FREQUENCIES) if u or v),
    key=lambda f: (f[0] ** 2 + f[1] ** 2, f),
)[:64]
_ROWS: Final = np.array([v for v, _ in _ORDER])
_COLUMNS: Final = np.array([u for _, u in _ORDER])
_ODD: Final = _COLUMNS % 2 == 1  # what a mirror turns round


@dataclass(frozen=True, slots=True)
class Marks:
    """x, y and sigma in pixels of a picture `SIDE` long; `dct` the 64 coefficients of each."""

    place: Array  # (n, 3)
    dct: Array  # (n, 64)
    size: tuple[int, int]


def read(path: Path) -> Grey:
    """A view that `media.derive` made."""
    with Image.open(path) as image:
        return grey(image)


def grey(image: Image.Image) -> Grey:
    scale = SIDE / max(image.size)
    size = max(8, round(image.width * scale)), max(8, round(image.height * scale))
    return np.asarray(image.convert("L").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0), np.float32)


def _blurred(image: Array, sigma: float) -> Array:
    radius = max(1, int(3 * sigma + 0.5))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius, radius)
        padded = np.pad(image, pad, mode="reflect" if image.shape[axis] > radius else "edge")
        length = image.shape[axis]
        out = np.zeros_like(image)
        for i, weight in enumerate(kernel):
            out += weight * (padded[i : i + length] if axis == 0 else padded[:, i : i + length])
        image = out
    return image


def marks(picture: Grey, most: int = MARKS) -> Marks:
    found: list[Array] = []
    levels: list[tuple[Array, float]] = []  # blurred image, its scale
    image, scale = _blurred(picture, (_SIGMA**2 - 0.5**2) ** 0.5), 1.0
    step = 2 ** (1 / _STEPS)
    while min(image.shape) >= 24:
        blurs = [image]
        for i in range(1, _STEPS + 3):
            before, after = _SIGMA * step ** (i - 1), _SIGMA * step**i
            blurs.append(_blurred(blurs[-1], (after**2 - before**2) ** 0.5))
        stack = np.stack([b - a for a, b in pairwise(blurs)])
        found.append(_extrema(stack, scale, len(levels)))
        levels += [(blur, scale) for blur in blurs]
        image, scale = blurs[_STEPS][::2, ::2], scale * 2
    points = np.concatenate(found) if found else np.zeros((0, 5), np.float32)
    points = _spread(points, picture.shape, most)
    return Marks(points[:, :3], _described(points, levels), (picture.shape[1], picture.shape[0]))


def _extrema(stack: Array, scale: float, first: int) -> Array:
    core = stack[1:-1, 1:-1, 1:-1]
    above, below = core > _LEAST_CONTRAST * 0.5, core < -_LEAST_CONTRAST * 0.5
    for dz in (0, 1, 2):
        for dy in (0, 1, 2):
            for dx in (0, 1, 2):
                if dz == dy == dx == 1:
                    continue
                other = stack[dz : dz + core.shape[0], dy : dy + core.shape[1], dx : dx + core.shape[2]]
                above &= core > other
                below &= core < other
    z, y, x = np.nonzero(above | below)
    if not len(z):
        return np.zeros((0, 5), np.float32)
    values = np.abs(core[z, y, x])
    z, y, x = z + 1, y + 1, x + 1
    plane = stack[z, y, x]
    dxx = stack[z, y, x + 1] + stack[z, y, x - 1] - 2 * plane
    dyy = stack[z, y + 1, x] + stack[z, y - 1, x] - 2 * plane
    dxy = (
        stack[z, y + 1, x + 1] - stack[z, y + 1, x - 1] - stack[z, y - 1, x + 1] + stack[z, y - 1, x - 1]
    ) / 4
    trace, det = dxx + dyy, dxx * dyy - dxy**2
    good = (det > 0) & (trace**2 * 10 < 121 * det)
    gx = (stack[z, y, x + 1] - stack[z, y, x - 1]) / 2
    gy = (stack[z, y + 1, x] - stack[z, y - 1, x]) / 2
    det = np.where(np.abs(det) < 1e-9, 1e-9, det)
    ox = np.clip(-(dyy * gx - dxy * gy) / det, -0.6, 0.6)
    oy = np.clip(-(dxx * gy - dxy * gx) / det, -0.6, 0.6)
    dzz = stack[z + 1, y, x] + stack[z - 1, y, x] - 2 * plane
    gz = (stack[z + 1, y, x] - stack[z - 1, y, x]) / 2
    oz = np.clip(np.where(np.abs(dzz) < 1e-6, 0, -gz / np.where(np.abs(dzz) < 1e-6, 1, dzz)), -0.6, 0.6)
    sigma = _SIGMA * 2 ** ((z + oz) / _STEPS) * scale
    level = first + z
    out = np.stack([(x + ox) * scale, (y + oy) * scale, sigma, values, level], axis=1).astype(np.float32)
    return np.asarray(out[good])


def _spread(points: Array, shape: tuple[int, ...], most: int) -> Array:
    """The strongest, taken by turns from a grid of 4 by 4, so that writing on the picture cannot take all places."""
    height, width = shape
    x, y, sigma = points[:, 0], points[:, 1], points[:, 2]
    reach = _REACH * sigma * 0.6
    inside = (x > reach) & (y > reach) & (x < width - reach) & (y < height - reach) & (sigma > 2.2)
    points = points[inside]
    weight = points[:, 3] * np.sqrt(points[:, 2])
    points = points[np.argsort(-weight, kind="stable")]
    cells = (points[:, 0] * 4 // width).astype(int) * 4 + (points[:, 1] * 4 // height).astype(int)
    rank = np.zeros(len(points), int)
    seen: dict[int, int] = {}
    for i, cell in enumerate(cells):
        rank[i] = seen.get(int(cell), 0)
        seen[int(cell)] = rank[i] + 1
    order = np.lexsort((np.arange(len(points)), rank))
    return points[order[:most]]


def _described(points: Array, levels: list[tuple[Array, float]]) -> Array:
    out = np.zeros((len(points), 64), np.float32)
    steps = (np.arange(_PATCH) + 0.5) / _PATCH * 2 - 1
    for i, (x, y, sigma, _, level) in enumerate(points):
        image, scale = levels[int(level)]
        reach = _REACH * sigma / scale
        px, py = x / scale + steps * reach, y / scale + steps * reach
        patch = _sampled(image, py, px)
        patch = patch - patch.mean()
        deviation = float(patch.std())
        coefficients = _COS @ patch @ _COS.T
        out[i] = coefficients[_ROWS, _COLUMNS] / (deviation + 1e-6)
    return out


def _sampled(image: Array, y: Array, x: Array) -> Array:
    """Bilinear on a grid; beyond the edge the edge is repeated."""
    y, x = np.clip(y, 0, image.shape[0] - 1.001), np.clip(x, 0, image.shape[1] - 1.001)
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0)[:, None], (x - x0)[None, :]
    a = image[y0[:, None], x0[None, :]] * (1 - fx) + image[y0[:, None], x0[None, :] + 1] * fx
    b = image[y0[:, None] + 1, x0[None, :]] * (1 - fx) + image[y0[:, None] + 1, x0[None, :] + 1] * fx
    return np.asarray(a * (1 - fy) + b * fy)


def mirrored(found: Marks) -> Marks:
    """The marks of the picture's mirror image."""
    place = found.place.copy()
    place[:, 0] = found.size[0] - 1 - place[:, 0]
    return Marks(place, np.where(_ODD, -found.dct, found.dct), found.size)


def words(found: Marks) -> list[int]:
    """Each mark's word."""
    bits = found.dct[:, :BITS] > 0
    return [int(word) for word in bits @ (1 << np.arange(BITS, dtype=np.int64))]


def probes(found: Marks) -> list[list[int]]:
    """For each mark all the words that it may have had before it was changed."""
    flips = np.argsort(np.abs(found.dct[:, :BITS]), axis=1)[:, :UNSURE]
    masks = 1 << flips.astype(np.int64)
    choices = (np.arange(1 << UNSURE)[:, None] >> np.arange(UNSURE)) & 1
    return [
        [int(word ^ change) for change in choices @ mask]
        for word, mask in zip(words(found), masks, strict=True)
    ]


def packed(found: Marks) -> list[int]:
    """Where each mark lies, in one number: x and y in eighths, sigma in sixteenths of a pixel, 12 bits each."""
    steps = np.clip(np.round(found.place * (8, 8, 16)), 0, 4095).astype(np.int64)
    return [int(x << 24 | y << 12 | s) for x, y, s in steps]


def unpacked(places: Sequence[int]) -> Array:
    """Rows of x, y and sigma in pixels."""
    numbers = np.array(places, np.int64)
    return np.stack([(numbers >> 24) / 8, (numbers >> 12 & 4095) / 8, (numbers & 4095) / 16], axis=1)


# --- one picture over another ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Laid:
    """How the other picture lies in this one: x_other = scale · x + dx, and so for y. `marks` agreed on it."""

    scale: float
    dx: float
    dy: float
    marks: int


def arranged(mine: Array, others: Array) -> Laid | None:
    """The shift and scale that most pairs of marks agree on; rows are x, y, sigma of what was matched, (n, 3) each."""
    if len(mine) < 2:
        return None
    i, j = np.triu_indices(len(mine), 1)
    a, b = mine[j, :2] - mine[i, :2], others[j, :2] - others[i, :2]
    la, lb = np.hypot(*a.T), np.hypot(*b.T)
    apart = (la > 12) & (lb > 12)
    i, j, a, b, la, lb = i[apart], j[apart], a[apart], b[apart], la[apart], lb[apart]
    if not len(i):
        return None
    scale = lb / la
    turn = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / (la * lb)
    same = (a * b).sum(1) > 0
    ratio = np.log2(others[:, 2] / mine[:, 2])
    grows = np.log2(scale)
    fits = same & (turn < 0.07) & (np.abs(ratio[i] - grows) < 0.4) & (np.abs(ratio[j] - grows) < 0.4)
    i, j, scale = i[fits], j[fits], scale[fits]
    if not len(i):
        return None
    shift = (others[i, :2] + others[j, :2] - scale[:, None] * (mine[i, :2] + mine[j, :2])) / 2
    off = others[None, :, :2] - scale[:, None, None] * mine[None, :, :2] - shift[:, None, :]
    near = np.hypot(off[..., 0], off[..., 1]) < 4 * np.maximum(1, scale)[:, None]
    near &= np.abs(ratio[None, :] - np.log2(scale)[:, None]) < 0.5
    best = int(near.sum(1).argmax())
    if not near[best].any():
        return None  # two marks far apart that a slight turn lays beside each other, and nothing else
    m, o = mine[near[best], :2], others[near[best], :2]
    mean_m, mean_o = m.mean(0), o.mean(0)
    spread = float(((m - mean_m) ** 2).sum())
    fitted = float(((m - mean_m) * (o - mean_o)).sum() / spread) if spread > 0 else float(scale[best])
    if not 0.2 < fitted < 5:
        return None
    distinct = len(np.unique(np.round(m / 3), axis=0))
    dx, dy = mean_o - fitted * mean_m
    return Laid(fitted, float(dx), float(dy), distinct)


def agreement(mine: Grey, other: Grey, laid: Laid) -> tuple[float, float]:
    """Share of the pieces with structure that are the same in both, and the share of the smaller picture covered."""
    if laid.scale < 1:  # always look at the finer one through the coarser one
        turned = Laid(1 / laid.scale, -laid.dx / laid.scale, -laid.dy / laid.scale, laid.marks)
        return agreement(other, mine, turned)
    coarse, fine = mine, _blurred(other, max(0.3, 0.45 * (laid.scale**2 - 1) ** 0.5))
    x, y, s = laid.dx, laid.dy, laid.scale
    for sigma, rounds in ((2.0, 12), (0.8, 8)):
        a, b = _even(_blurred(coarse, sigma), 1.0), _even(_blurred(fine, sigma * s), s)
        x, y, s = _refined(a, b, x, y, s, rounds)
    box = _covered(coarse, fine, x, y, s) if 0.15 < s < 6 else None
    if box is None:
        return 0.0, 0.0
    x0, y0, x1, y1 = box
    a = coarse[y0:y1, x0:x1]
    b = _sampled(fine, np.arange(y0, y1) * s + y, np.arange(x0, x1) * s + x)
    area = (x1 - x0) * (y1 - y0) / min(coarse.size, fine.size / s**2)
    return _alike(_blurred(a, 0.8), _blurred(b, 0.8)), float(area)


def _covered(a: Array, b: Array, x: float, y: float, s: float) -> tuple[int, int, int, int] | None:
    x0, y0 = max(0, int(np.ceil(-x / s))), max(0, int(np.ceil(-y / s)))
    x1 = min(a.shape[1], int((b.shape[1] - 1 - x) / s) + 1)
    y1 = min(a.shape[0], int((b.shape[0] - 1 - y) / s) + 1)
    return (x0, y0, x1, y1) if x1 - x0 >= 40 and y1 - y0 >= 40 else None


def _refined(a: Array, b: Array, x: float, y: float, s: float, rounds: int) -> tuple[float, float, float]:
    """Gauss-Newton over scale and shift, on contrast-normalised pictures, with pieces that differ weighed down."""
    for _ in range(rounds):
        if not 0.15 < s < 6:
            break
        box = _covered(a, b, x, y, s)
        if box is None:
            return x, y, s
        x0, y0, x1, y1 = box
        gx, gy = np.arange(x0, x1), np.arange(y0, y1)
        left, right = a[y0:y1, x0:x1], _sampled(b, gy * s + y, gx * s + x)
        by, bx = np.gradient(right)
        error = left - right
        weight = 1 / (1 + (error / 0.5) ** 2)
        xs, ys = gx[None, :] - gx.mean(), gy[:, None] - gy.mean()
        columns = np.stack([(bx * xs + by * ys).ravel(), bx.ravel(), by.ravel()], axis=1)
        weighed = columns * weight.ravel()[:, None]
        normal = weighed.T @ columns + np.eye(3) * 1e-3
        ds, du, dv = np.linalg.solve(normal, weighed.T @ error.ravel())
        ds = float(np.clip(ds, -0.02, 0.02))
        du, dv = float(np.clip(du, -2, 2)), float(np.clip(dv, -2, 2))
        x, y = x + s * (du - ds * gx.mean()), y + s * (dv - ds * gy.mean())
        s *= 1 + ds
        if abs(ds) < 1e-4 and abs(du) < 0.01 and abs(dv) < 0.01:
            break
    return x, y, s


def _even(image: Array, scale: float) -> Array:
    """The picture without its slow changes of brightness and contrast."""
    fine = image - _mean(image, round(9 * scale))
    return np.asarray(fine / (np.sqrt(np.maximum(_mean(fine**2, round(12 * scale)), 0)) + 2.0))


def _mean(image: Array, radius: int) -> Array:
    """Of the square of `radius` around each pixel; beyond the edge the edge is repeated."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(image, pad, mode="edge"), axis=axis, dtype=np.float64)
        width, length = 2 * radius + 1, image.shape[axis]
        high = sums[width:] if axis == 0 else sums[:, width:]
        low = sums[:length] if axis == 0 else sums[:, :length]
        image = ((high - low) / width).astype(np.float32)
    return image


_PIECE: Final = 16  # pixels


def _alike(a: Array, b: Array) -> float:
    high, wide = a.shape[0] // _PIECE, a.shape[1] // _PIECE

    def pieces(image: Array) -> Array:
        fine = image - _blurred(image, 5.0)
        cut = fine[: high * _PIECE, : wide * _PIECE].reshape(high, _PIECE, wide, _PIECE)
        flat = cut.transpose(0, 2, 1, 3).reshape(high * wide, _PIECE**2)
        return np.asarray(flat - flat.mean(1, keepdims=True))

    p, q = pieces(a), pieces(b)
    dp, dq = p.std(1), q.std(1)
    structured = np.maximum(dp, dq) > 2.0
    if structured.sum() < 6:
        return 0.0
    alike = (p * q).mean(1) / (dp * dq + 0.3)
    return float((alike[structured] > _ALIKE).mean())


# --- what the bounded child is asked -----------------------------------------------------------------------------


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Marks of one view as [word, place] with what to look for, straight and mirrored; or how much `others` agree."""
    mine = read(Path(job["mine"]))
    if "others" in job:
        shares = [
            agreement(
                mine[:, ::-1] if other["mirrored"] else mine, read(Path(other["path"])), Laid(*other["laid"])
            )
            for other in job["others"]
        ]
        return {"reason": None, "shares": shares}
    found = marks(mine)
    ways = [(probes(each), packed(each)) for each in (found, mirrored(found))]
    return {"reason": None, "marks": list(zip(words(found), packed(found), strict=True)), "ways": ways}
