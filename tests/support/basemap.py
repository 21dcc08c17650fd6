"""A small PMTiles v3 file of vector tiles for tests: land, water, houses, roads and places around one point."""

import gzip
import math
import struct
from collections.abc import Iterable, Mapping, Sequence

EXTENT = 4096
AT = (36.3502, 114.2003)
ZOOMS = range(9, 15)
POINT, LINE, AREA = 1, 2, 3
Feature = tuple[int, Mapping[str, str], Sequence[tuple[float, float]]]


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def _zigzag(n: int) -> int:
    return n << 1 if n >= 0 else (-n << 1) - 1


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, n: int) -> bytes:
    return _varint(field << 3) + _varint(n)


def _geometry(type_: int, points: Sequence[tuple[int, int]]) -> bytes:
    commands: list[int] = []
    x = y = 0
    for i, (to_x, to_y) in enumerate(points):
        if i == 0:
            commands.append(1 << 3 | 1)
        elif i == 1:
            commands.append((len(points) - 1) << 3 | 2)
        commands += [_zigzag(to_x - x), _zigzag(to_y - y)]
        x, y = to_x, to_y
    if type_ == AREA:
        commands.append(1 << 3 | 7)
    return b"".join(map(_varint, commands))


def layer(name: str, features: Iterable[tuple[int, Mapping[str, str], Sequence[tuple[int, int]]]]) -> bytes:
    """One layer of a tile; points in units of the extent."""
    keys: list[str] = []
    values: list[str] = []
    body = _number(15, 2) + _part(1, name.encode())
    for type_, said, points in features:
        tags = b""
        for key, value in said.items():
            if key not in keys:
                keys.append(key)
            if value not in values:
                values.append(value)
            tags += _varint(keys.index(key)) + _varint(values.index(value))
        body += _part(2, _part(2, tags) + _number(3, type_) + _part(4, _geometry(type_, points)))
    body += b"".join(_part(3, key.encode()) for key in keys)
    body += b"".join(_part(4, _part(1, value.encode())) for value in values)
    return _part(3, body + _number(5, EXTENT))


def tile_id(z: int, x: int, y: int) -> int:
    """Place along the Hilbert curve, as the format's specification numbers tiles."""
    id_ = (4**z - 1) // 3
    s = 1 << z >> 1
    while s > 0:
        rx, ry = int(x & s > 0), int(y & s > 0)
        id_ += s * s * ((3 * rx) ^ ry)
        x, y = x & (s - 1), y & (s - 1)
        if ry == 0:
            if rx == 1:
                x, y = s - 1 - x, s - 1 - y
            x, y = y, x
        s >>= 1
    return id_


def _directory(entries: Sequence[tuple[int, int, int]]) -> bytes:
    """Of tile id, offset and length, in order."""
    out = _varint(len(entries))
    before = 0
    for id_, _, _ in entries:
        out += _varint(id_ - before)
        before = id_
    out += b"".join(_varint(1) for _ in entries)
    out += b"".join(_varint(length) for _, _, length in entries)
    out += b"".join(_varint(offset + 1) for _, offset, _ in entries)
    return gzip.compress(out, mtime=0)


def pmtiles(tiles: Mapping[tuple[int, int, int], bytes], type_: int = 1, version: int = 3) -> bytes:
    """The file with these tiles by zoom, column and row."""
    root: list[tuple[int, int, int]] = []
    data = b""
    for id_, content in sorted((tile_id(*at), content) for at, content in tiles.items()):
        packed = gzip.compress(content, mtime=0)
        root.append((id_, len(data), len(packed)))
        data += packed
    directory, facts = _directory(root), gzip.compress(b"{}", mtime=0)
    end = 127 + len(directory) + len(facts)
    zooms = [z for z, _, _ in tiles]
    header = b"PMTiles" + bytes([version])
    header += struct.pack(
        "<8Q", 127, len(directory), 127 + len(directory), len(facts), end, 0, end, len(data)
    )
    header += struct.pack("<3Q", len(root), len(root), len(root))
    header += bytes([1, 2, 2, type_, min(zooms), max(zooms)])
    header += struct.pack("<4i", *(int(degrees * 1e7) for degrees in (113.0, 35.0, 116.0, 38.0)))
    header += bytes([min(zooms)]) + struct.pack("<2i", int(AT[1] * 1e7), int(AT[0] * 1e7))
    return header + directory + facts + data


