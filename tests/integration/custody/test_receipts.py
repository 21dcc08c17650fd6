"""No receipt while one byte is missing; a receipt that anybody with the public key can check."""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.custody import commands, keys, receipts
from tests.support.client import Client, signed_in, uuid7
from tests.support.server import Server


@pytest.fixture(scope="module")
def phone(shared_server: Server) -> Iterator[Client]:
    with signed_in(shared_server.url, "duchayuan") as made:
        yield made


@pytest.fixture
def fresh(shared_server: Server) -> Iterator[Client]:
    """Another device of the same person."""
    with signed_in(shared_server.url, "duchayuan") as made:
        yield made


def picture(size: int = 5000) -> bytes:
    return b"\xff\xd8\xff\xe0" + random.randbytes(size) + b"\xff\xd9"


class Day:
    """What a phone did today, as it asks for the receipt."""

    def __init__(self, phone: Client) -> None:
        self.phone = phone
        self.first: int | None = None
        self.last = 0
        self.records: dict[str, int] = {}
        self.photos: list[str] = []

    def did(self, *ops: dict[str, Any], send: bool = True) -> list[dict[str, Any]]:
        self.first = self.first or ops[0]["n"]
        self.last = ops[-1]["n"]
        results = self.phone.push(*ops) if send else [{} for _ in ops]
        for op, result in zip(ops, results, strict=True):
            id_ = op.get("subject") or op["id"]
            self.records[id_] = max(self.records.get(id_, 0), result.get("rev", 0))
        return results

    def note(self, *photos: bytes, send: bool = True) -> str:
        id_ = uuid7()
        refs = [self.phone.photo(photo) for photo in photos]
        self.photos += [ref["sha256"] for ref in refs]
        data = {"unit": self.phone.unit, "photos": refs}
        self.did(self.phone.put("finding", id_, data), send=send)
        return id_

    def ask(self, **change: Any) -> httpx.Response:
        body = {
            "device": self.phone.device,
            "day": "2026-11-25",
            "zone": "Asia/Shanghai",
            "n": self.last,
            "spans": [{"device": self.phone.device, "first": self.first, "last": self.last}]
            if self.first
            else [],
            "records": [{"id": id_, "rev": rev} for id_, rev in self.records.items()],
            "photos": self.photos,
        }
        return self.phone.http.post("/api/v1/receipts", json=body | change)

    def missing(self, **change: Any) -> dict[str, Any]:
        answer = self.ask(**change)
        assert (answer.status_code, answer.json()["code"]) == (409, "receipt_incomplete"), answer.text
        missing: dict[str, Any] = answer.json()["missing"]
        return missing


def test_a_receipt_counts_and_signs_what_is_here(
    shared_server: Server, fresh: Client, tmp_path: Path
) -> None:
    day = Day(fresh)
    first, second = picture(), picture()
    day.note(first, second)
    day.note()
    for photo in (first, second):
        fresh.upload(photo)
    answer = day.ask()
    assert answer.status_code == 200, answer.text
    given = answer.json()
    said = given["receipt"]
    assert (said["records"], said["photos"], said["refused"], said["n"]) == (2, 2, 0, 2)
    assert (said["device"], said["person"]) == (fresh.device, fresh.person)
    lines = [f"record {id_} {rev}\n" for id_, rev in day.records.items()] + [
        f"photo {sha}\n" for sha in day.photos
    ]
    assert said["list"] == hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()

    public = {k["id"]: keys.unb64(k["public"]) for k in fresh.http.get("/api/v1/keys").json()["keys"]}
    content = receipts.verified(given["signed"], public[receipts.key_id(given["signed"])])
    assert content is not None
    assert content.records == 2
    file = tmp_path / "receipt.jws"
    file.write_text(given["signed"])
    assert "2 records, 2 photos, 0 refused" in shared_server.run("receipt", "verify", str(file)).stdout
    header, payload, signature = given["signed"].split(".")
    raw = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(raw | {"photos": 3}).encode()).rstrip(b"=").decode()
    file.write_text(f"{header}.{forged}.{signature}")
    assert commands.verify(file, public) == 1
    assert commands.verify(file, {}) == 1
    file.write_text("nothing")
    assert commands.verify(file, public) == 2


def test_no_receipt_while_an_operation_has_not_come(fresh: Client) -> None:
    day = Day(fresh)
    day.note()
    late = day.note(send=False)
    missing = day.missing()
    assert missing["operations"] == {"count": 1, "spans": [{"device": fresh.device, "first": 2, "last": 2}]}
    assert missing["records"] == {"count": 1, "ids": [late]}


def test_no_receipt_for_a_photo_of_which_half_has_come(fresh: Client) -> None:
    day, photo = Day(fresh), picture()
    day.note(photo)
    location = fresh.create_upload(photo).headers["Location"]
    for sent in (0, 1, 2500, len(photo) - 1):
        if sent:
            before = int(
                fresh.http.head(location, headers={"Tus-Resumable": "1.0.0"}).headers["Upload-Offset"]
            )
            assert fresh.patch(location, before, photo[before:sent]).status_code == 204
        assert day.missing()["photos"] == {"count": 1, "sha256": day.photos}
    assert fresh.patch(location, len(photo) - 1, photo[-1:]).status_code == 204
    assert day.ask().status_code == 200


