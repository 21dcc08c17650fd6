"""How the phones are: each tells of itself, those who manage devices see all, and nobody another company's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.client import Client, uuid7

from .conftest import World
from .test_where import finding

SINCE = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
REPORT = {
    "app_version": "1.2",
    "records": 3,
    "photos": 12,
    "photo_bytes": 9_000_000,
    "attention": 1,
    "records_since": SINCE,
    "photos_since": SINCE,
    "free_bytes": 2_000_000_000,
    "persistent": True,
    "faults": [{"code": "sync.refused:storage_full", "count": 2, "at": SINCE}],
}


def send(client: Client, report: dict[str, Any], device: str = "") -> httpx.Response:
    return client.http.put(f"/api/v1/devices/{device or client.device}/report", json=report)


def phones(client: Client) -> dict[str, dict[str, Any]]:
    answer = client.http.get("/api/v1/phones")
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["phones"]}


def test_the_last_report_stands_beside_the_device_for_those_who_manage_devices(world: World) -> None:
    with world.client("inspector", register=True) as us, world.client("crew", register=True) as crew:
        assert send(us, {**REPORT, "records": 9}).status_code == 204
        assert send(us, REPORT).status_code == 204
        id_ = uuid7()
        content = b"\xff\xd8\xff\xe0 never sent \xff\xd9"
        body = finding(us, photos=[us.photo(content, "evidence")])
        us.applied(us.put("finding", id_, body), us.event("finding", id_, "submit"))
        with world.client("supervisor") as desk:
            seen = phones(desk)
        mine, theirs = seen[us.device], seen[crew.device]
        assert {name: mine["report"][name] for name in ("records", "photos", "attention", "persistent")} == {
            "records": 3,
            "photos": 12,
            "attention": 1,
            "persistent": True,
        }
        assert mine["report"]["faults"][0]["code"] == "sync.refused:storage_full"
        assert (mine["announced"]["photos"], mine["announced"]["records"]) == (1, 1)
        assert mine["reported_at"]
        assert mine["app_version"] == "1.2"
        assert (theirs["report"], theirs["reported_at"], theirs["announced"]) == (None, None, None)
        assert phones(us).keys() >= {us.device}
        assert crew.device not in phones(us)


def test_nobody_reports_for_another_phone_nor_reads_another_companys(world: World) -> None:
    with world.client("inspector", register=True) as us, world.client("crew", register=True) as crew:
        assert send(crew, REPORT, us.device).json()["code"] == "not_found"
        assert send(us, REPORT, uuid7()).status_code == 404
        with world.client("foreign-supervisor") as desk:
            assert us.device not in phones(desk)


@pytest.mark.parametrize(
    "wrong",
    [
        {"records": -1},
        {"records": None},
        {"faults": [{"code": "张三 lost his phone", "count": 1, "at": SINCE}]},
        {"faults": [{"code": "x", "count": 1, "at": SINCE}] * 21},
        {"note": "free text has no place here"},
        {"photos_since": "yesterday"},
    ],
)
def test_a_report_takes_counters_and_nothing_else(world: World, wrong: dict[str, Any]) -> None:
    with world.client("inspector", register=True) as us:
        refused = send(us, {**REPORT, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
        us.http.headers["Content-Type"] = "application/json"
        answer = us.http.put(f"/api/v1/devices/{us.device}/report", content=b"\xff{")
        assert answer.json()["code"] == "malformed"


def test_a_report_is_asked_for_a_session(world: World) -> None:
    with httpx.Client(base_url=world.url, headers={"X-Mingcha": "1"}) as nobody:
        assert nobody.put(f"/api/v1/devices/{uuid7()}/report", json=REPORT).status_code == 401
        assert nobody.get("/api/v1/phones").status_code == 401
