"""Temperatures of real cameras' files, and files made to do harm."""

import json
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from media import radiometry
from media.radiometry import Thermogram, Unreadable, model, power

SAMPLES = Path(__file__).parents[2] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())["files"]
EXACT = sorted(
    name
    for name, facts in EXPECTED.items()
    if {"independent_fff_reader", "state_grid_layout", "hti_layout"}
    & set(facts.get("temperature_celsius", {}))
)
APPARENT = sorted(
    name
    for name, facts in EXPECTED.items()
    if "app3_over_64_apparent" in facts.get("temperature_celsius", {}) and (SAMPLES / name).exists()
)


def decoded(name: str) -> Thermogram:
    thermogram = radiometry.read((SAMPLES / name).read_bytes())
    assert thermogram is not None
    return thermogram


def compare(thermogram: Thermogram, expected: dict, tolerance_k: float) -> None:
    celsius = thermogram.celsius.astype(float)
    assert celsius.shape == (expected["height"], expected["width"])
    summary = radiometry.thermal_facts(thermogram)
    assert summary["invalid"] == expected["nonfinite"]
    for name in ("min", "max", "mean"):
        assert summary[name] == pytest.approx(expected[name], abs=tolerance_k)
    assert [summary["hot"]["x"], summary["hot"]["y"]] == expected["max_at"]
    assert [summary["cold"]["x"], summary["cold"]["y"]] == expected["min_at"]
    for x, y, value in expected["points"].values():
        if value is None:
            assert np.isnan(celsius[y, x])
        else:
            assert celsius[y, x] == pytest.approx(value, abs=tolerance_k)
    box = expected["box"]
    inside = celsius[box["y0"] : box["y1"], box["x0"] : box["x1"]]
    for name, measure in (("min", np.nanmin), ("max", np.nanmax), ("mean", np.nanmean)):
        assert measure(inside) == pytest.approx(box[name], abs=tolerance_k)


def test_every_reason_has_its_words() -> None:
    raised = set()
    for file in Path(radiometry.__file__).parent.glob("*.py"):
        raised |= set(re.findall(r'Unreadable\("(\w+)"', file.read_text("utf-8")))
    assert raised == set(model.REASONS)


def test_every_exact_sample_is_here() -> None:
    assert len(EXACT) == 18
    assert all((SAMPLES / name).exists() for name in EXACT)


@pytest.mark.parametrize("name", EXACT)
def test_temperatures_agree_with_every_other_decoder_within_a_hundredth(name: str) -> None:
    thermogram = decoded(name)
    assert thermogram.trust == "exact"
    readers = EXPECTED[name]["temperature_celsius"]
    for reader, expected in readers.items():
        if reader == "flirpy_0.6.2":  # gives the summary only
            summary = radiometry.thermal_json(thermogram)
            assert all(summary[k] == pytest.approx(expected[k], abs=0.01) for k in ("min", "max", "mean"))
        else:
            compare(thermogram, expected, 0.01)


@pytest.mark.parametrize("name", APPARENT)
def test_dji_files_with_an_open_scale_give_apparent_temperatures(name: str) -> None:
    thermogram = decoded(name)
    assert thermogram.trust == "apparent"
    compare(thermogram, EXPECTED[name]["temperature_celsius"]["app3_over_64_apparent"], 0.01)
    vendor = EXPECTED[name]["dji"]["info"]["vendor_parameters_used"]
    assert thermogram.parameters["emissivity"] == pytest.approx(vendor["emissivity"])
    assert thermogram.parameters["reflected_c"] == pytest.approx(vendor["reflection"])


@pytest.mark.parametrize("name", ["thermal-parser/M30T_DJI_0005_R.JPG", "thermal-parser/DJI_XTS.jpg"])
def test_dji_files_that_only_the_vendor_can_read_say_so(name: str) -> None:
    with pytest.raises(Unreadable, match="dji_vendor_library"):
        decoded(name)


