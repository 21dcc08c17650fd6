"""Time, place and turn of a picture as its file claims. Phones strip and forge them: never proof."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from PIL import ExifTags, Image

_PLAIN: Final = re.compile(r"[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """taken_at: ISO 8601, without zone where the file gives none. position: degrees, WGS 84 presumed."""

    taken_at: str | None = None
    position: dict[str, float] | None = None
    orientation: int = 1


def read(image: Image.Image) -> Capture:
    """What can be read; damaged metadata counts as none, for the picture may still be good."""
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        details = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # Pillow raises a dozen types on damaged metadata
        return Capture()
    return Capture(
        taken_at=_moment(details, exif.get(ExifTags.Base.DateTime)),
        position=_position(place),
        orientation=orientation if orientation in range(1, 9) else 1,
    )


def _moment(details: dict[int, Any], changed: Any) -> str | None:
    text = (
        details.get(ExifTags.Base.DateTimeOriginal) or details.get(ExifTags.Base.DateTimeDigitized) or changed
    )
    zone = details.get(ExifTags.Base.OffsetTimeOriginal) or details.get(ExifTags.Base.OffsetTime) or ""
    try:
        moment = datetime.strptime(str(text).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - local
    except ValueError:
        return None
    return moment.isoformat() + (zone if isinstance(zone, str) and _PLAIN.fullmatch(zone) else "")


def _position(place: dict[int, Any]) -> dict[str, float] | None:
    """Refused: outside the globe, exactly 0/0, and positions without the letter of their hemisphere."""
    lat = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    lon = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return {"lat": lat, "lon": lon}


def _degrees(parts: Any, letter: Any, letters: str, limit: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        sign = (1, -1)[letters.index(str(letter).strip("\0 "))] if str(letter).strip("\0 ") else None
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if sign is None:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return round(sign * value, 7) if 0 <= value <= limit else None  # False for NaN
