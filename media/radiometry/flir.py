"""FLIR FFF: raw counts and the camera's record, in a JPEG's APP1 segments or bare.

Offsets after exiftool's documented FLIR tables. Directory, raw record and camera record each name their own
byte order; files of one maker differ in it.
"""

import io
import struct
import warnings
from datetime import UTC, datetime, timedelta, timezone
from math import isfinite
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from media.radiometry import jpeg
from media.radiometry.model import Counts, Raw, Thermogram, Unreadable
from media.radiometry.planck import KELVIN, Camera, celsius

Order = Literal["<", ">"]
_MAGIC: Final = (b"FFF\0", b"AFF\0")
_MAX_PIXELS: Final = 4_000_000
_TIFF_TAGS: Final = (256, 257, 258, 259, 273, 277, 279)
_MAX_STRIPS: Final = 65536
_MAX_UNPACKED: Final = 32  # times the record's size; thermal noise packs to a half at best


def read(data: bytes) -> Thermogram | None:
    """Temperatures of an FFF file or of the JPEG that carries one; None when there is none."""
    if data.startswith(_MAGIC):
        return _read_fff(data)
    fff = _joined(data)
    return None if fff is None else _read_fff(fff)


def _joined(data: bytes) -> bytes | None:
    """The FFF that was cut into APP1 segments: "FLIR\\0", version, chunk number, last chunk number."""
    chunks: dict[int, memoryview] = {}
    last = 0
    for marker, payload in jpeg.segments(data):
        if marker == 0xE1 and len(payload) > 8 and bytes(payload[:5]) == b"FLIR\0":
            if payload[6] in chunks:
                raise Unreadable("flir_chunk_twice")
            chunks[payload[6]] = payload[8:]
            last = payload[7]
    if not chunks:
        return None
    if sorted(chunks) != list(range(last + 1)):
        raise Unreadable("flir_chunk_missing")
    return b"".join(chunks[number] for number in range(last + 1))


def _read_fff(fff: bytes) -> Thermogram:
    if not fff.startswith(_MAGIC) or len(fff) < 64:
        raise Unreadable("flir_header")
    records = _directory(fff)
    if 0x01 not in records or 0x20 not in records:
        raise Unreadable("flir_record_missing")
    info, order = records[0x20], _order(records[0x20])
    if len(info) < 0x390:
        raise Unreadable("flir_camera_record")
    try:
        camera = _camera(info, order)
        counts = _counts(records[0x01])
        matrix = celsius(counts, camera)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        raise Unreadable("flir_parameters") from error
    return Thermogram(
        format="flir_fff",
        celsius=matrix,
        trust="exact",
        parameters=_parameters(info, order, camera, matrix),
        taken_at=_moment(info, order),
        raw=Raw(counts, camera),
    )


def _directory(fff: bytes) -> dict[int, memoryview]:
    """First record of each type; records that reach beyond the file are refused."""
    order: Order = ">" if 100 <= int.from_bytes(fff[0x14:0x18], "big") < 200 else "<"
    start, count = struct.unpack_from(f"{order}2I", fff, 0x18)
    if count > 1000 or start + 32 * count > len(fff):
        raise Unreadable("flir_directory")
    found: dict[int, memoryview] = {}
    for entry in range(count):
        at = start + 32 * entry
        (kind,) = struct.unpack_from(f"{order}H", fff, at)
        offset, length = struct.unpack_from(f"{order}2I", fff, at + 12)
        if kind not in (0x01, 0x20) or kind in found:
            continue
        if offset + length > len(fff) or length < 0x20:
            raise Unreadable("flir_record_size")
        found[kind] = memoryview(fff)[offset : offset + length]
    return found


def _order(record: memoryview) -> Order:
    return "<" if record[0] else ">"  # the record begins with the number 2 as u16


def _counts(record: memoryview) -> Counts:
    order = _order(record)
    width, height = struct.unpack_from(f"{order}2H", record, 2)
    body = record[0x20:]
    if bytes(body[:4]) == b"\x89PNG":
        return _smoother(_png(bytes(body)))
    if bytes(body[:4]) in (b"II*\0", b"MM\0*"):
        return _tiff(body)
    if not width or not height or 2 * width * height > len(body):
        raise Unreadable("flir_raw_size")
    return np.frombuffer(body, f"{order}u2", width * height).reshape(height, width).astype(np.uint16)


def _png(body: bytes) -> Counts:
    """16 bits of grey, not interlaced: nothing else was seen, and nothing else is unpacked."""
    if len(body) < 33:
        raise Unreadable("flir_raw_picture")
    width, height, depth, colour, _, _, interlace = struct.unpack_from(">2I5B", body, 16)
    if not width or not height or width * height > min(_MAX_PIXELS, _MAX_UNPACKED * len(body) // 2):
        raise Unreadable("flir_raw_size")
    if (depth, colour, interlace) != (16, 0, 0):
        raise Unreadable("flir_raw_depth")
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(body), formats=("PNG",)) as image:
            warnings.simplefilter("ignore")
            counts = np.asarray(image).astype(np.uint16)
    except Exception as error:  # Pillow raises a dozen types on damaged files
        raise Unreadable("flir_raw_picture") from error
    if counts.shape != (height, width):
        raise Unreadable("flir_raw_picture")
    return counts


def _smoother(counts: Counts) -> Counts:
    """PNG bytes are swapped by most cameras, but not by all: a picture's neighbours differ little."""
    swapped = counts.byteswap()

    def step(matrix: Counts) -> float:
        return float(np.abs(np.diff(matrix.astype(np.int32), axis=1)).mean()) if matrix.shape[1] > 1 else 0.0

    return swapped if step(swapped) <= step(counts) else counts


