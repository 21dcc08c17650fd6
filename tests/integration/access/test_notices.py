"""A person's notices over HTTP: only his own, only of what he may read; what he chooses; who sees how the ways are."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from backend.notices.webpush import decode, encode, new_private_key, public_bytes
from tests.conftest import Pair
from tests.support.client import Client, uuid7

from .conftest import World, make_world
from .test_lists import hazard

KEYS = {
    "p256dh": encode(public_bytes(ec.generate_private_key(ec.SECP256R1()))),
    "auth": encode(b"0123456789abcdef"),
}
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/x"


@pytest.fixture(scope="module")
def told(shared_pair: Pair) -> Iterator[World]:
    """Nobody does the jobs, so nothing goes out."""
    push = {
        "MINGCHA_NOTICE_PUSH_KEY": new_private_key(),
        "MINGCHA_NOTICE_PUSH_CONTACT": "mailto:it@m.example",
    }
    made = make_world(shared_pair, MINGCHA_WORKER="none", **push)
    try:
        yield made
    finally:
        made.server.kill()


def notices(client: Client) -> dict[str, Any]:
    answer = client.http.get("/api/v1/notices")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ways(client: Client) -> dict[str, Any]:
    return dict(client.http.get("/api/v1/notices/ways").json())


def test_a_crew_has_its_job_in_the_list_until_it_took_it_and_others_have_nothing(told: World) -> None:
    with told.client("inspector", register=True) as inspector, told.client("crew", register=True) as crew:
        hazard(told, inspector)
        found = notices(crew)
        (job,) = [one for one in found["notices"] if one["kind"] == "job"]
        assert (found["unread"], job["open"], job["read_at"]) == (1, True, None)
        assert job["page"] == f"/job/{job['record']}"
        for login in ("crew2", "manager", "supervisor", "foreign-crew"):
            with told.client(login) as other:
                assert notices(other)["notices"] == []
                assert other.http.post("/api/v1/notices/read", json={"ids": [job["id"]]}).status_code == 204
        assert notices(crew)["unread"] == 1
        assert crew.http.post("/api/v1/notices/read", json={"ids": [job["id"], "x"]}).status_code == 204
        assert notices(crew)["unread"] == 0
        crew.pull()
        crew.applied(crew.event("repair", job["record"], "receive"))
        assert not any(one["open"] for one in notices(crew)["notices"] if one["kind"] == "job")


def test_a_person_chooses_hours_and_address_within_what_is_allowed(told: World) -> None:
    with told.client("crew") as crew, told.client("crew2") as other:
        assert ways(crew)["choice"] == {"language": "zh-CN", "quiet": None, "address": ""}
        assert (ways(crew)["company_quiet"], ways(crew)["urgent"]) == ("22:00-07:00", True)
        wanted = {"language": "en", "quiet": "21:30-06:15", "address": "wang.wu"}
        assert crew.http.put("/api/v1/notices/choice", json=wanted).status_code == 204
        assert ways(crew)["choice"] == wanted
        assert ways(other)["choice"]["address"] == ""
        for wrong in ({"quiet": "25:00-07:00"}, {"address": "<@all>"}, {"language": "xx"}, {"more": 1}):
            answer = crew.http.put("/api/v1/notices/choice", json=wanted | wrong)
            assert answer.status_code == 400, wrong
        assert ways(crew)["choice"] == wanted


def test_a_browser_subscribes_for_its_own_phone_at_a_known_service(told: World) -> None:
    with told.client("crew", register=True) as crew, told.client("crew2", register=True) as other:
        path = f"/api/v1/devices/{crew.device}/push"
        good = {"endpoint": ENDPOINT, "expirationTime": None, "keys": KEYS}
        assert len(decode(ways(crew)["push_key"])) == 65
        for client, device in ((other, crew.device), (crew, uuid7())):
            assert client.http.put(f"/api/v1/devices/{device}/push", json=good).status_code == 404
        for wrong in (
            {"endpoint": "https://evil.example/x"},
            {"endpoint": "https://push.services.mozilla.com.evil.example/x"},
            {"endpoint": "https://evilpush.services.mozilla.com/"},
            {"endpoint": "http://127.0.0.1:5432/"},
            {"endpoint": "file://fcm.googleapis.com/x"},
            {"keys": {"p256dh": "AAAA", "auth": KEYS["auth"]}},
            {"keys": {"p256dh": "no key!", "auth": "?"}},
        ):
            answer = crew.http.put(path, json=good | wrong)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), wrong
        assert crew.http.put(path, content=b"{").json()["code"] == "malformed"
        assert crew.http.put(path, json=good).status_code == 204
        assert crew.http.put(path, json=good).status_code == 204
        assert ways(crew)["devices"] == [crew.device]
        assert ways(crew)["ways"] == [{"way": "push", "failing_since": None, "reaches": True}]
        assert other.http.delete(path).status_code == 404
        assert crew.http.delete(path).status_code == 204
        assert ways(crew)["devices"] == []


def test_how_the_ways_are_is_for_the_administrator(told: World) -> None:
    with told.client("admin") as admin:
        states = {one["way"]: one for one in admin.http.get("/api/v1/notices/state").json()["ways"]}
        assert (states["webhook"]["set_up"], states["push"]["set_up"]) == (False, True)
        assert states["push"]["waiting"] >= 1
    for login in ("supervisor", "leader", "crew"):
        with told.client(login) as other:
            assert other.http.get("/api/v1/notices/state").status_code == 403
