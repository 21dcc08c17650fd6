"""The receipt on both databases, without HTTP: what is signed was there in one state."""

import asyncio
import hashlib

import msgspec
import pytest
import sqlalchemy as sa

from backend.custody import receipts
from backend.custody.receipts import Asked, Held, Span
from backend.problems import AppError
from sync import store
from sync.errors import SyncError
from tests.integration.custody.conftest import County, Phone, picture


def asked(phone: Phone, n: int, photos: list[str]) -> Asked:
    records = [Held(op["id"], 1) for op in phone.ops[:n]]
    spans = [Span(phone.device, 1, n)]
    return Asked(phone.device, "2026-11-25", "Asia/Shanghai", n, spans, records, photos)


async def test_a_receipt_is_given_at_the_last_byte_and_not_before(county: County) -> None:
    phone, photo = await county.phone(), picture(1)
    sha = hashlib.sha256(photo).hexdigest()
    phone.note(photo, fact="a")
    phone.note(fact="b")
    caller = await county.caller("inspector", phone.device)

    async def give() -> receipts.Given:
        return await receipts.give(county.db, county.media, caller, county.now(), asked(phone, 2, [sha]))

    async def missing() -> tuple[int, int, int]:
        with pytest.raises(AppError, match="receipt_incomplete") as caught:
            await give()
        found = caught.value.facts["missing"]
        return found["operations"]["count"], found["records"]["count"], found["photos"]["count"]

    assert await missing() == (2, 2, 1)
    await phone.push(1, 1)
    assert await missing() == (1, 1, 1)
    await phone.push(2, 2)
    assert await missing() == (0, 0, 1)
    await county.media.add(county.org, county.people["inspector"], photo)
    given = await give()
    assert (given.receipt.records, given.receipt.photos, given.receipt.refused) == (2, 1, 0)
    assert given.receipt.list == receipts.listed(asked(phone, 2, [sha]).records, [sha])


async def test_receipts_asked_for_while_pushes_come_never_say_more_than_is_there(county: County) -> None:
    phone = await county.phone()
    for number in range(12):
        phone.note(fact=str(number))
    caller = await county.caller("inspector", phone.device)
    given: list[int] = []

    async def ask() -> None:
        while len(given) < 3 or given[-1] < 12:
            for n in (4, 8, 12):
                try:
                    got = await receipts.give(
                        county.db, county.media, caller, county.now(), asked(phone, n, [])
                    )
                except AppError:
                    continue
                assert got.receipt.operations == n
                assert len(await county.operations(phone)) >= n
                given.append(n)

    async def push() -> None:
        for n in range(1, 13):
            await phone.push(n, n)

    async with asyncio.timeout(120):
        await asyncio.gather(ask(), ask(), push())
    async with county.db.read() as conn:
        [kept] = await receipts.latest(conn, county.org, person=caller.person)
    assert msgspec.json.decode(msgspec.json.encode(kept))["records"] in (4, 8, 12)


async def test_a_refused_operation_is_counted_and_a_lost_one_is_missing(county: County) -> None:
    phone = await county.phone("crew")  # a crew records no findings
    phone.note(fact="a")
    assert [result["status"] for result in await phone.push(1, 1)] == ["rejected"]
    caller = await county.caller("crew", phone.device)
    given = await receipts.give(county.db, county.media, caller, county.now(), asked(phone, 1, []))
    assert (given.receipt.records, given.receipt.refused) == (1, 1)
    stranger = await county.caller("inspector2", "")
    with pytest.raises(AppError, match="device_unknown"):
        await receipts.give(county.db, county.media, stranger, county.now(), asked(phone, 1, []))
    with pytest.raises(SyncError, match="gap"):
        await Phone(county, "crew", phone.device, phone.key, [{**phone.ops[0], "n": 3}]).push(1, 1)


async def test_no_receipt_when_a_backup_was_put_back_after_the_phone_looked(county: County) -> None:
    phone = await county.phone()
    phone.note(fact="a")
    await phone.push(1, 1)
    caller = await county.caller("inspector", phone.device)
    before, now = (msgspec.structs.replace(asked(phone, 1, []), epoch=epoch) for epoch in (1, 2))
    assert (await receipts.give(county.db, county.media, caller, county.now(), before)).receipt.n == 1
    async with county.db.write() as conn:
        await store.raise_epoch(conn, county.org)
    with pytest.raises(SyncError, match="resync"):
        await receipts.give(county.db, county.media, caller, county.now(), before)
    assert (await receipts.give(county.db, county.media, caller, county.now(), now)).receipt.n == 1


async def test_what_a_receipt_is_made_from_is_one_state_of_the_database(county: County) -> None:
    phone = await county.phone()
    phone.note(fact="a")
    count = sa.text("SELECT count(*) FROM record")
    async with county.db.snapshot() as conn:
        before = await conn.scalar(count)
        await phone.push(1, 1)
        assert await conn.scalar(count) == before
