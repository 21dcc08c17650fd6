"""A working day of the app's own TypeScript code, recorded for good: `python -m tests.support.outboxes`.

Writes tests/vectors/outboxes/schema-<n>.json and tests/vectors/schemas/schema-<n>.json. Each release with a new
schema number records its own; a recorded file is never written again. The day is sent to later servers by
tests/integration/features/test_outboxes.py.
"""

import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.app import KINDS, build
from backend.settings import load
from sync import upcast
from sync.kinds import components, machine
from sync.push import Op
from tests.support import company
from tests.support.client import signed_in, uuid7
from tests.support.nodephone import NodePhone, Phones, phones
from tests.support.server import ROOT, Server

VECTORS = ROOT / "tests" / "vectors"
REFERENCE = ("unit", "person", "equipment", "meter_box")
PHOTOS_AWAY = ("/api/v1/photos", "/api/v1/uploads")  # the day's photos stay unsent: bytes belong to no outbox


def schemas() -> dict[str, Any]:
    """What apps of today may write: the kinds' state machines, the schemas of patches and event data."""
    return {
        "kinds": {name: machine(kind) for name, kind in KINDS.items()},
        "patches": {name: f"{kind.body.__name__}Patch" for name, kind in KINDS.items()},
        "bodies": {name: kind.body.__name__ for name, kind in KINDS.items()},
        "events": {
            f"{name}.{event.name}": event.data.__name__
            for name, kind in KINDS.items()
            for event in kind.events
        },
        "components": components(KINDS.values()),
    }


async def register(env: dict[str, str]) -> tuple[company.Company, str, str]:
    """A county with one clamp and one meter box."""
    made = await company.found(env)
    parts = build(load(env))
    now, station = datetime.now(UTC), made.stations[0]
    clamp, box = uuid7(), uuid7()
    bodies = [
        (
            "equipment",
            clamp,
            {
                "code": "CG-0001",
                "name": "10kV 城中线 3# 隔离开关",
                "unit": station,
                "line": "城中线",
                "type": "switch",
                "row": "C01",
                "voltage_kv": 10,
                "area_name": "丛台里台区",
                "owner": made.people["manager"],
            },
        ),
        (
            "meter_box",
            box,
            {
                "code": "JL-0001",
                "unit": station,
                "area_name": "丛台里台区",
                "address": "丛台里 3 号楼",
                "material": "metal",
                "positions": 6,
                "ownership": "utility",
            },
        ),
    ]
    try:
        async with parts.db.write() as conn:
            ops = [Op(op="put", kind=kind, id=id_, at=now, data=data) for kind, id_, data in bodies]
            await parts.engine.write(conn, made.org, uuid7(), now, ops, "test")
    finally:
        parts.passwords.close()
        await parts.db.close()
    return made, clamp, box


class Day:
    """People with phones; every push is kept in the order in which the server got it."""

    def __init__(self, running: Phones, url: str, made: company.Company, clamp: str, box: str) -> None:
        self.station = made.stations[0]
        self.people, self.clamp, self.box = made.people, clamp, box
        self.pushes: list[dict[str, Any]] = []
        self.inspector = self._phone(running, url, "inspector", "inspector")
        self.second = self._phone(running, url, "second", "inspector")  # the same person's other phone
        self.crew = self._phone(running, url, "crew", "crew")
        self.manager = self._phone(running, url, "manager", "manager")
        self.supervisor = self._phone(running, url, "supervisor", "supervisor")
        self.deputy = self._phone(running, url, "deputy", "supervisor")
        everyone = (self.inspector, self.second, self.crew, self.manager, self.supervisor, self.deputy)
        self.sync(*everyone)

    def _phone(self, running: Phones, url: str, name: str, login: str) -> NodePhone:
        phone = running.open(name, url, login)
        phone.net(down=PHOTOS_AWAY)
        return phone

    def sync(self, *on: NodePhone) -> None:
        for phone in on:
            phone.sync()
            for asked in phone.requests():
                if asked["path"] == "/api/v1/sync/push":
                    assert asked["status"] == 200, asked
                    answer = json.loads(asked["answer"])
                    sent = json.loads(asked["sent"])
                    self.pushes.append(
                        {
                            "person": phone.person,
                            "now": answer["now"],
                            "sent": sent,
                            "results": answer["results"],
                        }
                    )

    def infrared(self, on: NodePhone, hot: float, mark: str) -> dict[str, Any]:
        return {
            "unit": self.station,
            "equipment": self.clamp,
            "taken_at": now(),
            "row": "C01",
            "points": [{"label": "A相", "temp_c": hot}, {"label": "B相", "temp_c": 40.0}],
            "ambient_c": 30.0,
            "load_a": 120,
            "rated_a": 200,
            "emissivity": 0.92,
            "distance_m": 6,
            "humidity_pct": 41,
            "wind_m_s": 0.4,
            "weather": "overcast",
            "camera": "FLIR T640",
            "note": f"引流线夹 {mark}",
            "photos": [on.attach(f"{mark} {role}".encode(), role) for role in ("thermal", "visible")],
        }

    def hazard(self, on: NodePhone, mark: str) -> dict[str, Any]:
        return {
            "unit": self.station,
            "meter_box": self.box,
            "items": ["MB-07", "MB-01"],
            "ownership": "utility",
            "found_at": now(),
            "controlled": True,
            "note": mark,
            "photos": [on.attach(mark.encode(), "overall")],
        }

    def finding(self, on: NodePhone, mark: str) -> dict[str, Any]:
        return {
            "unit": self.station,
            "visit": "unannounced",
            "item": "QX-01",
            "catalogue": "2026.11",
            "person": self.people["crew"],
            "happened_at": now(),
            "place": "城关营业厅",
            "fact": f"到达现场 57 分钟 {mark}",
            "complaint": False,
            "self_reported": False,
            "photos": [on.attach(mark.encode(), "evidence")],
        }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def work(day: Day) -> None:
    """Every kind, every event that a person may send, each way an answer can turn out."""
    reviewed(day)
    repaired(day)
    counted(day)
    disagreed(day)


