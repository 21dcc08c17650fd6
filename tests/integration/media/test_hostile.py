"""Photos made to do harm, sent as any phone would send them and derived by the server's own worker."""

import hashlib
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.integration.media.conftest import SAMPLES, World, refused
from tests.support.client import Client, now, uuid7

PLAIN = SAMPLES / "exif-orientation" / "Landscape_1.jpg"


@pytest.fixture(scope="module")
def phone(world: World) -> Iterator[Client]:
    with world.client("inspector") as made:
        yield made


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("payload.txt", "no photo" * 500)
    return packed.getvalue()


def bomb() -> bytes:
    """A PNG of 179.6 megapixels in a few tens of kilobytes, whole and valid."""
    packed = io.BytesIO()
    Image.new("1", (13_400, 13_400)).save(packed, "PNG", optimize=False)
    assert len(packed.getvalue()) < 100_000
    return packed.getvalue()


def derived(phone: Client, sha256: str) -> dict[str, Any]:
    """The facts once the worker has had its try."""
    for _ in range(600):
        answer = phone.http.get(f"/api/v1/photos/{sha256}/facts")
        assert answer.status_code == 200, answer.text
        facts: dict[str, Any] = answer.json()
        if facts["derived"] != "pending":
            return facts
        time.sleep(0.05)
    raise AssertionError("the worker did not come to it")


def kept(phone: Client, content: bytes) -> None:
    """Evidence is what was received, whatever could be made of it."""
    stored = phone.http.get(f"/api/v1/photos/{hashlib.sha256(content).hexdigest()}/original")
    assert stored.status_code == 200
    assert stored.content == content


def good_photo(phone: Client) -> None:
    """The worker lives: a photo that nobody sent before gets its views."""
    fresh = io.BytesIO()
    colour = tuple(uuid7().replace("-", "").encode()[-3:])
    Image.new("RGB", (400, 300), colour).save(fresh, "JPEG", comment=uuid7().encode())
    sha256 = phone.upload(fresh.getvalue())
    facts = derived(phone, sha256)
    assert (facts["derived"], facts["reason"], facts["width"]) == ("done", None, 400)
    assert phone.http.get(f"/api/v1/photos/{sha256}/w320").status_code == 200


@pytest.mark.parametrize(
    "content",
    [zipped(), (SAMPLES / "pillow/decompression_bomb.gif").read_bytes(), b"<html><script>", b"\xff\xd8"],
    ids=["zip declared as JPEG", "gif bomb", "html", "two bytes of a JPEG"],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(phone: Client, content: bytes) -> None:
    location = phone.create_upload(content).headers["Location"]
    refused(phone.patch(location, 0, content), 415, "not_a_photo")
    sha256 = hashlib.sha256(content).hexdigest()
    refused(phone.http.get(f"/api/v1/photos/{sha256}/original"), 404, "photo_unknown")
    good_photo(phone)


HOSTILE = {
    "a JPEG signature with a ZIP behind": (b"\xff\xd8\xff\xe0" + zipped(), "undecodable"),
    "179 megapixels": (bomb(), "too_many_pixels"),
    "corrupted HEIC": ((SAMPLES / "pillow-heif/corrupted.heic").read_bytes(), "undecodable"),
    "malformed HEIC box": (
        (SAMPLES / "metadata-extractor-images/malformed_ItemInfoBox.heif").read_bytes(),
        "undecodable",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_shown_is_kept_and_says_why(phone: Client, name: str) -> None:
    content, reason = HOSTILE[name]
    sha256 = phone.upload(content)
    facts = derived(phone, sha256)
    assert (facts["derived"], facts["reason"]) == ("failed", reason)
    missing = refused(phone.http.get(f"/api/v1/photos/{sha256}/w320"), 404, "view_missing")
    assert (missing["derived"], missing["reason"]) == ("failed", reason)
    kept(phone, content)
    good_photo(phone)


def test_a_photo_with_a_zip_hung_on_is_shown_and_kept_as_received(phone: Client) -> None:
    content = PLAIN.read_bytes() + zipped()
    facts = derived(phone, phone.upload(content))
    assert (facts["derived"], facts["reason"]) == ("done", None)
    kept(phone, content)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("state-grid-synthetic/sg_bad_offset.jpg", "power_block_offset"),
        ("state-grid-synthetic/sg_truncated.jpg", "power_block_cut"),
        ("thermal-parser/DJI_XTS.jpg", "dji_vendor_library"),
    ],
)
def test_hostile_temperatures_give_a_picture_without_temperatures(
    phone: Client, path: str, reason: str
) -> None:
    content = (SAMPLES / path).read_bytes()
    sha256 = phone.upload(content)
    facts = derived(phone, sha256)
    assert (facts["derived"], facts["thermal"], facts["thermal_reason"]) == ("done", None, reason)
    assert phone.http.get(f"/api/v1/photos/{sha256}/w1600").status_code == 200
    refused(phone.http.get(f"/api/v1/photos/{sha256}/thermal"), 404, "view_missing")
    kept(phone, content)
    good_photo(phone)


def test_pixels_that_are_no_numbers_are_counted_in_the_facts(phone: Client) -> None:
    facts = derived(phone, phone.upload(SAMPLES / "state-grid-synthetic/sg_nan.jpg"))
    assert facts["derived"] == "done"
    assert facts["thermal"]["invalid"] == 15


def body(world: World, thermal: dict[str, Any], visible: dict[str, Any], equipment: str) -> dict[str, Any]:
    return {
        "unit": world.company.stations[0],
        "equipment": equipment,
        "taken_at": now(),
        "row": "C01",
        "points": [{"label": "A", "temp_c": 42.0}, {"label": "B", "temp_c": 40.0}],
        "ambient_c": 30.0,
        "photos": [thermal, visible],
    }


def test_a_plain_photo_as_thermal_and_a_lying_hash_lose_nothing_of_the_batch(world: World) -> None:
    with world.client("inspector") as phone, world.client("admin") as office:
        equipment = uuid7()
        office.applied(
            office.put(
                "equipment",
                equipment,
                {
                    "code": "HOSTILE-1",
                    "name": "clamp",
                    "unit": world.company.stations[0],
                    "type": "joint",
                    "row": "C01",
                    "line": "10 kV line",
                    "voltage_kv": 10,
                    "area_name": "area",
                },
            )
        )
        plain, other = PLAIN.read_bytes() + b"\0", Path(PLAIN.with_name("Landscape_2.jpg")).read_bytes()
        first, second = uuid7(), uuid7()
        thermal, visible = phone.photo(plain, "thermal"), phone.photo(other, "visible")
        lying = phone.photo(b"never sent", "thermal")
        results = phone.applied(
            phone.put("infrared", first, body(world, thermal, visible, equipment)),
            phone.event("infrared", first, "submit"),
            phone.put("infrared", second, body(world, lying, visible, equipment)),
            phone.event("infrared", second, "submit"),
        )
        assert len(results) == 4
        wrong = phone.create_upload(plain + b"!", sha256=lying["sha256"]).headers["Location"]
        refused(phone.patch(wrong, 0, plain + b"!"), 422, "hash_mismatch")
        phone.upload(plain)
        phone.upload(other)
        facts = derived(phone, thermal["sha256"])
        assert (facts["derived"], facts["thermal"]) == ("done", None)
        assert facts["thermal_reason"] == "no_temperatures", "the desk shows it as no thermal picture"
        rows = phone.records("infrared")
        assert (rows[first]["state"], rows[first]["missing"]) == ("submitted", [])
        assert rows[second]["missing"] == [lying["sha256"]], "still wanted, and nothing else is"
