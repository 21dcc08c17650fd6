"""Hostile photos: mutations of the samples, through the decoders and through the child that derives views.

Hypothesis draws them, in `make test` and in the long proof: a sample, and what is done to it where. Every mutation must
end in an answer: temperatures or a reason from `radiometry.read`, facts from `derive`. Nothing may crash the child,
hang it or run it out of memory.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from media import radiometry
from media.radiometry import Unreadable
from media.sandbox import Sandbox
from tests.support import thermograms

SAMPLES = Path(__file__).parents[1] / "samples"
SLOW_S = 20.0  # one picture; the bound of the child is 30 s
MEMORY = 1536 * 2**20  # bytes of address space, as the server sets it
MAX_PIXELS = 50_000_000
LARGEST = 1_600_000  # bytes of a sample
HEAD = 1024  # headers decide most: two of three changes fall into the first or the last kilobyte
CHUNK = 5000  # mutations that are drawn at a time


# --- samples --------------------------------------------------------------------------------------------------


@cache
def real() -> Mapping[str, bytes]:
    """The files of cameras and phones, and those that others broke."""
    names = sorted(json.loads((SAMPLES / "expected.json").read_text("utf-8"))["files"])
    files = [(name, SAMPLES / name) for name in names if (SAMPLES / name).exists()]
    return {name: path.read_bytes() for name, path in files if 0 < path.stat().st_size <= LARGEST}


def real_up_to(largest: int) -> list[str]:
    return [name for name, data in real().items() if len(data) <= largest]


@cache
def made() -> Mapping[str, bytes]:
    """Thermal layouts of which there is no free file, made by hand."""
    counts = thermograms.scene()
    height, width = counts.shape
    bodies = {
        "plain": counts.tobytes(),
        "png": thermograms.png(counts, swapped=True),
        "tiff": thermograms.tiff(counts, ">", strips=3),
    }
    whole = {f"fff {name}": thermograms.fff(body, width, height) for name, body in bodies.items()}
    whole |= {f"{name} in JPEG": thermograms.in_jpeg(body) for name, body in whole.items()}
    return whole | {"hikmicro": thermograms.hikmicro(), "infiray": thermograms.infiray()}


@cache
def tiny() -> Mapping[str, bytes]:
    """Small pictures of every kind that phones make: the time goes into the decoders, not into pixels."""
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
    files: dict[str, bytes] = {}
    for name, (form, mode, options) in kinds.items():
        file = io.BytesIO()
        shown = picture.convert("L").convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)
        shown.save(file, form, **options)
        files[f"tiny {name}"] = file.getvalue()
    return files


# --- what is done to them -------------------------------------------------------------------------------------


def put(data: bytearray, at: int, value: bytes) -> None:
    data[at : at + len(value)] = value


def flip(data: bytearray, at: int, bit: int) -> None:
    data[at] ^= 1 << bit


def cut(data: bytearray, at: int, size: int) -> None:
    del data[at : at + size]


def double(data: bytearray, at: int, size: int) -> None:
    data[at:at] = data[at : at + size]


def clear(data: bytearray, at: int, size: int) -> None:
    data[at : at + size] = bytes(min(size, len(data) - at))


def end(data: bytearray, at: int, _: None) -> None:
    del data[at:]


#: numbers at which programs break: none, all, the sign, no number
INTERESTING = (b"\0", b"\1", b"\x7f", b"\x80", b"\xfe", b"\xff")
INTERESTING += (bytes(4), b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\xc0\x7f")
SIZES = st.sampled_from((1, 2, 4, 8, 64, 1024))
#: what can be done, and with what
KINDS: Mapping[str, tuple[Callable[[bytearray, int, Any], None], st.SearchStrategy[Any]]] = {
    "put": (put, st.sampled_from(INTERESTING) | st.binary(min_size=1, max_size=4)),
    "flip": (flip, st.integers(0, 7)),
    "cut": (cut, SIZES),
    "double": (double, SIZES),
    "clear": (clear, SIZES),
    "end": (end, st.none()),
}
OFTEN = ("put", "flip", "put", "cut", "put", "double", "clear") * 5 + ("end",)


@dataclass(frozen=True)
class Change:
    """One of `KINDS`, at a place of the whole file, its head or its tail; `at` is taken modulo the length of that."""

    kind: str
    part: str
    at: int
    with_: bytes | int | None

    def apply(self, data: bytearray) -> None:
        span = len(data) if self.part == "whole" else min(HEAD, len(data))
        first = len(data) - span if self.part == "tail" else 0
        KINDS[self.kind][0](data, first + self.at % span, self.with_)


@dataclass(frozen=True)
class Mutation:
    """A sample and what is done to it, in this order."""

    sample: str
    changes: tuple[Change, ...]

    @property
    def data(self) -> bytes:
        name = self.sample
        data = bytearray(real().get(name) or made().get(name) or tiny()[name])
        for change in self.changes:
            if data:
                change.apply(data)
        return bytes(data)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    kind = draw(st.sampled_from(OFTEN))
    part = draw(st.sampled_from(("whole", "head", "tail")))
    at = draw(st.integers(0, HEAD - 1 if part != "whole" else 2**21 - 1))
    return Change(kind, part, at, draw(KINDS[kind][1]))


def mutations(samples: Sequence[str]) -> st.SearchStrategy[Mutation]:
    """Of these samples; shrinks to few changes with small numbers."""
    some = st.lists(changes(), min_size=1, max_size=32).map(tuple)
    return st.builds(Mutation, st.sampled_from(samples), some)


def drawn(samples: Sequence[str], rounds: int, number: int) -> Iterator[Mutation]:
    """So many of them, the same for the same seed `number`; not shrunk."""
    for chunk in range(-(-rounds // CHUNK)):
        yield from _chunk(samples, min(CHUNK, rounds - chunk * CHUNK), number * 1000 + chunk)


def _chunk(samples: Sequence[str], count: int, number: int) -> list[Mutation]:
    found: list[Mutation] = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutations(samples))
    def draw(mutation: Mutation) -> None:
        found.append(mutation)

    draw()
    return found


# --- where they go --------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of the mutations."""

    of: Counter[str] = field(default_factory=Counter)  # by sample
    broken: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)

    def note(self, mutation: Mutation, answer: str, took_s: float) -> None:
        self.of[mutation.sample] += 1
        self.reasons[answer] += 1
        self.slowest_s = max(self.slowest_s, took_s)
        if self.of.total() % 10_000 == 0:
            print(f"        {self.of.total()} done, {len(self.broken)} broken", flush=True)


