"""The exceptions over HTTP: whatever was refused is found again in the list, with all that was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

import sync.apply
from sync import exception_api
from sync.errors import RESULT_CODES, SyncError
from tests.contract.sync.company import NORTH, SOUTH, Company, Phone, an_id
from tests.contract.sync.test_api import JSON, given, problem, routes


@pytest.fixture
async def phone(company: Company) -> Phone:
    return await company.phone("inspector", "supervisor")


@pytest.fixture
async def http(company: Company, phone: Phone) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [routes(company), exception_api.router()],
        dependencies={
            "caller": given(phone.caller),
            "db": given(company.db),
            "clock": given(company.now),
            "engine": given(company.engine),
        },
        exception_handlers={SyncError: problem},
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1/sync") as client:
        yield client


async def push(http: httpx.AsyncClient, phone: Phone, *ops: Any) -> list[dict[str, Any]]:
    answer = await http.post("/push", content=phone.envelope(*ops), headers=JSON)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def test_every_code_of_a_result_is_found_in_the_list_with_its_payload(
    company: Company, http: httpx.AsyncClient, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync.apply, "MAX_LOG", 2)
    good, busy, gone, bad, broken = (an_id() for _ in range(5))
    await push(
        http,
        phone,
        phone.put("note", good, {"unit": NORTH, "title": "x"}),
        phone.event("note", good, "submit"),
        phone.put("note", busy, {"unit": NORTH, "title": "x"}),
        phone.event("note", busy, "submit"),
        phone.event("note", busy, "accept"),
        phone.put("note", gone, {"title": "x"}),
        phone.op("delete", "note", gone, base=1),
        phone.put("note", bad, {"unit": NORTH}),
        phone.put("note", broken, {"unit": NORTH, "title": "break me"}),
    )
    other = await company.phone("inspector", person=phone.caller.person)
    sent = {
        "malformed": phone.op("put", "note", an_id(), {}, surplus=1),
        "too_big": phone.put("note", an_id(), {"text": "x" * 70_000}),
        "bad_id": phone.put("note", "42", {}),
        "unknown_kind": phone.put("spaceship", an_id(), {}),
        "unknown_event": phone.event("note", good, "explode"),
        "invalid": phone.event("note", bad, "submit"),
        "forbidden": phone.put("line", an_id(), {"person": an_id(), "points": 1}),
        "foreign_unit": phone.put("note", an_id(), {"unit": SOUTH}),
        "not_found": phone.event("note", an_id(), "submit"),
        "frozen": phone.put("note", good, {"title": "y"}, base=1),
        "bad_transition": phone.event("note", good, "submit"),
        "failed": phone.event("note", broken, "submit"),
    }
    results = await push(http, phone, *sent.values())
    assert [r["code"] for r in results] == list(sent)
    sent["revived"] = other.put("note", gone, {"title": "z"}, base=1)
    assert (await push(http, other, sent["revived"]))[0]["code"] == "revived"
    monkeypatch.setattr(sync.apply, "MAX_LOG", 1)
    sent["log_full"] = phone.event("note", good, "accept")
    assert (await push(http, phone, sent["log_full"]))[0]["code"] == "log_full"
    assert sent.keys() == RESULT_CODES.keys()

    found: dict[str, Any] = {}
    before = ""
    while True:
        page = (await http.get("/exceptions", params={"limit": 5, "before": before})).json()
        found |= {one["code"]: one for one in page["exceptions"]}
        before = page["next"]
        if not before:
            break
    assert found.keys() == RESULT_CODES.keys()
    assert page["open"] == len(RESULT_CODES)
    for code, op in sent.items():
        one = found[code]
        whole = (await http.get(f"/exceptions/{one['device']}/{one['n']}")).json()
        assert whole["payload"] == msgspec.json.decode(msgspec.json.encode(op)), code
    assert found["invalid"]["issues"] == [{"path": "title", "code": "missing"}]
    assert found["frozen"]["facts"] == {"state": "submitted"}


async def test_settling_over_http_is_once_and_says_what_is_wrong(
    company: Company, http: httpx.AsyncClient, phone: Phone
) -> None:
    await push(http, phone, phone.event("note", an_id(), "submit"))
    (one,) = (await http.get("/exceptions", params={"mine": True})).json()["exceptions"]
    at = f"/exceptions/{one['device']}/{one['n']}"
    no_reason = await http.post(f"{at}/settle", json={"choice": "let_be", "reason": "  "})
    assert no_reason.json()["code"] == "exception_choice"
    given_reason = {"choice": "let_be", "reason": "typed twice"}
    first = (await http.post(f"{at}/settle", json=given_reason)).json()
    assert first["settled"]["reason"] == "typed twice"
    assert (await http.post(f"{at}/settle", json=given_reason)).json() == first
    assert (await http.get("/exceptions")).json()["exceptions"] == []
    assert (await http.get("/exceptions", params={"settled": True})).json()["exceptions"] == [first]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("x/1/settle", {"choice": "keep"}),
        ("%00/1/settle", {"choice": "keep"}),
        ("019ab697-e802-7000-8000-000000000002/0/settle", {"choice": "keep"}),
        ("019ab697-e802-7000-8000-000000000002/99999999999999999999/settle", {"choice": "keep"}),
        ("019ab697-e802-7000-8000-000000000002/1/settle", {"choice": "burn"}),
        ("019ab697-e802-7000-8000-000000000002/1/settle", {"choice": "let_be", "reason": "a\0b"}),
        ("019ab697-e802-7000-8000-000000000002/1/settle", {"choice": "let_be", "reason": "x" * 501}),
        ("019ab697-e802-7000-8000-000000000002/1/settle", {"choice": "keep", "rev": -1}),
        ("019ab697-e802-7000-8000-000000000002/1/settle", []),
    ],
)
async def test_nonsense_is_refused(http: httpx.AsyncClient, path: str, body: Any) -> None:
    answer = await http.post(f"/exceptions/{path}", json=body)
    assert answer.status_code in (400, 404, 422), answer.text


@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "device=%00", "before=%00", "settled=x"])
async def test_a_senseless_list_is_refused(http: httpx.AsyncClient, query: str) -> None:
    assert (await http.get(f"/exceptions?{query}")).status_code == 400
