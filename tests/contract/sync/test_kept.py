"""After a restore: which of the operations that a phone was told to be here the server has, on both databases."""

import json
from typing import Any

import msgspec
import pytest

from sync.errors import SyncError
from sync.kept import MOST, lacking, mark
from tests.contract.sync.company import NORTH, Company, Phone, an_id
from tests.support.server import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/marks.json").read_text("utf-8"))["cases"]


def _mark(op: dict[str, Any]) -> str:
    return mark(msgspec.json.encode(op))


async def ask(phone: Phone, kept: dict[str, dict[int, str]]) -> dict[str, list[int]]:
    async with phone.company.db.read() as conn:
        return (await lacking(conn, phone.caller, msgspec.json.encode({"kept": kept}))).lacking


@pytest.mark.parametrize("case", VECTORS, ids=[case.get("about", "a put") for case in VECTORS])
def test_an_operation_has_the_mark_of_the_vectors(case: dict[str, Any]) -> None:
    assert _mark(case["op"]) == case["mark"]


def test_marks_differ_but_for_spelling() -> None:
    marks = [case["mark"] for case in VECTORS]
    assert [marks[i] == marks[i - 1] for i in range(1, len(marks))] == [
        case.get("same", False) for case in VECTORS[1:]
    ]


@pytest.mark.parametrize("payload", [b'{"n":1}', b'{"n":1,"op":7,"id":null}', b'[{"n":1}]', b"not json", b""])
def test_what_cannot_be_read_has_a_mark_too(payload: bytes) -> None:
    assert len(mark(payload)) == 16


async def test_what_was_acknowledged_is_not_lacking(company: Company) -> None:
    phone = await company.phone("inspector")
    ops = [phone.put("note", an_id(), {"title": str(i)}) for i in range(3)]
    await phone.push(*ops[:2])
    await phone.push(ops[2])
    assert await ask(phone, {phone.device: {op["n"]: _mark(op) for op in ops}}) == {}
    assert await ask(phone, {}) == {}


async def test_a_number_that_never_came_and_one_that_another_operation_has_are_lacking(
    company: Company,
) -> None:
    """Two phones had one device id; after a restore the other one filled the lost numbers with its own operations."""
    phone = await company.phone("inspector")
    shared, theirs = phone.put("note", an_id(), {}), phone.put("note", an_id(), {})
    await phone.push(shared, theirs)
    phone.n = 1
    company.now()
    ours = [phone.put("note", an_id(), {}) for _ in range(2)]
    kept = {op["n"]: _mark(op) for op in (shared, *ours)}
    assert await ask(phone, {phone.device: kept}) == {phone.device: [2, 3]}


async def test_numbers_far_apart_and_many_pushes_are_looked_up_each(company: Company) -> None:
    phone = await company.phone("inspector")
    ops = [phone.put("note", an_id(), {}) for _ in range(1100)]
    for first in range(0, 1100, 300):
        await phone.push(*ops[first : first + 300])
    some = {op["n"]: _mark(op) for op in ops[::7]}
    assert await ask(phone, {phone.device: some}) == {}
    assert await ask(phone, {phone.device: some | {2: "0" * 16, 1101: "0" * 16, 2**53: "0" * 16}}) == {
        phone.device: [2, 1101, 2**53]
    }


async def test_an_operation_that_was_refused_is_here_too(company: Company) -> None:
    phone = await company.phone("inspector")
    bad = phone.op("put", "spaceship", an_id())
    assert (await phone.push(bad))[0]["status"] == "rejected"
    assert await ask(phone, {phone.device: {1: _mark(bad)}}) == {}


async def test_what_became_a_conflict_or_a_refusal_is_told_with_its_answer(company: Company) -> None:
    """It may have come again without its phone, in a rescue file after a restore, and was judged anew."""
    phone, other = await company.phone("inspector"), await company.phone("inspector")
    box = an_id()
    await phone.push(phone.put("asset", box, {"code": "T1", "line": "L", "unit": NORTH}))
    await other.push(other.put("asset", box, {"line": "theirs"}, base=1))
    lost, bad = phone.put("asset", box, {"line": "ours"}, base=1), phone.op("put", "spaceship", an_id())
    answers = await phone.push(lost, bad)
    assert [one["status"] for one in answers] == ["conflict", "rejected"]
    marks = {2: _mark(lost), 3: _mark(bad)}
    async with company.db.read() as conn:
        raw = msgspec.json.encode({"kept": {phone.device: marks}})
        mine = await lacking(conn, phone.caller, raw)
        theirs = await lacking(conn, other.caller, raw)
    assert (mine.lacking, theirs.lacking, theirs.judged) == ({}, {phone.device: [2, 3]}, {})
    assert msgspec.json.decode(msgspec.json.encode(mine.judged)) == {phone.device: answers}


async def test_of_anothers_device_it_says_what_it_says_of_none(company: Company) -> None:
    phone, other = await company.phone("inspector"), await company.phone("inspector")
    op = other.put("note", an_id(), {})
    await other.push(op)
    nobody = an_id()
    kept = {1: _mark(op), 2: "0" * 16}
    assert await ask(phone, {other.device: kept, nobody: kept}) == {other.device: [1, 2], nobody: [1, 2]}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"kept":{"x":{"1":"0123456789abcdef"}}}',
        b'{"kept":{"%s":{"0":"0123456789abcdef"}}}',
        b'{"kept":{"%s":{"one":"0123456789abcdef"}}}',
        b'{"kept":{"%s":{"1":"short"}}}',
        b'{"kept":{},"more":1}',
        b"\xff",
    ],
)
async def test_a_senseless_question_is_refused(company: Company, raw: bytes) -> None:
    phone = await company.phone("inspector")
    async with company.db.read() as conn:
        with pytest.raises(SyncError, match="malformed"):
            await lacking(conn, phone.caller, raw.replace(b"%s", phone.device.encode()))


async def test_a_question_has_an_end(company: Company) -> None:
    phone = await company.phone("inspector")
    with pytest.raises(SyncError, match="too_large"):
        await ask(phone, {phone.device: dict.fromkeys(range(1, MOST + 2), "0" * 16)})