def reviewed(day: Day) -> None:
    """Records accepted, returned and mended, rejected; a draft thrown away."""
    inspector, supervisor = day.inspector, day.supervisor
    bodies = {
        "infrared": lambda mark: day.infrared(inspector, 85.0, mark),
        "hazard": lambda mark: day.hazard(inspector, mark),
        "finding": lambda mark: day.finding(inspector, mark),
    }
    for kind, body in bodies.items():
        good, wrong = (
            inspector.save(kind, body(f"{kind} {mark}"), event="submit") for mark in ("good", "wrong")
        )
        inspector.save(kind, {"unit": day.station})  # a draft that stays one
        thrown = inspector.save(kind, {"unit": day.station})
        day.sync(inspector, supervisor)
        inspector.remove(kind, thrown)
        supervisor.act(kind, good, "accept", {"note": "清楚"})
        supervisor.act(kind, wrong, "return", {"reason": "照片模糊", "fields": ["photos"]})
        day.sync(inspector, supervisor, inspector)
        text = "fact" if kind == "finding" else "note"
        inspector.save(kind, {text: "已补拍"}, record=wrong, event="submit")
        day.sync(inspector, supervisor)
        supervisor.act(kind, wrong, "reject", {"reason": "不属实"})
        day.sync(supervisor, inspector)


def made(phone: NodePhone, kind: str, **by: str) -> str:
    """The record that the server made from another one."""
    found = [
        row["id"]
        for row in phone.base(kind).values()
        if row["state"] not in ("void", "cancelled")
        and all(row["data"].get(field) == id_ for field, id_ in by.items())
    ]
    return str(sorted(found)[-1])


def repaired(day: Day) -> None:
    """A critical clamp, its job with all milestones, returned and done again, re-checked twice."""
    crew, inspector, supervisor = day.crew, day.inspector, day.supervisor
    source = inspector.save("infrared", day.infrared(inspector, 112.0, "critical"), event="submit")
    day.sync(inspector, crew)
    defect = made(crew, "defect", source=source)
    for turn in ("first", "second"):
        day.sync(crew)
        job = made(crew, "repair", defect=defect)
        place = {"lat": 36.6, "lon": 114.5, "accuracy_m": 8.0}
        crew.act("repair", job, "receive")
        crew.act("repair", job, "arrive", place, photos=[crew.attach(f"arrive {turn}".encode(), "arrive")])
        day.sync(crew)
        crew.act("repair", job, "locate", {"cause": "接头松动"}, photos=[])
        crew.act("repair", job, "repair", {"measure": "更换线夹"})
        after = crew.attach(f"after {turn}".encode(), "after")
        crew.act("repair", job, "restore", {"note": "已送电"}, photos=[after])
        day.sync(crew, supervisor)
        if turn == "first":
            supervisor.act("repair", job, "return", {"reason": "照片不清"})
            day.sync(supervisor, crew)
            crew.act("repair", job, "restore", photos=[crew.attach(b"after again", "after")])
            day.sync(crew, supervisor)
        supervisor.act("repair", job, "accept", {"note": "合格"})
        day.sync(supervisor, inspector)
        outcome = ("recheck_fail", {"reason": "仍然发热"}) if turn == "first" else ("recheck_pass", {})
        inspector.act("defect", defect, *outcome)
        day.sync(inspector)


def counted(day: Day) -> None:
    """A violation confirmed, one dismissed."""
    inspector, supervisor = day.inspector, day.supervisor
    for mark, decision, data in (
        ("true", "confirm", {"note": "属实"}),
        ("untrue", "dismiss", {"reason": "不可抗力"}),
    ):
        finding = inspector.save("finding", day.finding(inspector, f"counted {mark}"), event="submit")
        day.sync(inspector, supervisor)
        supervisor.act("finding", finding, "accept")
        day.sync(supervisor)
        supervisor.act("violation", made(supervisor, "violation", finding=finding), decision, data)
        day.sync(supervisor)


