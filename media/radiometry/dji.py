"""DJI R-JPEG where an open reading is possible: apparent temperature, before emissivity.

The mark in APP4 decides, not the model: one model writes different marks by firmware. With `iirp`, and in
the M2EA, APP3 holds kelvin times 64. The counts of `girp`, `hirp` and of older cameras only the vendor's
library reads.
"""

import struct
from typing import Any, Final

import numpy as np

from media.radiometry import jpeg
from media.radiometry.model import Thermogram, Unreadable
from media.radiometry.planck import KELVIN

_MARK: Final = b"\xff\xd2\xd1\xff"
_SIZES: Final = {2 * width * height: (height, width) for width, height in ((640, 512), (1280, 1024))}
_NAMES: Final = ("ambient_c", "distance_m", "emissivity", "humidity_pct", "reflected_c")


def read(data: bytes) -> Thermogram | None:
    """Apparent temperatures, None when this is no DJI thermal picture."""
    if not data.startswith(b"\xff\xd8") or b"DJI" not in data[:4096]:
        return None
    counts, info = bytearray(), b""
    for marker, payload in jpeg.segments(data):
        if marker == 0xE3:
            counts += payload
        elif marker == 0xE4 and not info:
            info = bytes(payload)
    if not counts or not info:
        return None
    if info.startswith(_MARK + b"iirp"):
        parameters = _parameters(info, 32)
    elif not info.startswith(_MARK) and b"MAVIC2-ENTERPRISE-ADVANCED" in data[:4096]:
        parameters = _parameters(info, 0)
    else:
        raise Unreadable("dji_vendor_library")
    shape = _SIZES.get(len(counts))
    if shape is None:
        raise Unreadable("dji_size")
    kelvin = np.frombuffer(counts, "<u2").reshape(shape) / np.float32(64)
    return Thermogram(
        format="dji_rjpeg",
        celsius=(kelvin - np.float32(KELVIN)).astype(np.float32),
        trust="apparent",
        parameters=parameters,
    )


def _parameters(info: bytes, at: int) -> dict[str, Any]:
    """As set in the camera; they are not applied to the apparent temperature."""
    if len(info) < at + 20:
        raise Unreadable("dji_parameters")
    values = dict(zip(_NAMES, struct.unpack_from("<5f", info, at), strict=True))
    values["humidity_pct"] *= 100
    return {name: round(value, 3) for name, value in values.items() if -1000 < value < 100000}
