"""Who may come in, how long, and how a door is shut."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import sqlalchemy as sa

from backend.access.tables import account
from tests.conftest import Pair
from tests.support.client import PASSWORD, Client, uuid7
from tests.support.passwords import FULL_PRICE
from tests.support.server import Server
from tests.support.stored import rows

from .conftest import World

ENV = {FULL_PRICE: "1"}


class Http:
    """Requests that keep no cookies. Plain HTTP on the loopback: no certificates are loaded."""

    def get(self, url: str, **options: Any) -> httpx.Response:
        with httpx.Client(verify=False, timeout=30) as client:
            return client.get(url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        with httpx.Client(verify=False, timeout=30) as client:
            return client.post(url, **options)


HTTP = Http()


def sign_in(world: World | Server, login: str, password: str, address: str = "") -> httpx.Response:
    headers = {"X-Mingcha": "1"} | ({"X-Forwarded-For": address} if address else {})
    body = {"login": login, "password": password}
    return HTTP.post(f"{world.url}/api/v1/session", json=body, headers=headers)


def test_a_sign_in_tells_who_one_is_and_sets_a_strict_cookie(world: World) -> None:
    answer = sign_in(world, " Supervisor ", PASSWORD)
    assert answer.status_code == 200
    me = answer.json()
    assert me["person"]["id"] == world.ours.people["supervisor"]
    assert me["person"]["unit_name"] == "县公司"
    assert me["org"] == {"id": world.ours.org, "name": "县公司"}
    assert me["roles"] == ["supervisor"]
    stations = [f"u:{unit}" for unit in (*world.ours.stations, world.ours.county)]
    assert set(me["scopes"]) == {"org", "control", f"p:{me['person']['id']}", *stations}
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/"):
        assert part in cookie
    assert "secure" not in cookie


def test_a_cheap_hash_is_renewed_at_the_price_that_rfc_9106_asks(world: World) -> None:
    def kept() -> str:
        [(hashed,)] = rows(
            world.server, sa.select(account.c.password_hash).where(account.c.login == "auditor")
        )
        return str(hashed)

    assert "m=8,t=1" in kept()
    assert sign_in(world, "auditor", PASSWORD).status_code == 200
    assert kept().startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert sign_in(world, "auditor", PASSWORD).status_code == 200


def test_behind_tls_the_cookie_is_secure(world: World) -> None:
    headers = {"X-Mingcha": "1", "X-Forwarded-Proto": "https"}
    body = {"login": "leader", "password": PASSWORD}
    answer = HTTP.post(f"{world.url}/api/v1/session", json=body, headers=headers)
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


def test_station_people_see_neither_control_nor_other_stations(world: World) -> None:
    with world.client("crew") as crew:
        assert set(crew.me["scopes"]) == {"org", f"p:{crew.person}", f"u:{world.ours.stations[0]}"}


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before(world: World) -> None:
    with Client(world.url) as client:
        client.sign_in("auditor", register=False)
        first = client.http.cookies["mingcha_session"]
        client.sign_in("auditor", register=False)
        assert client.http.cookies["mingcha_session"] != first
        old = HTTP.get(f"{world.url}/api/v1/session", headers={"Cookie": f"mingcha_session={first}"})
        assert old.status_code == 401
        assert old.json()["code"] == "session_expired"


def test_a_wrong_password_and_an_unknown_name_look_the_same(world: World) -> None:
    wrong = sign_in(world, "leader", "not this one", "192.0.2.1")
    unknown = sign_in(world, "nobody-at-all", "not this one", "192.0.2.1")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


def test_after_five_failures_an_account_is_locked_for_a_while_even_for_the_right_password(
    world: World,
) -> None:
    for i in range(5):
        assert sign_in(world, "foreign-leader", "wrong", f"192.0.2.{10 + i}").status_code == 401
    locked = sign_in(world, "foreign-leader", PASSWORD, "192.0.2.20")
    assert locked.status_code == 429
    assert locked.json()["code"] == "locked_out"
    wait_s = int(locked.headers["retry-after"])
    assert 1 <= wait_s <= 2
    assert sign_in(world, "foreign-auditor", PASSWORD, "192.0.2.21").status_code == 200
    time.sleep(wait_s + 0.3)
    assert sign_in(world, "foreign-leader", PASSWORD, "192.0.2.20").status_code == 200
    assert sign_in(world, "foreign-leader", "wrong", "192.0.2.20").status_code == 401  # the count began anew


def at_once(world: World, login: str, password: str, addresses: list[str]) -> list[int]:
    with ThreadPoolExecutor(len(addresses)) as pool:
        sent = [pool.submit(sign_in, world, login, password, address) for address in addresses]
        return sorted(answer.result().status_code for answer in sent)


def test_right_passwords_sent_at_once_lock_nobody_out(world: World) -> None:
    assert at_once(world, "foreign-supervisor", PASSWORD, ["203.0.113.1"] * 8) == [200] * 8
    assert sign_in(world, "foreign-supervisor", PASSWORD, "203.0.113.1").status_code == 200


def test_guesses_sent_at_once_get_no_more_tries_than_one_after_the_other(world: World) -> None:
    codes = at_once(world, "foreign-crew2", "wrong", [f"203.0.113.{i}" for i in range(16)])
    assert codes == [401] * 5 + [429] * 11


def test_too_many_failures_lock_an_address_for_every_account(world: World) -> None:
    codes = [sign_in(world, f"guess-{i}", "wrong", "198.51.100.7").json()["code"] for i in range(10)]
    assert codes[:8] == ["bad_credentials"] * 8
    assert codes[-1] == "locked_out"
    assert sign_in(world, "foreign-manager", PASSWORD, "198.51.100.7").status_code == 429
    assert sign_in(world, "foreign-manager", PASSWORD, "198.51.100.8").status_code == 200


def test_two_processes_on_one_database_count_failures_together(backend_pair: Pair) -> None:
    first = backend_pair.server().prepare(demo=True).start()
    second = backend_pair.server().start()
    try:
        for server in (first, second, first, second, first):
            assert sign_in(server, "duchayuan", "wrong").status_code == 401
        for server in (first, second):
            assert sign_in(server, "duchayuan", PASSWORD).status_code == 429
            assert sign_in(server, "zhuguan", PASSWORD).status_code == 200
    finally:
        second.kill()
        first.kill()


def test_signing_out_ends_the_session_at_once(world: World) -> None:
    with world.client("manager") as client:
        token = client.http.cookies["mingcha_session"]
        assert client.http.delete("/api/v1/session").status_code == 204
        after = HTTP.get(f"{world.url}/api/v1/session", headers={"Cookie": f"mingcha_session={token}"})
        assert after.status_code == 401


def test_bad_sign_in_requests_are_refused_and_nothing_else(world: World) -> None:
    for body in (
        b"",
        b"[]",
        b"{",
        b'{"login":1,"password":"x"}',
        b'{"login":"a","password":"b","x":1}',
        b"\xff",
    ):
        answer = HTTP.post(f"{world.url}/api/v1/session", content=body, headers={"X-Mingcha": "1"})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), body


def test_a_change_needs_the_header_and_no_foreign_origin(world: World) -> None:
    body = {"login": "leader", "password": PASSWORD}
    url = f"{world.url}/api/v1/session"
    assert HTTP.post(url, json=body).json()["code"] == "origin_refused"
    for origin in ("https://evil.example", "null", world.url.replace("http", "ftp") + "0"):
        answer = HTTP.post(url, json=body, headers={"X-Mingcha": "1", "Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused"), origin
    cross = {"X-Mingcha": "1", "Sec-Fetch-Site": "cross-site"}
    assert HTTP.post(url, json=body, headers=cross).status_code == 403
    own = {"X-Mingcha": "1", "Origin": world.url, "Sec-Fetch-Site": "same-origin"}
    assert HTTP.post(url, json=body, headers=own).status_code == 200


def test_problems_speak_the_readers_language(world: World) -> None:
    url = f"{world.url}/api/v1/session"
    english = HTTP.get(url, headers={"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}).json()
    chinese = HTTP.get(url, headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).json()
    assert english["title"].startswith("Not signed in")
    assert chinese["title"].startswith("登录已失效")
    assert english["type"] == chinese["type"] == "/problems/session_expired"


def test_a_revoked_device_is_refused_everywhere_and_only_that_one(world: World) -> None:
    with world.client("manager", register=True) as lost, world.client("manager", register=True) as kept:
        with world.client("crew") as stranger:
            assert stranger.http.post(f"/api/v1/devices/{lost.device}/revoke").status_code == 404
        with world.client("foreign-admin") as foreign:
            assert foreign.http.post(f"/api/v1/devices/{lost.device}/revoke").status_code == 404
        with world.client("supervisor") as supervisor:
            assert supervisor.http.post(f"/api/v1/devices/{lost.device}/revoke").status_code == 204
            listed = supervisor.http.get("/api/v1/devices").json()["devices"]
            revoked = {d["id"] for d in listed if d["revoked_at"]}
            assert lost.device in revoked
            assert kept.device not in revoked
        for answer in (lost.send(lost.put("finding", uuid7(), {})), lost.http.get("/api/v1/sync/pull")):
            assert (answer.status_code, answer.json()["code"]) == (403, "device_revoked")
        with world.client("manager") as again:
            answer = again.http.post("/api/v1/devices", json={"id": lost.device, "name": "x"})
            assert (answer.status_code, answer.json()["code"]) == (403, "device_revoked")
        assert kept.http.get("/api/v1/session").status_code == 200


def test_a_device_list_shows_ones_own_only(world: World) -> None:
    with world.client("crew", register=True) as crew, world.client("inspector", register=True) as inspector:
        assert {d["person"] for d in crew.http.get("/api/v1/devices").json()["devices"]} == {crew.person}
        with world.client("admin") as admin:
            people = {d["person"] for d in admin.http.get("/api/v1/devices").json()["devices"]}
            assert {crew.person, inspector.person} <= people
            assert world.theirs.people["crew"] not in people


def test_a_device_id_of_another_person_is_not_taken_over(world: World) -> None:
    with world.client("crew", register=True) as crew, world.client("inspector") as other:
        answer = other.http.post("/api/v1/devices", json={"id": crew.device, "name": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "device_taken")
        assert crew.push() == []
