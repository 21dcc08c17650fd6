"""Thermal files made by hand: every layout that the samples of real cameras do not show."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.uint16]
JPEG = b"\xff\xd8\xff\xd9"
IHDR_DEPTH = 16

# A FLIR T420's calibration, its conditions, range and time.
CAMERA = {
    0x20: 0.95, 0x24: 3.0, 0x28: 295.15, 0x2C: 292.15, 0x30: 293.15, 0x34: 0.97, 0x3C: 0.5,
    0x58: 16125.788, 0x5C: 1420.1, 0x60: 1.0, 0x70: 0.006569, 0x74: 0.01262, 0x78: -0.002276, 0x7C: -0.00667,
    0x80: 1.9, 0x90: 393.15, 0x94: 253.15, 0x30C: 0.010903412,
}  # fmt: skip


def scene(width: int = 24, height: int = 18) -> Counts:
    """A smooth slope with a hot spot, in counts of that camera."""
    y, x = np.mgrid[0:height, 0:width]
    hot = 2400 * np.exp(-((x - width * 0.7) ** 2 + (y - height * 0.4) ** 2) / 6)
    return (15000 + 11 * x + 7 * y + hot).round().astype(np.uint16)


def png(counts: Counts, *, swapped: bool, filters: tuple[int, ...] = (0, 1, 2, 3, 4)) -> bytes:
    """Grey of 16 bits, each row with the next of the five filters; `swapped` as most FLIR cameras store it."""
    height, width = counts.shape
    rows = counts.astype("<u2" if swapped else ">u2").tobytes()
    line = 2 * width
    packed, above = bytearray(), bytes(line)
    for y in range(height):
        row, kind = rows[y * line : (y + 1) * line], filters[y % len(filters)]
        packed.append(kind)
        for i in range(line):
            left = row[i - 2] if i >= 2 else 0
            corner = above[i - 2] if i >= 2 else 0
            base = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[kind]
            packed.append((row[i] - base) & 0xFF)
        above = row
    head = struct.pack(">2I5B", width, height, IHDR_DEPTH, 0, 0, 0, 0)
    body = zlib.compress(bytes(packed))
    middle = len(body) // 2
    chunks = ((b"IHDR", head), (b"IDAT", body[:middle]), (b"IDAT", body[middle:]), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def tiff(counts: Counts, order: str = "<", strips: int = 1, packing: int = 1) -> bytes:
    """Grey of 16 bits in `strips` strips."""
    height, width = counts.shape
    rows = counts.astype(f"{order}u2").tobytes()
    step = -(-height // strips) * 2 * width
    parts = [rows[at : at + step] for at in range(0, len(rows), step)]
    starts = [8 + sum(map(len, parts[:n])) for n in range(len(parts))]
    tail = 8 + len(rows)
    lists = struct.pack(f"{order}{2 * len(parts)}I", *starts, *map(len, parts))
    many = len(parts) > 1
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, 1, 16),
        (259, 3, 1, packing),
        (262, 3, 1, 1),
        (273, 4, len(parts), tail if many else starts[0]),
        (277, 3, 1, 1),
        (279, 4, len(parts), tail + 4 * len(parts) if many else len(rows)),
    ]
    out = io.BytesIO()
    out.write(b"II*\0" if order == "<" else b"MM\0*")
    out.write(struct.pack(f"{order}I", tail + len(lists)))
    out.write(rows + lists + struct.pack(f"{order}H", len(entries)))
    for tag, kind, count, value in entries:
        wide = kind == 4 or count > 1
        out.write(struct.pack(f"{order}2HI", tag, kind, count))
        out.write(struct.pack(f"{order}I", value) if wide else struct.pack(f"{order}Hxx", value))
    out.write(bytes(4))
    return out.getvalue()


def fff(body: bytes, width: int, height: int, *, directory: str = ">", record: str = "<") -> bytes:
    """A bare FFF with one raw record and one camera record; the byte orders are independent of each other."""
    raw = struct.pack(f"{record}3H", 2, width, height).ljust(0x20, b"\0") + body
    camera = bytearray(0x400)
    camera[0:2] = struct.pack(f"{record}H", 2)
    for at, value in CAMERA.items():
        struct.pack_into(f"{record}f", camera, at, value)
    struct.pack_into(f"{record}i", camera, 0x308, -5588)
    camera[0xD4:0xE0] = b"FLIR T420\0\0\0"
    struct.pack_into(f"{record}2Ih", camera, 0x384, 1724423364, 92, -480)
    starts = (64 + 64, 64 + 64 + len(raw))
    entries = b"".join(
        struct.pack(f"{directory}2H2I2I", kind, 1, 100, 0, at, len(part)).ljust(32, b"\0")
        for kind, at, part in ((0x01, starts[0], raw), (0x20, starts[1], bytes(camera)))
    )
    head = b"FFF\0".ljust(0x14, b"\0") + struct.pack(f"{directory}3I", 101, 64, 2)
    return head.ljust(64, b"\0") + entries + raw + bytes(camera)


def in_jpeg(whole: bytes, piece: int = 4000) -> bytes:
    """Cut into APP1 segments as a FLIR camera does it."""
    parts = [whole[at : at + piece] for at in range(0, len(whole), piece)]
    out = b"\xff\xd8"
    for number, part in enumerate(parts):
        payload = b"FLIR\0\x01" + bytes([number, len(parts) - 1]) + part
        out += b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
    return out + b"\xff\xd9"


def hikmicro(width: int = 160, height: int = 120) -> bytes:
    """The raw block of a HIKMICRO camera behind the JPEG's end."""
    head = b"HDRI" + struct.pack("<2H", 0x1028, 0) + bytes(4) + struct.pack("<2I", width, height)
    return JPEG + head.ljust(44, b"\0") + bytes(range(200))


