"""A demo company, written through the same engine and stores as everything else."""

from __future__ import annotations

import heapq
import random
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Protocol

import sqlalchemy as sa

from backend import catalogue
from backend.access import accounts
from backend.access.passwords import Passwords
from backend.clock import Clock, new_id
from backend.db import Database
from backend.demo import company
from backend.demo.cases import CONDUIT, FINDINGS, HAZARDS, INFRARED, MENDED, Finding, Hazard, Infrared
from backend.demo.company import Company
from backend.features.infrared.service import undecided
from media.service import Media
from sync import store
from sync.push import Engine, Op, Row
from sync.tables import org as org_table

_BATCH = 200
_TYPES = {"jpg": "image/jpeg", "heic": "image/heic"}
_MILESTONES = ("receive", "arrive", "locate", "repair", "restore")
_MINUTES = (9, 22, 18, 45, 12)  # from one milestone to the next
_CREWS = {"chengguan": "qiangxiu", "beiguan": "qiangxiu2"}

Steps = AsyncGenerator[datetime, None]


class Parts(Protocol):
    """What of the application is needed here."""

    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def media(self) -> Media: ...
    @property
    def passwords(self) -> Passwords: ...


async def fill(parts: Parts, *, if_empty: bool) -> int:
    """Makes the company; 1 when there is one already, 0 with `if_empty`."""
    async with parts.db.read() as conn:
        there = await conn.scalar(sa.select(org_table.c.id).limit(1))
    if there is None:
        made = await _Demo(parts).make()
        sys.stdout.write(f"demo company: {made}\n")
    elif not if_empty:
        sys.stderr.write("mingcha: there is a company already\n")
        return 1
    sys.stdout.write(f"demo accounts (password {company.PASSWORD}):\n")
    for login, name, _, post, roles in company.PEOPLE:
        sys.stdout.write(f"  {login:<12}{', '.join(roles):<12}{name} {post}\n")
    return 0


