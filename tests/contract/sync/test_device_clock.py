"""Device clocks, on both databases: what is kept of each operation, and that a clock never orders anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from sync import store, tables
from tests.contract.sync.company import NORTH, ORG, Company, Phone, an_id

AHEAD = timedelta(minutes=12)


def note(phone: Phone, at: datetime, **more: Any) -> list[dict[str, Any]]:
    """A note made and submitted at `at` of the phone's clock."""
    id_ = an_id()
    put = phone.put("note", id_, {"unit": NORTH, "title": "x"})
    return [op | {"at": at, **more} for op in (put, phone.event("note", id_, "submit"))]


async def push(phone: Phone, sent_at: datetime, ops: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    body = {"device": phone.device, "schema": 1, "sent_at": sent_at, "ops": ops, **more}
    return await phone.push_raw(msgspec.json.encode(body))


async def kept(company: Company, phone: Phone) -> list[Any]:
    """(skew_ms, skew_error_ms) of the phone's events by number."""
    t = tables.operation
    query = (
        sa.select(t.c.skew_ms, t.c.skew_error_ms)
        .where(t.c.org == ORG, t.c.device == phone.device)
        .order_by(t.c.n)
    )
    async with company.db.read() as conn:
        return [tuple(row) for row in await conn.execute(query)]


async def test_the_phones_own_estimate_is_kept_with_its_error_everywhere(company: Company) -> None:
    phone = await company.phone("inspector")
    at = company.time + AHEAD
    await push(phone, at, note(phone, at), skew_ms=-720_000, skew_error_ms=40)
    assert await kept(company, phone) == [(-720_000, 40)]
    await phone.pull()
    (entry,) = next(row["log"] for row in phone.base.values() if row["kind"] == "note")
    assert (entry["skew_ms"], entry["skew_error_ms"]) == (-720_000, 40)
    assert datetime.fromisoformat(entry["at"]) == at
    async with company.db.read() as conn:
        (device,) = await store.devices(conn, ORG, device=phone.device)
    assert (device.skew_ms, device.skew_error_ms) == (-720_000, 40)


async def test_an_operation_made_before_the_clock_was_set_keeps_what_held_then(company: Company) -> None:
    phone = await company.phone("inspector")
    before = note(phone, company.time + AHEAD, skew_ms=-720_000, skew_error_ms=40)
    after = note(phone, company.time)
    await push(phone, company.time, before + after, skew_ms=0, skew_error_ms=25)
    assert await kept(company, phone) == [(-720_000, 40), (0, 25)]


async def test_nothing_happened_later_than_it_was_received(company: Company) -> None:
    """A claim that the server's own clock refutes counts for nothing, and the error is then unknown."""
    phone = await company.phone("inspector")
    lying = note(phone, company.time, skew_ms=3_600_000, skew_error_ms=10)
    set_back = note(phone, company.time + AHEAD)
    await push(phone, company.time, lying + set_back, skew_ms=5_000, skew_error_ms=1)
    assert await kept(company, phone) == [(1_000, None), (-719_000, None)]


async def test_a_phone_that_says_nothing_is_bounded_from_one_side(company: Company) -> None:
    phone = await company.phone("inspector")
    at = company.time - timedelta(hours=1)
    await push(phone, at, note(phone, at))
    assert await kept(company, phone) == [(3_601_000, None)]


async def test_a_claim_is_cut_to_what_the_way_allows(company: Company) -> None:
    phone = await company.phone("inspector")
    at = company.time
    await push(phone, at, note(phone, at), skew_ms=900, skew_error_ms=500)
    assert await kept(company, phone) == [(700, 300)]


async def test_a_push_without_operations_tells_of_the_clock_alone(company: Company) -> None:
    phone = await company.phone("inspector")
    answer = await push(phone, company.time, [], skew_ms=4, skew_error_ms=20)
    assert (answer["acked"], answer["results"]) == (0, [])
    async with company.db.read() as conn:
        (device,) = await store.devices(conn, ORG, device=phone.device)
    assert (device.n, device.skew_ms, device.skew_error_ms) == (0, 4, 20)
    assert device.last_seen is not None


async def test_a_clock_orders_nothing(company: Company) -> None:
    phones = [await company.phone("inspector") for _ in range(3)]
    clocks = (timedelta(days=400), timedelta(0), timedelta(days=-9000))
    made = []
    for phone, wrong in zip(phones, clocks, strict=True):
        at = company.time + wrong
        ops = note(phone, at)
        made.append(ops[0]["id"])
        await push(phone, at, ops, skew_ms=0, skew_error_ms=0)
    reader = await company.phone("supervisor")
    await reader.pull()
    rows = sorted((row for row in reader.base.values() if row["kind"] == "note"), key=lambda row: row["seq"])
    assert [row["id"] for row in rows] == made


async def test_absurd_clocks_break_nothing(company: Company) -> None:
    phone = await company.phone("inspector")
    far = datetime(9998, 12, 31, tzinfo=UTC)
    lost = datetime(1970, 1, 1, tzinfo=UTC)
    for at, skew in ((far, 2**42), (far, -(2**42)), (lost, -(2**42)), (lost, 2**42)):
        answer = await push(
            phone, at, note(phone, at, skew_ms=skew, skew_error_ms=2**42), skew_ms=skew, skew_error_ms=0
        )
        assert [result["status"] for result in answer["results"]] == ["applied"] * 2
    bad = await push(phone, company.time, note(phone, company.time, skew_ms=2**43, skew_error_ms=1))
    assert [result["code"] for result in bad["results"]] == ["malformed"] * 2


async def test_a_repeated_push_is_the_same_whatever_the_envelope_now_says_of_the_clock(
    company: Company,
) -> None:
    phone = await company.phone("inspector")
    ops = note(phone, company.time, skew_ms=0, skew_error_ms=9)
    first = await push(phone, company.time, ops, skew_ms=0, skew_error_ms=9)
    again = await push(phone, company.time, ops, skew_ms=3, skew_error_ms=2)
    assert first["results"] == again["results"]
    assert await kept(company, phone) == [(0, 9)]
