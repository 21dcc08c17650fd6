"""A rescue file: every operation once, from whatever source and in whatever order; a bad file changes nothing."""

import hashlib
import itertools
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from backend.audit import audit
from backend.custody import sealed
from backend.custody.tables import device_key
from backend.problems import AppError
from sync import store
from sync.errors import SyncError
from sync.tables import device
from tests.integration.custody.conftest import County, Phone, found_county, picture
from tests.support.device import DeviceKey


async def a_day(county: County, key: DeviceKey | None = None) -> Phone:
    """Six operations: three findings, one with two photos, one edited twice."""
    phone = await county.phone(key=key)
    first = phone.note(picture(1), picture(2, 400_000), fact="a")
    phone.note(fact="b")
    phone.edit(first, "c")
    phone.note(picture(3), fact="d")
    phone.edit(first, "e")
    phone.note(fact="f")
    return phone


def shape(records: dict[str, dict[str, Any]]) -> dict[str, tuple[int, str, list[str]]]:
    """What must be equal however the operations came: the photos' own revisions depend on when they came."""
    return {id_: (len(r["body"]["photos"]), r["body"]["fact"], r["missing"]) for id_, r in records.items()}


async def refusal(county: County, content: bytes, by: str = "supervisor") -> str:
    with pytest.raises(AppError) as caught:
        await county.bring_in(content, by)
    return caught.value.code


async def pushed(phone: Phone, first: int, last: int) -> bool:
    """False when the server lacks what comes before."""
    try:
        await phone.push(first, last)
    except SyncError as error:
        if error.code != "gap":
            raise
        return False
    return True


ONCE = [(n, "applied") for n in range(1, 7)]


async def test_a_file_alone_brings_everything(county: County) -> None:
    phone = await a_day(county)
    content = await phone.export(1, 6)
    inside = await county.bring_in(content)
    assert (inside.state, inside.first, inside.last, inside.photos, inside.revoked) == (
        "done",
        1,
        6,
        3,
        False,
    )
    assert [line.status for line in inside.lines] == ["applied"] * 6
    assert await county.operations(phone) == ONCE
    assert all(record["missing"] == [] for record in (await county.records()).values())
    caller = await county.caller("inspector")
    assert await county.media.whole(caller, list(phone.photos)) == set(phone.photos)
    async with county.db.read() as conn:
        lines = (await conn.execute(sa.select(audit).where(audit.c.action.like("rescue.%")))).all()
    assert [line.action for line in lines] == ["rescue.brought_in", "rescue.applied"]
    assert {line.person for line in lines} == {county.people["supervisor"]}
    assert msgspec.json.decode(lines[0].facts)["file"] == hashlib.sha256(content).hexdigest()

    before = await county.records()
    assert (await county.bring_in(content)).state == "done"  # the same file again
    assert [r["status"] for r in await phone.push(1, 6)] == [
        "applied"
    ] * 6  # the owner's phone comes after all
    phone.note(fact="g")
    assert [r["status"] for r in await phone.push(7, 7)] == ["applied"]
    assert {id_: before[id_] for id_ in before} == {
        id_: record for id_, record in (await county.records()).items() if id_ in before
    }


async def test_sources_may_come_in_any_order_and_overlap(county: County) -> None:
    """Every order of the phone's two halves and two overlapping files; at the end all is the same."""
    expected: Any = None
    for order in itertools.permutations(range(4)):
        phone = await a_day(county)
        files = [await phone.export(1, 4), await phone.export(3, 6)]
        before = set(await county.records())

        async def source(which: int, phone: Phone = phone, files: list[bytes] = files) -> None:
            if which < 2:
                await county.bring_in(files[which], "crew")
                return
            first, last = ((1, 3), (4, 6))[which - 2]
            if not await pushed(phone, first, last):
                await phone.push(1, last)  # the phone sends again from the expected number

        for which in order:
            await source(which)
        assert await county.operations(phone) == ONCE, order
        records = {id_: r for id_, r in (await county.records()).items() if id_ not in before}
        found = list(shape(records).values())
        expected = expected or found
        assert sorted(found) == sorted(expected), order


