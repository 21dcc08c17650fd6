"""A county in a fresh database of each engine; people act through the real engine, reactions and all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from backend.access.scope import scopes
from backend.app import KINDS
from backend.clock import new_id
from backend.db import Database
from backend.feature import reactions
from backend.features import FEATURES
from backend.lists import keep
from sync import store
from sync.caller import Caller
from sync.push import Engine, Op, Row

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ROLES = {
    "inspector": ("county", "inspector"),
    "supervisor": ("county", "supervisor"),
    "supervisor2": ("county", "supervisor"),
    "leader": ("county", "leader"),
    "auditor": ("county", "auditor"),
    "admin": ("county", "admin"),
    "crew": ("station", "crew"),
    "manager": ("station", "manager"),
    "stranger": ("elsewhere", "manager"),
}


@dataclass
class World:
    """`ids` by name; `now` is the server's clock, moved by the tests."""

    db: Database
    engine: Engine
    org: str = field(default_factory=lambda: new_id(NOW))
    ids: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    now: datetime = NOW

    def caller(self, name: str) -> Caller:
        unit, role = ROLES[name]
        parents: dict[str, str | None] = {self.ids["county"]: None}
        parents |= {self.ids[key]: self.ids["county"] for key in ("station", "elsewhere")}
        person = self.ids[name]
        return Caller(
            org=self.org,
            person=person,
            name=name,
            roles=frozenset({role}),
            scopes=scopes(person, self.ids[unit], [role], parents),
        )

    async def push(self, name: str, *ops: dict[str, Any], at: datetime | None = None) -> list[dict[str, Any]]:
        """Sends operations from the person's own phone; answers the results."""
        device = self.ids.setdefault(f"device-{name}", new_id(self.now))
        async with self.db.write() as conn:
            await store.register_device(conn, self.org, self.ids[name], device, "phone", "1", self.now)
            first = self.numbers.get(name, 0) + 1
            self.numbers[name] = first + len(ops) - 1
            sent = [{"n": first + i, "at": (at or self.now).isoformat(), **op} for i, op in enumerate(ops)]
            raw = {"device": device, "schema": 1, "sent_at": self.now.isoformat(), "ops": sent}
            answer = await self.engine.push(conn, self.caller(name), self.now, msgspec.json.encode(raw))
        return [msgspec.json.decode(result) for result in answer.results]

    async def record(self, name: str, kind: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Puts and submits a record; answers its id and the result of the submission."""
        id_ = new_id(self.now)
        put = {"op": "put", "kind": kind, "id": id_, "data": body}
        first, second = await self.push(name, put, self.event(kind, id_, "submit"))
        assert first["status"] == "applied", first
        return id_, second

    def event(self, kind: str, id_: str, name: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        return {
            "op": "event",
            "kind": kind,
            "id": new_id(self.now),
            "subject": id_,
            "type": name,
            "data": data or {},
        }

    async def act(
        self,
        name: str,
        kind: str,
        id_: str,
        event: str,
        data: dict[str, Any] | None = None,
        at: datetime | None = None,
    ) -> dict[str, Any]:
        """One event; answers its result."""
        return (await self.push(name, self.event(kind, id_, event, data), at=at))[0]

    async def row(self, id_: str) -> Row:
        async with self.db.read() as conn:
            return (await store.load(conn, self.org, [id_]))[id_]

    async def sees(self, name: str) -> dict[str, dict[str, Any]]:
        """Everything that the person's phone gets from nothing, by id."""
        async with self.db.read() as conn:
            page = await self.engine.pull(conn, self.caller(name), self.now, None, 1000, 1)
        assert page is not None
        changes = msgspec.json.decode(msgspec.json.encode(page))["changes"]
        return {change["id"]: change for change in changes if "gone" not in change}

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


def photo(role: str, mark: str = "a") -> dict[str, Any]:
    return {
        "sha256": mark * 64,
        "size": 1000,
        "type": "image/jpeg",
        "role": role,
        "taken_at": NOW.isoformat(),
    }


@pytest.fixture
async def world(migrated_url: str) -> AsyncIterator[World]:
    db = Database(migrated_url)
    engine = Engine(kinds=KINDS, reactions=reactions(FEATURES), on_write=keep.on_write)
    made = World(db, engine)
    bodies: list[tuple[str, str, dict[str, Any]]] = []
    for key, area in (("county", "urban"), ("station", "rural"), ("elsewhere", "urban")):
        made.ids[key] = new_id(NOW)
        level = "county" if key == "county" else "station"
        parent = {} if key == "county" else {"parent": made.ids["county"]}
        bodies.append(("unit", key, {"name": key, "level": level, "area": area, **parent}))
    for name, (unit, role) in ROLES.items():
        made.ids[name] = new_id(NOW)
        body = {"name": name, "unit": made.ids[unit], "post": role, "roles": [role]}
        bodies.append(("person", name, body))
    made.ids["clamp"], made.ids["box"] = new_id(NOW), new_id(NOW)
    clamp = {
        "code": "CG-0001",
        "name": "10kV 城中线 3# 隔离开关",
        "unit": made.ids["station"],
        "line": "城中线",
        "type": "switch",
        "row": "C01",
        "voltage_kv": 10,
        "area_name": "丛台里台区",
        "owner": made.ids["manager"],
    }
    box = {
        "code": "JL-0001",
        "unit": made.ids["station"],
        "area_name": "丛台里台区",
        "address": "丛台里 3 号楼",
        "material": "metal",
        "positions": 6,
        "ownership": "utility",
    }
    bodies += [("equipment", "clamp", clamp), ("meter_box", "box", box)]
    ops = [Op(op="put", kind=kind, id=made.ids[key], at=NOW, data=body) for kind, key, body in bodies]
    async with db.write() as conn:
        await store.create_org(conn, made.org)
        results = await engine.write(conn, made.org, made.ids["county"], NOW, ops, "test")
    assert all(result.status == "applied" for result in results), results
    try:
        yield made
    finally:
        await db.close()