def test_no_receipt_while_a_photo_is_missing_that_the_phone_does_not_name(fresh: Client) -> None:
    day, photo = Day(fresh), picture()
    day.note(photo)
    (sha,) = day.photos
    day.photos = []
    assert day.missing()["photos"] == {"count": 1, "sha256": [sha]}
    fresh.upload(photo)
    assert day.ask().status_code == 200


def test_no_receipt_for_a_photo_that_was_refused(fresh: Client) -> None:
    day = Day(fresh)
    nothing = b"this is no picture at all" * 100
    day.note(nothing)
    created = fresh.create_upload(nothing)
    refused = fresh.patch(created.headers["Location"], 0, nothing)
    assert refused.json()["code"] == "not_a_photo"
    assert day.missing()["photos"]["count"] == 1


def test_no_receipt_for_a_photo_whose_bytes_left_the_store(shared_server: Server, fresh: Client) -> None:
    if shared_server.env.get("MINGCHA_STORE_URL"):
        pytest.skip("a file of the file store is cut; in an S3 store objects are replaced whole")
    day, photo = Day(fresh), picture()
    day.note(photo)
    sha = fresh.upload(photo)
    assert day.ask().status_code == 200
    [file] = shared_server.folder.rglob(f"**/{sha}")
    file.chmod(0o600)
    file.write_bytes(photo[:-1])
    assert day.missing()["photos"] == {"count": 1, "sha256": [sha]}


def test_a_refused_operation_is_counted_as_refused(fresh: Client) -> None:
    day = Day(fresh)
    day.note()
    bad = uuid7()
    [result] = day.did(fresh.put("finding", bad, {"unit": fresh.unit, "no_such_field": 1}))
    assert result["status"] == "rejected"
    said = day.ask().json()["receipt"]
    assert (said["records"], said["refused"]) == (2, 1)
    day.did(fresh.put("finding", bad, {"unit": fresh.unit}))  # mended
    assert day.ask().json()["receipt"]["refused"] == 0


def test_an_operation_that_could_not_be_read_is_counted_as_refused(fresh: Client) -> None:
    day, id_ = Day(fresh), uuid7()
    day.did(fresh.put("finding", id_, {"unit": fresh.unit}) | {"surprise": 1})
    said = day.ask().json()["receipt"]
    assert (said["records"], said["refused"]) == (1, 1)


def test_each_device_of_a_person_has_its_own_receipt(phone: Client, fresh: Client) -> None:
    here, there = Day(phone), Day(fresh)
    here.note()
    mine = here.note()
    there.note()
    # what the other device made is not this one's to vouch for
    assert there.missing(records=[{"id": mine, "rev": 1}])["records"] == {"count": 1, "ids": [mine]}
    assert there.ask(n=5).json()["missing"]["operations"]["count"] == 4
    both = [
        {"device": day.phone.device, "first": day.first, "last": day.last} for day in (here, there)
    ]  # a phone that had to take a new id
    answer = there.ask(spans=both, records=[{"id": id_, "rev": 1} for id_ in [*here.records, *there.records]])
    assert answer.json()["receipt"]["records"] == 3


def test_a_receipt_tells_nothing_of_what_others_have(shared_server: Server, phone: Client) -> None:
    day, photo = Day(phone), picture()
    secret = day.note(photo)
    phone.upload(photo)
    with signed_in(shared_server.url, "qiangxiu") as crew:
        theirs = Day(crew)
        theirs.photos = day.photos
        theirs.records = {secret: 1, uuid7(): 1}
        missing = theirs.missing()
        assert (missing["records"]["count"], missing["photos"]["count"]) == (2, 1)
        answer = theirs.ask(spans=[{"device": phone.device, "first": 1, "last": 1}])
        assert (answer.status_code, answer.json()["code"]) == (403, "device_unknown")


def test_the_desk_sees_the_latest_receipts_and_others_their_own(shared_server: Server, phone: Client) -> None:
    day = Day(phone)
    day.note()
    assert day.ask().status_code == 200
    assert day.ask(day="2026-11-26").status_code == 200
    with signed_in(shared_server.url, "zhuguan") as desk, signed_in(shared_server.url, "qiangxiu") as crew:
        listed = desk.http.get("/api/v1/receipts").json()["receipts"]
        assert [r["day"] for r in listed if r["device"] == phone.device][:2] == ["2026-11-26", "2026-11-25"]
        assert crew.http.get("/api/v1/receipts").json()["receipts"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"day": "today"},
        {"zone": ""},
        {"zone": "Mars/Phobos"},
        {"day": "9999-99-99"},
        {"n": -1},
        {"n": "1"},
        {"photos": ["A" * 64]},
        {"records": [{"id": "x", "rev": 1}]},
        {"spans": [{"device": uuid7(), "first": 1, "last": 2**53}]},
        {"more": 1},
    ],
)
def test_what_is_not_as_described_is_malformed(phone: Client, change: dict[str, Any]) -> None:
    answer = Day(phone).ask(**change)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