def infiray() -> bytes:
    """The mark of an InfiRay file in APP2."""
    payload = b"\x01\x00\x00\x00IJPEG\0" + bytes(30)
    return b"\xff\xd8\xff\xe2" + struct.pack(">H", len(payload) + 2) + payload + b"\xff\xd9"


def dji(mark: bytes, counts: Counts | None = None) -> bytes:
    """A DJI picture with its counts in APP3 and its mark in APP4."""
    info = b"\xff\xd2\xd1\xff" + mark
    info = info.ljust(32, b"\0") + struct.pack("<5f", 25.0, 5.0, 0.95, 0.5, 25.0)
    body = b"" if counts is None else counts.astype("<u2").tobytes()
    out = b"\xff\xd8\xff\xe1\x00\x07DJI\0\0"
    for at in range(0, len(body), 60000):
        part = body[at : at + 60000]
        out += b"\xff\xe3" + struct.pack(">H", len(part) + 2) + part
    return out + b"\xff\xe4" + struct.pack(">H", len(info) + 2) + info + b"\xff\xd9"


def power(
    matrix: npt.NDArray[np.float32],
    *,
    picture: bytes = JPEG,
    between: bytes = b"",
    note: bytes = b"",
    time: bytes = b"20261126010000",
) -> bytes:
    """The power-industry block behind a picture, with `between` before it as HIKMICRO writes three bytes there."""
    height, width = matrix.shape
    start = len(picture) + len(between)
    tail = struct.pack(
        "<ffBIBf32s32s32sddiI",
        0.9,
        25.3,
        24,
        10,
        50,
        25.3,
        b"MAKER",
        b"M1",
        b"1",
        120.1,
        30.2,
        100,
        len(note),
    )
    mark = bytes.fromhex("37 66 07 1a 12 3a 4c 9f a9 5d 21 d2 da 7d 26 bc")
    return (
        picture + between + struct.pack("<3H14s", 0x0100, width, height, time) + matrix.astype("<f4").tobytes()
        + tail + note + struct.pack("<I", start) + mark
    )  # fmt: skip