@pytest.mark.parametrize("name", ["uni-t/IMG_ROI.bmp", "uni-t/IMG_Typical.bmp"])
def test_uni_t_bitmaps_are_approximate_and_keep_the_stored_scale(name: str) -> None:
    thermogram = decoded(name)
    trailer = EXPECTED[name]["uni_t_trailer"]
    summary = radiometry.thermal_json(thermogram)
    assert summary["trust"] == "approximate"
    assert (summary["width"], summary["height"]) == (trailer["width"], trailer["height"])
    assert (summary["min"], summary["max"]) == (
        pytest.approx(trailer["min"], abs=0.1),
        pytest.approx(trailer["max"], abs=0.1),
    )


def test_the_power_block_brings_its_parameters() -> None:
    full = decoded("state-grid-synthetic/sg_full.jpg")
    assert full.taken_at == "2026-06-12T09:30:15"
    assert full.parameters == {
        "emissivity": 0.9,
        "ambient_c": 25.3,
        "lens_angle_deg": 24,
        "distance_m": 10,
        "humidity_pct": 50,
        "reflected_c": 25.3,
        "maker": "TESTMAKER",
        "model": "T100",
        "serial": "SN0001",
        "lat": pytest.approx(30.1581147021),
        "lon": pytest.approx(120.11896012),
        "altitude_m": 100,
        "note": "ASCII note",
    }


def test_a_note_in_gbk_is_read_as_chinese() -> None:
    gbk = decoded("state-grid-synthetic/sg_gbk_note.jpg")
    assert gbk.parameters["note"] == "A相接头过热"
    assert gbk.parameters["maker"] == "测试厂家"


def test_fields_that_are_zero_are_left_out() -> None:
    assert decoded("state-grid-synthetic/sg_minimal.jpg").parameters == {
        "emissivity": 0.95,
        "ambient_c": 28.0,
    }


def test_the_flir_block_gives_time_with_zone_and_counts_what_lies_outside_the_range() -> None:
    sky = decoded("irimage-commons/05_Aqua_Tower.jpg")
    assert sky.parameters["range_low_c"] == -20.0
    assert sky.parameters["below_range"] > 1000
    e40 = radiometry.thermal_json(decoded("thermal-parser/FLIR_E40.jpg"))
    assert e40["parameters"]["taken_at"] == "2013-04-12T09:24:01.131000-01:00"
    assert e40["parameters"]["window_transmission"] == 0.98


def test_summary_has_exactly_the_documented_keys() -> None:
    summary = radiometry.thermal_json(decoded("state-grid-synthetic/sg_full.jpg"))
    assert list(summary) == [
        "format",
        "width",
        "height",
        "min",
        "max",
        "mean",
        "invalid",
        "trust",
        "parameters",
    ]
    json.dumps(summary, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("sg_bad_offset", "power_block_offset"), ("sg_truncated", "power_block_cut")],
)
def test_hostile_power_blocks_are_refused_with_a_reason(name: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        decoded(f"state-grid-synthetic/{name}.jpg")


def test_pixels_that_are_no_numbers_are_counted_and_kept_out() -> None:
    thermogram = decoded("state-grid-synthetic/sg_nan.jpg")
    summary = radiometry.thermal_json(thermogram)
    assert summary["invalid"] == 15
    assert np.isfinite([summary["min"], summary["max"], summary["mean"]]).all()


@pytest.mark.parametrize("name", ["metadata-extractor-images/FLIR_not_radiometric.jpg", "exifr/noexif.jpg"])
def test_a_plain_photo_holds_no_temperatures(name: str) -> None:
    assert radiometry.read((SAMPLES / name).read_bytes()) is None


def block(
    width: int = 2, height: int = 2, pixels: bytes | None = None, note: int = 0, version: int = 0x100
) -> bytes:
    jpeg = b"\xff\xd8\xff\xd9"
    body = struct.pack("<3H14s", version, width, height, b"99999999999999")
    body += struct.pack("<4f", 1.0, 2.0, 3.0, 4.0) if pixels is None else pixels
    body += struct.pack(
        "<ffBIBf32s32s32sddiI", 0.9, 20, 0, 0, 0, float("nan"), b"", b"", b"", 500.0, 95.0, 0, note
    )
    return jpeg + body + struct.pack("<I", len(jpeg)) + power.MARK


def test_a_claim_of_17_gigabytes_allocates_nothing() -> None:
    data = block(0xFFFF, 0xFFFF)
    tracemalloc.start()
    with pytest.raises(Unreadable, match="power_block_size"):
        radiometry.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (block(0, 2), "power_block_size"),
        (block(3, 2), "power_block_size"),
        (block(note=0xFFFFFFFF), "power_block_note"),
        (block(version=7), "power_block_version"),
        (block(pixels=struct.pack("<4f", *[float("nan")] * 4)), "no_valid_pixels"),
        (block(pixels=struct.pack("<4f", *[1e30] * 4)), "no_valid_pixels"),
        (power.MARK, "power_block_offset"),
        (b"\xff" * 4 + power.MARK, "power_block_offset"),
    ],
)
def test_made_up_blocks_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        radiometry.read(data)


