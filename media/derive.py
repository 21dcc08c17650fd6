"""Views and facts of one picture. Runs in the bounded child process only: what it opens may be hostile."""

import io
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import pi_heif
from PIL import Image, ImageCms, ImageFile

from media import exif, radiometry
from media.radiometry import Celsius, Thermogram, Unreadable
from media.sniff import HEAD, RECORDING, is_recording, sniff

LARGE, SMALL, THERMAL = 1600, 320, 640  # pixels of the long side
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "HEIF")  # JPEG turns into MPO by itself
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB: Final = ImageCms.createProfile("sRGB")
# inferno by M. Zucker's polynomial (CC0), per channel, lowest power first; within 1.5 % of the original table
_INFERNO: Final = (
    (0.0002189403691192265, 0.1065134194856116, 11.60249308247187, -41.70399613139459, 77.162935699427,
     -71.31942824499214, 25.13112622477341),
    (0.001651004631001012, 0.5639564367884091, -3.972853965665698, 17.43639888205313, -33.40235894210092,
     32.62606426397723, -12.24266895238567),
    (-0.01948089843709184, 3.932712388889277, -15.9423941062914, 44.35414519872813, -81.80730925738993,
     73.20951985803202, -23.07032500287172),
)  # fmt: skip
_NO_TEMPERATURE: Final = (128, 128, 128)

pi_heif.register_heif_opener(thumbnails=False)


