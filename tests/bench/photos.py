"""Photos: memory of the server under an upload of 1 GB, views per second beside Pillow alone, decoding by format."""

import asyncio
import hashlib
import io
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

import numpy as np
from PIL import Image

from media import radiometry
from media.derive import LARGE, SMALL, THERMAL, derive, inferno
from media.sandbox import Sandbox
from media.service import MediaSettings
from tests.bench.line import Line
from tests.bench.site import Site, county, rss_mb
from tests.support.client import Client
from tests.support.phone import SAMPLES
from tests.support.server import Server
from tests.support.thermograms import power, scene

GB = 1_000_000_000  # bytes
PIECE = 8 * 2**20  # bytes of one request
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
GROWTH_MB = 64  # a part of 8 MiB for the store, one on its way to the disk, and what an allocator keeps
VIEWS = 6  # pictures of one round
ROUNDS = 5
SIDE = (4000, 3000)  # 12 megapixels, as a phone takes them
THERMAL_FILES = {
    "power_block": "state-grid-synthetic/sg_full.jpg",
    "flir_raw": "thermal-parser/FLIR_E40.jpg",
    "flir_png": "thermal-parser/FLIR_T640.jpg",
    "flir_fff": "flirpy/frame_000000_le.fff",
    "hti": "hti-irimageparser/p1.jpg",
    "dji_m2ea": "thermal-parser/M2EA_DJI_0001_R.JPG",
    "uni_t": "uni-t/IMG_Typical.bmp",
}
PICTURE_FILES = {
    "jpeg": "metadata-extractor-images/Apple_iPhone_5.jpg",
    "heic": "metadata-extractor-images/IMG_1034_iPhone8.heic",
    "mpo": "pillow/frozenpond.mpo",
    "avif": "pillow/exif.avif",
    "png": "exifr/png_with_exif_and_gps.png",
}
MAX_PIXELS = MediaSettings(staging_dir=Path()).max_pixels


async def measure(site: Site) -> AsyncIterator[Line]:
    for engine, store in (("sqlite", "files"), ("postgresql", "minio")):
        env = site.env(engine, photos=True) | {"MINGCHA_UPLOAD_MAX_MB": "1024", "MINGCHA_WORKER": "none"}
        server = site.prepare(env)
        await county(env)
        site.start(server)
        grown, seconds = await asyncio.to_thread(_a_large_upload, server)
        yield Line(
            part="photos",
            name=f"memory_of_1gb_{store}",
            value=round(grown, 1),
            unit="MiB grown",
            goal=GROWTH_MB,
            less=True,
            note=f"1,000 MB in {seconds:.0f} s, in pieces of 8 MiB; beside the server after 64 MB",
        )
        site.done(server)
    yield await _views()
    for line in _decoding():
        yield line


# --- memory -------------------------------------------------------------------------------------------------


