"""What a phone signs of a photo is kept as it came, judged by its key, and defends the photo in a bundle."""

from typing import Any

import msgspec
import pytest

from backend.custody import captures
from backend.custody.captures import FIRST, FORMAT, FORMAT_1, Judged, Sent
from backend.custody.keys import b64
from backend.problems import AppError
from tests.integration.custody.conftest import County, Phone, picture
from tests.integration.custody.test_bundle import Verifier, bundled, send, verify, whole
from tests.integration.custody.test_bundle import county as county  # SQLite with files, PostgreSQL with MinIO
from tests.support.device import DeviceKey

__all__ = ["verify"]


def signed(phone: Phone, n: int, prev: str, record: str, content: bytes, **change: Any) -> str:
    """As the phone signs it; `change` tells something else."""
    ref = next(op for op in phone.ops if op["id"] == record)["data"]["photos"][0]
    key, form = change.pop("key", phone.key), change.pop("form", FORMAT)
    said = {
        "format": form,
        "device": phone.device,
        "n": n,
        "prev": prev,
        "sha256": ref["sha256"],
        "size": len(content),
        "record": record,
        "role": ref["role"],
        "taken_at": ref["taken_at"],
        "signed_at": phone.county.time[0].isoformat(),
        "person": phone.county.people[phone.login],
        **({} if form == FORMAT_1 else {"place_age_ms": None, "heading_deg": None, "copy_of": None}),
        **change,
    }
    head = b64(msgspec.json.encode({"alg": "ES256", "typ": form}))
    text = f"{head}.{b64(msgspec.json.encode(said))}"
    return f"{text}.{b64(key.sign(text.encode()))}"


async def taken(county: County, phone: Phone, seed: int) -> tuple[str, bytes, str]:
    """A finding with a photo, both here: its id, the bytes and their hash."""
    content = picture(seed)
    record = phone.note(content, **whole(county))
    await send(phone)
    sha256 = next(op for op in phone.ops if op["id"] == record)["data"]["photos"][0]["sha256"]
    source = county.media.settings.staging_dir / f"{seed}.jpg"
    source.write_bytes(content)
    await county.media.add_file(county.org, county.people[phone.login], phone.device, source, sha256)
    return record, content, sha256


async def kept(county: County, phone: Phone, *jws: str) -> None:
    async with county.db.write() as conn:
        caller = await county.caller(phone.login, phone.device)
        await captures.keep(conn, caller, county.now(), Sent(phone.device, list(jws)))


async def judged(county: County, phone: Phone, sha256: str) -> Judged:
    async with county.db.read() as conn:
        return await captures.judged(conn, county.org, sha256, frozenset({phone.device}))


async def test_a_photo_is_verified_unsigned_or_broken(county: County) -> None:
    phone = await county.phone("inspector")
    shots = [await taken(county, phone, seed) for seed in range(4)]
    first = signed(phone, 1, FIRST, *shots[0][:2])
    second = signed(phone, 2, captures.link(first), *shots[1][:2])
    await kept(county, phone, first, second)
    await kept(county, phone, first)  # an answer was lost
    found = await judged(county, phone, shots[1][2])
    assert (found.state, found.reason, found.n) == ("verified", None, 2)
    assert (await judged(county, phone, shots[2][2])).state == "unsigned"
    # another phone's word does not count for bytes that it has not sent
    assert (await judged(county, await county.phone("inspector"), shots[1][2])).state == "unsigned"
    await kept(
        county, phone, signed(phone, 3, FIRST, *shots[2][:2])
    )  # the chain begins anew: something was left out
    assert (await judged(county, phone, shots[2][2])).reason == "chain"
    await kept(county, phone, signed(phone, 4, FIRST, *shots[3][:2], key=DeviceKey()))
    assert (await judged(county, phone, shots[3][2])).reason == "signature"


async def test_a_capture_of_other_bytes_is_broken(county: County) -> None:
    phone = await county.phone("inspector")
    record, content, sha256 = await taken(county, phone, 1)
    await kept(county, phone, signed(phone, 1, FIRST, record, content + b"x"))
    assert (await judged(county, phone, sha256)).reason == "photo"