class Undecodable(Exception):  # noqa: N818 - reads as what it says
    """No picture comes out of the file; `reason` is one word for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def derive(source: Path, out: Path, max_pixels: int) -> dict[str, Any]:
    """Write w320.webp, w1600.webp and thermal.webp into `out`, as far as they can be made; give the facts.

    `reason` is null when the picture is whole, else truncated, undecodable or too_many_pixels; `recording` for sound
    and moving pictures, of which no view is made. What can be shown of a truncated picture is shown.
    """
    facts: dict[str, Any] = {
        "width": None,
        "height": None,
        "taken_at_exif": None,
        "position_exif": None,
        "reason": None,
        "thermal": None,
        "thermal_reason": "no_temperatures",
    }
    with source.open("rb") as file:
        if is_recording(sniff(file.read(HEAD)) or ""):
            return facts | {"reason": RECORDING, "views": []}
    data = source.read_bytes()
    views: dict[str, Image.Image] = {}
    try:
        thermogram = radiometry.read(data)
        if thermogram is not None:
            views["thermal"] = _draw(thermogram, facts)
    except Unreadable as unreadable:
        facts["thermal_reason"] = unreadable.reason
    if data[:4] in (b"FFF\0", b"AFF\0"):
        _show_matrix(views, facts)
    else:
        _show_picture(data, max_pixels, views, facts)
    for name, view in views.items():
        view.save(out / f"{name}.webp", "WEBP", quality=78, method=2)
    return facts | {"views": sorted(views)}


def _show_matrix(views: dict[str, Image.Image], facts: dict[str, Any]) -> None:
    """A bare FFF has no picture beside its temperatures."""
    if "thermal" not in views:
        facts["reason"] = "undecodable"
        return
    facts |= {"width": facts["thermal"]["width"], "height": facts["thermal"]["height"]}
    views["w1600"] = views["thermal"]
    views["w320"] = _shrunk(views["thermal"], SMALL)


def _show_picture(data: bytes, max_pixels: int, views: dict[str, Image.Image], facts: dict[str, Any]) -> None:
    try:
        large, capture, size = _large(data, max_pixels, facts)
    except Undecodable as undecodable:
        facts["reason"] = undecodable.reason
        return
    width, height = size if capture.orientation < 5 else size[::-1]
    facts |= {
        "width": width,
        "height": height,
        "taken_at_exif": capture.taken_at,
        "position_exif": capture.position,
    }
    views["w1600"] = large
    views["w320"] = _shrunk(large, SMALL)


def _large(
    data: bytes, max_pixels: int, facts: dict[str, Any]
) -> tuple[Image.Image, exif.Capture, tuple[int, int]]:
    """The picture upright in sRGB, at most 1600 pixels long; what the file claims; its size as stored."""
    try:
        return _decoded(data, max_pixels, tolerant=False)
    except Undecodable as undecodable:
        if undecodable.reason != "truncated":
            raise
        facts["reason"] = "truncated"
        return _decoded(data, max_pixels, tolerant=True)


def _decoded(
    data: bytes, max_pixels: int, *, tolerant: bool
) -> tuple[Image.Image, exif.Capture, tuple[int, int]]:
    Image.MAX_IMAGE_PIXELS = max_pixels
    ImageFile.LOAD_TRUNCATED_IMAGES = tolerant
    opened = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                if image.width * image.height > max_pixels:
                    raise Undecodable("too_many_pixels")
                opened = True
                size = image.size
                capture = exif.read(image)
                if max(size) > LARGE:
                    image.draft(None, _fitted(size, LARGE))
                image.load()
                upright = _shrunk(_srgb(image), LARGE)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Undecodable("too_many_pixels") from error
    except (Undecodable, MemoryError):
        raise
    except Exception as error:  # decoders raise a dozen types on damaged files
        cut = opened and not tolerant
        raise Undecodable("truncated" if cut else "undecodable") from error
    if capture.orientation in _TURNS:
        upright = upright.transpose(_TURNS[capture.orientation])
    return upright, capture, size


def _srgb(image: Image.Image) -> Image.Image:
    """Colours as every screen takes them: derivatives carry no profile. Transparency becomes white."""
    profile = image.info.get("icc_profile")
    small = _shrunk(image, LARGE)
    if small.mode.startswith("I"):
        small = Image.fromarray((np.asarray(small).astype(np.uint32) >> 8).astype(np.uint8))
    if profile and small.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(small, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return small.convert("RGB")  # a broken profile is no reason to show nothing
        return small.convert("RGB") if converted is None else converted
    if small.mode in ("RGBA", "LA", "PA", "P"):
        small = small.convert("RGBA")
        white = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(white, small)
    return small.convert("RGB")


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    resample = Image.Resampling.NEAREST if image.mode in ("P", "1", "I;16") else Image.Resampling.LANCZOS
    return image.resize(_fitted(image.size, side), resample, reducing_gap=2.0)


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _draw(thermogram: Thermogram, facts: dict[str, Any]) -> Image.Image:
    """The matrix in colours, without numbers: the screen draws the scale from palette_low_c and _high_c."""
    celsius = thermogram.celsius
    low, high = float(np.nanpercentile(celsius, 0.5)), float(np.nanmax(celsius))
    high = max(high, low + 0.1)
    facts["thermal"] = radiometry.thermal_facts(thermogram) | {
        "palette": "inferno",
        "palette_low_c": round(low, 3),
        "palette_high_c": round(high, 3),
    }
    facts["thermal_reason"] = None
    return _coloured(celsius, low, high)


def _coloured(celsius: Celsius, low: float, high: float) -> Image.Image:
    height, width = celsius.shape
    size = _fitted((width, height), THERMAL)
    missing = np.isnan(celsius)
    share = np.clip((np.where(missing, low, celsius) - low) / (high - low), 0, 1)
    steps = Image.fromarray((share * 255).round().astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    pixels = inferno()[np.asarray(steps)]
    if missing.any():
        gaps = Image.fromarray(missing.astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
        pixels[np.asarray(gaps) == 1] = _NO_TEMPERATURE
    return Image.fromarray(pixels)


def inferno() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """256 colours from dark to bright, shape (256, 3)."""
    t = np.linspace(0, 1, 256)
    channels = [np.polynomial.polynomial.polyval(t, np.array(powers)) for powers in _INFERNO]
    return np.asarray(np.clip(np.stack(channels, axis=1), 0, 1) * 255).round().astype(np.uint8)