def _project(lat: float, lon: float) -> tuple[float, float]:
    sin = math.sin(math.radians(lat))
    return (lon + 180) / 360, 0.5 - math.log((1 + sin) / (1 - sin)) / (4 * math.pi)


def _around(d_lat: float, d_lon: float, half: float) -> list[tuple[float, float]]:
    lat, lon = AT[0] + d_lat, AT[1] + d_lon
    return [
        (lat + half, lon - half),
        (lat + half, lon + half),
        (lat - half, lon + half),
        (lat - half, lon - half),
    ]


def county(zooms: Iterable[int] = ZOOMS, reach: float = 0.06) -> bytes:
    """A river, fields, a village with houses, a road and lanes around `AT`, tiled so many degrees far."""
    lat, lon = AT
    layers: dict[str, list[Feature]] = {
        "landuse": [
            (AREA, {"kind": "forest"}, _around(0.05, -0.04, 0.04)),
            (AREA, {"kind": "farmland"}, _around(-0.04, 0.06, 0.03)),
            (AREA, {"kind": "residential"}, _around(0, 0, 0.008)),
        ],
        "water": [
            (AREA, {"kind": "lake"}, _around(0.012, 0.02, 0.006)),
            (
                LINE,
                {"kind": "river"},
                [(lat + 0.3, lon - 0.2), (lat + 0.01, lon - 0.012), (lat - 0.3, lon + 0.1)],
            ),
        ],
        "buildings": [
            (AREA, {"kind": "building"}, _around(0.0008 * i, 0.001 * j, 0.0002))
            for i in range(-4, 5)
            for j in range(-4, 5)
        ],
        "roads": [
            (
                LINE,
                {"kind": "major_road"},
                [(lat - 0.002, lon - 0.5), (lat + 0.001, lon), (lat + 0.02, lon + 0.5)],
            ),
            (
                LINE,
                {"kind": "minor_road"},
                [(lat + 0.1, lon + 0.003), (lat, lon + 0.0005), (lat - 0.1, lon + 0.002)],
            ),
            (LINE, {"kind": "path"}, [(lat - 0.004, lon - 0.01), (lat + 0.003, lon + 0.008)]),
            (LINE, {"kind": "rail"}, [(lat - 0.2, lon - 0.03), (lat + 0.2, lon + 0.02)]),
        ],
        "places": [
            (
                POINT,
                {"kind": "locality", "kind_detail": "village", "name": "河西村", "name:en": "Hexi"},
                [(lat + 0.003, lon - 0.004)],
            ),
            (
                POINT,
                {"kind": "locality", "kind_detail": "town", "name": "青山镇", "name:en": "Qingshan"},
                [(lat + 0.006, lon + 0.01)],
            ),
        ],
    }
    tiles = {}
    for z in zooms:
        west, north = _project(lat + reach, lon - reach)
        east, south = _project(lat - reach, lon + reach)
        for x in range(int(west * 2**z), int(east * 2**z) + 1):
            for y in range(int(north * 2**z), int(south * 2**z) + 1):
                tiles[z, x, y] = b"".join(
                    layer(name, [(type_, said, _inside(points, z, x, y)) for type_, said, points in features])
                    for name, features in layers.items()
                )
    return pmtiles(tiles)


def _inside(points: Sequence[tuple[float, float]], z: int, x: int, y: int) -> list[tuple[int, int]]:
    """In units of the tile; what lies outside of it is left to the reader's clipping."""
    found = [_project(*point) for point in points]
    return [(round((a * 2**z - x) * EXTENT), round((b * 2**z - y) * EXTENT)) for a, b in found]
