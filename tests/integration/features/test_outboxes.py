"""The recorded working day of each released app, sent to today's server: it is stored as it was that day."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend import evidence
from backend.access.scope import scopes
from backend.app import KINDS
from backend.clock import new_id
from backend.db import Database
from backend.feature import reactions
from backend.features import FEATURES
from sync import store
from sync.caller import Caller
from sync.push import Engine, Op
from sync.tables import record
from tests.support.outboxes import outcome

OUTBOXES = sorted((Path(__file__).parents[2] / "vectors" / "outboxes").glob("schema-*.json"))
# How a record that the server made names the one it was made from: its own id is new in each run.
MADE_FROM = {"defect": "source", "repair": "defect", "violation": "finding", "entry": "violation"}


class Replay:
    """One recorded day against a fresh database."""

    def __init__(self, db: Database, recorded: dict[str, Any]) -> None:
        self.db = db
        self.recorded = recorded
        self.engine = Engine(kinds=KINDS, reactions=reactions(FEATURES), on_write=evidence.on_write)
        self.ids: dict[str, str] = {}  # recorded id → id of this run, for what the server made
        self.units = {r["id"]: r["data"].get("parent") for r in self._reference("unit")}
        self.people = {r["id"]: r["data"] for r in self._reference("person")}

    def _reference(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.recorded["reference"] if row["kind"] == kind]

    async def begin(self) -> None:
        at = datetime.fromisoformat(self.recorded["reference"][0]["at"])
        ops = [
            Op(op="put", kind=r["kind"], id=r["id"], at=at, data=r["data"])
            for r in self.recorded["reference"]
        ]
        async with self.db.write() as conn:
            await store.create_org(conn, self.recorded["org"])
            results = await self.engine.write(conn, self.recorded["org"], new_id(at), at, ops, "test")
        assert {result.status for result in results} == {"applied"}

    def caller(self, person: str) -> Caller:
        body = self.people[person]
        return Caller(
            org=self.recorded["org"],
            person=person,
            name=body["name"],
            roles=frozenset(body["roles"]),
            scopes=scopes(person, body["unit"], body["roles"], self.units),
        )

    def today(self, value: Any) -> Any:
        """A recorded value with the ids of this run."""
        text = json.dumps(value)
        for old, new in self.ids.items():
            text = text.replace(old, new)
        return json.loads(text)

    async def push(self, push: dict[str, Any]) -> list[dict[str, Any]]:
        at = datetime.fromisoformat(push["now"])
        sent, person = self.today(push["sent"]), push["person"]
        async with self.db.write() as conn:
            await store.register_device(conn, self.recorded["org"], person, sent["device"], "phone", "1", at)
            answer = await self.engine.push(conn, self.caller(person), at, msgspec.json.encode(sent))
        await self._match()
        return [msgspec.json.decode(result) for result in answer.results]

    async def rows(self) -> dict[str, dict[str, Any]]:
        async with self.db.read() as conn:
            ids = list(await conn.scalars(record.select().with_only_columns(record.c.id)))
            found = await store.load(conn, self.recorded["org"], ids)
        return {id_: outcome(row) for id_, row in found.items()}

    async def _match(self) -> None:
        """Finds what the server has made since, by what it was made from, in the order in which it was made."""
        made = await self.rows()
        for kind, field in MADE_FROM.items():
            was = self._by_source(self.recorded["stored"], kind, field)
            now = self._by_source(made, kind, field)
            for source, ids in was.items():
                for old, new in zip(ids, now.get(self.ids.get(source, source), []), strict=False):
                    self.ids[old] = new

    @staticmethod
    def _by_source(rows: dict[str, Any], kind: str, field: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for id_ in sorted(rows):
            if rows[id_]["kind"] == kind:
                found.setdefault(rows[id_]["body"][field], []).append(id_)
        return found


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """As JSON keeps it; the ledger's hashes run over ids that are new in each run."""
    decoded: dict[str, Any] = json.loads(json.dumps(row))
    if decoded["kind"] == "entry":
        decoded["body"] = {k: v for k, v in decoded["body"].items() if k not in ("hash", "prev_hash")}
    return decoded


@pytest.mark.parametrize("path", OUTBOXES, ids=lambda path: path.stem)
async def test_the_outbox_of_a_released_app_is_stored_as_it_was_on_its_day(
    path: Path, migrated_url: str
) -> None:
    recorded = json.loads(path.read_text("utf-8"))
    db = Database(migrated_url)
    try:
        replay = Replay(db, recorded)
        await replay.begin()
        for push in recorded["pushes"]:
            results = await replay.push(push)
            was = [(r["n"], r["status"], r.get("code"), r.get("rev")) for r in push["results"]]
            assert [(r["n"], r["status"], r.get("code"), r.get("rev")) for r in results] == was, push
        stored = await replay.rows()
        for id_, row in recorded["stored"].items():
            assert plain(stored[replay.ids.get(id_, id_)]) == replay.today(plain(row)), id_
        untouched = {r["id"] for r in recorded["reference"]} - recorded["stored"].keys()
        assert len(stored) == len(recorded["stored"]) + len(untouched)
    finally:
        await db.close()


@pytest.mark.parametrize("path", OUTBOXES, ids=lambda path: path.stem)
def test_the_recorded_day_has_every_kind_and_event_that_a_phone_may_send(path: Path) -> None:
    recorded = json.loads(path.read_text("utf-8"))
    shapes = json.loads((path.parents[1] / "schemas" / path.name).read_text("utf-8"))
    sent = [
        (op["kind"], op.get("type") or op["op"], result["status"])
        for push in recorded["pushes"]
        for op, result in zip(push["sent"]["ops"], push["results"], strict=True)
    ]
    taken = {(kind, what) for kind, what, status in sent if status != "rejected"}
    events = {
        (kind, event["name"])
        for kind, machine in shapes["kinds"].items()
        for event in machine["events"]
        if event["roles"] != ["system"]
    }
    written = {(k, "put") for k, m in shapes["kinds"].items() if m["merge"] in ("draft", "fields")}
    thrown = {(k, "delete") for k, m in shapes["kinds"].items() if m["merge"] == "draft"}
    assert taken >= events | written | thrown
    assert {status for _, _, status in sent} == {"applied", "merged", "conflict", "rejected"}
    assert any(row["missing"] for row in recorded["stored"].values())  # photos not yet sent
