"""Conflicts and refusals stay on the server, for those whom they concern, until one of them settles them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from sync import exceptions
from sync.errors import SyncError
from sync.exceptions import Ask
from sync.push import Op
from tests.contract.sync.company import NORTH, SOUTH, Company, Phone, an_id


async def listed(phone: Phone, **ask: Any) -> dict[str, Any]:
    company = phone.company
    async with company.db.read() as conn:
        page = await exceptions.listed(conn, company.engine.kinds, phone.caller, Ask(**ask))
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(page))
    return found


async def settle(
    phone: Phone,
    one: dict[str, Any],
    choice: Any,
    *,
    rev: int | None = None,
    reason: str = "",
    fields: tuple[str, ...] = (),
) -> dict[str, Any]:
    company = phone.company
    async with company.db.write() as conn:
        found = await exceptions.settle(
            company.engine,
            conn,
            phone.caller,
            company.now(),
            one["device"],
            one["n"],
            choice,
            one["rev"] if rev is None else rev,
            reason,
            fields,
        )
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))
    return told


async def clash(company: Company, one: Phone, two: Phone) -> tuple[str, dict[str, Any]]:
    """`two` loses the race for the line of an asset; answers the asset and the lost operation's result."""
    asset = an_id()
    await one.push(one.put("asset", asset, {"unit": NORTH, "code": "T1"}))
    await one.push(one.put("asset", asset, {"line": "L1"}, base=1))
    return asset, (await two.push(two.put("asset", asset, {"line": "L2"}, base=1)))[0]


async def body(company: Company, phone: Phone, id_: str) -> dict[str, Any]:
    await phone.pull()
    found: dict[str, Any] = phone.base[id_]["data"]
    return found