def disagreed(day: Day) -> None:
    """The register edited by two, one draft on two phones, what is refused."""
    inspector, second, manager = day.inspector, day.second, day.manager
    day.sync(inspector, second, manager)
    inspector.save("equipment", {"line": "邯东线"}, record=day.clamp)
    manager.save("equipment", {"rated_a": 630, "line": "丛台线"}, record=day.clamp)  # conflict
    inspector.save("meter_box", {"seal": "A-1"}, record=day.box)
    manager.save("meter_box", {"positions": 8}, record=day.box)  # merged
    day.sync(inspector, manager)
    box = {"code": "JL-0002", "unit": day.station, "area_name": "丛台里台区", "address": "4 号楼"}
    manager.save("meter_box", {**box, "material": "plastic", "positions": 4, "ownership": "property"})
    manager.save("equipment", {"code": "CG-0002", "unit": day.station})  # incomplete: refused
    day.sync(manager)

    draft = inspector.save("finding", {"unit": day.station, "photos": [inspector.attach(b"one", "evidence")]})
    day.sync(inspector, second)
    both = second.record("finding", draft)
    assert both is not None
    photos = [*both["data"]["photos"], second.attach(b"two", "evidence")]
    second.save("finding", {"place": "二楼", "photos": photos}, record=draft)
    one = inspector.record("finding", draft)
    assert one is not None
    inspector.save(
        "finding",
        {"fact": "一楼", "photos": [*one["data"]["photos"], inspector.attach(b"three", "evidence")]},
        record=draft,
    )
    day.sync(second, inspector)  # both sets of photos stay
    day.sync(second)
    second.save("finding", {"place": "三楼"}, record=draft)
    inspector.remove("finding", draft)
    day.sync(second, inspector)  # a delete that had not seen an edit

    empty = inspector.save("infrared", {"unit": day.station}, event="submit")  # refused: nothing measured
    day.sync(inspector)
    inspector.save("infrared", {"note": "稍后补测"}, record=empty)
    day.sync(inspector)
    # Two supervisors' phones decide about one record: the second comes too late.
    other = inspector.save("hazard", day.hazard(inspector, "twice"), event="submit")
    day.sync(inspector, day.supervisor, day.deputy)
    day.supervisor.act("hazard", other, "accept")
    day.deputy.act("hazard", other, "return", {"reason": "晚了"})
    day.sync(day.supervisor, day.deputy)


def record() -> None:
    schema = upcast.current(KINDS)
    target = VECTORS / "outboxes" / f"schema-{schema}.json"
    shapes = VECTORS / "schemas" / f"schema-{schema}.json"
    if target.exists() or shapes.exists():
        raise SystemExit(f"schema {schema} is recorded already, and a record is kept for good")
    with tempfile.TemporaryDirectory() as folder, phones() as running:
        server = Server(Path(folder) / "data").prepare()
        server.start()
        try:
            env = {k: v for k, v in server.env.items() if k.startswith("MINGCHA_")}
            found, clamp, box = asyncio.run(register(env))
            with signed_in(server.url, "admin") as admin:
                reference = {id_: row for id_, row in admin.records().items() if row["kind"] in REFERENCE}
            day = Day(running, server.url, found, clamp, box)
            work(day)
            stored = asyncio.run(rows(env, found.org))
        finally:
            server.kill()
    recorded = {
        "schema": schema,
        "org": found.org,
        "reference": [
            {"id": id_, "kind": row["kind"], "data": row["data"], "at": row["at"]}
            for id_, row in reference.items()
        ],
        "pushes": day.pushes,
        "stored": {id_: row for id_, row in stored.items() if id_ not in reference or row["rev"] > 1},
    }
    target.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + "\n", "utf-8")
    shapes.write_text(json.dumps(schemas(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    sent = sum(len(push["sent"]["ops"]) for push in day.pushes)
    print(f"recorded {sent} operations in {len(day.pushes)} pushes, {len(stored)} records")


async def rows(env: dict[str, str], org: str) -> dict[str, dict[str, Any]]:
    """All records as stored."""
    import sqlalchemy as sa

    from sync import store
    from sync.tables import record as table

    parts = build(load(env))
    try:
        async with parts.db.read() as conn:
            ids = list(await conn.scalars(sa.select(table.c.id).where(table.c.org == org)))
            found = await store.load(conn, org, ids)
    finally:
        parts.passwords.close()
        await parts.db.close()
    return {id_: outcome(row) for id_, row in found.items()}


def outcome(row: Any) -> dict[str, Any]:
    """What of a stored record the replay must find again."""
    return {
        "kind": row.kind,
        "state": row.state,
        "rev": row.rev,
        "deleted": row.deleted,
        "author": row.author,
        "scope": row.scope,
        "body": row.body,
        "log": [entry.type for entry in row.log],
        "missing": sorted(row.missing),
    }


if __name__ == "__main__":
    record()