async def test_random_interleavings_of_many_sources(county: County) -> None:
    """Random spans from files and from the phone, each perhaps twice, until all have come: once each, same result."""
    for seed in range(6):
        dice = random.Random(seed)
        phone = await a_day(county)
        sources = [sorted(dice.sample(range(1, 7), 2)) for _ in range(dice.randrange(2, 6))] + [
            [1, 2],
            [2, 5],
            [5, 6],
        ]
        dice.shuffle(sources)
        for first, last in sources * 2:
            if dice.random() < 0.3:
                await pushed(phone, first, last)
                continue
            inside = await county.bring_in(
                await phone.export(first, last), dice.choice(["crew", "supervisor"])
            )
            assert inside.state == ("waiting" if inside.first > inside.expected else "done"), seed
            count = len(await county.operations(phone))
            assert await county.operations(phone) == ONCE[:count], seed
        await county.bring_in(await phone.export(1, 6))
        assert await county.operations(phone) == ONCE, seed
        waiting = [f for f in await county.rescue.listing(county.org) if f.state == "waiting"]
        assert waiting == [], seed


async def test_a_file_with_a_gap_waits_and_says_for_what(county: County) -> None:
    phone = await a_day(county)
    late = await county.bring_in(await phone.export(4, 6))
    assert (late.state, late.first, late.expected) == ("waiting", 4, 1)
    assert [line.status for line in late.lines] == ["waiting"] * 3
    assert await county.operations(phone) == []
    await phone.push(1, 3)  # the phone itself; its own push knows nothing of the file
    [listed] = await county.rescue.listing(county.org)
    assert listed.state == "done"
    assert await county.operations(phone) == ONCE


async def test_a_revoked_phones_work_is_accepted_with_a_mark_and_it_stays_revoked(county: County) -> None:
    phone = await a_day(county)
    content = await phone.export(1, 6)
    async with county.db.write() as conn:
        await store.revoke_device(conn, county.org, phone.device, county.now())
        before = (await conn.execute(sa.select(device).where(device.c.id == phone.device))).one()
    inside = await county.bring_in(content)
    assert (inside.state, inside.revoked) == ("done", True)
    assert await county.operations(phone) == ONCE
    async with county.db.read() as conn:
        after = (await conn.execute(sa.select(device).where(device.c.id == phone.device))).one()
    assert (after.revoked_at, after.last_seen, after.skew_ms) == (
        before.revoked_at,
        before.last_seen,
        before.skew_ms,
    )
    with pytest.raises(SyncError, match="device_revoked"):
        await phone.push(1, 6)


async def test_the_owners_rights_of_today_count_not_the_bearers(county: County) -> None:
    phone = await county.phone("crew")
    phone.note(fact="a crew may not")
    inside = await county.bring_in(await phone.export(1, 1), "inspector")
    assert [(line.status, line.code) for line in inside.lines] == [("rejected", "forbidden")]
    assert inside.state == "done"


async def test_a_closed_account_keeps_the_file_out_until_it_is_open(county: County) -> None:
    phone = await a_day(county)
    content = await phone.export(1, 6)

    async def close(closed: bool) -> None:
        async with county.db.write() as conn:
            query = sa.text("UPDATE account SET disabled = :closed WHERE id = :id")
            await conn.execute(query, {"closed": closed, "id": county.people["inspector"]})

    await close(True)
    assert await refusal(county, content) == "rescue_owner_closed"
    await close(False)
    assert (await county.bring_in(content)).state == "done"


