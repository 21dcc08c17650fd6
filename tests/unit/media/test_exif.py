"""What a file claims of its time, place and turn: read where it can be meant, and left out where it cannot."""

from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from media import exif

SAMPLES = Path(__file__).parents[2] / "samples"
NORTH = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (31.0, 30.0, 0.0),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: (104.0, 42.0, 0.0),
}


def of_sample(name: str) -> exif.Capture:
    with Image.open(SAMPLES / name) as image:
        return exif.read(image)


def of_file(
    folder: Path, *, place: dict[int, Any] | None = None, details: dict[int, Any] | None = None
) -> exif.Capture:
    """What is read from a JPEG with these tags, written and opened again."""
    tags = Image.Exif()
    tags.get_ifd(ExifTags.IFD.Exif).update(details or {})
    tags.get_ifd(ExifTags.IFD.GPSInfo).update(place or {})
    Image.new("RGB", (8, 8)).save(folder / "x.jpg", exif=tags)
    with Image.open(folder / "x.jpg") as image:
        return exif.read(image)


def test_a_place_is_read_in_degrees_with_the_sign_of_its_hemisphere(tmp_path: Path) -> None:
    assert of_file(tmp_path, place=NORTH).position == {"lat": 31.5, "lon": 104.7}
    south_west = {**NORTH, ExifTags.GPS.GPSLatitudeRef: "S", ExifTags.GPS.GPSLongitudeRef: "W"}
    assert of_file(tmp_path, place=south_west).position == {"lat": -31.5, "lon": -104.7}


@pytest.mark.parametrize(
    "wrong",
    [
        {
            ExifTags.GPS.GPSLatitude: (IFDRational(0, 0),) * 3,
            ExifTags.GPS.GPSLongitude: (IFDRational(0, 0),) * 3,
        },
        {ExifTags.GPS.GPSLatitude: (4294967295.0, 0.0, 0.0)},
        {ExifTags.GPS.GPSLatitude: (90.0, 0.0, 1.0)},
        {ExifTags.GPS.GPSLongitude: (180.0, 0.0, 1.0)},
        {ExifTags.GPS.GPSLatitude: (0.0, 0.0, 0.0), ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0)},
        {ExifTags.GPS.GPSLatitudeRef: ""},
        {ExifTags.GPS.GPSLatitudeRef: "E"},
        {ExifTags.GPS.GPSLatitude: (31.0, 30.0)},
    ],
    ids=[
        "0/0",
        "4294967295",
        "beyond the pole",
        "beyond 180",
        "nowhere",
        "no letter",
        "wrong letter",
        "two parts",
    ],
)
def test_a_place_that_cannot_be_meant_is_none(wrong: dict[int, Any], tmp_path: Path) -> None:
    assert of_file(tmp_path, place={**NORTH, **wrong}).position is None


def test_a_place_without_reference_letters_is_none(tmp_path: Path) -> None:
    bare = {tag: value for tag, value in NORTH.items() if isinstance(value, tuple)}
    assert of_file(tmp_path, place=bare).position is None


@pytest.mark.parametrize(
    ("details", "wanted"),
    [
        ({ExifTags.Base.DateTimeOriginal: "2026:11:26 10:00:00"}, "2026-11-26T10:00:00"),
        (
            {
                ExifTags.Base.DateTimeOriginal: "2026:11:26 10:00:00",
                ExifTags.Base.OffsetTimeOriginal: "+08:00",
            },
            "2026-11-26T10:00:00+08:00",
        ),
        (
            {
                ExifTags.Base.DateTimeOriginal: "2026:11:26 10:00:00",
                ExifTags.Base.OffsetTimeOriginal: "China",
            },
            "2026-11-26T10:00:00",
        ),
        ({ExifTags.Base.DateTimeDigitized: "2026:11:26 10:00:00"}, "2026-11-26T10:00:00"),
        ({ExifTags.Base.DateTimeOriginal: "0000:00:00 00:00:00"}, None),
        ({ExifTags.Base.DateTimeOriginal: "yesterday"}, None),
        ({}, None),
    ],
    ids=["no zone", "zone", "no zone that is one", "digitized", "zeros", "nonsense", "none"],
)
def test_a_time_has_a_zone_only_where_the_file_gives_one(
    details: dict[int, Any], wanted: str | None, tmp_path: Path
) -> None:
    assert of_file(tmp_path, details=details).taken_at == wanted


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_turn_is_read(turn: int) -> None:
    assert of_sample(f"exif-orientation/Landscape_{turn}.jpg").orientation == turn


def test_a_real_file_with_a_latitude_of_4294967295_has_no_place() -> None:
    assert of_sample("pillow/exif_gps.jpg").position is None


@pytest.mark.parametrize(
    "name", ["pillow/hopper_bad_exif.jpg", "pillow/invalid-exif.jpg", "pillow/truncated_image.png"]
)
def test_damaged_metadata_counts_as_none(name: str) -> None:
    assert of_sample(name).position is None


@pytest.mark.parametrize(
    ("name", "taken_at", "position"),
    [
        ("Apple_iPhone_5.jpg", "2012-09-29T16:11:25", {"lat": 47.6271667, "lon": -122.3373333}),
        ("HTC_Desire.jpg", "2011-05-06T09:59:48", {"lat": 45.5006667, "lon": 9.1103333}),
        ("Samsung_SM-J327T1.jpg", "2019-09-26T16:38:00", None),
    ],
)
def test_photos_of_real_phones(name: str, taken_at: str, position: dict[str, float] | None) -> None:
    read = of_sample(f"metadata-extractor-images/{name}")
    assert (read.taken_at, read.position) == (taken_at, position)