async def test_what_is_no_capture_or_of_another_phone_is_refused(county: County) -> None:
    phone, other = await county.phone("inspector"), await county.phone("crew")
    record, content, _ = await taken(county, phone, 1)
    good = signed(phone, 1, FIRST, record, content)
    for jws in (
        "a.b",
        "a.b.c",
        good.replace(".", "", 1),
        signed(phone, 1, FIRST, record, content, device=other.device),
        signed(phone, 1, FIRST, record, content, heading_deg=360),
        signed(phone, 1, FIRST, record, content, place_age_ms="3"),
        signed(phone, 1, FIRST, record, content, speed_kmh=3),  # what is not understood is not taken
        signed(phone, 1, FIRST, record, content, form="mingcha-capture-3"),
        signed(phone, 1, FIRST, record, content, format=FORMAT_1),
    ):
        with pytest.raises(AppError) as refused:
            await kept(county, phone, jws)
        assert refused.value.code == "malformed"
    async with county.db.write() as conn:
        caller = await county.caller("crew", other.device)
        with pytest.raises(AppError) as refused:
            await captures.keep(conn, caller, county.now(), Sent(phone.device, [good]))
        assert refused.value.code == "device_unknown"
    for raw in (b"", b"{", b'{"device": 1}'):
        with pytest.raises(AppError):
            captures.read(raw)


async def test_a_bundle_holds_the_captures_and_the_verifier_names_a_lie(
    county: County, verify: Verifier
) -> None:
    phone = await county.phone("inspector")
    record, content, sha256 = await taken(county, phone, 1)
    raw, made = await bundled(county, record)
    assert any("no phone signed it for this record" in line for line in verify.holds(raw, "--key", made.key))
    await kept(county, phone, signed(phone, 1, FIRST, record, content))
    raw, made = await bundled(county, record)
    said = [line for line in verify.holds(raw, "--key", made.key) if "signed by phone" in line]
    assert len(said) == 1
    assert said[0].startswith(f"ok  photo {sha256[:12]}: signed by phone {phone.device} as its number 1")
    # the server's own key sealed a capture that the phone never signed: the verifier sees it
    lying = await county.phone("inspector")
    record, content, _ = await taken(county, lying, 2)
    await kept(county, lying, signed(lying, 1, FIRST, record, content, key=DeviceKey()))
    raw, _ = await bundled(county, record)
    assert verify.blames(raw) == {f"captures/{lying.device}-000001.jws"}


async def test_place_age_heading_and_what_it_is_a_copy_of_are_signed_and_read_anywhere(
    county: County, verify: Verifier
) -> None:
    phone = await county.phone("inspector")
    record, content, sha256 = await taken(county, phone, 1)
    told = {"lat": 31.5, "lon": 104.7, "accuracy_m": 6.0, "place_age_ms": 3200, "heading_deg": 119.6}
    first = signed(phone, 1, FIRST, record, content, **told, copy_of="ab" * 32)
    await kept(county, phone, first)
    assert (await judged(county, phone, sha256)).state == "verified"
    raw, made = await bundled(county, record)
    lines = [line for line in verify.holds(raw, "--key", made.key) if sha256[:12] in line]
    place = ", at 31.500000, 104.700000, within 6 m, read 3 s from it, looking 120 degrees from north"
    assert any(line.endswith(place) for line in lines)
    assert any("a marked copy of photo abababababab, no proof by itself" in line for line in lines)


async def test_what_an_older_app_signed_is_verified_as_before(county: County, verify: Verifier) -> None:
    phone = await county.phone("inspector")
    old, new = await taken(county, phone, 1), await taken(county, phone, 2)
    first = signed(phone, 1, FIRST, *old[:2], form=FORMAT_1)
    await kept(county, phone, first, signed(phone, 2, captures.link(first), *new[:2]))
    for record, _, sha256 in (old, new):
        assert (await judged(county, phone, sha256)).state == "verified"
        raw, made = await bundled(county, record)
        assert any(
            f"ok  photo {sha256[:12]}: signed" in line for line in verify.holds(raw, "--key", made.key)
        )
