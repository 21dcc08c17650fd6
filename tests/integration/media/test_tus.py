"""Resumable upload, tus 1.0, as any tus client would do it: over HTTP, on both databases and stores."""

import base64
import hashlib
import os
import secrets
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.media.conftest import TUS, World, head, offset, refused
from tests.support.client import PASSWORD, Client

BODY = "application/offset+octet-stream"


@pytest.fixture(scope="module")
def phone(world: World) -> Iterator[Client]:
    with world.client("inspector") as made:
        yield made


def photo(size: int = 600_000) -> bytes:
    """Begins as a JPEG and is like no other."""
    return b"\xff\xd8\xff\xe0" + secrets.token_bytes(size - 6) + b"\xff\xd9"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def checksum(piece: bytes, algorithm: str = "sha256") -> dict[str, str]:
    digest = hashlib.new(algorithm, piece).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def begun(client: Client, content: bytes) -> str:
    answer = client.create_upload(content)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def creation(content: bytes, type_: str = "image/jpeg", sha256: str | None = None) -> dict[str, str]:
    pairs = {"sha256": sha256 or sha(content), "type": type_}
    text = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())
    return {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": text}


def original(client: Client, content: bytes) -> bytes:
    answer = client.http.get(f"/api/v1/photos/{sha(content)}/original")
    assert answer.status_code == 200, answer.text
    return answer.content


class Line:
    """A bare connection, to send half a request and then stop, or cut."""

    def __init__(self, client: Client) -> None:
        host, port = client.url.removeprefix("http://").split(":")
        self.cookie = client.http.cookies["mingcha_session"]
        self.socket = socket.create_connection((host, int(port)), timeout=10)

    def patch(self, location: str, at: int, length: int, first: bytes) -> None:
        """Announce `length` bytes, send `first` of them."""
        self._begin(f"PATCH {location}", {"Upload-Offset": str(at)}, length, first)

    def create(self, content: bytes, first: bytes) -> None:
        """An upload whose bytes come with its creation; `first` of them are sent."""
        self._begin("POST /api/v1/uploads", creation(content), len(content), first)

    def _begin(self, what: str, headers: dict[str, str], length: int, first: bytes) -> None:
        headers = {
            "Host": "test",
            "X-Mingcha": "1",
            "Cookie": f"mingcha_session={self.cookie}",
            "Tus-Resumable": "1.0.0",
            "Content-Type": BODY,
            "Content-Length": str(length),
            **headers,
        }
        lines = [f"{what} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.socket.sendall("\r\n".join(lines).encode() + first)

    def status(self) -> int:
        answer = self.socket.recv(65536)
        return int(answer.split(b" ", 2)[1]) if answer else 0

    def cut(self) -> None:
        """As when the radio dies: no orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


def came(client: Client, content: bytes) -> int:
    """Bytes that the server has of an upload that may have no row yet."""
    asked = {"photos": [{"sha256": sha(content), "size": len(content)}]}
    answer = client.http.post("/api/v1/photos/missing", json=asked).json()
    return int(answer["photos"][0].get("offset", 0))


def until(condition: object, seconds: float = 5) -> float:
    """Wait until the callable is true; gives how long it took."""
    assert callable(condition)
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.01)
    return time.monotonic() - began


# --- the protocol ----------------------------------------------------------------------------------------


def test_the_server_says_what_it_can(phone: Client) -> None:
    answer = phone.http.options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    offered = set(answer.headers["Tus-Extension"].split(","))
    assert offered == {"creation", "creation-with-upload", "checksum", "expiration", "termination"}
    assert int(answer.headers["Tus-Max-Size"]) == 64 * 2**20
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"], "tus demands it of every server"


def test_a_photo_in_pieces_is_stored_byte_by_byte(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    fresh = head(phone, location)
    assert (fresh.headers["Upload-Offset"], fresh.headers["Upload-Length"]) == ("0", "600000")
    assert fresh.headers["Cache-Control"] == "no-store"
    assert fresh.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Expires" in fresh.headers
    for at in range(0, len(content), 250_000):
        answer = phone.patch(location, at, content[at : at + 250_000])
        assert answer.status_code == 204
        assert int(answer.headers["Upload-Offset"]) == min(at + 250_000, len(content))
    assert original(phone, content) == content
    done = head(phone, location)
    assert done.headers["Upload-Offset"] == done.headers["Upload-Length"], "a lost answer can be asked again"
    assert "Upload-Expires" not in done.headers


def test_a_small_photo_goes_in_one_request(phone: Client) -> None:
    content = photo(30_000)
    answer = phone.http.post(
        "/api/v1/uploads", headers={**creation(content), "Content-Type": BODY}, content=content
    )
    assert answer.status_code == 201
    assert answer.headers["Upload-Offset"] == "30000"
    assert original(phone, content) == content


def test_a_small_photo_that_is_cut_in_its_only_request_goes_on_from_what_came(
    phone: Client, world: World
) -> None:
    content = photo(300_000)
    line = Line(phone)
    line.create(content, content[:120_000])
    until(lambda: came(phone, content) == 120_000)
    line.cut()
    until(lambda: phone.create_upload(content).headers["Upload-Offset"] == "120000")
    location = phone.create_upload(content).headers["Location"]
    until(lambda: phone.patch(location, 120_000, content[120_000:]).status_code == 204)
    assert original(phone, content) == content
    assert "Traceback" not in world.server.log_tail(200)


def test_a_small_photo_is_taken_over_from_a_silent_creation(phone: Client) -> None:
    content = photo(300_000)
    line = Line(phone)
    line.create(content, content[:120_000])  # and then the phone vanishes
    until(lambda: came(phone, content) == 120_000)
    answer = phone.http.post(
        "/api/v1/uploads", headers={**creation(content), "Content-Type": BODY}, content=content
    )
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "120000")
    assert phone.patch(answer.headers["Location"], 120_000, content[120_000:]).status_code == 204
    assert original(phone, content) == content
    line.cut()


def test_an_answer_that_needs_no_body_comes_when_the_body_is_in_and_the_connection_stays(
    phone: Client,
) -> None:
    content = photo(300_000)
    location = begun(phone, content)
    phone.patch(location, 0, content[:120_000])
    line = Line(phone)
    line.create(content, content[:1000])
    line.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        line.status()
    line.socket.settimeout(30)
    line.socket.sendall(content[1000:])
    assert line.status() == 201
    line.patch(location, 120_000, 180_000, content[120_000:])
    assert line.status() == 204
    line.cut()
    assert original(phone, content) == content


def test_creating_again_finds_the_same_upload_and_its_offset(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    phone.patch(location, 0, content[:100_000])
    again = phone.create_upload(content)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (location, "100000")
    assert phone.patch(location, 100_000, content[100_000:]).status_code == 204
    after = phone.create_upload(content)
    assert (after.status_code, after.headers["Upload-Offset"]) == (201, "600000")


def test_a_wrong_offset_is_told_the_true_one(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    phone.patch(location, 0, content[:100_000])
    for wrong in (0, 99_999, 100_001, 600_000):
        document = refused(phone.patch(location, wrong, b"x" * 10), 409, "upload_offset")
        assert document["offset"] == 100_000
    assert phone.patch(location, 100_000, content[100_000:]).status_code == 204
    assert original(phone, content) == content


def test_pieces_are_checked_and_a_damaged_one_is_thrown_away(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    for algorithm, start, end in (("sha256", 0, 200_000), ("sha1", 200_000, 400_000)):
        piece = content[start:end]
        damaged = phone.patch(
            location, start, piece[:-1] + bytes([piece[-1] ^ 1]), **checksum(piece, algorithm)
        )
        refused(damaged, 460, "checksum_mismatch")
        assert offset(phone, location) == start
        assert phone.patch(location, start, piece, **checksum(piece, algorithm)).status_code == 204
    refused(
        phone.patch(location, 400_000, b"x", **{"Upload-Checksum": "md5 AAAA"}), 400, "checksum_algorithm"
    )
    refused(phone.patch(location, 400_000, b"x", **{"Upload-Checksum": "sha256 ?"}), 400, "upload_header")
    assert offset(phone, location) == 400_000
    last = content[400_000:]
    assert phone.patch(location, 400_000, last, **checksum(last)).status_code == 204
    assert original(phone, content) == content


def test_without_the_version_nothing_happens(phone: Client) -> None:
    content = photo(1000)
    location = begun(phone, content)
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        headers = {k: v for k, v in creation(content).items() if k != "Tus-Resumable"} | version
        answer = phone.http.post("/api/v1/uploads", headers=headers)
        refused(answer, 412, "tus_version")
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert phone.http.head(location, headers=version).status_code == 412
        patch = {"Upload-Offset": "0", "Content-Type": BODY, **version}
        refused(phone.http.patch(location, headers=patch, content=content), 412, "tus_version")
        refused(phone.http.delete(location, headers=version), 412, "tus_version")
    assert offset(phone, location) == 0


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"Upload-Length": ""}, 400, "upload_header"),
        ({"Upload-Length": "-5"}, 400, "upload_header"),
        ({"Upload-Length": "0"}, 422, "empty_upload"),
        ({"Upload-Length": str(64 * 2**20 + 1)}, 413, "too_large"),
        ({"Upload-Metadata": ""}, 400, "upload_header"),
        ({"Upload-Metadata": "sha256 !!!"}, 400, "upload_header"),
        (
            {"Upload-Metadata": "sha256 " + base64.b64encode(b"../../etc/passwd").decode()},
            400,
            "upload_header",
        ),
        ({"Upload-Metadata": "sha256 AAAA,sha256 AAAA"}, 400, "upload_header"),
        ({"Upload-Metadata": "sha256 é"}, 400, "upload_header"),
        ({"Upload-Checksum": "sha256 !!!"}, 400, "upload_header"),
        ({"Upload-Checksum": "sha256 é"}, 400, "upload_header"),
        ({"Upload-Checksum": "crc32 AAAA"}, 400, "checksum_algorithm"),
    ],
)
def test_a_creation_that_makes_no_sense_is_refused(
    phone: Client, change: dict[str, str], status: int, code: str
) -> None:
    headers = httpx.Headers(creation(photo(1000)) | change, encoding="utf-8")
    refused(phone.http.post("/api/v1/uploads", headers=headers), status, code)


@pytest.mark.parametrize("more", [",name YQBi", ",type YQBi", ",é YWI=", ",name é", ",name /w=="])
def test_a_name_or_type_that_no_database_could_keep_makes_no_sense_either(phone: Client, more: str) -> None:
    """YQBi is a NUL between two letters, /w== is no UTF-8."""
    headers = creation(photo(1000))
    if more.startswith(",type"):
        headers["Upload-Metadata"] = headers["Upload-Metadata"].partition(",")[0]
    headers["Upload-Metadata"] += more
    answer = phone.http.post("/api/v1/uploads", headers=httpx.Headers(headers, encoding="utf-8"))
    assert refused(answer, 400, "upload_header")["header"] == "Upload-Metadata"


def test_a_piece_needs_its_offset_and_type(phone: Client) -> None:
    content = photo(1000)
    location = begun(phone, content)
    refused(
        phone.http.patch(location, headers={**TUS, "Content-Type": BODY}, content=b"x"), 400, "upload_header"
    )
    wrong_type = {**TUS, "Upload-Offset": "0", "Content-Type": "image/jpeg"}
    refused(phone.http.patch(location, headers=wrong_type, content=b"x"), 415, "content_type")
    assert offset(phone, location) == 0


def test_an_ended_upload_is_gone_and_a_stored_photo_is_not(phone: Client, world: World) -> None:
    content = photo()
    location = begun(phone, content)
    phone.patch(location, 0, content[:1000])
    id_ = location.rsplit("/", 1)[-1]
    assert id_ in world.staged()
    assert phone.http.delete(location, headers=TUS).status_code == 204
    assert id_ not in world.staged()
    assert head(phone, location).status_code == 404
    refused(phone.patch(location, 1000, b"x"), 404, "upload_unknown")
    refused(phone.http.delete(location, headers=TUS), 404, "upload_unknown")
    phone.upload(content)
    assert phone.http.delete(location, headers=TUS).status_code == 204
    assert original(phone, content) == content


def test_an_expired_upload_is_gone_until_it_is_created_again(phone: Client, world: World) -> None:
    content = photo()
    location = begun(phone, content)
    phone.patch(location, 0, content[:1000])
    world.expire(location.rsplit("/", 1)[-1])
    assert head(phone, location).status_code == 410
    refused(phone.patch(location, 1000, content[1000:]), 410, "upload_gone")
    again = phone.create_upload(content)
    assert again.headers["Upload-Offset"] == "1000", "not swept yet: the bytes still count"
    assert phone.patch(location, 1000, content[1000:]).status_code == 204
    assert original(phone, content) == content


# --- what must fit together ------------------------------------------------------------------------------


def test_bytes_that_do_not_match_the_hash_are_refused_and_forgotten(phone: Client) -> None:
    content, declared = photo(), photo()
    location = phone.create_upload(content, sha256=sha(declared)).headers["Location"]
    refused(phone.patch(location, 0, content), 422, "hash_mismatch")
    assert head(phone, location).status_code == 404
    for hash_ in (sha(content), sha(declared)):
        assert phone.http.get(f"/api/v1/photos/{hash_}/original").status_code == 404
    assert phone.upload(declared) == sha(declared), "the right photo still gets in under its hash"


def test_more_bytes_than_declared_are_refused_and_what_came_before_stays(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    phone.patch(location, 0, content[:100_000])
    refused(phone.patch(location, 100_000, content[100_000:] + b"!"), 413, "too_large")

    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(20_000)

    headers = {**TUS, "Upload-Offset": "100000", "Content-Type": BODY}
    answer = phone.http.patch(location, headers=headers, content=endless())
    refused(answer, 413, "too_large")
    phone.http.delete(location, headers=TUS)
    assert phone.upload(content) == sha(content)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in pieces"])
@pytest.mark.parametrize("declared", ["text/html", "image/png", "video/mp4"])
def test_bytes_of_another_type_than_declared_are_refused_and_forgotten(
    phone: Client, declared: str, at_once: bool
) -> None:
    content = photo(5000)
    headers, first = creation(content, declared), content if at_once else content[:2000]
    answer = phone.http.post("/api/v1/uploads", headers={**headers, "Content-Type": BODY}, content=first)
    if not at_once:
        answer = phone.patch(answer.headers["Location"], 2000, content[2000:])
    facts = refused(answer, 415, "type_mismatch")
    assert (facts["declared"], facts["actual"]) == (declared, "image/jpeg")
    assert phone.http.get(f"/api/v1/photos/{sha(content)}/original").status_code == 404
    assert came(phone, content) == 0
    assert phone.upload(content) == sha(content), "declared as what it is, it still gets in"


@pytest.mark.parametrize("declared", ["application/octet-stream", "image/jpg", "Image/JPEG; q=1"])
def test_a_type_that_is_not_declared_is_found_by_the_bytes(phone: Client, declared: str) -> None:
    content = photo(5000)
    answer = phone.http.post(
        "/api/v1/uploads", headers={**creation(content, declared), "Content-Type": BODY}, content=content
    )
    assert answer.status_code == 201, answer.text
    answer = phone.http.get(f"/api/v1/photos/{sha(content)}/original")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_wrong_type_is_mended_by_creating_the_upload_again(phone: Client) -> None:
    content = photo(5000)
    location = phone.create_upload(content, "image/heic").headers["Location"]
    assert phone.patch(location, 0, content[:2000]).status_code == 204
    again = phone.create_upload(content, "image/jpeg")
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (location, "2000")
    assert phone.patch(location, 2000, content[2000:]).status_code == 204
    assert original(phone, content) == content


# --- bad lines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [0, 1, 300_000, 599_999])
def test_after_a_cut_in_mid_piece_the_phone_goes_on_from_the_servers_offset(
    phone: Client, world: World, sent: int
) -> None:
    content = photo()
    location = begun(phone, content)
    line = Line(phone)
    line.patch(location, 0, len(content), content[:sent])
    if sent:
        until(lambda: offset(phone, location) > 0)
    line.cut()
    resumed = until(lambda: offset(phone, location) == offset(phone, location))
    at = offset(phone, location)
    assert at <= sent
    answer = phone.patch(location, at, content[at:])
    while answer.status_code == 409:  # bytes of the cut request were still on their way
        at = answer.json().get("offset", offset(phone, location))
        answer = phone.patch(location, at, content[at:])
    assert answer.status_code == 204, answer.text
    assert resumed < 1
    assert original(phone, content) == content
    log = world.server.log_tail(200)
    assert "Traceback" not in log, "a tunnel is no error of the server"


def test_after_a_cut_behind_the_last_byte_the_photo_is_stored_once(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    line = Line(phone)
    line.patch(location, 0, len(content), content)
    line.socket.close()  # after the last byte: the answer never arrives
    until(lambda: offset(phone, location) == len(content))
    answer = phone.patch(location, len(content), b"")
    assert answer.status_code == 204
    assert original(phone, content) == content


def test_a_newer_request_takes_a_silent_upload_over_in_under_a_second(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    line = Line(phone)
    line.patch(location, 0, len(content), content[:200_000])  # and then the phone vanishes
    until(lambda: offset(phone, location) == 200_000)
    began = time.monotonic()
    answer = phone.patch(location, 200_000, content[200_000:])
    took_s = time.monotonic() - began
    assert answer.status_code == 204, answer.text
    assert took_s < 1, f"take-over took {took_s:.2f} s"
    assert original(phone, content) == content
    line.cut()


def test_the_request_that_was_taken_over_cannot_mix_its_bytes_in(phone: Client) -> None:
    content = photo()
    location = begun(phone, content)
    line = Line(phone)
    line.patch(location, 0, 400_000, content[:200_000])
    until(lambda: offset(phone, location) == 200_000)
    assert phone.patch(location, 200_000, content[200_000:500_000]).status_code == 204
    line.socket.sendall(b"!" * 200_000)  # the vanished phone comes back on the old line
    assert line.status() == 409
    line.cut()
    assert offset(phone, location) == 500_000
    assert phone.patch(location, 500_000, content[500_000:]).status_code == 204
    assert original(phone, content) == content


def test_a_phone_that_vanished_at_one_server_goes_on_at_the_other_within_a_second(
    phone: Client, world: World
) -> None:
    content = photo()
    location = begun(phone, content)
    line = Line(phone)
    line.patch(location, 0, 400_000, content[:200_000])
    until(lambda: offset(phone, location) == 200_000)
    with world.server.others(1) as [second], Client(second.url) as other:
        other.http.cookies = phone.http.cookies
        began = time.monotonic()
        answer = other.patch(location, 200_000, content[200_000:500_000])
        took_s = time.monotonic() - began
        assert (answer.status_code, answer.headers.get("Upload-Offset")) == (204, "500000"), answer.text
        assert took_s < 1, f"take-over took {took_s:.2f} s"
        line.socket.sendall(b"!" * 200_000)  # the vanished phone comes back on the old line
        assert line.status() == 409
        line.cut()
        assert phone.patch(location, 500_000, content[500_000:]).status_code == 204
        assert original(other, content) == content


def test_eight_requests_at_once_for_one_photo_give_one_whole_photo(world: World) -> None:
    content = photo(1_500_000)

    def stands(client: Client, location: str) -> int:
        while (answer := head(client, location)).status_code == 409:  # a newer request asked as well
            time.sleep(0.02)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def send(_: int) -> None:
        with Client(world.server.url) as client:
            client.http.cookies = cookies
            location, tries = begun(client, content), 0
            while (at := stands(client, location)) < len(content):
                client.patch(location, at, content[at : at + 300_000])
                tries += 1
                assert tries < 200, "the requests hinder each other for good"
                time.sleep(secrets.randbelow(50) / 1000)

    with world.client("manager", register=False) as phone, ThreadPoolExecutor(8) as threads:
        cookies = phone.http.cookies
        list(threads.map(send, range(8)))
        assert original(phone, content) == content


# --- several people and devices --------------------------------------------------------------------------


def test_two_people_send_the_same_photo_and_neither_sees_the_others_progress(world: World) -> None:
    content = photo()
    with world.client("crew") as one, world.client("crew2") as two:
        first, second = begun(one, content), begun(two, content)
        assert first != second
        one.patch(first, 0, content[:300_000])
        assert offset(two, second) == 0
        assert head(two, first).status_code == 404
        refused(two.patch(first, 300_000, content[300_000:]), 404, "upload_unknown")
        refused(two.http.delete(first, headers=TUS), 404, "upload_unknown")
        assert one.patch(first, 300_000, content[300_000:]).status_code == 204
        asked = {"photos": [{"sha256": sha(content), "size": len(content)}]}
        state = two.http.post("/api/v1/photos/missing", json=asked).json()["photos"]
        assert state == [{"sha256": sha(content), "state": "new", "offset": 0}], "a hash proves nothing"
        refused(two.http.get(f"/api/v1/photos/{sha(content)}/original"), 404, "photo_unknown")
        assert two.patch(second, 0, content).status_code == 204
        assert original(one, content) == original(two, content) == content


def test_a_second_phone_of_the_same_person_goes_on_where_the_first_stopped(world: World) -> None:
    content = photo()
    with world.client("crew") as old, world.client("crew") as new:
        assert old.device != new.device
        location = begun(old, content)
        old.patch(location, 0, content[:250_000])
        found = new.create_upload(content)
        assert (found.headers["Location"], found.headers["Upload-Offset"]) == (location, "250000")
        assert new.patch(location, 250_000, content[250_000:]).status_code == 204
        assert original(old, content) == content


def test_the_check_before_sending_knows_have_partial_and_new(phone: Client) -> None:
    stored, partial, new = photo(), photo(), photo()
    phone.upload(stored)
    phone.patch(begun(phone, partial), 0, partial[:4000])
    asked = {"photos": [{"sha256": sha(c), "size": len(c)} for c in (stored, partial, new)]}
    answer = phone.http.post("/api/v1/photos/missing", json=asked)
    assert answer.json()["photos"] == [
        {"sha256": sha(stored), "state": "have"},
        {"sha256": sha(partial), "state": "partial", "offset": 4000},
        {"sha256": sha(new), "state": "new", "offset": 0},
    ]
    many = {"photos": [{"sha256": sha(str(n).encode()), "size": 1} for n in range(501)]}
    refused(phone.http.post("/api/v1/photos/missing", json=many), 400, "photo_list")


def test_an_upload_survives_the_end_of_the_session(world: World) -> None:
    content = photo()
    with world.client("leader") as phone:
        location = begun(phone, content)
        phone.patch(location, 0, content[:100_000])
        with world.client("leader", register=False) as other:
            other.http.cookies = phone.http.cookies
            assert other.http.delete("/api/v1/session").status_code == 204
        refused(phone.patch(location, 100_000, content[100_000:]), 401, "session_expired")
        phone.http.cookies.clear()
        phone.http.post("/api/v1/session", json={"login": "leader", "password": PASSWORD})
        assert offset(phone, location) == 100_000
        assert phone.patch(location, 100_000, content[100_000:]).status_code == 204
        assert original(phone, content) == content


def test_a_revoked_phone_sends_no_more_and_the_next_phone_finishes(world: World) -> None:
    content = photo()
    with world.client("auditor") as lost, world.client("supervisor") as desk:
        location = begun(lost, content)
        lost.patch(location, 0, content[:100_000])
        assert desk.http.post(f"/api/v1/devices/{lost.device}/revoke").status_code == 204
        refused(lost.patch(location, 100_000, content[100_000:]), 403, "device_revoked")
        refused(lost.create_upload(photo()), 403, "device_revoked")
        assert head(lost, location).status_code == 403
    with world.client("auditor") as new:
        assert offset(new, location) == 100_000
        assert new.patch(location, 100_000, content[100_000:]).status_code == 204
        assert original(new, content) == content


def test_nothing_is_left_in_staging_of_what_was_stored(world: World, phone: Client) -> None:
    content = photo()
    before = set(os.listdir(world.server.folder / "staging"))
    phone.upload(content)
    assert set(os.listdir(world.server.folder / "staging")) <= before
