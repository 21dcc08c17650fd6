"""The block of the Chinese power industry behind a JPEG: finished temperatures in °C.

Layout after public readers of files of three makers (the infrared annex of DL/T 664): the last 20 bytes are
a u32 offset and a mark of 16 bytes; at the offset stands the block, little-endian and packed. The offset
decides: some makers leave bytes between the JPEG's end and the block.
"""

import re
import struct
from datetime import datetime
from typing import Any, Final

import numpy as np

from media.radiometry.model import Thermogram, Unreadable

MARK: Final = bytes.fromhex("37 66 07 1a 12 3a 4c 9f a9 5d 21 d2 da 7d 26 bc")
_HEAD: Final = struct.Struct("<3H14s")
_TAIL: Final = struct.Struct("<ffBIBf32s32s32sddiI")
_LAST: Final = len(MARK) + 4
# A block whose end was cut off: right behind the JPEG's end stand version, sizes and 14 digits of time.
_CUT: Final = re.compile(rb"\xff\xd9.{0,16}?\x00\x01.{4}[0-9]{14}", re.DOTALL)


def read(data: bytes) -> Thermogram | None:
    """Temperatures of the block, None without one. Nothing is allocated before the sizes fit the file."""
    if not data.endswith(MARK):
        if data.startswith(b"\xff\xd8") and _CUT.search(data):
            raise Unreadable("power_block_cut")
        return None
    limit = len(data) - _LAST
    at = int.from_bytes(data[limit : limit + 4], "little")
    if at + _HEAD.size > limit:
        raise Unreadable("power_block_offset")
    version, width, height, digits = _HEAD.unpack_from(data, at)
    if version != 0x0100:
        raise Unreadable("power_block_version")
    matrix = at + _HEAD.size
    tail = matrix + 4 * width * height
    if not width or not height or tail + _TAIL.size > limit:
        raise Unreadable("power_block_size")
    fields = _TAIL.unpack_from(data, tail)
    note = tail + _TAIL.size
    if note + fields[-1] > limit:
        raise Unreadable("power_block_note")
    celsius = np.frombuffer(data, "<f4", width * height, matrix).reshape(height, width).astype(np.float32)
    return Thermogram(
        format="power_industry",
        celsius=celsius,
        trust="exact",
        parameters=_parameters(fields, data[note : note + fields[-1]]),
        taken_at=_moment(digits),
    )


def _parameters(fields: tuple[Any, ...], note: bytes) -> dict[str, Any]:
    emissivity, ambient, angle, distance, humidity, reflected, maker, model, serial, lon, lat, altitude, _ = (
        fields
    )
    placed = (lon or lat) and abs(lat) <= 90 and abs(lon) <= 180
    values = {
        "emissivity": _number(emissivity),
        "ambient_c": _number(ambient),
        "lens_angle_deg": angle or None,
        "distance_m": distance or None,
        "humidity_pct": humidity or None,
        "reflected_c": _number(reflected) or None,
        "maker": _text(maker),
        "model": _text(model),
        "serial": _text(serial),
        "lat": lat if placed else None,
        "lon": lon if placed else None,
        "altitude_m": altitude if placed else None,
        "note": _text(note[:4000]),
    }
    return {name: value for name, value in values.items() if value is not None}


def _number(value: float) -> float | None:
    return round(value, 4) if -1e6 < value < 1e6 else None  # False for NaN


def _text(raw: bytes) -> str | None:
    """The encoding is not stated: UTF-8 first, then GB18030. Control characters do not get through."""
    raw = raw.split(b"\0", 1)[0]
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return "".join(c for c in text if c.isprintable() or c == "\n").strip() or None


def _moment(digits: bytes) -> str | None:
    try:
        return datetime.strptime(digits.decode("ascii"), "%Y%m%d%H%M%S").isoformat()  # noqa: DTZ007 - no zone given
    except ValueError:
        return None
