"""What a push promises, on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from sync import store
from sync.caller import Caller
from sync.errors import SyncError
from sync.push import Op
from tests.contract.sync.company import NORTH, ORG, SOUTH, Company, Phone, a_photo, an_id


async def test_a_record_is_made_submitted_and_read_by_its_unit(company: Company) -> None:
    inspector, supervisor = await company.phone("inspector"), await company.phone("supervisor")
    note = an_id()
    results = await inspector.push(
        inspector.put("note", note, {"unit": NORTH, "title": "loose clamp", "amount": 4}),
        inspector.event("note", note, "submit"),
    )
    assert [r["status"] for r in results] == ["applied", "applied"]
    await supervisor.pull()
    row = supervisor.base[note]
    assert (row["state"], row["rev"], row["scope"]) == ("submitted", 3 - 1, f"u:{NORTH}")
    assert row["data"] == {"unit": NORTH, "title": "loose clamp", "amount": 4}
    assert row["facts"]["double"] == 8
    assert row["log"][0]["by"] == inspector.caller.person
    assert row["facts"]["job"] in supervisor.base


async def test_a_draft_is_seen_by_its_author_alone(company: Company) -> None:
    author, other = await company.phone("inspector"), await company.phone("inspector")
    note = an_id()
    await author.push(author.put("note", note, {"unit": NORTH}))
    await author.pull()
    await other.pull()
    assert note in author.base
    assert note not in other.base


async def test_a_repeated_push_changes_nothing_and_gets_the_same_answer(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    raw = phone.envelope(
        phone.put("note", note, {"unit": NORTH, "title": "x"}),
        phone.event("note", note, "submit"),
        phone.event("note", note, "submit"),
    )
    first = await phone.push_raw(raw)
    await phone.pull()
    again = await phone.push_raw(raw)
    assert again["results"] == first["results"]
    assert [r["status"] for r in first["results"]] == ["applied", "applied", "rejected"]
    assert await phone.page() is None


async def test_a_push_that_overlaps_an_older_one_applies_only_what_is_new(company: Company) -> None:
    phone = await company.phone("inspector")
    one = phone.put("note", an_id(), {"title": "one"})
    two = phone.put("note", an_id(), {"title": "two"})
    await phone.push(one)
    results = await phone.push(one, two)
    assert [(r["n"], r["rev"]) for r in results] == [(1, 1), (2, 1)]
    await phone.pull()
    assert sorted(row["seq"] for row in phone.base.values()) == [1, 2]


async def test_the_same_content_in_another_spelling_is_the_same_operation(company: Company) -> None:
    phone = await company.phone("inspector")
    op = phone.put("note", an_id(), {"title": "x", "unit": NORTH})
    await phone.push(op)
    turned = dict(reversed(op.items())) | {"data": {"unit": NORTH, "title": "x"}}
    assert (await phone.push(turned))[0]["status"] == "applied"


async def test_a_known_number_with_other_content_is_a_forked_device(company: Company) -> None:
    phone = await company.phone("inspector")
    op = phone.put("note", an_id(), {"title": "x"})
    await phone.push(op)
    with pytest.raises(SyncError, match="device_fork") as fault:
        await phone.push(op | {"data": {"title": "y"}})
    assert fault.value.facts == {"n": 1}


async def test_a_missing_number_is_a_gap_that_names_the_expected_one(company: Company) -> None:
    phone = await company.phone("inspector")
    await phone.push(phone.put("note", an_id(), {}))
    phone.n = 5
    with pytest.raises(SyncError, match="gap") as fault:
        await phone.push(phone.put("note", an_id(), {}))
    assert fault.value.facts == {"expected": 2}


async def test_operations_out_of_order_are_refused_whole(company: Company) -> None:
    phone = await company.phone("inspector")
    one, two, three = (phone.put("note", an_id(), {}) for _ in range(3))
    for wrong in ((two, one), (one, three), (one, one)):
        with pytest.raises(SyncError, match="gap") as fault:
            await phone.push(*wrong)
        assert fault.value.facts == {"expected": 1}
    await phone.pull()
    assert not phone.base


async def test_an_empty_push_tells_the_last_number(company: Company) -> None:
    phone = await company.phone("inspector")
    await phone.push(phone.put("note", an_id(), {}))
    assert (await phone.push_raw(phone.envelope()))["acked"] == 1


async def test_unknown_foreign_and_revoked_devices_are_refused(company: Company) -> None:
    phone, other = await company.phone("inspector"), await company.phone("inspector")
    op = phone.put("note", an_id(), {})
    own = phone.device
    phone.device = an_id()
    with pytest.raises(SyncError, match="device_unknown"):
        await phone.push(op)
    phone.device = other.device
    with pytest.raises(SyncError, match="device_unknown"):
        await phone.push(op)
    phone.device = own
    async with company.db.write() as conn:
        assert await store.revoke_device(conn, ORG, own, company.now())
    with pytest.raises(SyncError, match="device_revoked"):
        await phone.push(op)
    async with company.db.write() as conn:
        with pytest.raises(SyncError, match="device_revoked"):
            await store.register_device(conn, ORG, phone.caller.person, own, "again", "1", company.now())


async def test_a_device_id_of_another_person_is_taken(company: Company) -> None:
    phone, other = await company.phone("inspector"), await company.phone("inspector")
    async with company.db.write() as conn:
        with pytest.raises(SyncError, match="device_taken"):
            await store.register_device(conn, ORG, other.caller.person, phone.device, "x", "1", company.now())
    async with company.db.read() as conn:
        assert [d.name for d in await store.devices(conn, ORG, person=phone.caller.person)] == ["phone"]


async def test_registering_again_tells_the_last_number(company: Company) -> None:
    phone = await company.phone("inspector")
    await phone.push(*(phone.put("note", an_id(), {}) for _ in range(3)))
    async with company.db.write() as conn:
        n = await store.register_device(
            conn, ORG, phone.caller.person, phone.device, "new name", "2", company.now()
        )
    assert n == 3


BAD: list[tuple[str, object, str]] = [
    ("an unknown kind", {"kind": "spaceship"}, "unknown_kind"),
    ("a kind with a NUL", {"kind": "no\0te"}, "unknown_kind"),
    ("an unknown field of the operation", {"rev": "1"}, "malformed"),
    ("a wrong type in the operation", {"base": "1"}, "malformed"),
    ("a negative base", {"base": -1}, "malformed"),
    ("an unknown operation", {"op": "merge"}, "malformed"),
    ("no time zone", {"at": "2026-11-24T08:00:00"}, "malformed"),
    ("no real time", {"at": "0001-01-01T00:00:00Z"}, "malformed"),
    ("a subject on a put", {"subject": an_id()}, "malformed"),
    ("an event without subject", {"op": "event", "type": "submit"}, "malformed"),
    ("a bad id", {"id": "42"}, "bad_id"),
    ("an id in capitals", {"id": an_id().upper()}, "bad_id"),
    ("an id of version 4", {"id": "0b0f6a1e-4a3c-4c1f-9b63-3a1f1a9e5d11"}, "bad_id"),
    ("an id with a NUL", {"id": "\0" + an_id()[1:]}, "bad_id"),
    ("a wrong type", {"data": {"title": 7}}, "invalid"),
    ("an unknown field", {"data": {"title": "x", "colour": "red"}}, "invalid"),
    ("a number out of bounds", {"data": {"amount": -1}}, "invalid"),
    ("a list for data", {"data": []}, "invalid"),
    ("null for data", {"data": None}, "invalid"),
    ("a bad photo", {"data": {"photos": [a_photo() | {"sha256": "../../etc/passwd"}]}}, "invalid"),
    ("deep nesting", {"data": {"text": msgspec.Raw(b"[" * 200 + b"]" * 200)}}, "malformed"),
    ("too much data", {"data": {"text": "x" * 70_000}}, "too_big"),
    ("a foreign unit", {"data": {"unit": SOUTH}}, "foreign_unit"),
    ("a unit that is no unit", {"data": {"unit": "x\0y"}}, "foreign_unit"),
    ("an unknown event of nothing", {"op": "event", "subject": an_id(), "type": "explode"}, "not_found"),
    ("an event of nothing", {"op": "event", "subject": an_id(), "type": "submit"}, "not_found"),
    ("a delete of nothing", {"op": "delete"}, "not_found"),
    ("a put to a kind of events", {"kind": "job", "data": {"unit": NORTH, "title": "x"}}, "forbidden"),
    ("a put to the server's kind", {"kind": "line"}, "forbidden"),
    ("half an asset", {"kind": "asset", "data": {"unit": NORTH}}, "invalid"),
]


@pytest.mark.parametrize(("change", "code"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
async def test_a_bad_operation_is_rejected_alone(
    company: Company, change: dict[str, object], code: str
) -> None:
    phone = await company.phone("inspector")
    before, after = an_id(), an_id()
    results = await phone.push(
        phone.put("note", before, {"title": "before"}),
        phone.put("note", an_id(), {}) | change,
        phone.put("note", after, {"title": "after"}),
    )
    assert [r["status"] for r in results] == ["applied", "rejected", "applied"]
    assert results[1]["code"] == code
    assert results[1]["n"] == 2
    await phone.pull()
    assert set(phone.base) == {before, after}
    async with company.db.read() as conn:
        kept = await conn.execute(
            text("SELECT payload, code FROM operation WHERE device = :d AND n = 2"), {"d": phone.device}
        )
    payload, stored = kept.one()
    assert stored == code
    assert msgspec.json.decode(payload)["n"] == 2


def _op(said: bytes) -> bytes:
    op = b'{"n":1,"at":"2026-11-24T08:00:00Z",%s}' % (said % an_id().encode())
    return b'{"device":"%%s","schema":1,"sent_at":"2026-11-24T08:00:00Z","ops":[%s]}' % op


BAD_REQUESTS = {
    "nothing": b"",
    "no JSON": b"hello",
    "no object": b"[]",
    "not UTF-8": b'{"device":"\xff"}',
    "not UTF-8 in a kind that nobody knows": _op(b'"op":"put","kind":"x","id":"%s","data":{"a":"\xff"}'),
    "not UTF-8 in a body": _op(b'"op":"put","kind":"note","id":"%s","data":{"title":"\xff"}'),
    "not UTF-8 in what is deleted": _op(b'"op":"delete","kind":"note","id":"%s","data":{"a":"\xff"}'),
    "no end": b'{"device":',
    "endless nesting": b'{"ops":' + b"[" * 100_000,
    "a field too many": b'{"device":"%s","schema":1,"sent_at":"2026-11-24T08:00:00Z","ops":[],"rev":1}',
    "schema in words": b'{"device":"%s","schema":"1","sent_at":"2026-11-24T08:00:00Z","ops":[]}',
    "a number in words": b'{"device":"%s","schema":1,"sent_at":"2026-11-24T08:00:00Z","ops":[{"n":"1"}]}',
    "a number of zero": b'{"device":"%s","schema":1,"sent_at":"2026-11-24T08:00:00Z","ops":[{"n":0}]}',
    "a device with a NUL": b'{"device":"\\u0000","schema":1,"sent_at":"2026-11-24T08:00:00Z","ops":[]}',
    "no time zone": b'{"device":"%s","schema":1,"sent_at":"2026-11-24T08:00:00","ops":[]}',
}


@pytest.mark.parametrize("raw", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
async def test_a_request_that_cannot_be_read_is_malformed(company: Company, raw: bytes) -> None:
    phone = await company.phone("inspector")
    with pytest.raises(SyncError, match="malformed"):
        await phone.push_raw(raw.replace(b"%s", phone.device.encode()))


async def test_too_many_bytes_or_operations_are_too_large(company: Company) -> None:
    phone = await company.phone("inspector")
    with pytest.raises(SyncError, match="too_large"):
        await phone.push_raw(b" " * 1_048_577)
    with pytest.raises(SyncError, match="too_large"):
        await phone.push(*(phone.put("note", an_id(), {}) for _ in range(501)))


async def test_five_hundred_operations_go_in_one_push(company: Company) -> None:
    phone = await company.phone("inspector")
    ids = [an_id() for _ in range(500)]
    results = await phone.push(*(phone.put("note", id_, {"title": "x" * 100}) for id_ in ids))
    assert {r["status"] for r in results} == {"applied"}
    await phone.pull(limit=77)
    assert [phone.base[id_]["seq"] for id_ in ids] == list(range(1, 501))


async def test_a_whole_body_is_asked_for_at_submit_only(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    results = await phone.push(
        phone.put("note", note, {"amount": 3}),
        phone.event("note", note, "submit"),
        phone.put("note", note, {"unit": NORTH, "title": "forbidden title"}),
        phone.event("note", note, "submit"),
        phone.put("note", note, {"title": "fine", "amount": None}),
        phone.event("note", note, "submit"),
    )
    assert [r["status"] for r in results] == [
        "applied",
        "rejected",
        "applied",
        "rejected",
        "applied",
        "applied",
    ]
    assert results[1]["issues"] == [
        {"path": "unit", "code": "missing"},
        {"path": "title", "code": "missing"},
    ]
    assert results[3]["issues"] == [{"path": "title", "code": "not_allowed"}]
    await phone.pull()
    assert phone.base[note]["data"] == {"unit": NORTH, "title": "fine"}


async def test_a_submitted_record_is_frozen_until_it_is_returned(company: Company) -> None:
    author, supervisor = await company.phone("inspector"), await company.phone("supervisor")
    note = an_id()
    await author.push(
        author.put("note", note, {"unit": NORTH, "title": "x"}), author.event("note", note, "submit")
    )
    frozen = await author.push(author.put("note", note, {"title": "y"}), author.op("delete", "note", note))
    assert [r["code"] for r in frozen] == ["frozen", "frozen"]
    assert frozen[0]["facts"] == {"state": "submitted"}
    same = await author.push(author.put("note", note, {"title": "x"}, base=1))
    assert [r["status"] for r in same] == ["applied"], "a phone and its copy may both send it"
    assert (await author.push(author.event("note", note, "explode")))[0]["code"] == "unknown_event"
    early = await supervisor.push(
        supervisor.event("note", note, "return"),
        supervisor.event("note", note, "submit"),
        supervisor.event("note", note, "return", {"reason": "blurred"}),
        supervisor.event("note", note, "accept"),
    )
    assert [r.get("code", r["status"]) for r in early] == [
        "invalid",
        "forbidden",
        "applied",
        "not_found",  # a returned note is its author's again
    ]
    mended = await author.push(author.put("note", note, {"title": "y"}), author.event("note", note, "submit"))
    assert [r["status"] for r in mended] == ["applied", "applied"]
    await supervisor.pull()
    assert [e["type"] for e in supervisor.base[note]["log"]] == ["submit", "return", "submit"]
    assert supervisor.base[note]["data"]["title"] == "y"


async def test_what_the_caller_may_not_see_is_not_found(company: Company) -> None:
    north, south = await company.phone("inspector"), await company.phone("inspector", units=(SOUTH,))
    draft, asset = an_id(), an_id()
    await north.push(
        north.put("note", draft, {"unit": NORTH}), north.put("asset", asset, {"unit": NORTH, "code": "T1"})
    )
    results = await south.push(
        south.put("note", draft, {"title": "mine now"}),
        south.put("asset", asset, {"line": "10 kV"}, base=1),
        south.op("delete", "note", draft),
        south.event("note", draft, "submit"),
    )
    assert [r["code"] for r in results] == ["not_found"] * 4


async def test_what_the_caller_may_not_see_is_answered_as_what_nobody_has(company: Company) -> None:
    north, south = await company.phone("inspector"), await company.phone("inspector", units=(SOUTH,))
    draft, nobodys = an_id(), an_id()
    await north.push(north.put("note", draft, {"unit": NORTH}))
    answers = [
        await south.push(
            south.op("delete", "note", id_),
            south.op("delete", "asset", id_),
            south.event("note", id_, "submit"),
            south.event("note", id_, "nonsense"),
            south.event("asset", id_, "submit"),
            south.put("asset", id_, {"line": "10 kV"}),
            south.put("asset", id_, {"line": "10 kV"}, base=1),
            south.put("nonsense", id_, {}),
        )
        for id_ in (draft, nobodys)
    ]
    said = [[(r["code"], r.get("issues"), r.get("facts")) for r in results] for results in answers]
    assert said[0] == said[1]


async def test_an_asset_cannot_be_moved_to_a_foreign_unit(company: Company) -> None:
    phone = await company.phone("inspector")
    asset = an_id()
    results = await phone.push(
        phone.put("asset", asset, {"unit": NORTH, "code": "T1"}),
        phone.put("asset", asset, {"unit": SOUTH}, base=1),
        phone.put("asset", asset, {"code": None}, base=1),
    )
    assert [r.get("code", r["status"]) for r in results] == ["applied", "foreign_unit", "invalid"]


async def test_two_phones_that_change_different_fields_are_merged(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset = an_id()
    await one.push(one.put("asset", asset, {"unit": NORTH, "code": "T1"}))
    await one.push(one.put("asset", asset, {"line": "L1"}, base=1))
    merged = await two.push(two.put("asset", asset, {"owner": "Li"}, base=1))
    assert (merged[0]["status"], merged[0]["rev"]) == ("merged", 3)
    await one.pull()
    assert one.base[asset]["data"] == {"unit": NORTH, "code": "T1", "line": "L1", "owner": "Li"}


async def test_two_phones_that_change_one_field_leave_a_conflict_with_both_values(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset = an_id()
    await one.push(one.put("asset", asset, {"unit": NORTH, "code": "T1"}))
    await one.push(one.put("asset", asset, {"line": "L1"}, base=1))
    op = two.put("asset", asset, {"line": "L2", "owner": "Li"}, base=1)
    result = (await two.push(op))[0]
    assert result["status"] == "conflict"
    assert result["conflicts"] == [{"field": "line", "kept": "L1", "refused": "L2"}]
    await one.pull()
    assert one.base[asset]["data"]["line"] == "L1"
    assert one.base[asset]["data"]["owner"] == "Li"
    async with company.db.read() as conn:
        kept = (
            await conn.execute(text("SELECT payload FROM operation WHERE status = 'conflict'"))
        ).scalar_one()
    assert msgspec.json.decode(kept)["data"] == {"line": "L2", "owner": "Li"}
    seen = two.put("asset", asset, {"line": "L2"}, base=result["rev"])
    assert (await two.push(seen))[0]["status"] == "applied"


async def test_ones_own_queued_edit_is_no_conflict(company: Company) -> None:
    phone = await company.phone("inspector")
    asset = an_id()
    results = await phone.push(
        phone.put("asset", asset, {"unit": NORTH, "code": "T1"}),
        phone.put("asset", asset, {"line": "L1"}, base=0),
        phone.put("asset", asset, {"line": "L2"}, base=0),
    )
    assert [r["status"] for r in results] == ["applied"] * 3


async def test_a_field_that_nobody_changed_is_no_conflict(company: Company) -> None:
    one, two = await company.phone("inspector"), await company.phone("admin")
    asset = an_id()
    await one.push(one.put("asset", asset, {"unit": NORTH, "code": "T1"}))
    await one.push(one.put("asset", asset, {"line": "L1"}, base=1))
    result = (await two.push(two.put("asset", asset, {"owner": "Li", "line": "L1"}, base=1)))[0]
    assert result["status"] == "merged"


async def test_photos_that_two_phones_of_one_author_added_are_both_kept(company: Company) -> None:
    one = await company.phone("inspector")
    two = await company.phone("inspector", person=one.caller.person)
    note = an_id()
    await one.push(one.put("note", note, {"title": "x"}))
    await one.push(one.put("note", note, {"photos": [a_photo("a")]}, base=1))
    result = (await two.push(two.put("note", note, {"photos": [a_photo("b")]}, base=1)))[0]
    assert result["status"] == "merged"
    await one.pull()
    assert [p["sha256"][0] for p in one.base[note]["data"]["photos"]] == ["a", "b"]


async def test_a_draft_is_deleted_by_its_author_and_an_unseen_edit_wins(company: Company) -> None:
    one = await company.phone("inspector")
    two = await company.phone("inspector", person=one.caller.person)
    gone, kept = an_id(), an_id()
    await one.push(one.put("note", gone, {"title": "x"}), one.put("note", kept, {"title": "x"}))
    await two.pull()
    assert (await two.push(two.op("delete", "note", gone, base=1)))[0]["status"] == "applied"
    await one.push(one.put("note", kept, {"title": "y"}, base=1))
    refused = (await two.push(two.op("delete", "note", kept, base=1)))[0]
    assert refused["status"] == "conflict"
    assert refused["conflicts"][0]["field"] == "title"
    await two.pull()
    assert set(two.base) == {kept}
    revived = (await one.push(one.put("note", gone, {"amount": 1}, base=1)))[0]
    assert revived["status"] == "merged"
    await two.pull()
    assert two.base[gone]["data"] == {"title": "x", "amount": 1}


async def test_a_refused_reaction_undoes_its_operation_and_nothing_else(company: Company) -> None:
    phone = await company.phone("inspector")
    good, refused, broken = an_id(), an_id(), an_id()
    results = await phone.push(
        phone.put("note", good, {"unit": NORTH, "title": "good"}),
        phone.put("note", refused, {"unit": NORTH, "title": "refuse me"}),
        phone.event("note", refused, "submit"),
        phone.put("note", broken, {"unit": NORTH, "title": "break me"}),
        phone.event("note", broken, "submit"),
        phone.event("note", good, "submit"),
    )
    assert [r.get("code", r["status"]) for r in results] == [
        "applied",
        "applied",
        "not_today",
        "applied",
        "failed",
        "applied",
    ]
    assert results[2]["facts"] == {"title": "refuse me"}
    await phone.pull()
    assert (phone.base[refused]["state"], phone.base[broken]["state"]) == ("draft", "draft")
    async with company.db.read() as conn:
        orgs = await conn.execute(text("SELECT count(*) FROM org"))
    assert orgs.scalar_one() == 1
    assert phone.base[refused]["rev"] == 1  # what was undone took no revision


async def test_a_reaction_whose_operation_is_refused_refuses_the_cause(company: Company) -> None:
    inspector, supervisor = await company.phone("inspector"), await company.phone("supervisor")
    crew = await company.phone("crew")
    note = an_id()
    await inspector.push(
        inspector.put("note", note, {"unit": NORTH, "title": "x"}), inspector.event("note", note, "submit")
    )
    await crew.pull()
    job = next(row for row in crew.base.values() if row["kind"] == "job")
    assert (job["author"], job["log"][0]["type"]) == (None, "create")
    await crew.push(crew.event("job", job["id"], "receive"))
    result = (await supervisor.push(supervisor.event("note", note, "return", {"reason": "r"})))[0]
    assert result["code"] == "bad_transition"
    assert result["facts"] == {"state": "received"}
    await inspector.pull()
    assert inspector.base[note]["state"] == "submitted"
    assert [row["data"]["points"] for row in inspector.base.values() if row["kind"] == "line"] == [1]


async def test_a_phone_cannot_do_what_is_the_systems(company: Company) -> None:
    inspector, crew = await company.phone("inspector"), await company.phone("crew", "system")
    note = an_id()
    await inspector.push(
        inspector.put("note", note, {"unit": NORTH, "title": "x"}), inspector.event("note", note, "submit")
    )
    await crew.pull()
    job = next(row for row in crew.base.values() if row["kind"] == "job")
    assert (await crew.push(crew.event("job", job["id"], "void")))[0]["code"] == "forbidden"


async def test_an_event_sent_again_under_a_new_device_id_is_applied_once(company: Company) -> None:
    phone = await company.phone("inspector")
    clone = await company.phone("inspector", person=phone.caller.person)
    note = an_id()
    put = phone.put("note", note, {"unit": NORTH, "title": "x"})
    submit = phone.event("note", note, "submit")
    await phone.push(put, submit)
    results = await clone.push(submit | {"n": 1})
    assert results[0]["status"] == "applied"
    await phone.pull()
    assert len(phone.base[note]["log"]) == 1
    other = await company.phone("supervisor")
    stolen = other.event("note", note, "accept") | {"id": submit["id"]}
    assert (await other.push(stolen))[0]["code"] == "bad_id"


async def test_the_servers_own_writes_take_numbers_from_the_scopes_counter(company: Company) -> None:
    phone = await company.phone("inspector")
    asset, note = an_id(), an_id()
    await phone.push(phone.put("note", note, {}))
    ops = (
        Op(op="put", kind="asset", id=asset, at=company.time, data={"unit": NORTH, "code": "T1"}),
        Op(op="put", kind="asset", id=an_id(), at=company.time, data={"unit": NORTH}),
    )
    results = await company.write(*ops)
    assert [(r.status, r.code) for r in results] == [("applied", ""), ("rejected", "invalid")]
    await phone.push(phone.put("asset", an_id(), {"unit": NORTH, "code": "T2"}))
    await phone.pull()
    assert [row["seq"] for row in phone.base.values() if row["kind"] == "asset"] == [1, 2]
    async with company.db.read() as conn:
        lines = await conn.execute(text("SELECT n, kind, status FROM operation WHERE device = 'server'"))
    assert [tuple(line) for line in lines] == [(1, "asset", "applied")]


async def test_an_arrived_photo_gives_its_record_a_new_revision(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    await phone.push(phone.put("note", note, {"photos": [a_photo("a"), a_photo("b")]}))
    await phone.pull()
    assert phone.base[note]["missing"] == ["a" * 64, "b" * 64]
    async with company.db.write() as conn:
        await company.engine.touch(conn, ORG, company.now(), {note: ["b" * 64]})
    await phone.pull()
    assert phone.base[note]["missing"] == ["b" * 64]
    assert (phone.base[note]["rev"], phone.base[note]["seq"]) == (2, 2)
    assert (await phone.push(phone.put("note", note, {"title": "x"}, base=1)))[0]["status"] == "applied"


async def test_the_phones_clock_is_kept_and_its_error_estimated(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    slow = company.time - timedelta(hours=1)
    put = phone.put("note", note, {"unit": NORTH, "title": "x"}) | {"at": slow}
    event = phone.event("note", note, "submit") | {"at": slow}
    raw = {"device": phone.device, "schema": 1, "sent_at": slow, "ops": [put, event]}
    await phone.push_raw(msgspec.json.encode(raw))
    await phone.pull()
    entry = phone.base[note]["log"][0]
    assert entry["skew_ms"] == 3_601_000
    assert entry["at"] < entry["received_at"]
    async with company.db.read() as conn:
        assert (await store.devices(conn, ORG, device=phone.device))[0].skew_ms == 3_601_000


async def test_pushes_of_many_phones_at_once_are_all_applied_with_numbers_of_their_own(
    company: Company,
) -> None:
    phones = [await company.phone("inspector") for _ in range(6)]

    async def work(phone: Phone) -> None:
        for _ in range(5):
            await phone.push(*(phone.put("asset", an_id(), {"unit": NORTH, "code": "T"}) for _ in range(4)))

    await asyncio.gather(*(work(phone) for phone in phones))
    await phones[0].pull()
    assert sorted(row["seq"] for row in phones[0].base.values()) == list(range(1, 121))


async def test_two_sends_of_the_same_push_at_once_are_applied_once(company: Company) -> None:
    phone = await company.phone("inspector")
    raw = phone.envelope(phone.put("note", an_id(), {}), phone.put("note", an_id(), {}))
    one, two = await asyncio.gather(phone.push_raw(raw), phone.push_raw(raw))
    assert one["results"] == two["results"]
    await phone.pull()
    assert sorted(row["seq"] for row in phone.base.values()) == [1, 2]


async def test_rights_are_asked_at_the_time_of_the_push(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    await phone.push(phone.put("note", note, {"title": "x"}))
    c = phone.caller
    phone.caller = Caller(c.org, c.person, c.name, frozenset({"crew"}), c.scopes)
    assert (await phone.push(phone.put("note", note, {"title": "y"})))[0]["code"] == "forbidden"


async def test_a_push_that_was_under_way_when_a_backup_was_put_back_is_refused_as_a_whole(
    company: Company,
) -> None:
    """Its first answer was lost with the lost time, and nobody waits for a second one that may say otherwise."""
    phone = await company.phone("inspector")
    note = an_id()
    late, again = (
        phone.envelope(phone.put("note", note, {"title": "x"})).replace(b"{", b'{"epoch":%d,' % epoch, 1)
        for epoch in (1, 2)
    )
    async with company.db.write() as conn:
        await store.raise_epoch(conn, ORG)
    with pytest.raises(SyncError, match="resync"):
        await phone.push_raw(late)
    async with company.db.read() as conn:
        assert not await store.load(conn, ORG, [note])
    # The phone has learnt of it, and sends under the new epoch, with the numbers as they are.
    renumbered = again.replace(b'"n":2', b'"n":1')
    assert (await phone.push_raw(renumbered))["acked"] == 1


async def test_after_a_restore_a_patch_that_saw_lost_revisions_does_not_overwrite_what_it_never_saw(
    company: Company,
) -> None:
    """Revisions of the lost time would be given a second time, to other content."""
    ours = await company.phone("inspector")
    id_ = an_id()
    await ours.push(ours.put("asset", id_, {"unit": NORTH, "code": "T", "line": "backup"}))
    async with company.db.read() as conn:
        backup = (await store.load(conn, ORG, [id_]))[id_]
    for line in ("lost 1", "lost 2"):
        await ours.push(ours.put("asset", id_, {"line": line}, base=9))
    async with company.db.write() as conn:
        await store.save(conn, ORG, [backup], company.now())
        await store.raise_epoch(conn, ORG)
    others = await company.phone("inspector")
    await others.pull()
    await others.push(others.put("asset", id_, {"line": "new"}, base=others.base[id_]["rev"]))
    seen_in_the_lost_time = 3
    [result] = await ours.push(ours.put("asset", id_, {"line": "edit"}, base=seen_in_the_lost_time))
    assert result["status"] == "conflict"
    assert result["conflicts"] == [{"field": "line", "kept": "new", "refused": "edit"}]
    [result] = await ours.push(ours.put("asset", id_, {"code": "U"}, base=seen_in_the_lost_time))
    assert result["status"] == "merged"


async def test_after_a_restore_a_record_that_is_made_anew_does_not_count_its_revisions_anew(
    company: Company,
) -> None:
    """A phone that saw revisions 1 to 3 in the lost time has not seen what is written now."""
    ours, others = await company.phone("inspector"), await company.phone("inspector")
    async with company.db.write() as conn:
        await store.raise_epoch(conn, ORG)
    id_ = an_id()
    await ours.push(ours.put("asset", id_, {"unit": NORTH, "code": "T", "line": "made anew"}))
    [result] = await others.push(others.put("asset", id_, {"line": "edit"}, base=3))
    assert result["conflicts"] == [{"field": "line", "kept": "made anew", "refused": "edit"}]
