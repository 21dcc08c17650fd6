"""Hostile photos: seeded mutations of the samples, through the decoders and through the child that derives views.

Every candidate must end in an answer: temperatures or a reason from `radiometry.read`, facts from `derive`. Nothing may
crash the child, hang it or run it out of memory.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from media import radiometry
from media.radiometry import Unreadable
from media.sandbox import Sandbox
from tests.support import thermograms as made

SAMPLES = Path(__file__).parents[1] / "samples"
SLOW_S = 20.0  # one picture; the bound of the child is 30 s
MEMORY = 1536 * 2**20  # bytes of address space, as the server sets it
MAX_PIXELS = 50_000_000
INTERESTING = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


@dataclass
class Tally:
    """What came of the mutations."""

    read: int = 0
    derived: int = 0
    broken: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)


def seeds(largest: int) -> list[tuple[str, bytes]]:
    """Real files up to `largest` bytes and those made by hand."""
    names = sorted(json.loads((SAMPLES / "expected.json").read_text("utf-8"))["files"])
    files = [(name, SAMPLES / name) for name in names if (SAMPLES / name).exists()]
    real = [(name, path.read_bytes()) for name, path in files if 0 < path.stat().st_size <= largest]
    counts = made.scene()
    height, width = counts.shape
    bodies = {
        "plain": counts.tobytes(),
        "png": made.png(counts, swapped=True),
        "tiff": made.tiff(counts, ">", strips=3),
    }
    whole = {name: made.fff(body, width, height) for name, body in bodies.items()}
    whole |= {f"{name} in JPEG": made.in_jpeg(body) for name, body in whole.items()}
    return real + list(whole.items()) + [("hikmicro", made.hikmicro()), ("infiray", made.infiray())]


def tiny() -> list[tuple[str, bytes]]:
    """Small pictures of every kind that phones make, so that a hundred thousand of them go by in minutes."""
    rows, columns = np.mgrid[0:48, 0:64]
    colours = np.stack([rows * 5, columns * 3, (rows * columns) % 256], axis=2).astype(np.uint8)
    picture = Image.fromarray(colours)
    turned = Image.Exif()
    turned[0x0112] = 6
    turned[0x9003] = "2026:11:24 08:00:00"
    turned.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 2.5), 3: "E", 4: (120.0, 10.0, 1.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kinds: dict[str, tuple[str, str, dict[str, Any]]] = {
        "jpeg": ("JPEG", "RGB", {"exif": turned, "icc_profile": profile, "quality": 70}),
        "progressive": ("JPEG", "RGB", {"progressive": True, "quality": 70}),
        "grey": ("JPEG", "L", {}),
        "cmyk": ("JPEG", "CMYK", {}),
        "mpo": ("MPO", "RGB", {"save_all": True, "append_images": [picture], "exif": turned}),
        "png": ("PNG", "RGB", {"exif": turned, "icc_profile": profile}),
        "png with a palette": ("PNG", "P", {"transparency": 3}),
        "png with 16 bits": ("PNG", "I;16", {}),
        "png with transparency": ("PNG", "RGBA", {}),
        "webp": ("WEBP", "RGB", {"exif": turned, "icc_profile": profile}),
        "webp without loss": ("WEBP", "RGBA", {"lossless": True}),
        "avif": ("AVIF", "RGB", {"exif": turned, "speed": 10}),
        "bmp": ("BMP", "RGB", {}),
    }
    made: list[tuple[str, bytes]] = []
    for name, (form, mode, options) in kinds.items():
        file = io.BytesIO()
        shown = picture.convert("L").convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)
        shown.save(file, form, **options)
        made.append((name, file.getvalue()))
    heics = [SAMPLES / "pillow-heif" / name for name in ("truncated.heic", "corrupted.heic")]
    return made + [(path.name, path.read_bytes()) for path in heics]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Bytes set, bits flipped, numbers made huge, pieces cut out, doubled or zeroed, the end cut off."""
    hurt = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 8, 32))):
        if not hurt:
            break
        # Headers decide most: half of the damage falls into the first and the last kilobyte.
        span = dice.choice(((0, len(hurt)), (0, min(1024, len(hurt))), (max(0, len(hurt) - 1024), len(hurt))))
        at = dice.randrange(*span)
        size = dice.choice((1, 2, 4, 8, 64, 1024))
        match dice.randrange(8):
            case 0:
                hurt[at] = dice.randrange(256)
            case 1:
                hurt[at] ^= 1 << dice.randrange(8)
            case 2:
                hurt[at] = dice.choice(INTERESTING)
            case 3:
                hurt[at : at + 4] = dice.choice(
                    (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\xc0\x7f", bytes(4))
                )
            case 4:
                del hurt[at : at + size]
            case 5:
                hurt[at:at] = hurt[at : at + size]
            case 6:
                hurt[at : at + size] = bytes(min(size, len(hurt) - at))
            case 7 if dice.random() < 0.2:
                del hurt[at:]
    return bytes(hurt)


def candidates(
    rounds: int, seed: int, largest: int, share: tuple[int, int] = (0, 1)
) -> Iterator[tuple[str, bytes]]:
    """`rounds` mutations in turn over all seeds up to `largest` bytes (0: the tiny ones), of them the n-th of m
    shares; the same for the same seed.
    """
    files = seeds(largest) if largest else tiny()
    for number in range(share[0], rounds, share[1]):
        name, data = files[number % len(files)]
        yield f"{name} #{number}", mutated(data, random.Random(f"{seed}:{number}"))


def read_all(rounds: int, seed: int, largest: int, tally: Tally) -> None:
    """Through the decoders in this process: temperatures that print as JSON, or a reason of the catalogue."""
    for name, data in candidates(rounds, seed, largest):
        started = time.perf_counter()
        try:
            thermogram = radiometry.read(data)
            if thermogram is not None:
                json.dumps(radiometry.thermal_facts(thermogram), allow_nan=False)
                if thermogram.celsius.nbytes > 40 * len(data) + 2**16:
                    tally.broken.append(f"{name}: {thermogram.celsius.nbytes} bytes out of {len(data)}")
            tally.reasons["none" if thermogram is None else thermogram.format] += 1
        except Unreadable as unreadable:
            tally.reasons[unreadable.reason] += 1
        except Exception as error:
            tally.broken.append(f"{name}: {error!r}")
        tally.read += 1
        tally.slowest_s = max(tally.slowest_s, time.perf_counter() - started)


def derive_all(rounds: int, seed: int, largest: int, folder: Path, tally: Tally) -> None:
    """Through the child that the server uses, with its bounds; a child for each core."""
    asyncio.run(_derive_all(rounds, seed, largest, folder, tally))


async def _derive_all(rounds: int, seed: int, largest: int, folder: Path, tally: Tally) -> None:
    shares = os.cpu_count() or 1
    await asyncio.gather(
        *(
            _derive_share(candidates(rounds, seed, largest, (share, shares)), folder / str(share), tally)
            for share in range(shares)
        )
    )


async def _derive_share(photos: Iterator[tuple[str, bytes]], folder: Path, tally: Tally) -> None:
    sandbox = Sandbox(MEMORY, 30.0, MAX_PIXELS)
    source, out = folder / "source", folder / "out"
    out.mkdir(exist_ok=True, parents=True)
    try:
        for name, data in photos:
            source.write_bytes(data)
            started = time.perf_counter()
            facts = await sandbox.derive(source, out)
            took = time.perf_counter() - started
            if facts["reason"] in ("memory", "timeout", "crashed"):
                tally.broken.append(f"{name}: {facts['reason']}")
            tally.derived += 1
            if tally.derived % 10_000 == 0:
                print(f"        {tally.derived} derived, {len(tally.broken)} broken", flush=True)
            tally.slowest_s = max(tally.slowest_s, took)
    finally:
        await sandbox.close()
