"""Whatever a client sends, the server stays up, says what is wrong, and keeps the rest of the batch."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from tests.support.client import PASSWORD, Client, now, signed_in, uuid7
from tests.support.server import Server

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture(scope="module")
def client(shared_server: Server) -> Iterator[Client]:
    with signed_in(shared_server.url, "duchayuan") as made:
        yield made


@pytest.fixture(autouse=True)
def still_up(shared_server: Server) -> Iterator[None]:
    yield
    assert shared_server.running
    assert shared_server.ready()


def raw_push(client: Client, content: bytes) -> httpx.Response:
    return client.http.post("/api/v1/sync/push", content=content)


def envelope(client: Client, *ops: str) -> bytes:
    head = f'"device":"{client.device}","schema":1,"sent_at":"{now()}"'
    return f'{{{head},"ops":[{",".join(ops)}]}}'.encode()


def test_one_bad_operation_is_rejected_and_its_neighbours_are_applied(client: Client) -> None:
    unit = client.unit

    def bad(**change: object) -> dict[str, object]:
        return client.put("finding", uuid7(), {"unit": unit, "fact": "x"}) | change

    ops = [
        (bad(), None),
        (bad(kind="no_such_kind"), "unknown_kind"),
        (bad(data={"unit": unit, "complaint": "true"}), "invalid"),
        (bad(data={"unit": unit, "no_such_field": 1}), "invalid"),
        (bad(base="1"), "malformed"),
        (bad(id="not-a-uuid"), "bad_id"),
        (bad(id="01933333-0000-4000-8000-000000000001"), "bad_id"),
        (bad(data=json.loads("[" * 40 + "]" * 40)), "malformed"),
        (bad(unexpected=1), "malformed"),
        (bad(), None),
        (bad(op="event", subject=uuid7(), type="submit", data={}), "not_found"),
        (bad(op="explode"), "malformed"),
        (bad(kind="ledger"), "unknown_kind"),
        (bad(kind="violation", data={}), "forbidden"),
        (bad(at="yesterday"), "malformed"),
        (bad(), None),
    ]
    results = client.push(*(op for op, _ in ops))
    for (op, code), result in zip(ops, results, strict=True):
        if code is None:
            assert result["status"] == "applied", result
        else:
            assert (result["status"], result["code"]) == ("rejected", code), (op, result)
    found = client.records("finding")
    assert {op["id"] for op, code in ops if code is None} <= set(found)


def test_a_foreign_unit_is_rejected_for_a_station_person(shared_server: Server) -> None:
    with signed_in(shared_server.url, "taiqu") as ours, signed_in(shared_server.url, "taiqu2") as theirs:
        assert ours.unit != theirs.unit
        (result,) = ours.push(ours.put("infrared", uuid7(), {"unit": theirs.unit}))
        assert (result["status"], result["code"]) == ("rejected", "foreign_unit")
        (fine,) = ours.push(ours.put("infrared", uuid7(), {"unit": ours.unit}))
        assert fine["status"] == "applied"


def test_unreadable_requests_are_malformed_and_take_no_number(client: Client) -> None:
    op = json.dumps(client.put("finding", uuid7(), {"unit": client.unit}))
    deep = b'{"device":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    bodies = [
        b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"device":1}', deep,
        envelope(client, op).replace(b'"schema":1', b'"schema":"1"'),
        envelope(client, op).replace(b'"ops"', b'"rev":"1","ops"'),
        envelope(client, op.replace('"n": ', '"n": "1", "m": ')),
    ]  # fmt: skip
    for content in bodies:
        answer = raw_push(client, content)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), content[:60]
    assert raw_push(client, envelope(client, op)).json()["results"][0]["status"] == "applied"


def test_an_oversize_push_is_refused_before_it_is_read(client: Client) -> None:
    for content in (b" " * 1_100_000, envelope(client, *(['{"n":1}'] * 501))):
        answer = raw_push(client, content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("encoding", "content", "problem"),
    [
        ("gzip", gzip.compress(b" " * 50_000_000), (413, "too_large")),
        ("gzip", gzip.compress(b"{}" * 1000)[:-12], (400, "malformed")),
        ("gzip", b"no gzip", (400, "malformed")),
        ("br", brotli.compress(b" " * 50_000_000), (415, "unsupported_encoding")),
        ("zstd", zstandard.compress(b" " * 50_000_000), (415, "unsupported_encoding")),
        ("gzip, gzip", gzip.compress(gzip.compress(b" " * 50_000_000)), (415, "unsupported_encoding")),
    ],
    ids=["gzip bomb", "cut gzip", "no gzip", "br bomb", "zstd bomb", "gzip in gzip"],
)
def test_a_packed_body_is_unpacked_within_the_limit_or_refused(
    client: Client, encoding: str, content: bytes, problem: tuple[int, str]
) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = client.http.post("/api/v1/sync/push", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == problem
    draft = envelope(client, json.dumps(client.put("finding", uuid7(), {"unit": client.unit})))
    good = client.http.post(
        "/api/v1/sync/push", content=gzip.compress(draft), headers={"Content-Encoding": "gzip"}
    )
    assert good.json()["results"][0]["status"] == "applied"


def test_replayed_operations_answer_as_before_and_reordered_ones_name_the_gap(client: Client) -> None:
    first = client.put("finding", uuid7(), {"unit": client.unit, "fact": "one"})
    second = client.put("finding", uuid7(), {"unit": client.unit, "fact": "two"})
    ahead = client.send(second)
    assert (ahead.status_code, ahead.json()["code"]) == (409, "gap")
    assert ahead.json()["expected"] == first["n"]
    crossed = client.send(second, first)
    assert (crossed.status_code, crossed.json()["code"]) == (409, "gap")
    results = client.applied(first, second)
    assert client.push(first, second) == results
    forged = client.send(first | {"data": {"unit": client.unit, "fact": "other"}})
    assert (forged.status_code, forged.json()["code"]) == (409, "device_fork")


def test_photos_that_are_not_what_they_say_are_refused(client: Client) -> None:
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.txt", "not a photo")
    cases = [
        (b"\xff\xd8\xff\xe0" + b"x" * 3000, "0" * 64, "hash_mismatch"),
        (zipped.getvalue(), None, "not_a_photo"),
    ]
    for content, sha, code in cases:
        created = client.create_upload(content, sha256=sha)
        assert created.status_code == 201, created.text
        answer = client.patch(created.headers["Location"], 0, content)
        assert answer.json()["code"] == code, answer.text
    empty = client.create_upload(b"")
    assert empty.json()["code"] == "empty_upload"


def test_an_empty_piece_of_a_photo_moves_nothing(client: Client) -> None:
    content = b"\xff\xd8\xff\xe0" + b"y" * 5000
    location = client.create_upload(content).headers["Location"]
    client.patch(location, 0, b"")
    head = client.http.head(location, headers={"Tus-Resumable": "1.0.0"})
    assert head.headers["Upload-Offset"] == "0"
    assert client.patch(location, 0, content).status_code == 204


def test_a_session_that_ends_in_mid_upload_gives_401_and_the_upload_goes_on_after_sign_in(
    shared_server: Server,
) -> None:
    content = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 2000
    with signed_in(shared_server.url, "duchayuan2") as phone:
        location = phone.create_upload(content).headers["Location"]
        assert phone.patch(location, 0, content[:200_000]).status_code == 204
        draft = phone.put("finding", uuid7(), {"unit": phone.unit})
        token = phone.http.cookies["mingcha_session"]
        with httpx.Client(verify=False) as other:  # ends the session behind the phone's back
            headers = {"X-Mingcha": "1", "Cookie": f"mingcha_session={token}"}
            assert other.delete(f"{shared_server.url}/api/v1/session", headers=headers).status_code == 204
        for refused in (phone.patch(location, 200_000, content[200_000:]), phone.send(draft)):
            assert (refused.status_code, refused.json()["code"]) == (401, "session_expired")
        answer = phone.http.post("/api/v1/session", json={"login": "duchayuan2", "password": PASSWORD})
        assert answer.status_code == 200
        head = phone.http.head(location, headers={"Tus-Resumable": "1.0.0"})
        assert head.headers["Upload-Offset"] == "200000"
        assert phone.patch(location, 200_000, content[200_000:]).status_code == 204
        assert phone.push(draft)[0]["status"] == "applied"
        sha = phone.photo(content)["sha256"]
        assert phone.http.get(f"/api/v1/photos/{sha}/original").content == content
