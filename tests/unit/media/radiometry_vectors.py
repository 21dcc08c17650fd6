"""What the Python decoders say of real, made and damaged files: `tests/vectors/radiometry.json`, read by both sides.

`python -m tests.unit.media.radiometry_vectors` writes it anew.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from media import radiometry
from media.radiometry import Thermogram, Unreadable, measure
from tests.support import thermograms as made

TESTS = Path(__file__).parents[2]
SAMPLES = TESTS / "samples"
VECTORS = TESTS / "vectors" / "radiometry.json"
GRID = 7  # points a side
EDITS = 12  # bytes changed in a damaged file
SEED = 20261126


def sample_names() -> list[str]:
    """Samples that hold, or claim to hold, temperatures."""
    names = []
    for name in sorted(json.loads((SAMPLES / "expected.json").read_text())["files"]):
        if (SAMPLES / name).exists() and said((SAMPLES / name).read_bytes()) != {"none": True}:
            names.append(name)
    return names


def made_files() -> Iterator[tuple[str, bytes]]:
    counts = made.scene()
    height, width = counts.shape
    for order in "<>":
        body = counts.astype(f"{order}u2").tobytes()
        word = "little" if order == "<" else "big"
        yield f"bare FFF, plain, {word}-endian record", made.fff(body, width, height, record=order)
        tiff = made.tiff(counts, order, strips=3 if order == ">" else 1)
        yield f"bare FFF, TIFF, {word}-endian", made.fff(tiff, width, height)
    plain = counts.astype("<u2").tobytes()
    yield "bare FFF, little-endian directory (DJI XT)", made.fff(plain, width, height, directory="<")
    yield "JPEG in pieces", made.in_jpeg(made.fff(plain, width, height))
    for swapped in (True, False):
        body = made.png(counts, swapped=swapped)
        yield f"PNG, all filters, {'swapped' if swapped else 'as PNG has it'}", made.fff(body, width, height)
    packed = made.tiff(counts, packing=5)
    yield "TIFF, packed", made.fff(packed, width, height)
    celsius = (20 + np.arange(48, dtype=np.float32).reshape(6, 8) / 7).astype(np.float32)
    yield "power-industry block", made.power(celsius)
    yield "power-industry block, three bytes before it", made.power(celsius, between=b"\0\0\0")
    odd = celsius.copy()
    odd[0, :5] = (np.nan, np.inf, -np.inf, -273.15, 1e30)
    yield "power-industry block with values that are none", made.power(odd, note="接头过热".encode("gb18030"))
    yield "power-industry block, impossible time", made.power(celsius, time=b"20261332250000")
    yield "HIKMICRO raw", made.hikmicro()
    yield "HDRI with an impossible size", made.hikmicro(0, 120)
    yield "InfiRay", made.infiray()
    for mark in (b"girp", b"hirp"):
        yield f"DJI {mark.decode()}", made.dji(mark, counts)
    yield "DJI iirp, too small", made.dji(b"iirp", counts)
    yield "a JPEG with nothing", made.JPEG


def hurt_recipes() -> Iterator[dict[str, Any]]:
    """Damages that both sides apply: `length` bytes of the sample are kept, then single bytes are set."""
    random = np.random.default_rng(SEED)
    for name in sample_names():
        size = (SAMPLES / name).stat().st_size
        if size > 400_000:
            continue
        for n in range(6):
            length = size if n % 2 else int(random.integers(size // 2, size))
            first = [int(at) for at in random.integers(0, min(size // 2, 2000 if n < 3 else size), EDITS)]
            yield {
                "file": name,
                "length": length,
                "edits": [
                    [at, int(value)] for at, value in zip(first, random.integers(0, 256, EDITS), strict=True)
                ],
            }


def hurt(recipe: dict[str, Any]) -> bytes:
    data = bytearray((SAMPLES / recipe["file"]).read_bytes()[: recipe["length"]])
    for at, value in recipe["edits"]:
        data[at] = value
    return bytes(data)


def said(data: bytes) -> dict[str, Any]:
    """`none`, `reason`, or what the picture holds; temperatures in °C to a thousandth."""
    try:
        thermogram = radiometry.read(data)
    except Unreadable as unreadable:
        return {"reason": unreadable.reason}
    return {"none": True} if thermogram is None else summary(thermogram)


def summary(thermogram: Thermogram) -> dict[str, Any]:
    facts = radiometry.thermal_facts(thermogram)
    height, width = thermogram.celsius.shape
    places = [
        ((2 * i + 1) * width // (2 * GRID), (2 * j + 1) * height // (2 * GRID))
        for j in range(GRID)
        for i in range(GRID)
    ]
    taken_at = thermogram.taken_at
    facts["taken_at"] = taken_at.isoformat() if isinstance(taken_at, datetime) else taken_at
    facts["parameters"] = thermogram.parameters
    facts["points"] = [[x, y, _rounded(float(thermogram.celsius[y, x]))] for x, y in places]
    return facts


def adjustments() -> Iterator[dict[str, Any]]:
    """FLIR files under other conditions."""
    changes: list[dict[str, float]] = [
        {"emissivity": 0.6},
        {"distance_m": 30, "humidity_pct": 80, "atmospheric_c": 5},
        {"reflected_c": 60, "emissivity": 0.85},
        {"emissivity": 0.95, "distance_m": 0, "reflected_c": 20, "atmospheric_c": 20, "humidity_pct": 0},
    ]
    for name in ("thermal-parser/FLIR_E40.jpg", "thermal-parser/FLIR_AX8.jpg", "flirpy/frame_000000_le.fff"):
        thermogram = radiometry.read((SAMPLES / name).read_bytes())
        assert thermogram is not None
        for change in changes:
            yield {
                "file": name,
                "conditions": change,
                "output": summary(measure.adjusted(thermogram, change)),
            }  # type: ignore[arg-type]


MATRICES: dict[str, list[list[float | None]]] = {
    "slope": [[10 + x + 0.1 * y for x in range(7)] for y in range(5)],
    "gaps": [[None, 20.5, 21, None], [19, None, 80.25, 22], [18.5, 18, None, 30]],
    "empty": [[None, None], [None, None]],
}
SPOTS = {"slope": [(0, 0), (6, 4), (3, 2), (6, 0)], "gaps": [(2, 1), (0, 0), (3, 2)], "empty": [(1, 1)]}
LINES = {
    "slope": [
        (0, 0, 6, 4),
        (6, 4, 0, 0),
        (0, 4, 6, 0),
        (2, 1, 2, 1),
        (3, 0, 3, 4),
        (0, 2, 6, 3),
        (6, 3, 0, 2),
    ],
    "gaps": [(0, 0, 3, 2), (0, 1, 3, 1)],
    "empty": [(0, 0, 1, 1)],
}
BOXES = {
    "slope": [(0, 0, 6, 4), (5, 3, 2, 1), (3, 3, 3, 3), (0, 0, 2, 2)],
    "gaps": [(0, 0, 3, 2), (0, 0, 0, 0), (1, 0, 2, 2)],
    "empty": [(0, 0, 1, 1)],
}


def measurements() -> Iterator[dict[str, Any]]:
    for name, rows in MATRICES.items():
        matrix = np.array(rows, dtype=np.float32)
        for x, y in SPOTS[name]:
            yield {"matrix": name, "tool": "spot", "at": [x, y], "output": _plain(measure.spot(matrix, x, y))}
        for ends in LINES[name]:
            yield {"matrix": name, "tool": "line", "at": ends, "output": _plain(measure.line(matrix, *ends))}
        for ends in BOXES[name]:
            yield {"matrix": name, "tool": "box", "at": ends, "output": _plain(measure.box(matrix, *ends))}


def _plain(result: Any) -> Any:
    return json.loads(json.dumps(asdict(result)), parse_float=lambda text: round(float(text), 4))


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 3)


def vectors() -> dict[str, Any]:
    whole = {
        "about": "Thermal files as the Python decoders read them. Written by tests/unit/media/radiometry_vectors.py.",
        "files": {name: said((SAMPLES / name).read_bytes()) for name in sample_names()},
        "made": [
            {"name": name, "base64": base64.b64encode(data).decode(), "output": said(data)}
            for name, data in made_files()
        ],
        "hurt": [recipe | {"output": said(hurt(recipe))} for recipe in hurt_recipes()],
        "adjusted": list(adjustments()),
        "matrices": MATRICES,
        "measured": list(measurements()),
    }
    return json.loads(json.dumps(whole, allow_nan=False))


if __name__ == "__main__":
    fresh = vectors()
    lists = ("made", "hurt", "adjusted", "measured")
    lines = [f' "about": {json.dumps(fresh["about"])}']
    for part in ("files", "matrices"):
        rows = ",\n".join(
            f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in fresh[part].items()
        )
        lines.append(f' "{part}": {{\n{rows}\n }}')
    for part in lists:
        rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in fresh[part])
        lines.append(f' "{part}": [\n{rows}\n ]')
    VECTORS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
