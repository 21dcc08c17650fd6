"""A large push takes its new records for new without a look: what comes of it is what a look would have given."""

import asyncio
from typing import Any

import msgspec
import pytest

from sync import store
from sync.group import WORTH_PRESUMING, Pushes
from tests.contract.sync.company import NORTH, SOUTH, Company, Phone, an_id

MANY = WORTH_PRESUMING + 3
Results = list[dict[str, Any]]


def notes(phone: Phone, many: int = MANY) -> list[dict[str, Any]]:
    """New records, enough that none is looked up."""
    return [phone.put("note", an_id(), {"unit": NORTH, "title": f"{i}"}) for i in range(many)]


async def send(pushes: Pushes, phone: Phone, *ops: dict[str, Any]) -> Results:
    answer = await pushes.push(phone.caller, await pushes.read(phone.envelope(*ops)))
    return msgspec.json.decode(msgspec.json.encode(answer.results))


@pytest.fixture
def pushes(company: Company) -> Pushes:
    return Pushes(company.engine, company.db, company.now)


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many ids each transaction looked up at its beginning."""
    seen: list[int] = []
    begin = store.begin

    async def counted(conn: Any, org: str, devices: Any, ids: Any) -> Any:
        seen.append(len(ids))
        return await begin(conn, org, devices, ids)

    monkeypatch.setattr(store, "begin", counted)
    return seen


async def test_new_records_of_a_large_push_are_not_looked_up(
    company: Company, pushes: Pushes, looked_up: list[int]
) -> None:
    phone = await company.phone("inspector")
    ops = notes(phone)
    note = ops[0]["id"]
    ops += [phone.event("note", note, "submit")]  # something else is done to this one
    results = await send(pushes, phone, *ops)
    assert {result["status"] for result in results} == {"applied"}
    assert looked_up == [1]
    await phone.pull()
    assert phone.base[note]["state"] == "submitted"
    assert len([row for row in phone.base.values() if row["kind"] == "note"]) == MANY
    assert await send(pushes, phone, *ops) == results  # sent again
    assert await phone.page() is None


async def test_a_record_that_is_there_after_all_is_changed_as_if_it_had_been_looked_up(
    company: Company, pushes: Pushes, looked_up: list[int]
) -> None:
    """A phone edits what it has sent and not heard of: it says no base, and not the whole body."""
    phone = await company.phone("inspector")
    note, asset = an_id(), an_id()
    await phone.push(
        phone.put("note", note, {"unit": NORTH, "title": "kept"}),
        phone.put("asset", asset, {"unit": NORTH, "code": "A1", "line": "kept"}),
    )
    looked_up.clear()
    results = await send(
        pushes,
        phone,
        phone.put("note", note, {"text": "added"}),
        phone.put("asset", asset, {"owner": "added"}),
        *notes(phone),
    )
    assert {result["status"] for result in results} == {"applied"}
    assert [result["rev"] for result in results[:3]] == [2, 2, 1]
    assert looked_up == [0, MANY + 2]
    await phone.pull()
    assert phone.base[note]["data"] == {"unit": NORTH, "title": "kept", "text": "added"}
    assert phone.base[asset]["data"] == {"unit": NORTH, "code": "A1", "line": "kept", "owner": "added"}


async def test_a_refusal_is_that_of_the_record_that_is_there(
    company: Company, pushes: Pushes, looked_up: list[int]
) -> None:
    phone, other = await company.phone("inspector"), await company.phone("inspector", units=(SOUTH,))
    sent, asset, hidden = an_id(), an_id(), an_id()
    await phone.push(
        phone.put("note", sent, {"unit": NORTH, "title": "x"}),
        phone.event("note", sent, "submit"),
        phone.put("asset", asset, {"unit": NORTH, "code": "A1"}),
    )
    await other.push(other.put("asset", hidden, {"unit": SOUTH, "code": "B1"}))
    looked_up.clear()
    results = await send(
        pushes,
        phone,
        phone.put("note", sent, {"amount": -1}),
        phone.put("asset", sent, {"code": "B"}),
        phone.put("asset", hidden, {"unit": NORTH, "code": "C1"}),
        *notes(phone),
    )
    assert [result.get("code") for result in results[:3]] == ["invalid", "bad_id", "not_found"]
    assert {result["status"] for result in results[3:]} == {"applied"}
    frozen = await send(pushes, phone, phone.put("note", sent, {"title": ""}), *notes(phone))
    assert frozen[0]["code"] == "invalid"


async def test_a_wrong_presumption_of_one_phone_harms_no_other(
    company: Company, pushes: Pushes, looked_up: list[int]
) -> None:
    phones = [await company.phone("inspector") for _ in range(4)]
    note = an_id()
    await phones[0].push(phones[0].put("note", note, {"unit": NORTH, "title": "kept"}))
    looked_up.clear()
    first = asyncio.create_task(send(pushes, phones[3], *notes(phones[3])))  # the others wait for it
    answers = await asyncio.gather(
        first,
        send(pushes, phones[0], phones[0].put("note", note, {"text": "added"}), *notes(phones[0])),
        send(pushes, phones[1], *notes(phones[1])),
        send(pushes, phones[2], *notes(phones[2], 2)),
    )
    assert [len(answer) for answer in answers] == [MANY, MANY + 1, MANY, 2]
    assert {result["status"] for answer in answers for result in answer} == {"applied"}
    for phone, rows in zip(phones, (MANY + 1, MANY, 2, MANY), strict=True):
        await phone.pull()
        assert len(phone.base) == rows
    assert phones[0].base[note]["data"]["title"] == "kept"


async def test_what_another_push_of_the_transaction_does_finds_the_record(
    company: Company, pushes: Pushes
) -> None:
    """A supervisor returns a note while a copy of its author's phone sends it once more as new."""
    phone, desk = await company.phone("inspector"), await company.phone("supervisor")
    note = an_id()
    body = {"unit": NORTH, "title": "x"}
    await phone.push(phone.put("note", note, body), phone.event("note", note, "submit"))
    copy = await company.phone("inspector", person=phone.caller.person)
    other = await company.phone("inspector")
    answers = await asyncio.gather(
        send(pushes, other, *notes(other)),
        send(pushes, copy, *notes(copy), copy.put("note", note, body)),
        send(pushes, desk, desk.event("note", note, "return", {"reason": "once more"})),
    )
    assert {result["status"] for answer in answers for result in answer} == {"applied"}
    await phone.pull()
    assert phone.base[note]["state"] == "returned"