async def test_a_file_changed_anywhere_is_refused_whole(county: County) -> None:
    phone = await a_day(county)
    content = await phone.export(1, 6)
    spots = {0, 5, 15, 16, 31, 32, 33, 96, 97, 112, 113, 114, 200, len(content) // 2, len(content) - 1}
    spots |= {sealed.HEADER + sealed.CHUNK + 16, sealed.HEADER + sealed.CHUNK + 15}
    spots |= {random.Random(7).randrange(len(content)) for _ in range(8)}
    for at in sorted(spots):
        changed = bytearray(content)
        changed[at] ^= 0x01
        code = await refusal(county, bytes(changed))
        assert code in {"rescue_not_ours", "rescue_key_unknown", "rescue_damaged"}, at
    for length in (1, 50, 112, 113, 130, sealed.HEADER + sealed.CHUNK + 16, len(content) - 1):
        assert await refusal(county, content[:length]) in {"rescue_not_ours", "rescue_damaged"}, length
    chunks = sealed.HEADER + sealed.CHUNK + 16
    assert (
        await refusal(county, content[: sealed.HEADER] + content[chunks:]) == "rescue_damaged"
    )  # first one gone
    assert await refusal(county, content + b"x") == "rescue_damaged"
    assert await county.operations(phone) == []
    assert await county.records() == {}
    assert await county.media.whole(await county.caller("inspector"), list(phone.photos)) == set()


async def test_only_the_phone_itself_can_have_made_it(county: County, tmp_path: Path) -> None:
    phone = await a_day(county)
    other = await county.phone("inspector2")
    good = await phone.export(1, 6)

    forged = Phone(county, "inspector", phone.device, DeviceKey(), phone.ops, phone.photos)
    assert await refusal(county, await forged.export(1, 6)) == "rescue_unproven"
    stolen = Phone(county, "inspector2", phone.device, phone.key, phone.ops, phone.photos)
    assert await refusal(county, await stolen.export(1, 6)) == "rescue_device_unknown"
    unknown = Phone(county, "inspector", other.device, other.key, phone.ops, phone.photos)
    assert await refusal(county, await unknown.export(1, 6)) == "rescue_device_unknown"
    assert (
        await refusal(county, await phone.export(1, 6, ops=[phone.ops[0], phone.ops[2]], schemas=[1, 1]))
        == "rescue_damaged"
    )
    assert await refusal(county, await phone.export(1, 6, schemas=[1])) == "rescue_damaged"
    async with county.db.write() as conn:
        await conn.execute(device_key.delete().where(device_key.c.device == phone.device))
    assert await refusal(county, good) == "rescue_unproven"
    assert await county.operations(phone) == []


async def test_another_server_and_another_organisation_cannot_read_it(county: County, tmp_path: Path) -> None:
    phone = await a_day(county)
    content = await phone.export(1, 6)
    neighbour = await found_county(county.db.url, tmp_path / "neighbour")  # on the same server
    elsewhere = await found_county(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}", tmp_path / "elsewhere")
    try:
        assert await refusal(neighbour, content) == "rescue_foreign"
        assert await refusal(elsewhere, content) == "rescue_key_unknown"
    finally:
        for made in (neighbour, elsewhere):
            made.rescue.close()
            await made.media.close()
            await made.db.close()


async def test_a_file_of_a_forked_phone_is_said_to_be_one_and_changes_nothing(county: County) -> None:
    phone = await a_day(county)
    clone = Phone(county, "inspector", phone.device, phone.key)  # a copy of the phone, used on
    for number in range(3):
        clone.note(fact=f"clone {number}")
    await phone.push(1, 2)
    inside = await county.bring_in(await clone.export(1, 3))
    assert inside.state == "forked"
    assert await county.operations(phone) == ONCE[:2]
    assert [r["status"] for r in await phone.push(3, 6)] == ["applied"] * 4


async def test_what_is_no_picture_is_named_and_the_rest_comes_in(county: County) -> None:
    phone = await county.phone()
    phone.note(picture(9), b"no picture at all" * 50, fact="x")
    inside = await county.bring_in(await phone.export(1, 1))
    assert inside.state == "done"
    assert inside.refused_photos == [hashlib.sha256(b"no picture at all" * 50).hexdigest()]


async def test_a_phone_numbered_far_ahead_with_thousands_of_operations_fits_one_file(county: County) -> None:
    phone = await county.phone()
    id_ = phone.note(fact="0")
    for number in range(450):
        phone.edit(id_, str(number))
    inside = await county.bring_in(await phone.export(1, 451))
    assert (inside.state, len(await county.operations(phone))) == ("done", 451)


async def test_what_no_push_can_carry_is_kept_to_be_read(county: County) -> None:
    phone = await county.phone()
    phone.note(fact="sent")
    aside, draft = (
        {"op": "put", "kind": "finding", "data": {"fact": "refused"}},
        {"key": "finding", "state": 1},
    )
    inside = await county.bring_in(await phone.export(1, 1, aside=[aside], drafts=[draft]))
    supervisor = await county.caller("supervisor")
    kept = await county.rescue.kept_aside(supervisor, inside.file)
    assert [msgspec.json.decode(one) for one in (*kept.aside, *kept.drafts)] == [aside, draft]
    with pytest.raises(AppError, match="rescue_unknown"):
        await county.rescue.kept_aside(supervisor, "0" * 64)


async def test_a_file_of_a_newer_app_waits_for_the_servers_upgrade_and_stops_no_other(county: County) -> None:
    newer, other = await county.phone(), await county.phone("crew")
    newer.note(fact="written by the app of next month")
    inside = await county.bring_in(await newer.export(1, 1, schemas=[999]))
    assert inside.state == "waiting"
    assert [each.state for each in await county.rescue.listing(county.org)] == ["waiting"]
    other.note(fact="of today")
    assert (await county.bring_in(await other.export(1, 1))).state == "done"
    await county.rescue.retry_all()


@pytest.mark.parametrize("number", [2**60, 2**70])
async def test_operations_that_no_push_can_carry_are_refused_with_their_file(
    county: County, number: int
) -> None:
    phone = await county.phone()
    phone.note(fact="x")
    phone.ops[0]["n"] = number
    with pytest.raises(AppError, match="rescue_damaged"):
        await county.bring_in(await phone.export(1, 1))
    large = await county.phone()
    large.note(fact="x" * 1_100_000)
    with pytest.raises(AppError, match="rescue_damaged"):
        await county.bring_in(await large.export(1, 1))
    assert await county.rescue.listing(county.org) == []


async def test_pieces_are_resumed_and_checked(county: County) -> None:
    phone = await a_day(county)
    content = await phone.export(1, 6)
    file = hashlib.sha256(content).hexdigest()
    crew = await county.caller("crew")

    async def piece(at: int, end: int, length: int = len(content)) -> Any:
        async def body() -> Any:
            yield content[at:end]

        return await county.rescue.receive(crew, file, at, length, body())

    with pytest.raises(AppError, match="rescue_unknown"):
        await county.rescue.standing(crew, file)
    assert (await piece(0, 1000)).offset == 1000
    assert (await county.rescue.standing(crew, file)).offset == 1000
    with pytest.raises(AppError, match="rescue_offset") as caught:
        await piece(5, 1000)
    assert caught.value.facts == {"offset": 1000}
    with pytest.raises(AppError, match="rescue_too_large"):
        await piece(1000, 2000, 1500)
    with pytest.raises(AppError, match="rescue_too_large"):
        await piece(0, 1, 2**40)
    with pytest.raises(AppError, match="rescue_unknown"):  # not whole
        await county.rescue.bring_in(crew, file)
    with pytest.raises(AppError, match="rescue_unknown"):  # another's pieces are not one's own
        await county.rescue.standing(await county.caller("inspector2"), file)
    at = (await county.rescue.standing(crew, file)).offset
    assert (await piece(at, len(content))).state == "whole"
    assert (await county.rescue.bring_in(crew, file)).state == "done"
    assert (await piece(0, 10)).state == "done"  # a phone that lost the answer