def _content(size: int) -> Iterator[bytes]:
    """Pieces of a file that begins like a JPEG; no two are equal, and none costs time to make."""
    base, left, number = JPEG + bytes(range(256)) * (PIECE // 256), size, 0
    while left > 0:
        piece = (base if number == 0 else number.to_bytes(8, "big") + base)[: min(PIECE, left)]
        yield piece
        left, number = left - len(piece), number + 1


def _a_large_upload(server: Server) -> tuple[float, float]:
    """MiB by which the server's memory grew at most while 1 GB came in, after 64 MB had; and how long it took."""
    with Client(server.url, timeout_s=300).sign_in("inspector") as phone:
        _send(phone, 64 * 2**20)
        before, began = rss_mb(server), time.monotonic()
        with _watched(server) as peak:
            _send(phone, GB)
        return max(peak) - before, time.monotonic() - began


def _send(phone: Client, size: int) -> None:
    digest = hashlib.sha256()
    for piece in _content(size):
        digest.update(piece)
    answer = phone.create_upload(b"", sha256=digest.hexdigest(), size=size)
    assert answer.status_code == 201, answer.text
    location, at = answer.headers["Location"], 0
    for piece in _content(size):
        answer = phone.patch(location, at, piece)
        assert answer.status_code == 204, answer.text
        at += len(piece)


@contextmanager
def _watched(server: Server) -> Iterator[list[float]]:
    """The server's resident memory in MiB, 20 times a second."""
    seen, over = [rss_mb(server)], Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.append(rss_mb(server))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


# --- views --------------------------------------------------------------------------------------------------


def _thermal_photo() -> bytes:
    """A picture of 12 megapixels with the temperatures of a camera of 640 × 480 behind it: it has all three views."""
    with Image.open(SAMPLES / PICTURE_FILES["jpeg"]) as opened:
        packed = io.BytesIO()
        opened.convert("RGB").resize(SIDE).save(packed, "JPEG", quality=85)
    return power(scene(640, 480).astype(np.float32) / 300, picture=packed.getvalue())


def _alone(source: Path, out: Path, shades: Image.Image) -> None:
    """The same three views by Pillow's own calls: no facts, no colours to convert, temperatures read before."""
    with Image.open(source) as image:
        image.draft(None, (LARGE, LARGE * image.height // image.width))
        large = image.resize(
            (LARGE, LARGE * image.height // image.width), Image.Resampling.LANCZOS, reducing_gap=2.0
        )
    small = large.resize(
        (SMALL, SMALL * large.height // large.width), Image.Resampling.LANCZOS, reducing_gap=2.0
    )
    thermal = shades.resize((THERMAL, THERMAL * shades.height // shades.width), Image.Resampling.BICUBIC)
    thermal.putpalette(inferno().tobytes())
    for name, view in (("w1600", large), ("w320", small), ("thermal", thermal.convert("RGB"))):
        view.save(out / f"{name}.webp", "WEBP", quality=78, method=2)


async def _views() -> Line:
    """Photos per second through the bounded child, each with its three views, as a share of Pillow alone."""
    with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as name:
        folder = Path(name)
        source = folder / "photo.jpg"
        source.write_bytes(_thermal_photo())
        bounds = MediaSettings(staging_dir=folder)
        sandbox = Sandbox(bounds.decode_memory, bounds.decode_seconds, bounds.max_pixels)
        counts = scene(640, 480).astype(float)
        shades = Image.fromarray((255 * (counts - counts.min()) / np.ptp(counts)).astype(np.uint8))
        mine, alone = [], []
        try:
            for round_ in range(ROUNDS + 1):
                began = time.perf_counter()
                for _ in range(VIEWS):
                    facts = await sandbox.derive(source, folder)
                    assert facts["views"] == ["thermal", "w1600", "w320"], facts
                middle = time.perf_counter()
                for _ in range(VIEWS):
                    _alone(source, folder, shades)
                if round_:  # the first one warms both
                    mine.append(VIEWS / (middle - began))
                    alone.append(VIEWS / (time.perf_counter() - middle))
        finally:
            await sandbox.close()
    rate, base = statistics.median(mine), statistics.median(alone)
    return Line(
        part="photos",
        name="three_views",
        value=round(rate, 2),
        unit="photos/s",
        ratio=round(rate / base, 3),
        to="Pillow called directly",
        note=f"12 megapixels, one process; Pillow {base:.2f}/s",
    )


# --- decoding -----------------------------------------------------------------------------------------------


def _median_ms(work: Callable[[], object]) -> float:
    """Of as many runs as fit half a second, at least five."""
    work()
    times: list[float] = []
    until = time.perf_counter() + 0.5
    while len(times) < 5 or time.perf_counter() < until:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def _decoding() -> Iterator[Line]:
    """Temperatures out of a thermal file; both views of a picture, from the file to their bytes."""
    for name, path in THERMAL_FILES.items():
        data = (SAMPLES / path).read_bytes()
        found = radiometry.read(data)
        assert found is not None
        height, width = found.celsius.shape
        yield Line(
            part="photos",
            name=f"temperatures_{name}",
            value=round(_median_ms(partial(radiometry.read, data)), 2),
            unit=f"ms, {width} × {height}",
        )
    with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as out:
        for name, path in PICTURE_FILES.items():
            file = SAMPLES / path
            facts = derive(file, Path(out), MAX_PIXELS)
            yield Line(
                part="photos",
                name=f"views_{name}",
                value=round(_median_ms(partial(derive, file, Path(out), MAX_PIXELS)), 1),
                unit=f"ms, {facts['width'] * facts['height'] / 1e6:.1f} MP",
            )
