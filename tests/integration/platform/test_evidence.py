"""Photos and records find each other, whichever comes first, and nobody sees a photo by guessing its hash."""

import random
from collections.abc import Iterator

import pytest

from tests.support.client import Client, signed_in, uuid7
from tests.support.server import Server


@pytest.fixture(scope="module")
def inspector(shared_server: Server) -> Iterator[Client]:
    with signed_in(shared_server.url, "duchayuan") as made:
        yield made


def picture(seed: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + random.Random(seed).randbytes(5000) + b"\xff\xd9"


def test_a_record_names_its_missing_photos_until_they_arrive(inspector: Client) -> None:
    first, second = picture(1), picture(2)
    id_ = uuid7()
    photos = [inspector.photo(first), inspector.photo(second)]
    inspector.applied(inspector.put("finding", id_, {"unit": inspector.unit, "photos": photos}))
    before = inspector.records("finding")[id_]
    assert set(before["missing"]) == {p["sha256"] for p in photos}
    inspector.upload(first)
    half = inspector.records("finding")[id_]
    assert half["missing"] == [photos[1]["sha256"]]
    assert half["rev"] > before["rev"]
    inspector.upload(second)
    assert inspector.records("finding")[id_]["missing"] == []


def test_a_photo_that_came_first_is_not_missing(inspector: Client) -> None:
    content = picture(3)
    inspector.upload(content)
    id_ = uuid7()
    photos = [inspector.photo(content)]
    inspector.applied(inspector.put("finding", id_, {"unit": inspector.unit, "photos": photos}))
    assert inspector.records("finding")[id_]["missing"] == []


def test_a_photo_is_seen_by_those_who_see_its_record_and_by_no_one_else(
    shared_server: Server, inspector: Client
) -> None:
    content = picture(4)
    sha = inspector.upload(content)
    with (
        signed_in(shared_server.url, "qiangxiu") as crew,
        signed_in(shared_server.url, "duchayuan2") as other,
    ):
        id_ = uuid7()
        photos = [inspector.photo(content)]
        inspector.applied(inspector.put("finding", id_, {"unit": inspector.unit, "photos": photos}))
        for stranger in (crew, other):  # the draft is its author's alone
            answer = stranger.http.get(f"/api/v1/photos/{sha}/original")
            assert (answer.status_code, answer.json()["code"]) == (404, "photo_unknown")
        forged = crew.put("infrared", uuid7(), {"unit": crew.unit, "photos": photos})
        assert crew.push(forged)[0]["status"] == "rejected"
        assert inspector.http.get(f"/api/v1/photos/{sha}/original").content == content


def test_a_photo_taken_out_of_a_draft_is_no_longer_missing(inspector: Client) -> None:
    id_ = uuid7()
    photos = [inspector.photo(picture(5))]
    inspector.applied(inspector.put("finding", id_, {"unit": inspector.unit, "photos": photos}))
    inspector.applied(inspector.put("finding", id_, {"photos": []}, base=1))
    assert inspector.records("finding")[id_]["missing"] == []


def test_naming_a_photo_is_not_having_it(shared_server: Server, inspector: Client) -> None:
    content = picture(7)
    sha = inspector.upload(content)
    with signed_in(shared_server.url, "taiqu") as manager:
        id_ = uuid7()
        claim = {"unit": manager.unit, "photos": [manager.photo(content)]}
        manager.applied(manager.put("hazard", id_, claim))
        assert manager.records("hazard")[id_]["missing"] == [sha]
        assert manager.http.get(f"/api/v1/photos/{sha}/original").status_code == 404
        asked = {"photos": [{"sha256": sha, "size": len(content)}]}
        answer = manager.http.post("/api/v1/photos/missing", json=asked).json()
        assert answer["photos"] == [{"sha256": sha, "state": "new", "offset": 0}]
        before = inspector.http.get(f"/api/v1/photos/{sha}/facts").json()
        manager.upload(content)
        assert manager.records("hazard")[id_]["missing"] == []
        assert manager.http.get(f"/api/v1/photos/{sha}/original").content == content
        mine = manager.http.get(f"/api/v1/photos/{sha}/facts").json()
        assert mine["received_at"] > before["received_at"]
        assert (
            inspector.http.get(f"/api/v1/photos/{sha}/facts").json()["received_at"] == before["received_at"]
        )


def test_the_bytes_of_another_do_not_complete_ones_record(shared_server: Server, inspector: Client) -> None:
    content = picture(8)
    with signed_in(shared_server.url, "taiqu") as manager:
        id_ = uuid7()
        manager.applied(
            manager.put("hazard", id_, {"unit": manager.unit, "photos": [manager.photo(content)]})
        )
        before = manager.records("hazard")[id_]
        inspector.upload(content)
        assert manager.records("hazard")[id_] == before