def test_nonsense_in_time_place_and_reflection_is_left_out() -> None:
    thermogram = radiometry.read(block())
    assert thermogram is not None
    assert thermogram.taken_at is None
    assert not {"lat", "lon", "reflected_c"} & set(thermogram.parameters)


def flir_segments(*chunks: tuple[int, int, bytes]) -> bytes:
    parts = [b"\xff\xd8"]
    for number, last, body in chunks:
        payload = b"FLIR\0\x01" + bytes([number, last]) + body
        parts.append(b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload)
    return b"".join(parts) + b"\xff\xd9"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (flir_segments((0, 2, b"FFF\0" + bytes(80)), (2, 2, bytes(9))), "flir_chunk_missing"),
        (flir_segments((0, 1, b"FFF\0"), (0, 1, b"FFF\0")), "flir_chunk_twice"),
        (flir_segments((0, 0, b"nope" + bytes(90))), "flir_header"),
        (b"FFF\0" + bytes(20), "flir_header"),
        (b"FFF\0" + bytes(16) + struct.pack(">3I", 100, 0xFFFFFF00, 3) + bytes(60), "flir_directory"),
        (b"FFF\0" + bytes(16) + struct.pack(">3I", 100, 64, 0xFFFFFFFF) + bytes(60), "flir_directory"),
        (b"FFF\0" + bytes(100), "flir_record_missing"),
    ],
)
def test_made_up_flir_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        radiometry.read(data)


def test_flir_directory_may_not_point_beyond_the_file() -> None:
    sample = bytearray((SAMPLES / "flirpy/frame_000000_le.fff").read_bytes())
    (start,) = (
        struct.unpack_from(">I", sample, 0x18)
        if sample[0x14] == 0
        else struct.unpack_from("<I", sample, 0x18)
    )
    for at in range(start + 16, start + 32 * 3, 32):
        sample[at : at + 4] = b"\xff\xff\xff\x7f"
    with pytest.raises(Unreadable, match="flir_record_size"):
        radiometry.read(bytes(sample))


@pytest.mark.parametrize("name", EXACT)
def test_cut_and_flipped_files_never_raise_anything_else(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    random = np.random.default_rng(7)
    for _ in range(6):
        hurt = bytearray(data[: int(random.integers(1, len(data)))])
        for at in random.integers(0, len(hurt), 30):
            hurt[at] = int(random.integers(0, 256))
        for candidate in (bytes(hurt), data[: len(hurt)], bytes(hurt) + data[len(hurt) :]):
            try:
                thermogram = radiometry.read(candidate)
            except Unreadable:
                continue
            if thermogram is not None:
                assert thermogram.celsius.nbytes <= 40 * len(candidate)
                json.dumps(radiometry.thermal_facts(thermogram), allow_nan=False)


@pytest.mark.parametrize("name", EXACT)
def test_memory_stays_in_the_scale_of_the_matrix(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    tracemalloc.start()
    thermogram = radiometry.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert thermogram is not None
    assert peak < 2 * len(data) + 40 * thermogram.celsius.size