async def test_a_lost_race_waits_for_a_named_reviewer_with_both_values(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    reviewer = await company.phone("inspector")
    asset, _ = await clash(company, one, two)
    page = await listed(reviewer)
    assert (page["open"], page["mine"], page["next"]) == (1, 1, None)
    (found,) = page["exceptions"]
    assert found["conflicts"] == [{"field": "line", "kept": "L1", "refused": "L2"}]
    assert (found["record"], found["what"], found["may"]) == (asset, "conflict", ["keep", "take"])
    assert found["by"]["person"] == two.caller.person
    assert found["kept_by"]["line"]["person"] == one.caller.person
    assert found["payload"]["data"] == {"line": "L2"}
    settled = await settle(reviewer, found, "take")
    assert settled["settled"]["by"] == reviewer.caller.person
    assert settled["settled"]["how"] == "take"
    assert (await body(company, one, asset))["line"] == "L2"
    assert (await listed(reviewer))["open"] == 0
    (audit,) = (await listed(reviewer, settled=True))["exceptions"]
    assert audit["settled"]["name"] == reviewer.caller.name


async def test_keeping_changes_nothing_but_the_exception(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset, _ = await clash(company, one, two)
    (found,) = (await listed(one))["exceptions"]
    await settle(one, found, "keep")
    assert (await body(company, one, asset))["line"] == "L1"
    assert one.base[asset]["rev"] == found["rev"]


async def two_fields(company: Company, one: Phone, two: Phone) -> str:
    """`two` loses the race for two fields of an asset."""
    asset = an_id()
    await one.push(one.put("asset", asset, {"unit": NORTH, "code": "T1", "line": "L0"}))
    await one.push(one.put("asset", asset, {"line": "L1", "code": "T2"}, base=1))
    lost = (await two.push(two.put("asset", asset, {"line": "L2", "code": "T3"}, base=1)))[0]
    assert lost["status"] == "conflict"
    return asset


async def test_of_several_fields_each_keeps_or_takes_its_value(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset = await two_fields(company, one, two)
    (found,) = (await listed(one))["exceptions"]
    for choice, fields in (("take", ("unit",)), ("keep", ("line",)), ("take", ("line", "unit"))):
        with pytest.raises(SyncError, match="exception_choice"):
            await settle(one, found, choice, fields=fields)
    settled = await settle(one, found, "take", fields=("line",))
    assert settled["settled"]["how"] == "mixed"
    now = await body(company, one, asset)
    assert (now["line"], now["code"]) == ("L2", "T2")
    again = await settle(one, found, "take", fields=("line",))
    assert again["settled"] == settled["settled"]
    with pytest.raises(SyncError, match="exception_settled"):
        await settle(one, found, "take")


async def test_all_fields_named_are_the_whole_and_a_phone_that_chose_each_settles_so_too(
    company: Company,
) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    await two_fields(company, one, two)
    (found,) = (await listed(one))["exceptions"]
    assert (await settle(one, found, "take", fields=("code", "line")))["settled"]["how"] == "take"
    asset = await two_fields(company, one, two)
    await two.pull()
    rev = two.base[asset]["rev"]
    await two.push(two.put("asset", asset, {"line": "L1", "code": "T3"}, base=rev))
    newest = (await listed(one, settled=True))["exceptions"][0]
    assert (newest["record"], newest["settled"]["how"]) == (asset, "mixed")


async def test_of_two_reviewers_the_second_is_told_who_settled_it(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    first, second = await company.phone("inspector"), await company.phone("admin")
    asset, _ = await clash(company, one, two)
    (found,) = (await listed(first))["exceptions"]
    done = await asyncio.gather(
        settle(first, found, "take"), settle(second, found, "take"), return_exceptions=True
    )
    (refused,) = [answer for answer in done if isinstance(answer, SyncError)]
    (won,) = [answer for answer in done if not isinstance(answer, BaseException)]
    assert refused.code == "exception_settled"
    assert refused.facts["by"] == won["settled"]["by"]
    assert refused.facts["name"] == won["settled"]["name"]
    await one.pull()
    assert one.base[asset]["rev"] == found["rev"] + 1
    winner = first if won["settled"]["by"] == first.caller.person else second
    again = await settle(winner, found, "take")
    assert again["settled"] == won["settled"]


async def test_a_value_is_not_taken_over_what_the_reviewer_has_not_seen(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset, result = await clash(company, one, two)
    (found,) = (await listed(two))["exceptions"]
    await one.push(one.put("asset", asset, {"line": "L3"}, base=result["rev"]))
    reviewer = await company.phone("admin")
    with pytest.raises(SyncError) as refused:
        await settle(reviewer, found, "take")
    assert refused.value.code == "exception_changed"
    (again,) = (await listed(reviewer))["exceptions"]
    assert again["now"] == {"line": "L3"}
    await settle(reviewer, again, "take")
    assert (await body(company, one, asset))["line"] == "L2"


async def test_two_desks_that_take_two_values_of_one_field_conflict_like_two_phones(company: Company) -> None:
    one, two, three = [await company.phone("inspector") for _ in range(3)]
    asset, _ = await clash(company, one, two)
    await three.push(three.put("asset", asset, {"line": "L3"}, base=1))
    left, right = await company.phone("admin"), await company.phone("admin")
    newest, oldest = (await listed(left))["exceptions"]
    await settle(left, newest, "take")
    with pytest.raises(SyncError, match="exception_changed"):
        await settle(right, oldest, "take")
    assert (await body(company, one, asset))["line"] == "L3"


@pytest.mark.parametrize(("value", "how"), [("L2", "take"), ("L1", "keep")])
async def test_what_the_losing_phone_settles_itself_is_settled_here_too(
    company: Company, value: str, how: str
) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset, result = await clash(company, one, two)
    await two.push(two.put("asset", asset, {"owner": "Li"}, base=result["rev"]))
    await two.push(two.put("asset", asset, {"line": value}, base=1))  # not knowing the other's value
    assert (await listed(one))["open"] == (2 if value == "L2" else 1)
    await two.push(two.put("asset", asset, {"line": value}, base=result["rev"] + 1))
    assert (await listed(one))["open"] == 0
    settled = (await listed(one, settled=True))["exceptions"]
    assert {one["settled"]["how"] for one in settled} == {how}
    assert {one["settled"]["by"] for one in settled} == {two.caller.person}


async def test_a_record_out_of_sight_has_no_exceptions(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    stranger = await company.phone("inspector", units=(SOUTH,))
    asset, _ = await clash(company, one, two)
    page = await listed(stranger)
    assert (page["exceptions"], page["open"], page["mine"]) == ([], 0, 0)
    (found,) = (await listed(one))["exceptions"]
    with pytest.raises(SyncError, match="exception_unknown"):
        await settle(stranger, found, "take")
    async with company.db.write() as conn:
        await company.engine.write(
            conn,
            one.caller.org,
            "",
            company.now(),
            [Op(op="put", kind="asset", id=asset, at=company.now(), data={"unit": SOUTH})],
        )
    assert (await listed(one))["open"] == 0
    assert (await listed(stranger))["open"] == 1


async def test_who_may_look_but_not_write_does_not_settle(company: Company) -> None:
    one, two, crew = (
        await company.phone("inspector"),
        await company.phone("admin"),
        await company.phone("crew"),
    )
    await clash(company, one, two)
    page = await listed(crew)
    assert (page["open"], page["mine"], page["exceptions"][0]["may"]) == (1, 0, [])
    assert (await listed(crew, mine=True))["exceptions"] == []
    with pytest.raises(SyncError, match="exception_choice"):
        await settle(crew, page["exceptions"][0], "take")


async def test_a_drafts_conflict_is_its_authors_from_any_phone(company: Company) -> None:
    one = await company.phone("inspector")
    two = await company.phone("inspector", person=one.caller.person)
    note = an_id()
    await one.push(one.put("note", note, {"title": "x"}))
    await one.push(one.put("note", note, {"title": "y"}, base=1))
    await two.push(two.put("note", note, {"title": "z"}, base=1))
    other = await company.phone("inspector", "supervisor")
    assert (await listed(other))["open"] == 0
    third = await company.phone("inspector", person=one.caller.person)
    (found,) = (await listed(third, mine=True))["exceptions"]
    await settle(third, found, "take")
    assert (await body(company, one, note))["title"] == "z"


async def test_a_delete_that_lost_and_an_edit_that_won_are_told_to_the_author(company: Company) -> None:
    one = await company.phone("inspector")
    two = await company.phone("inspector", person=one.caller.person)
    lost, won = an_id(), an_id()
    await one.push(one.put("note", lost, {"title": "x"}), one.put("note", won, {"title": "x"}))
    await one.push(one.put("note", lost, {"title": "y"}, base=1), one.op("delete", "note", won, base=1))
    await two.push(two.op("delete", "note", lost, base=1), two.put("note", won, {"title": "z"}, base=1))
    revived, conflict = sorted((await listed(one))["exceptions"], key=lambda e: e["what"], reverse=True)
    assert (revived["what"], revived["may"]) == ("revived", ["keep", "take"])
    assert (conflict["what"], conflict["op"]) == ("conflict", "delete")
    await settle(one, conflict, "take")
    await settle(one, revived, "take")
    await one.pull()
    assert one.base == {}


async def test_a_refusal_is_the_senders_and_the_operators_and_needs_a_reason(company: Company) -> None:
    phone, colleague = await company.phone("inspector"), await company.phone("inspector")
    operator = await company.phone("supervisor")
    asset = an_id()
    await phone.push(phone.put("asset", asset, {"unit": NORTH}), {"n": 2, "op": "nonsense"})
    phone.n = 2
    assert (await listed(colleague))["open"] == 0
    unreadable, invalid = (await listed(operator))["exceptions"]
    assert (unreadable["code"], unreadable["payload"]) == ("malformed", {"n": 2, "op": "nonsense"})
    assert (invalid["code"], invalid["issues"]) == ("invalid", [{"path": "code", "code": "missing"}])
    assert invalid["payload"]["data"] == {"unit": NORTH}
    with pytest.raises(SyncError, match="exception_choice"):
        await settle(operator, invalid, "let_be")
    with pytest.raises(SyncError, match="exception_choice"):
        await settle(operator, invalid, "take", reason="no such choice")
    done = await settle(operator, invalid, "let_be", reason="entered at the desk")
    assert done["settled"]["reason"] == "entered at the desk"
    assert [e["code"] for e in (await listed(phone))["exceptions"]] == ["malformed"]


async def test_a_refusal_that_was_mended_and_sent_again_waits_no_longer(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    await phone.push(phone.put("note", note, {"unit": NORTH}), phone.event("note", note, "submit"))
    assert [e["code"] for e in (await listed(phone))["exceptions"]] == ["invalid"]
    await phone.push(phone.put("note", note, {"title": "x"}))
    assert (await listed(phone))["open"] == 1
    await phone.push(phone.event("note", note, "submit"))
    assert (await listed(phone))["open"] == 0
    (settled,) = (await listed(phone, settled=True))["exceptions"]
    assert settled["settled"]["how"] == "resent"


async def test_a_refusal_looks_alike_whether_a_hidden_record_is_there_or_not(company: Company) -> None:
    """Otherwise the list would tell a station that a check of it exists."""
    hidden, nothing = an_id(), an_id()
    owner = await company.phone("inspector", units=(SOUTH,))
    await owner.push(owner.put("asset", hidden, {"unit": SOUTH, "code": "T1"}))
    phone = await company.phone("crew")
    seen = []
    for id_ in (hidden, nothing):
        await phone.push(
            phone.event("asset", id_, "x"),
            phone.put("asset", id_, {"line": "y" * 70_000}, base=1),
            phone.op("delete", "asset", id_, base=1),
        )
        page = await listed(phone)
        seen.append([(e["record"], e["rev"], e["code"], e["may"]) for e in page["exceptions"][:3]])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 3


async def test_pages_bring_every_exception_once(company: Company) -> None:
    phone = await company.phone("inspector")
    for _ in range(7):
        await phone.push(*(phone.event("note", an_id(), "submit") for _ in range(3)))
    numbers: list[int] = []
    before = None
    while True:
        page = await listed(phone, before=before, limit=4)
        assert page["open"] == 21
        numbers += [e["n"] for e in page["exceptions"]]
        before = page["next"]
        if before is None:
            break
    assert sorted(numbers) == list(range(1, 22))
    assert len(set(numbers)) == 21
    for nonsense in (
        "x",
        "2026~a~1",
        "~~",
        "2026-11-24T08:00:00.000000Z~" + an_id() + "~99999999999999999999",
    ):
        with pytest.raises(SyncError, match="malformed"):
            await listed(phone, before=nonsense)


async def test_a_large_payload_is_read_alone(company: Company) -> None:
    phone = await company.phone("inspector")
    await phone.push(phone.put("note", an_id(), {"text": "y" * 60_000}))
    (found,) = (await listed(phone))["exceptions"]
    assert "payload" not in found or found["payload"] is None
    async with company.db.read() as conn:
        whole = await exceptions.read(conn, company.engine.kinds, phone.caller, found["device"], found["n"])
    assert whole.payload is not None
    assert len(bytes(whole.payload)) == found["bytes"] > 60_000
