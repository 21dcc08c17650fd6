"""HTI (HT-04D and its kin): two joined JPEGs, then u16 width, u16 height and int16 tenths of a degree.

Behind the matrix follow bytes of unknown meaning. There is no mark, so sizes and every value must be
plausible before the bytes count as temperatures: other makers join JPEGs too.
"""

import numpy as np

from media.radiometry import jpeg
from media.radiometry.model import Thermogram

_SIDES = range(16, 1025)
_COLDEST, _HOTTEST = -1000, 20000  # tenths


def read(data: bytes) -> Thermogram | None:
    """Temperatures behind two joined JPEGs, None when what follows is no such matrix."""
    if not data.startswith(b"\xff\xd8"):
        return None
    first = jpeg.end(data)
    if first is None or data[first : first + 2] != b"\xff\xd8":
        return None
    at = jpeg.end(data, first)
    if at is None or at + 4 > len(data):
        return None
    width, height = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (0, 2))
    if width not in _SIDES or height not in _SIDES or at + 4 + 2 * width * height > len(data):
        return None
    tenths = np.frombuffer(data, "<i2", width * height, at + 4).reshape(height, width)
    if tenths.min() < _COLDEST or tenths.max() > _HOTTEST:
        return None
    return Thermogram(format="hti", celsius=(tenths / 10).astype(np.float32), trust="exact")