def read(mutation: Mutation) -> str:
    """By the decoders in this process: the format whose temperatures print as JSON, or a reason of the catalogue.

    Everything else raises.
    """
    data = mutation.data
    try:
        thermogram = radiometry.read(data)
    except Unreadable as unreadable:
        return unreadable.reason
    if thermogram is None:
        return "none"
    json.dumps(radiometry.thermal_facts(thermogram), allow_nan=False)
    assert thermogram.celsius.nbytes <= 40 * len(data) + 2**16, "more memory than the file can need"
    return thermogram.format


def read_all(found: Iterator[Mutation], tally: Tally) -> None:
    for mutation in found:
        started, answer = time.perf_counter(), "broken"
        try:
            answer = read(mutation)
        except Exception as error:
            tally.broken.append(f"{mutation}: {error!r}")
        tally.note(mutation, answer, time.perf_counter() - started)


class Child:
    """The child that the server uses, with its bounds."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True, parents=True)
        self._sandbox = Sandbox(MEMORY, 30.0, MAX_PIXELS)
        self._source, self._out = folder / "source", folder / "out"
        self._out.mkdir(exist_ok=True)

    async def derive(self, mutation: Mutation) -> str:
        """Why there is no view, "" when there is. AssertionError when the child crashed, hung or was full."""
        self._source.write_bytes(mutation.data)
        reason = str((await self._sandbox.derive(self._source, self._out))["reason"])
        assert reason not in ("memory", "timeout", "crashed"), reason
        return reason

    async def close(self) -> None:
        await self._sandbox.close()


def derive_all(found: Iterator[Mutation], folder: Path, tally: Tally) -> None:
    """In a child for each core."""

    async def share(place: Path) -> None:
        child = Child(place)
        try:
            for mutation in found:
                started, answer = time.perf_counter(), "broken"
                try:
                    answer = await child.derive(mutation)
                except AssertionError as error:
                    tally.broken.append(f"{mutation}: {error}")
                tally.note(mutation, answer, time.perf_counter() - started)
        finally:
            await child.close()

    async def shares() -> None:
        await asyncio.gather(*(share(folder / str(core)) for core in range(os.cpu_count() or 1)))

    asyncio.run(shares())
