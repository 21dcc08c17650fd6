"""Files that hold temperatures which nobody can read openly: known by their mark, and said by name."""

from typing import Final

from media.radiometry import jpeg
from media.radiometry.model import Thermogram, Unreadable

_SIDES: Final = range(16, 4097)


def read(data: bytes) -> Thermogram | None:
    """Never temperatures: Unreadable for the makers known here, else None.

    HIKMICRO: a block `HDRI` behind the JPEG, width and height as u32 at 12 and 16; its counts follow each camera's own
    calibration. InfiRay: APP2 with `IJPEG` at 4; the counts' scale depends on a range that the file does not name.
    """
    if not data.startswith(b"\xff\xd8"):
        return None
    for marker, payload in jpeg.segments(data):
        if marker == 0xE2 and bytes(payload[4:10]) == b"IJPEG\0":
            raise Unreadable("infiray_scale")
    end = jpeg.end(data)
    at = -1 if end is None else data.find(b"HDRI", end)
    if at >= 0 and at + 20 <= len(data):
        sides = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (12, 16))
        if all(side in _SIDES for side in sides):
            raise Unreadable("hikmicro_raw")
    return None