def _tiff(body: memoryview) -> Counts:
    """One strip or several, 16 bits of grey, not packed."""
    order: Order = "<" if body[0] == 0x49 else ">"
    tags = _tags(body, order)

    def only(tag: int, default: int) -> int:
        values = tags.get(tag, (default,))
        if len(values) != 1:
            raise Unreadable("flir_raw_picture")
        return values[0]

    width, height = only(256, 0), only(257, 0)
    if (only(258, 1), only(259, 1), only(277, 1)) != (16, 1, 1):
        raise Unreadable("flir_raw_depth")
    starts, lengths = tags.get(273, ()), tags.get(279, ())
    reaches = all(start + length <= len(body) for start, length in zip(starts, lengths, strict=False))
    if not width or not height or len(starts) != len(lengths) or not reaches:
        raise Unreadable("flir_raw_size")
    if sum(lengths) < 2 * width * height or sum(lengths) > len(body):
        raise Unreadable("flir_raw_size")
    packed = b"".join(body[start : start + length] for start, length in zip(starts, lengths, strict=True))
    return np.frombuffer(packed, f"{order}u2", width * height).reshape(height, width).astype(np.uint16)


def _tags(body: memoryview, order: Order) -> dict[int, tuple[int, ...]]:
    """What the first directory says of the matrix; numbers are u16 or u32."""
    if len(body) < 8:
        raise Unreadable("flir_raw_picture")
    (at,) = struct.unpack_from(f"{order}I", body, 4)
    if at + 2 > len(body):
        raise Unreadable("flir_raw_picture")
    (entries,) = struct.unpack_from(f"{order}H", body, at)
    if at + 2 + 12 * entries > len(body):
        raise Unreadable("flir_raw_picture")
    found: dict[int, tuple[int, ...]] = {}
    for entry in range(entries):
        tag, kind, count = struct.unpack_from(f"{order}2HI", body, at + 2 + 12 * entry)
        if tag not in _TIFF_TAGS or tag in found or kind not in (3, 4):
            continue
        size = (2 if kind == 3 else 4) * count
        place = at + 10 + 12 * entry
        if size > 4:
            (place,) = struct.unpack_from(f"{order}I", body, place)
        if count > _MAX_STRIPS or place + size > len(body):
            raise Unreadable("flir_raw_picture")
        found[tag] = struct.unpack_from(f"{order}{count}{'H' if kind == 3 else 'I'}", body, place)
    return found


def _camera(info: memoryview, order: Order) -> Camera:
    def number(at: int) -> float:
        value = float(struct.unpack_from(f"{order}f", info, at)[0])
        if not isfinite(value):
            raise Unreadable("flir_parameters")
        return value

    humidity = number(0x3C)
    camera = Camera(
        emissivity=number(0x20),
        distance_m=max(number(0x24), 0.0),
        reflected_c=number(0x28) - KELVIN,
        atmospheric_c=number(0x2C) - KELVIN,
        window_c=number(0x30) - KELVIN,
        window_transmission=number(0x34),
        humidity=humidity / 100 if humidity > 2 else humidity,
        r1=number(0x58),
        b=number(0x5C),
        f=number(0x60),
        alpha1=number(0x70),
        alpha2=number(0x74),
        beta1=number(0x78),
        beta2=number(0x7C),
        x=number(0x80),
        o=float(struct.unpack_from(f"{order}i", info, 0x308)[0]),
        r2=number(0x30C),
    )
    if not (0 < camera.emissivity <= 1 and 0 < camera.window_transmission <= 1 and camera.r1 > 0 < camera.r2):
        raise Unreadable("flir_parameters")
    return camera


def _parameters(
    info: memoryview, order: Order, camera: Camera, matrix: npt.NDArray[np.float32]
) -> dict[str, Any]:
    highest, lowest = (value - KELVIN for value in struct.unpack_from(f"{order}2f", info, 0x90))
    values: dict[str, Any] = {
        "emissivity": round(camera.emissivity, 4),
        "distance_m": round(camera.distance_m, 2),
        "reflected_c": round(camera.reflected_c, 2),
        "atmospheric_c": round(camera.atmospheric_c, 2),
        "humidity_pct": round(camera.humidity * 100, 1),
        "window_c": round(camera.window_c, 2),
        "window_transmission": round(camera.window_transmission, 4),
        "model": _text(info[0xD4:0xF4]),
        "serial": _text(info[0x104:0x114]),
    }
    if isfinite(lowest) and isfinite(highest) and lowest < highest:
        values |= {
            "range_low_c": round(lowest, 1),
            "range_high_c": round(highest, 1),
            "below_range": int(np.count_nonzero(matrix < lowest)),
            "above_range": int(np.count_nonzero(matrix > highest)),
        }
    return {name: value for name, value in values.items() if value is not None}


def _text(raw: memoryview) -> str | None:
    text = bytes(raw).split(b"\0", 1)[0].decode("ascii", "replace")
    return "".join(c for c in text if c.isprintable()).strip() or None


def _moment(info: memoryview, order: Order) -> datetime | None:
    seconds, milliseconds, west_min = struct.unpack_from(f"{order}2Ih", info, 0x384)
    if not seconds or abs(west_min) > 14 * 60:
        return None
    moment = datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=milliseconds & 0xFFFF)
    return moment.astimezone(timezone(timedelta(minutes=-west_min)))
