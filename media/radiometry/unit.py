"""UNI-T UTi260B bitmap: a byte for each pixel between the stored lowest and highest temperature.

Layout after github.com/Santi-hr/UNI-T-Thermal-Utilities: 24-bit bitmap, then width x height bytes (0 to 254),
a palette of 512 bytes and 26 bytes with the scale. The steps are those of the display and not linear in
temperature (20 °C off in places): approximate.
"""

import struct

import numpy as np

from media.radiometry.model import Thermogram, Unreadable

_PALETTE, _SCALE = 512, struct.Struct("<BHHHHB16x")


def read(data: bytes) -> Thermogram | None:
    """Temperatures in steps of a 254th of the scale, None when nothing stands behind the bitmap's pixels."""
    if not data.startswith(b"BM") or len(data) < 54:
        return None
    start, width, height = struct.unpack_from("<I4xii", data, 10)
    (depth,) = struct.unpack_from("<H", data, 28)
    if depth != 24 or not 16 <= width <= 1024 or not 16 <= height <= 1024:
        return None
    at = start + (3 * width + 3) // 4 * 4 * height
    if len(data) != at + width * height + _PALETTE + _SCALE.size:
        return None
    fahrenheit, high, low, _, _, emissivity_pct = _SCALE.unpack_from(data, len(data) - _SCALE.size)
    low_c, high_c = ((value / 10 - 32) / 1.8 if fahrenheit else value / 10 for value in _signed(low, high))
    if not low_c < high_c:
        raise Unreadable("unit_scale")
    steps = np.frombuffer(data, np.uint8, width * height, at).reshape(height, width)
    celsius = low_c + steps.astype(np.float32) / 254 * (high_c - low_c)
    return Thermogram(
        format="uni_t",
        celsius=np.where(steps <= 254, celsius, np.nan).astype(np.float32),
        trust="approximate",
        parameters={
            "emissivity": emissivity_pct / 100,
            "scale_low_c": round(low_c, 1),
            "scale_high_c": round(high_c, 1),
        },
    )


def _signed(*values: int) -> tuple[int, ...]:
    return tuple(value - 0x10000 if value > 0x7FFF else value for value in values)
