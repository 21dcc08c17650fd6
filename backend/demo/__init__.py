"""A demo company, written through the same engine and stores as everything else."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
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
from backend.demo.company import Company
from media.service import Media
from sync import store
from sync.push import Engine, Op, Row
from sync.tables import org as org_table

_BATCH = 200
_TYPES = {"jpg": "image/jpeg", "heic": "image/heic"}
# thermal picture, ordinary picture, °C of phases A, B, C within the thermal picture's range, ambient
_INFRARED = (
    ("thermal-parser/FLIR_T640.jpg", "metadata-extractor-images/HTC_Desire.jpg", (96.4, 29.0, 29.6), 26.0),
    ("irimage-commons/01_200_deg_neutral.jpg", "exifr/broken1.jpg", (86.4, 38.1, 39.0), 12.0),
    (
        "state-grid-synthetic/sg_full.jpg",
        "metadata-extractor-images/Oppo_R7_Plus.jpg",
        (34.0, 24.0, 24.5),
        12.0,
    ),
    ("thermal-parser/FLIR.jpg", "metadata-extractor-images/Apple_iPhone_5.jpg", (62.0, 30.0, 31.2), 27.0),
    ("irimage-commons/10_IR_Fussbodenheizung.jpg", "pillow-heif/xiaomi.heic", (32.0, 31.0, 31.2), 12.0),
    ("state-grid-synthetic/sg_gbk_note.jpg", "pillow-heif/arrow_orientation6.heic", (14.5, 8.0, 8.2), 6.0),
    (
        "thermal-parser/FLIR_E40.jpg",
        "metadata-extractor-images/FLIR_not_radiometric.jpg",
        (24.0, 21.0, 21.2),
        12.0,
    ),
    (
        "state-grid-synthetic/sg_minimal.jpg",
        "metadata-extractor-images/Samsung_SM-J327T1.jpg",
        (85.9, 33.0, 33.5),
        30.0,
    ),
)
_HAZARDS = (
    (("MB-02",), "exif-orientation/Landscape_1.jpg"),
    (("MB-01", "MB-08"), "exif-orientation/Landscape_2.jpg"),
    (("MB-07",), "exif-orientation/Landscape_3.jpg"),
    (("MB-09",), "exif-orientation/Landscape_4.jpg"),
    (("MB-26",), "exif-orientation/Landscape_5.jpg"),
    (("MB-12",), "exif-orientation/Landscape_6.jpg"),
)
_FINDING_PHOTOS = (
    "metadata-extractor-images/IMG_1034_iPhone8.heic",
    "metadata-extractor-images/exif-at-eof.heic",
    "exif-orientation/Landscape_7.jpg",
    "exif-orientation/Landscape_8.jpg",
    "exifr/noexif.jpg",
)
_AFTER = {"qiangxiu": "thermal-parser/FLIR_AX8.jpg", "qiangxiu2": "hti-irimageparser/p1.jpg"}
NAMES = {key: name for key, name, *_ in company.STATIONS}


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
    logins = ", ".join(person[0] for person in company.PEOPLE)
    sys.stdout.write(f"demo accounts (password {company.PASSWORD}): {logins}\n")
    return 0


class _Demo:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.now = parts.clock()
        self.rng = random.Random(2134)  # noqa: S311 - the same company every time
        self.company = Company(org=new_id(self.now))
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
                conn, self.company.org, person, self.now, ops, self.names.get(by, "")
            )
        for op, result in zip(ops, results, strict=True):
            if result.status == "rejected":
                raise RuntimeError(f"demo {op.kind} {op.type}: {result.code} {result.issues} {result.facts}")

    def _put(self, kind: str, data: dict[str, Any], author: str | None = None) -> Op:
        return Op(op="put", kind=kind, id=new_id(self.now), at=self.now, data=data, author=author)

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

    async def _photo(self, by: str, path: str, role: str, at: datetime) -> dict[str, Any]:
        """Stores a real photo of the package and gives the reference to it."""
        data = (files("backend.demo") / "photos").joinpath(*path.split("/")).read_bytes()
        sha256 = await self.parts.media.add(self.company.org, self.company.people[by], data)
        return {
            "sha256": sha256,
            "size": len(data),
            "type": _TYPES[path.rsplit(".", 1)[-1]],
            "role": role,
            "taken_at": _text(at),
            "name": path.rsplit("/", 1)[-1],
        }

    async def _reviewed(
        self, kind: str, by: str, body: dict[str, Any], *steps: tuple[str, str, dict[str, Any]]
    ) -> str:
        """A record of `by` with its events: (event, login, data)."""
        made = self._put(kind, body, author=self.company.people[by])
        await self._write(by, [made])
        for name, login, data in steps:
            await self._event(kind, made.id, name, login, data)
        return made.id

    async def _event(
        self, kind: str, id_: str, name: str, login: str, data: dict[str, Any] | None = None
    ) -> None:
        op = Op(
            op="event", kind=kind, id=new_id(self.now), subject=id_, type=name, at=self.now, data=data or {}
        )
        await self._write(login, [op])

    async def _row(self, id_: str) -> Row:
        async with self.parts.db.read() as conn:
            return (await store.load(conn, self.company.org, [id_]))[id_]

    async def _records(self) -> int:
        count = 0
        submit = ("submit", "duchayuan", dict[str, Any]())
        jobs: list[str] = []
        for i, (thermal, visible, (a, b, c), ambient) in enumerate(_INFRARED):
            key = company.STATIONS[i % 3][0]
            equipment, register = self.company.equipment[key][(i // 3) * len(company.TYPES)]
            at = self.now - timedelta(hours=2 + i)
            body = {
                "unit": self.company.units[key],
                "equipment": equipment,
                "taken_at": _text(at),
                "row": register["row"],
                "points": [
                    {"label": "A", "temp_c": a},
                    {"label": "B", "temp_c": b},
                    {"label": "C", "temp_c": c},
                ],
                "ambient_c": ambient,
                "load_a": 210.0,
                "rated_a": 400.0,
                "emissivity": 0.9,
                "distance_m": 5.0,
                "weather": "cloudy",
                "photos": [
                    await self._photo("duchayuan", thermal, "thermal", at),
                    await self._photo("duchayuan", visible, "visible", at),
                ],
            }
            steps: list[tuple[str, str, dict[str, Any]]] = [submit]
            if i == 5:
                steps.append(("return", "zhuguan", {"reason": "铭牌看不清，请补拍", "fields": ["photos"]}))
            if i in (6, 7):
                steps.append(("accept", "zhuguan", {}))
            id_ = await self._reviewed("infrared", "duchayuan", body, *steps)
            jobs += await self._jobs(id_)
            count += 1
        draft = {"unit": self.company.units["beiguan"], "row": "C02", "note": "待补测点与照片"}
        await self._reviewed("infrared", "duchayuan", draft)
        count += 1
        for i, (codes, overall) in enumerate(_HAZARDS):
            key = company.STATIONS[i % 3][0]
            box, register = self.company.boxes[key][i]
            at = self.now - timedelta(hours=3 + i)
            body = {
                "unit": self.company.units[key],
                "meter_box": box,
                "items": list(codes),
                "ownership": register["ownership"],
                "found_at": _text(at),
                "controlled": i == 0,
                "photos": [await self._photo("duchayuan2", overall, "overall", at)],
            }
            id_ = await self._reviewed("hazard", "duchayuan2", body, ("submit", "duchayuan2", {}))
            jobs += await self._jobs(id_)
            count += 1
        count += await self._findings()
        await self._milestones(jobs)
        return count

    async def _findings(self) -> int:
        cases = (
            ("chengguan", "YYT-08", "taiqu", "未佩戴工号牌", "confirm"),
            ("chengguan", "QX-01", "qiangxiu", "到达现场超过承诺时限 12 分钟", "confirm"),
            ("beiguan", "YYT-06", "taiqu2", "电价公示为上一年度版本", "accept"),
            ("nanguan", "YYT-01", "yingye", "14:30 营业窗口无人在岗", "accept"),
            ("nanguan", "YYT-11", "yingye", "客户身份证复印件放在柜台外侧", "submit"),
            ("chengguan", "YYT-03", "taiqu", "未一次性告知所需资料，客户往返两次", "submit"),
        )
        for i, (key, item, person, fact, until) in enumerate(cases):
            at = self.now - timedelta(hours=1 + i)
            body = {
                "unit": self.company.units[key],
                "visit": "unannounced",
                "place": f"{NAMES[key]}营业厅",
                "item": item,
                "catalogue": catalogue.edition_at(at).version,
                "person": self.company.people[person],
                "happened_at": _text(at),
                "fact": fact,
                "photos": [
                    await self._photo("duchayuan", path, "evidence", at)
                    for path in _FINDING_PHOTOS[i : i + 1]
                ],
            }
            steps: list[tuple[str, str, dict[str, Any]]] = [("submit", "duchayuan", {})]
            if until != "submit":
                steps.append(("accept", "zhuguan", {}))
            id_ = await self._reviewed("finding", "duchayuan", body, *steps)
            if until == "confirm":
                violation = (await self._row(id_)).facts["violation"]
                await self._event("violation", violation, "confirm", "zhuguan")
        return len(cases)

    async def _jobs(self, record: str) -> list[str]:
        """The repair job that a record's defect made, if it made one."""
        defect = (await self._row(record)).facts.get("defect")
        return [(await self._row(defect)).facts["repair"]] if defect else []

    async def _milestones(self, jobs: list[str]) -> None:
        """Jobs of the crews' own stations in several stages."""
        done = dict[str, int]()
        for job in jobs:
            unit = (await self._row(job)).body["unit"]
            crew = {"chengguan": "qiangxiu", "beiguan": "qiangxiu2"}.get(
                next(key for key, id_ in self.company.units.items() if id_ == unit)
            )
            if crew is None:
                continue
            stage = done[crew] = done.get(crew, 0) + 1
            if stage >= 2:
                await self._event("repair", job, "receive", crew)
            if stage >= 3:
                await self._event(
                    "repair", job, "arrive", crew, {"lat": 36.35, "lon": 114.2, "accuracy_m": 12.0}
                )
            if stage == 4:
                await self._event("repair", job, "locate", crew, {"cause": "接头氧化松动"})
                await self._event("repair", job, "repair", crew, {"measure": "打磨并更换线夹"})
                photo = await self._photo(crew, _AFTER[crew], "after", self.now)
                await self._event("repair", job, "restore", crew, {"photos": [photo]})


def _text(moment: datetime) -> str:
    return moment.astimezone(catalogue.ZONE).isoformat()