class _Demo:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.now = parts.clock()
        self.at = self.now - timedelta(days=30)  # when the step being written happened
        self.used = Counter[str]()
        self.rng = random.Random(2134)  # noqa: S311 - the same company every time
        self.company = Company(org=new_id(self.at))
        self.names = {login: name for login, name, *_ in company.PEOPLE}

    async def make(self) -> str:
        hashed = await self.parts.passwords.hash(company.PASSWORD)
        async with self.parts.db.write() as conn:
            await store.create_org(conn, self.company.org)
        await self._units_and_people(hashed)
        await self._register()
        records = await self._records()
        return (
            f"{len(self.company.units)} units, {len(company.PEOPLE)} people, {company.EQUIPMENT} pieces of "
            f"equipment, {company.METER_BOXES} meter boxes, {records} records"
        )

    async def _write(self, by: str, ops: Sequence[Op]) -> None:
        """One transaction, as the person `by` (a login) or the system."""
        person = self.company.people.get(by, self.company.org)
        async with self.parts.db.write() as conn:
            results = await self.parts.engine.write(
                conn, self.company.org, person, self.at, ops, self.names.get(by, "")
            )
        for op, result in zip(ops, results, strict=True):
            if result.status == "rejected":
                raise RuntimeError(f"demo {op.kind} {op.type}: {result.code} {result.issues} {result.facts}")

    def _put(self, kind: str, data: dict[str, Any], author: str | None = None) -> Op:
        return Op(op="put", kind=kind, id=new_id(self.at), at=self.at, data=data, author=author)

    async def _units_and_people(self, hashed: str) -> None:
        county = self._put(
            "unit",
            {"name": "明察县供电公司", "name_en": "Mingcha County Power", "level": "county", "area": "urban"},
        )
        self.company.units["county"] = county.id
        ops = [county]
        body: dict[str, Any]
        for key, name, english, area in company.STATIONS:
            body = {"name": name, "name_en": english, "level": "station", "area": area, "parent": county.id}
            ops.append(self._put("unit", body))
            self.company.units[key] = ops[-1].id
        await self._write("", ops)
        people = []
        for login, name, unit, post, roles in company.PEOPLE:
            body = {"name": name, "unit": self.company.units[unit], "post": post, "roles": roles}
            people.append(self._put("person", body))
            self.company.people[login] = people[-1].id
        await self._write("", people)
        async with self.parts.db.write() as conn:
            for login, _, _, _, roles in company.PEOPLE:
                await accounts.create(
                    conn,
                    self.now,
                    org=self.company.org,
                    person=self.company.people[login],
                    login=login,
                    password_hash=hashed,
                    roles=roles,
                )

    async def _register(self) -> None:
        owners = {"chengguan": "taiqu", "beiguan": "taiqu2", "nanguan": "yingye"}
        keys = [key for key, *_ in company.STATIONS]
        ops = []
        for kind, count, make, found in (
            ("equipment", company.EQUIPMENT, company.equipment, self.company.equipment),
            ("meter_box", company.METER_BOXES, company.meter_box, self.company.boxes),
        ):
            for i in range(count):
                key = keys[i % len(keys)]
                owner = self.company.people[owners[key]]
                body = make(self.rng, key, self.company.units[key], owner, i // len(keys))
                ops.append(self._put(kind, body))
                found.setdefault(key, []).append((ops[-1].id, body))
        for at in range(0, len(ops), _BATCH):
            await self._write("", ops[at : at + _BATCH])

    # --- records -----------------------------------------------------------------------------------------

    async def _photo(
        self, by: str, path: str, role: str, at: datetime, place: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Stores a real photo of the package, at the place of an asset, and gives the reference to it."""
        data = (files("backend.demo") / "photos").joinpath(*path.split("/")).read_bytes()
        self.used[path] += 1
        if self.used[path] > 1:
            data = another(data, self.used[path])
        sha256 = await self.parts.media.add(self.company.org, self.company.people[by], data)
        photo = {
            "sha256": sha256,
            "size": len(data),
            "type": _TYPES[path.rsplit(".", 1)[-1]],
            "role": role,
            "taken_at": _text(at),
            "name": path.rsplit("/", 1)[-1],
            "origin": "import" if role == "thermal" else "camera",
        }
        if place:
            photo |= {"lat": place["lat"], "lon": place["lon"], "accuracy_m": 6.0}
        return photo

    async def _event(
        self, kind: str, id_: str, name: str, login: str, data: dict[str, Any] | None = None
    ) -> None:
        op = Op(
            op="event", kind=kind, id=new_id(self.at), subject=id_, type=name, at=self.at, data=data or {}
        )
        await self._write(login, [op])

    async def _row(self, id_: str) -> Row:
        async with self.parts.db.read() as conn:
            return (await store.load(conn, self.company.org, [id_]))[id_]

    async def _records(self) -> int:
        """Writes all cases as if they had happened when they say, step by step in the order of time."""
        cases = [
            *(self._infrared(i, case) for i, case in enumerate(INFRARED)),
            *(self._hazard(i, case) for i, case in enumerate(HAZARDS)),
            *(self._finding(case) for case in FINDINGS),
            self._draft(),
        ]
        waiting = [(await anext(case), i, case) for i, case in enumerate(cases)]
        heapq.heapify(waiting)
        while waiting:
            self.at, i, case = heapq.heappop(waiting)
            until = await anext(case, None)
            if until is not None and until <= self.now:
                heapq.heappush(waiting, (until, i, case))
        return len(cases)

    async def _draft(self) -> Steps:
        yield self.now - timedelta(minutes=40)
        body = {"unit": self.company.units["beiguan"], "row": "C02", "note": "待补测点与照片"}
        await self._write("duchayuan", [self._put("infrared", body, self.company.people["duchayuan"])])

    async def _infrared(self, i: int, case: Infrared) -> Steps:
        equipment, register = self.company.equipment[case.station][i * len(company.TYPES) + case.type]
        at = self.now - timedelta(hours=case.ago)
        yield at
        body = {
            "unit": self.company.units[case.station],
            "equipment": equipment,
            "taken_at": _text(at),
            "row": register["row"],
            "points": [{"label": f"{p} 相", "temp_c": c} for p, c in zip("ABC", case.temps, strict=True)],
            "ambient_c": case.ambient,
            "emissivity": 0.9,
            "distance_m": 5.0,
            "humidity_pct": 48.0,
            "wind_m_s": 1.2,
            "weather": "cloudy",
            "camera": "FLIR T640",
            "photos": [await self._photo("duchayuan", case.thermal, "thermal", at, register)]
            + [
                await self._photo("duchayuan", f"cabinet/{p}.jpg", "visible", at, register)
                for p in case.photos
            ],
        }
        if "rated_a" in register:
            body |= {"load_a": float(case.load), "rated_a": float(register["rated_a"])}
        if case.note:
            body["note"] = case.note
        made = self._put("infrared", body, self.company.people["duchayuan"])
        async for until in self._course(
            made, "duchayuan", case.end, case.why, case.station, case.job, register
        ):
            yield until

    async def _hazard(self, i: int, case: Hazard) -> Steps:
        box, register = self.company.boxes[case.station][i]
        at = self.now - timedelta(hours=case.ago)
        yield at
        body = {
            "unit": self.company.units[case.station],
            "meter_box": box,
            "items": list(case.items),
            "ownership": register["ownership"],
            "found_at": _text(at),
            "controlled": case.controlled,
            "note": case.note,
            "photos": [
                await self._photo(
                    "duchayuan2", path if "/" in path else f"cabinet/{path}.jpg", role, at, register
                )
                for path, role in case.photos
            ],
        }
        made = self._put("hazard", body, self.company.people["duchayuan2"])
        async for until in self._course(
            made, "duchayuan2", case.end, case.why, case.station, case.job, register
        ):
            yield until

    async def _finding(self, case: Finding) -> Steps:
        at = self.now - timedelta(hours=case.ago)
        yield at
        body = {
            "unit": self.company.units[case.station],
            "visit": "unannounced",
            "place": case.place,
            "item": case.item,
            "catalogue": catalogue.edition_at(at).version,
            "happened_at": _text(at),
            "fact": case.fact,
            "complaint": case.complaint,
            "self_reported": case.self_reported,
            "photos": [await self._photo("duchayuan", case.photo, "evidence", at)],
        }
        if case.person:
            body["person"] = self.company.people[case.person]
        made = self._put("finding", body, self.company.people["duchayuan"])
        end = "accept" if case.end in ("confirm", "dismiss") else case.end
        why = "" if end == "accept" else case.why
        async for until in self._course(made, "duchayuan", end, why, case.station):
            yield until
        if case.end in ("confirm", "dismiss"):
            yield self.at + timedelta(hours=4)
            violation = (await self._row(made.id)).facts["violation"]
            said = {"reason": case.why} if case.end == "dismiss" else {}
            await self._event("violation", violation, case.end, "zhuguan2", said)

    async def _course(
        self,
        made: Op,
        by: str,
        end: str,
        why: str,
        station: str,
        job: str = "",
        place: Mapping[str, Any] | None = None,
    ) -> Steps:
        """Submits, has the crew work up to the milestone `job`, and decides; yields when it wants to go on."""
        await self._write(by, [made])
        yield self.at + timedelta(minutes=6)
        await self._event(made.kind, made.id, "submit", by)
        judgement = (await self._row(made.id)).facts.get("judgement")
        if job:
            async for until in self._repair(made, station, job, place or {}):
                yield until
        if end != "submit":
            yield self.at + timedelta(hours=2)
            said: dict[str, Any] = {"reason": why} if why else {}
            if end == "accept" and judgement and undecided(judgement):
                said["grade"] = judgement["grade"]
            await self._event(made.kind, made.id, end, "zhuguan", said)

    async def _repair(self, made: Op, station: str, job: str, place: Mapping[str, Any]) -> Steps:
        """The milestones of the job that the record's defect made; `accept` and `return` are the supervisor's."""
        crew = _CREWS[station]
        repair = (await self._row((await self._row(made.id)).facts["defect"])).facts["repair"]
        cause, measure = MENDED[made.kind]
        last = _MILESTONES.index(job) if job in _MILESTONES else len(_MILESTONES) - 1
        for name, minutes in zip(_MILESTONES[: last + 1], _MINUTES, strict=False):
            yield self.at + timedelta(minutes=minutes)
            said: dict[str, Any] = {}
            if name == "arrive":
                photo = await self._photo(crew, "cabinet/site.jpg", "before", self.at, place)
                said = {"lat": place["lat"], "lon": place["lon"], "accuracy_m": 8.0, "photos": [photo]}
            elif name == "locate":
                said = {"cause": cause}
            elif name == "repair":
                photo = await self._photo(crew, "cabinet/terminals.jpg", "during", self.at, place)
                said = {"measure": measure, "photos": [photo]}
            elif name == "restore":
                after = CONDUIT if made.kind == "infrared" else "cabinet/box.jpg"
                said = {"photos": [await self._photo(crew, after, "after", self.at, place)]}
            await self._event("repair", repair, name, crew, said)
        if job in ("accept", "return"):
            yield self.at + timedelta(hours=3)
            said = {"reason": "看不到修复后的状态，请补拍修后照片。"} if job == "return" else {}
            await self._event("repair", repair, job, "zhuguan", said)


def _text(moment: datetime) -> str:
    return moment.astimezone(catalogue.ZONE).isoformat()


def another(data: bytes, n: int) -> bytes:
    """The same picture as another file, for a photo proves one record only: a JPEG with a comment in front."""
    if not data.startswith(b"\xff\xd8"):
        return data + b"\x00\x00\x00\x0cfree" + n.to_bytes(4, "big")  # HEIF: an empty box at the end
    note = f"demo {n}".encode()
    return data[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + data[2:]
