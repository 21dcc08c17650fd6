"""What one person's event causes for the others, on both databases."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backend.dossier.content import Editions, Words, content
from backend.dossier.words import Language, Say
from backend.features.points import ledger
from backend.features.points.tables import ledger as ledger_table
from sync.records import Row
from sync.tables import record
from tests.integration.features.conftest import World, photo


def infrared(world: World, hot: float = 85.0, **more: Any) -> dict[str, Any]:
    return {
        "unit": world.ids["station"],
        "equipment": world.ids["clamp"],
        "taken_at": world.now.isoformat(),
        "row": "C01",
        "points": [{"label": "A相", "temp_c": hot}, {"label": "B相", "temp_c": 40.0}],
        "ambient_c": 30.0,
        "load_a": 120,
        "rated_a": 200,
        "photos": [photo("thermal", "a"), photo("visible", "b")],
        **more,
    }


def finding(world: World, **more: Any) -> dict[str, Any]:
    return {
        "unit": world.ids["station"],
        "visit": "unannounced",
        "item": "QX-01",
        "catalogue": "2026.11",
        "person": world.ids["crew"],
        "happened_at": world.now.isoformat(),
        "fact": "到达现场 57 分钟",
        "photos": [photo("evidence", "c")],
        **more,
    }


async def proposed(world: World, **more: Any) -> str:
    """An accepted finding; answers the violation it proposes."""
    id_, submitted = await world.record("inspector", "finding", finding(world, **more))
    assert submitted["status"] == "applied", submitted
    accepted = await world.act("supervisor", "finding", id_, "accept")
    assert accepted["status"] == "applied", accepted
    return str((await world.row(id_)).facts["violation"])


async def test_a_hot_clamp_goes_from_the_phone_to_a_rechecked_repair(world: World) -> None:
    id_, submitted = await world.record("inspector", "infrared", infrared(world, hot=115.0))
    assert submitted["status"] == "applied"
    source = await world.row(id_)
    assert source.facts["judgement"]["grade"] == "critical"
    defect = await world.row(source.facts["defect"])
    assert (defect.state, defect.body["grade"], defect.body["owner"]) == (
        "open",
        "critical",
        world.ids["manager"],
    )
    job = await world.row(defect.facts["repair"])
    assert (job.state, job.body["area"], job.facts["clock"]["kept"]) == ("new", "rural", None)

    world.wait(minutes=5)
    assert (await world.act("crew", "repair", job.id, "receive"))["status"] == "applied"
    assert (await world.row(defect.id)).state == "rectifying"
    # arrived 60 minutes after the report, sent much later from where there is a signal again
    arrived = world.now + timedelta(minutes=55)
    world.wait(hours=3)
    await world.act("crew", "repair", job.id, "arrive", {"lat": 36.6, "lon": 114.5}, at=arrived)
    await world.act("crew", "repair", job.id, "locate", {"cause": "接头松动"})
    await world.act("crew", "repair", job.id, "repair", {"measure": "更换线夹"})
    none = await world.act("crew", "repair", job.id, "restore", {"photos": []})
    assert (none["code"], none["issues"][0]["path"]) == ("invalid", "photos")
    done = await world.act("crew", "repair", job.id, "restore", {"photos": [photo("after", "d")]})
    assert done["status"] == "applied"
    clock = (await world.row(job.id)).facts["clock"]
    assert (clock["basis"], clock["arrived_in_min"], clock["restored_in_min"]) == ("promise", 60, 125)
    assert clock["kept"] is True
    assert (await world.row(defect.id)).state == "rectified"

    assert (await world.act("supervisor", "repair", job.id, "accept"))["status"] == "applied"
    assert (await world.act("inspector", "defect", defect.id, "recheck_pass"))["status"] == "applied"
    assert (await world.row(defect.id)).state == "closed"


async def test_a_failed_recheck_sends_a_crew_again(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    defect = (await world.row(id_)).facts["defect"]
    first = (await world.row(defect)).facts["repair"]
    for event, data in (
        ("receive", {}),
        ("arrive", {}),
        ("locate", {"cause": "松动"}),
        ("repair", {"measure": "紧固"}),
        ("restore", {"photos": [photo("after")]}),
    ):
        assert (await world.act("crew", "repair", first, event, data))["status"] == "applied"
    failed = await world.act("supervisor", "defect", defect, "recheck_fail", {"reason": "仍然发热"})
    assert failed["status"] == "applied"
    row = await world.row(defect)
    assert row.state == "open"
    assert row.facts["repair"] != first
    assert (await world.row(row.facts["repair"])).state == "new"


NEAR = [
    {"label": "A相", "temp_c": 81.0},
    {"label": "B相", "temp_c": 70.0},
]  # 79 °C, within the error, is not serious
HOT = [{"label": "A相", "temp_c": 98.0}, {"label": "B相", "temp_c": 60.0}]
MEASURED = {"format": "dji_rjpeg", "reader": 1, "adjusted": False, "conditions": {}, "marks": []}


def on_paper(row: Row, language: Language) -> tuple[str, str]:
    """What its dossier gives as the grade, and how its judgement begins."""
    printed = content(row, Words(Say(language), {}, Editions()), "ab" * 32)
    return printed.grade, printed.judgement[0]


@pytest.mark.parametrize(
    ("grade", "state", "opened_as"), [("general", "open", "general"), ("normal", "void", "serious")]
)
async def test_near_a_limit_the_supervisor_sets_the_grade_and_the_defect_follows(
    world: World, grade: str, state: str, opened_as: str
) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world, points=NEAR))
    row = await world.row(id_)
    assert (row.facts["judgement"]["grade"], row.facts["judgement"]["near"]) == ("serious", ["serious_hot"])
    assert on_paper(row, "zh") == ("待定级，规则倾向 严重", "待定级，规则倾向 严重")
    assert on_paper(row, "en") == (
        "Grade open; the rule leans to serious",
        "Grade open; the rule leans to serious",
    )
    accepted = await world.act("supervisor", "infrared", id_, "accept", {"grade": grade})
    assert accepted["status"] == "applied", accepted
    row = await world.row(id_)
    assert row.facts["decided"] == {"grade": grade, "by": world.ids["supervisor"]}
    assert row.facts["judgement"]["grade"] == "serious", "what the rule said stays"
    assert on_paper(row, "zh")[0] == {"general": "一般", "normal": "正常"}[grade]
    assert not any("待定级" in said for said in on_paper(row, "zh")), "it is no longer open"
    defect = await world.row(row.facts["defect"])
    assert (defect.state, defect.body["grade"]) == (state, opened_as)


@pytest.mark.parametrize(
    ("points", "trust"),
    [(NEAR, None), (HOT, "apparent"), (HOT, "approximate")],
    ids=["near", "apparent", "approximate"],
)
async def test_what_the_rule_cannot_grade_is_not_accepted_without_a_grade(
    world: World, points: list[dict[str, Any]], trust: str | None
) -> None:
    body = infrared(world, points=points)
    if trust:
        body["measured"] = {**MEASURED, "photo": body["photos"][0]["sha256"], "trust": trust}
    id_, _ = await world.record("inspector", "infrared", body)
    assert "defect" in (await world.row(id_)).facts, "nobody waits for a desk with what may be critical"
    refused = await world.act("supervisor", "infrared", id_, "accept")
    assert (refused["code"], refused["issues"]) == ("invalid", [{"path": "grade", "code": "missing"}])
    assert (await world.row(id_)).state == "submitted"
    accepted = await world.act("supervisor", "infrared", id_, "accept", {"grade": "critical"})
    assert accepted["status"] == "applied", accepted
    row = await world.row(id_)
    assert (await world.row(row.facts["defect"])).body["grade"] == "critical"


async def test_where_the_rule_is_firm_nobody_sets_the_grade(world: World) -> None:
    clear, _ = await world.record("inspector", "infrared", infrared(world, hot=98.0))
    assert "defect" in (await world.row(clear)).facts
    refused = await world.act("supervisor", "infrared", clear, "accept", {"grade": "normal"})
    assert (refused["code"], refused["issues"][0]["path"]) == ("invalid", "grade")


async def test_an_amended_reading_is_decided_anew(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world, points=NEAR))
    await world.act("supervisor", "infrared", id_, "accept", {"grade": "general"})
    points = [{"label": "A相", "temp_c": 98.0}, {"label": "B相", "temp_c": 40.0}]
    amended = await world.act(
        "supervisor", "infrared", id_, "amend", {"reason": "读错", "changes": {"points": points}}
    )
    assert amended["status"] == "applied", amended
    row = await world.row(id_)
    assert row.facts["decided"] is None
    assert (await world.row(row.facts["defect"])).body["grade"] == "serious"


async def test_a_mended_record_keeps_its_one_defect_and_regrades_it(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    before = await world.row((await world.row(id_)).facts["defect"])
    assert before.body["grade"] == "serious"
    back = await world.act("supervisor", "infrared", id_, "return", {"reason": "A 相读数存疑"})
    assert back["status"] == "applied"
    points = [{"label": "A相", "temp_c": 115.0}, {"label": "B相", "temp_c": 60.0}]
    put = {"op": "put", "kind": "infrared", "id": id_, "base": 3, "data": {"points": points}}
    results = await world.push("inspector", put, world.event("infrared", id_, "submit"))
    assert [result["status"] for result in results] == ["applied", "applied"], results
    row = await world.row(id_)
    assert row.facts["defect"] == before.id
    after = await world.row(before.id)
    assert (after.state, after.body["grade"]) == ("open", "critical")
    job = await world.row(after.facts["repair"])
    assert (job.body["grade"], job.facts["clock"]["basis"]) == ("critical", "promise")


async def test_a_rejected_record_voids_its_defect_and_calls_the_crew_off(world: World) -> None:
    id_, _ = await world.record("manager", "infrared", infrared(world))
    defect = await world.row((await world.row(id_)).facts["defect"])
    await world.act("supervisor", "infrared", id_, "reject", {"reason": "拍错设备"})
    assert (await world.row(defect.id)).state == "void"
    assert (await world.row(defect.facts["repair"])).state == "cancelled"


async def test_a_normal_reading_opens_nothing(world: World) -> None:
    id_, submitted = await world.record("inspector", "infrared", infrared(world, hot=42.0))
    assert submitted["status"] == "applied"
    assert "defect" not in (await world.row(id_)).facts


async def test_a_hazard_opens_a_defect_with_its_own_deadline(world: World) -> None:
    body = {
        "unit": world.ids["station"],
        "meter_box": world.ids["box"],
        "items": ["MB-07", "MB-01"],
        "ownership": "utility",
        "found_at": world.now.isoformat(),
        "photos": [photo("overall")],
    }
    id_, submitted = await world.record("manager", "hazard", body)
    assert submitted["status"] == "applied"
    row = await world.row(id_)
    assert (row.facts["severity"], row.facts["control_needed"]) == (2, False)
    defect = await world.row(row.facts["defect"])
    assert (defect.body["grade"], defect.body["deadline_at"][:10]) == ("serious", "2026-12-01")
    job = await world.row(defect.facts["repair"])
    for made in (defect, job):
        assert re.search(r"[\u4e00-\u9fff]", made.body["title"])
        assert not re.search(r"[\u4e00-\u9fff]", made.body["title_en"])


async def test_a_record_without_its_two_pictures_is_not_submitted(world: World) -> None:
    _, submitted = await world.record("inspector", "infrared", infrared(world, photos=[photo("thermal")]))
    assert submitted["code"] == "invalid"
    assert submitted["issues"] == [{"path": "photos", "code": "visible_photo_needed"}]


async def test_a_recording_is_not_the_photo_that_a_hazard_needs(world: World) -> None:
    body = {
        "unit": world.ids["station"],
        "meter_box": world.ids["box"],
        "items": ["MB-02"],
        "ownership": "utility",
        "found_at": world.now.isoformat(),
        "photos": [photo("voice") | {"type": "audio/webm"}],
    }
    _, submitted = await world.record("inspector", "hazard", body)
    assert submitted["code"] == "invalid"
    assert submitted["issues"] == [{"path": "photos", "code": "photo_needed"}]


async def test_equipment_of_another_unit_is_refused(world: World) -> None:
    body = infrared(world, unit=world.ids["elsewhere"])
    _, submitted = await world.record("inspector", "infrared", body)
    assert submitted["code"] == "foreign_unit"


async def test_an_accepted_finding_is_confirmed_by_a_second_person_and_counts(world: World) -> None:
    violation = await proposed(world)
    row = await world.row(violation)
    assert (row.scope, row.state, row.body["proposed_points"]) == ("control", "proposed", 3)
    confirmed = await world.act("supervisor", "violation", violation, "confirm", {"note": "属实"})
    assert confirmed["status"] == "applied", confirmed
    facts = (await world.row(violation)).facts
    assert (facts["points"], facts["balance"], facts["to_cap"], facts["entry"]) == (3, 3, 9, 1)
    async with world.db.read() as conn:
        (line,) = await ledger.lines(conn, world.org)
        assert (await ledger.check(conn)).broken is None
    assert (line.person, line.points, line.hash) == (world.ids["crew"], 3, facts["hash"])


async def test_the_second_time_counts_double_and_the_chain_goes_on(world: World) -> None:
    for violation in [await proposed(world), await proposed(world)]:
        assert (await world.act("supervisor", "violation", violation, "confirm"))["status"] == "applied"
    facts = (await world.row(violation)).facts
    assert (facts["points"], facts["modifiers"], facts["balance"]) == (6, ["M1"], 9)
    async with world.db.read() as conn:
        first, second = await ledger.lines(conn, world.org)
    assert second.prev_hash == first.hash


async def test_a_violation_is_confirmed_once_only(world: World) -> None:
    violation = await proposed(world)
    assert (await world.act("supervisor", "violation", violation, "confirm"))["status"] == "applied"
    again = await world.act("supervisor2", "violation", violation, "confirm")
    assert again["code"] == "bad_transition"
    async with world.db.read() as conn:
        assert len(await ledger.lines(conn, world.org)) == 1


async def test_the_person_concerned_neither_confirms_nor_dismisses(world: World) -> None:
    violation = await proposed(world, person=world.ids["supervisor2"], unit=world.ids["county"])
    for event, data in (("confirm", {}), ("dismiss", {"reason": "不属实"})):
        refused = await world.act("supervisor2", "violation", violation, event, data)
        assert (refused["code"], refused["facts"]) == ("second_person_needed", {"role": "concerned"})
    assert (await world.row(violation)).state == "proposed"
    async with world.db.read() as conn:
        assert await ledger.lines(conn, world.org) == []


async def test_a_station_never_learns_of_the_check_but_the_person_gets_his_entry(world: World) -> None:
    draft, _ = await world.record("inspector", "finding", finding(world))
    for name in ("crew", "manager", "stranger"):
        assert draft not in await world.sees(name)
    violation = await proposed(world)
    await world.act("supervisor", "violation", violation, "confirm")
    for name in ("crew", "manager", "stranger"):
        seen = await world.sees(name)
        assert {change["kind"] for change in seen.values()} & {"finding", "violation"} == set()
        assert all(change["scope"] != "control" for change in seen.values())
    own = [change for change in (await world.sees("crew")).values() if change["kind"] == "entry"]
    assert [entry["data"]["points"] for entry in own] == [3]
    for name in ("manager", "stranger"):
        assert all(change["kind"] != "entry" for change in (await world.sees(name)).values())


@pytest.mark.parametrize("statement", ["update", "delete"])
async def test_the_database_itself_refuses_to_change_the_ledger(world: World, statement: str) -> None:
    await world.act("supervisor", "violation", await proposed(world), "confirm")
    change = sa.update(ledger_table).values(points=0) if statement == "update" else sa.delete(ledger_table)
    with pytest.raises(DBAPIError, match="append-only"):
        async with world.db.write() as conn:
            await conn.execute(change)


async def test_verify_finds_a_changed_or_removed_copy(world: World) -> None:
    await world.act("supervisor", "violation", await proposed(world), "confirm")
    async with world.db.read() as conn:
        (body,) = (await conn.execute(sa.select(record.c.body).where(record.c.kind == "entry"))).one()
    for at in range(0, len(body), 7):
        forged = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        async with world.db.write() as conn:
            await conn.execute(sa.update(record).where(record.c.kind == "entry").values(body=forged))
            broken = (await ledger.check(conn)).broken
        assert broken is not None, (at, forged)
        assert broken.why.startswith("copy_")
    async with world.db.write() as conn:
        await conn.execute(sa.update(record).where(record.c.kind == "entry").values(body=body, deleted=1))
        broken = (await ledger.check(conn)).broken
    assert broken is not None
    assert broken.why == "copy_missing"


async def test_verify_finds_any_flipped_byte_of_a_stored_line_even_one_that_is_no_text_any_more(
    world: World,
) -> None:
    if not world.db.sqlite:
        pytest.skip("PostgreSQL itself refuses to hold such a text")
    await world.act("supervisor", "violation", await proposed(world), "confirm")
    texts = [column.name for column in ledger_table.c if column.name not in {"n", "points"}]
    async with world.db.write() as conn:
        await conn.execute(sa.text("DROP TRIGGER ledger_no_update"))
        (whole,) = (await conn.execute(sa.select(ledger_table))).all()
    missed = []
    async with world.db.write() as conn:
        for name in texts:
            raw = str(whole._mapping[name]).encode()
            change = sa.text(f"UPDATE ledger SET {name} = CAST(:value AS TEXT)")
            for at in range(0, len(raw), 3):
                for mask in (0x01, 0x80):
                    forged = raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]
                    await conn.execute(change, {"value": forged})
                    if (await ledger.check(conn)).broken is None:
                        missed.append((name, at, mask))
            await conn.execute(change, {"value": raw})
            assert (await ledger.check(conn)).broken is None
        for name in ("n", "points"):
            await conn.execute(sa.text(f"UPDATE ledger SET {name} = {name} + 1"))
            assert (await ledger.check(conn)).broken is not None
            await conn.execute(sa.text(f"UPDATE ledger SET {name} = {name} - 1"))
    assert missed == []
