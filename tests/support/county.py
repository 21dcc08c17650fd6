"""A company with years behind it: the demo company grown to as many records and photos as a county has.

Its register is written by the store's own ways. Its work is copied from what the demo's people did through the real
paths: chains of records that name each other (an inspection, its defect, the job), with their list rows, photos and
operations, each copy with ids, hashes, people, place and time of its own. Ledger lines are chained anew. The same
seed gives the same company but for the demo's own ids.
"""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from backend import evidence
from backend.app import Parts, build
from backend.db import Database
from backend.demo import company as demo
from backend.features.points import chain
from backend.features.points.tables import ledger
from backend.lists import keep
from backend.lists.rows import REGISTER, listed
from backend.lists.tables import listing
from backend.phones import phone_report
from backend.settings import load
from media.tables import holder, photo
from sync import driver, store
from sync import tables as sync
from sync.push import Op
from sync.records import Row
from sync.tables import stamp

TOKEN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)|§"
)
PART = 4000
YEARS = 2.0
SEEN = ("触头发热", "线夹松动", "绝缘子污秽", "箱门变形", "封印缺失", "导线断股", "标识脱落", "接地不良")
WHERE = ("东侧", "西侧", "南侧", "北侧", "上层", "下层", "进线端", "出线端")
REFERENCE = {"size": 734003, "type": "image/jpeg", "role": "visible", "origin": "camera"}
FACTS = {"width": 4000, "height": 3000, "camera": "Xiaomi 2201117TC", "taken_at": "2026-05-01T09:30:00+08:00"}
OPEN = frozenset(
    {"submitted", "returned", "draft", "proposed", "open", "rectifying", "new", "received", "arrived"}
)
TABLES = (sync.record, listing, evidence.evidence, photo, holder, sync.operation)


@dataclass
class County:
    """What was made: `work` ids by kind and state, `things` by unit, how many of each table's rows, in `seconds`."""

    org: str
    units: list[str]
    things: dict[str, list[str]]
    rows: Counter[str] = field(default_factory=Counter)
    waiting: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Chain:
    """Rows of several tables that name each other, taken apart where a copy differs."""

    pieces: list[str]
    slots: list[tuple[int, str]]
    shape: list[tuple[str, list[tuple[bool, Any]]]]
    names: dict[str, str]
    often: float
    records: int
    photos: int
    decided: bool


async def grow(
    env: Mapping[str, str], *, records: int, photos: int, decisions: int = 10_000, seed: int = 8
) -> County:
    """Makes the demo company of the database that `env` names so large; some minutes for 200,000 and 400,000."""
    began = time.monotonic()
    parts = build(load(env))
    sa.event.listen(parts.db.engine.sync_engine, "connect", _hurry(parts.db.sqlite))
    try:
        made = await _grow(parts, random.Random(seed), records, photos, decisions)
        async with parts.db.write() as conn:
            await conn.execute(sa.text("ANALYZE"))
    finally:
        parts.passwords.close()
        await parts.db.close()
    made.seconds = time.monotonic() - began
    return made


def _hurry(sqlite: bool) -> Callable[[Any, Any], None]:
    """For each connection: what is made anew after a power cut need not survive it."""
    pragmas = ("synchronous = OFF", "cache_size = -1000000", "wal_autocheckpoint = 20000")
    statements = [f"PRAGMA {each}" for each in pragmas] if sqlite else ["SET synchronous_commit = off"]

    def hurry(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()

    return hurry


async def _grow(parts: Parts, rng: random.Random, records: int, photos: int, decisions: int) -> County:
    db, now = parts.db, datetime.now(UTC)
    async with db.read() as conn:
        org = (await conn.scalars(sa.select(sync.org.c.id))).one()
        rows = await store.load(conn, org, (await conn.scalars(sa.select(sync.record.c.id))).all())
    units = {row.id: row for row in rows.values() if row.kind == "unit"}
    people = [row for row in rows.values() if row.kind == "person"]
    county = next(id_ for id_, row in units.items() if row.body["level"] == "county")
    stations = await _hire(parts, org, county, people, rng, now)
    pool = await _people(db, org)
    made = County(org, stations, defaultdict(list))
    await _register(db, made, rng, int(records * 0.25), now)
    chains = _chains(rows.values(), await _rows(db, org), org, photos / (records * 0.75))
    decided = [one for one in chains if one.decided]
    others = [one for one in chains if not one.decided]
    left = records - len(rows) - made.rows["record"]
    sink = _Sink(db, org)
    plan = rng.choices(decided, k=decisions * records // 200_000)
    left -= sum(one.records for one in plan)
    others = iter(rng.choices(others, [one.often for one in others], k=max(1, left)))
    while left > 0:
        plan.append(next(others))
        left -= plan[-1].records
    copy = _Copy(rng, made, pool, now)
    dated = sorted(((copy.back(one), n, one) for n, one in enumerate(plan)), reverse=True)
    while dated:
        batch: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for back, _, one in dated[:PART]:
            copy.of(one, back, batch)
        del dated[:PART]
        made.rows.update({name: len(lines) for name, lines in batch.items()})
        await sink.put(batch)
    await sink.chain()
    await sink.close()
    async with db.write() as conn:
        await conn.execute(sa.text("ANALYZE"))  # else what follows takes minutes on PostgreSQL
        await conn.execute(
            listing.update().where(listing.c.shelf == "register").values(seen=keep.last_seen())
        )
        await conn.execute(listing.update().where(listing.c.shelf == "work").values(keep.on_the_map()))
        await _phones(conn, org, pool, rng, now)
    return made


async def _hire(
    parts: Parts, org: str, county: str, people: Sequence[Row], rng: random.Random, now: datetime
) -> list[str]:
    """Nine stations and two hundred people more; gives all stations."""
    ids = _Ids(rng)
    ops = [
        Op(
            op="put",
            kind="unit",
            id=ids.at(now),
            at=now,
            data={"name": f"第{i}供电所", "level": "station", "area": "rural", "parent": county},
        )
        for i in range(1, 10)
    ]
    async with parts.db.read() as conn:
        stations = [
            row.id
            for row in (
                await conn.execute(
                    sa.select(sync.record.c.id, sync.record.c.body).where(sync.record.c.kind == "unit")
                )
            ).all()
            if row.id != county
        ]
    stations += [op.id for op in ops]
    roles = [row for row in people if row.body["roles"][0] in ("inspector", "crew", "manager")]
    for i in range(200):
        like = roles[i % len(roles)].body
        unit = county if like["roles"] == ["inspector"] else stations[i % len(stations)]
        ops.append(
            Op(
                op="put",
                kind="person",
                id=ids.at(now),
                at=now,
                data={"name": f"员工{i:03}", "unit": unit, "post": like["post"], "roles": like["roles"]},
            )
        )
    async with parts.db.write() as conn:
        results = await parts.engine.write(conn, org, org, now, ops, "demo")
        assert all(each.status == "applied" for each in results), results
    return stations


async def _people(db: Database, org: str) -> dict[str, list[str]]:
    """By each person's id, whoever may stand in his place in a copy: those of his role."""
    async with db.read() as conn:
        found = await conn.execute(
            sa.select(sync.record.c.id, sync.record.c.body).where(
                sync.record.c.org == org, sync.record.c.kind == "person"
            )
        )
        roles = {row.id: tuple(msgspec.json.decode(row.body)["roles"]) for row in found}
    by_role = defaultdict(list)
    for id_, role in sorted(roles.items()):
        by_role[role].append(id_)
    return {id_: by_role[role] for id_, role in roles.items()}


async def _register(db: Database, made: County, rng: random.Random, count: int, now: datetime) -> None:
    """Equipment and meter boxes as an import writes them, spread over the stations."""
    ids, keys = _Ids(rng), [key for key, *_ in demo.STATIONS]
    for first in range(0, count, PART):
        rows = []
        for i in range(first, min(first + PART, count)):
            unit, key = made.units[i % len(made.units)], keys[i % len(keys)]
            kind, body = (
                ("equipment", demo.equipment(rng, key, unit, None, i))
                if i % 2
                else ("meter_box", demo.meter_box(rng, key, unit, None, i))
            )
            body["code"] = f"{'BX' if i % 2 else 'JX'}-{i:06}"
            at = now - timedelta(days=365 * YEARS + i % 50)
            row = Row(
                org=made.org,
                id=ids.at(at),
                kind=kind,
                scope=f"u:{unit}",
                state="live",
                author=None,
                body=body,
                created_at=at,
                updated_at=at,
                rev=1,
                fv=dict.fromkeys(body, (1, "server")),
            )
            rows.append(row)
            made.things[unit].append(row.id)
        async with db.write() as conn:
            await store.save(conn, made.org, rows, now, new={row.id for row in rows})
            lines = [line for row in rows if (line := listed(row))]
            columns = [c.name for c in listing.columns if c.name not in keep.KEPT_APART]
            await driver.insert(
                conn,
                driver.Insert(
                    "listing", columns, [], [[line[name] for name in columns] for line in lines], new=True
                ),
            )
        made.rows.update({"record": len(rows), "listing": len(rows)})


async def _rows(db: Database, org: str) -> dict[str, list[Mapping[str, Any]]]:
    async with db.read() as conn:
        found = {}
        for table in (*TABLES, ledger):
            answer = await conn.execute(sa.select(table).where(table.c.org == org))
            found[table.name] = [dict(row) for row in answer.mappings()]
        return found


def _chains(
    rows: Iterable[Row], stored: Mapping[str, list[Mapping[str, Any]]], org: str, share: float
) -> list[Chain]:
    """The demo's chains of records, each with all that is stored of it; `share`: photos a record of the whole."""
    work = {row.id: row for row in rows if row.kind not in (*REGISTER, "unit", "person")}
    family = {id_: id_ for id_ in work}

    def head(id_: str) -> str:
        while family[id_] != id_:
            id_ = family[id_]
        return id_

    for id_, row in work.items():
        for named in set(TOKEN.findall(msgspec.json.encode([row.body, row.facts]).decode())) & work.keys():
            family[head(id_)] = head(named)
    members = defaultdict(set)
    for id_ in work:
        members[head(id_)].add(id_)
    bare = [max(1.0, len(ids)) for ids in members.values()]
    wanted = (
        share * sum(bare) / sum(1 for row in work.values() if row.kind in ("infrared", "hazard", "finding"))
    )
    return [_chain(ids, work, stored, org, min(9, round(wanted + 0.4))) for ids in members.values()]


def _chain(
    ids: set[str], work: Mapping[str, Row], stored: Mapping[str, list[Mapping[str, Any]]], org: str, each: int
) -> Chain:
    lines: dict[str, list[dict[str, Any]]] = {
        "record": [dict(row) for row in stored["record"] if row["id"] in ids],
        "listing": [dict(row) for row in stored["listing"] if row["id"] in ids],
        "evidence": [dict(row) for row in stored["evidence"] if row["record"] in ids],
        "operation": [dict(row) for row in stored["operation"] if row["id"] in ids],
        "ledger": [dict(row) for row in stored["ledger"] if msgspec.json.decode(row["entry"])["id"] in ids],
    }
    shas = {row["sha256"] for row in lines["evidence"]}
    lines["photo"] = [dict(row) for row in stored["photo"] if row["sha256"] in shas]
    lines["photo_holder"] = [dict(row) for row in stored["photo_holder"] if row["sha256"] in shas]
    _said(lines)
    _pictures(lines, each)
    for row in lines["photo"]:
        row |= {"derived": "done", "facts": FACTS}
    for row in lines["photo_holder"]:
        row |= {"derived": "done"}
    states = Counter("open" if work[id_].state in OPEN else "closed" for id_ in ids)
    often = 0.04 if states["open"] else 1.0
    pieces, slots, shape = _apart(lines)
    names = {}
    for _, token in slots:
        names[token] = (
            "org"
            if token == org
            else "word"
            if token == "§"
            else "at"
            if "T" in token
            else "photo"
            if len(token) == 64 and token != chain.FIRST
            else "id"
        )
    for id_ in ids:
        names[work[id_].body.get("equipment") or work[id_].body.get("meter_box") or ""] = "thing"
        names[work[id_].body.get("unit") or ""] = "unit"
    names.pop("", None)
    return Chain(
        pieces, slots, shape, names, often, len(lines["record"]), len(lines["photo"]), bool(lines["ledger"])
    )


def _said(lines: dict[str, list[dict[str, Any]]]) -> None:
    """What people wrote ends in words of each copy's own, in the record and where the list looks for them."""
    for row in lines["record"]:
        body = msgspec.json.decode(row["body"])
        name = {"infrared": "note", "hazard": "note", "finding": "fact"}.get(row["kind"])
        if name:
            body[name] = f"{body.get(name) or ''}§"
            row["body"] = msgspec.json.encode(body)
            for line in lines["listing"]:
                if line["id"] == row["id"]:
                    line["words"] += " §"


def _pictures(lines: dict[str, list[dict[str, Any]]], each: int) -> None:
    """More photos, until each inspection, check and finding has so many."""
    for row in lines["record"]:
        body = msgspec.json.decode(row["body"])
        if row["kind"] not in ("infrared", "hazard", "finding") or not body.get("photos"):
            continue
        first, sent = body["photos"][0], next((one for one in lines["photo_holder"]), None)
        for n in range(len(body["photos"]), each):
            sha = f"{n:02x}{row['id'].replace('-', '')}".ljust(64, "0")
            body["photos"].append(REFERENCE | {"sha256": sha, "taken_at": first["taken_at"]})
            link = next(one for one in lines["evidence"] if one["record"] == row["id"])
            lines["evidence"].append(link | {"sha256": sha, "role": "visible"})
            if sent is not None:
                like = next(one for one in lines["photo"] if one["sha256"] == first["sha256"])
                lines["photo"].append(like | {"sha256": sha})
                lines["photo_holder"].append(sent | {"sha256": sha, "upload": f"{row['id'][:-2]}{n:02x}"})
        row["body"] = msgspec.json.encode(body)


def _apart(
    lines: Mapping[str, list[dict[str, Any]]],
) -> tuple[list[str], list[tuple[int, str]], list[tuple[str, list[tuple[bool, Any]]]]]:
    texts, shape = [], []
    for name, rows in lines.items():
        for row in rows:
            cells: list[tuple[bool, Any]] = []
            for value in row.values():
                if isinstance(value, (str, bytes)):
                    texts.append(value if isinstance(value, str) else value.decode())
                    cells.append((True, isinstance(value, bytes)))
                else:
                    cells.append((False, value))
            shape.append((name, cells))
    whole = "\0".join(texts)
    pieces, slots, at = [], [], 0
    for found in TOKEN.finditer(whole):
        pieces += [whole[at : found.start()], found[0]]
        slots.append((len(pieces) - 1, found[0]))
        at = found.end()
    return [*pieces, whole[at:]], slots, shape


class _Ids:
    """UUIDs of version 7 that the seed gives."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def at(self, moment: datetime) -> str:
        bits = self.rng.getrandbits
        hexed = f"{int(moment.timestamp() * 1000):012x}7{bits(12):03x}{8 + bits(2):x}{bits(60):015x}"
        return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"


class _Copy:
    """Makes copies of chains."""

    def __init__(
        self, rng: random.Random, made: County, pool: Mapping[str, list[str]], now: datetime
    ) -> None:
        self.rng, self.made, self.pool, self.now = rng, made, pool, now
        self.ids = _Ids(rng)
        self._moments: dict[str, tuple[datetime, str]] = {}

    def back(self, one: Chain) -> timedelta:
        """How long before the demo's own it was."""
        if one.decided:  # in the year that is over, so that one year has them all
            return timedelta(days=self.now.timetuple().tm_yday + 7 + self.rng.random() * 340)
        return timedelta(days=self.rng.random() * (30 if one.often < 1 else 365 * YEARS))

    def of(self, one: Chain, back: timedelta, batch: dict[str, list[tuple[Any, ...]]]) -> None:
        rng = self.rng
        unit = rng.choice(self.made.units)
        thing = rng.choice(self.made.things[unit])
        new = {token: self._new(token, what, back, unit, thing) for token, what in one.names.items()}
        pieces = one.pieces[:]
        for i, token in one.slots:
            pieces[i] = new[token]
        texts = iter("".join(pieces).split("\0"))
        for name, cells in one.shape:
            batch[name].append(
                tuple(
                    (next(texts).encode() if value else next(texts))
                    if text
                    else value - back
                    if isinstance(value, datetime)
                    else value
                    for text, value in cells
                )
            )

    def _new(self, token: str, what: str, back: timedelta, unit: str, thing: str) -> str:
        rng = self.rng
        match what:
            case "at":
                if token not in self._moments:
                    self._moments[token] = (datetime.fromisoformat(token), "Z" if token.endswith("Z") else "")
                at, zulu = self._moments[token]
                return (
                    (at - back).isoformat(timespec="microseconds")[:26] + "Z"
                    if zulu
                    else (at - back).isoformat()
                )
            case "photo":
                return f"{rng.getrandbits(256):064x}"
            case "org":
                return token
            case "unit":
                return unit
            case "thing":
                return thing
            case "word":
                return f"{rng.choice(WHERE)}{rng.choice(SEEN)}，现场编号{rng.randrange(100_000):05}。"
        if token in self.pool:
            return rng.choice(self.pool[token])
        return self.ids.at(self.now - back)


class _Sink:
    """Writes rows straight into the tables, numbering them as the store does."""

    def __init__(self, db: Database, org: str) -> None:
        self.db, self.org = db, org
        self.own = 0
        self.lines: list[tuple[Any, ...]] = []

    async def put(self, batch: dict[str, list[tuple[Any, ...]]]) -> None:
        self.lines += batch.pop("ledger", [])
        async with self.db.write() as conn:
            if not self.own:
                self.own = await conn.scalar(sa.select(sa.func.max(sync.operation.c.n))) or 0
            await self._number(conn, batch)
            for table in TABLES:
                if batch.get(table.name):
                    await _insert(conn, table, batch[table.name])

    async def _number(self, conn: Any, batch: dict[str, list[tuple[Any, ...]]]) -> None:
        columns = [c.name for c in sync.record.columns]
        scope, seq, at = columns.index("scope"), columns.index("seq"), columns.index("updated_at")
        rows = sorted(batch["record"], key=lambda row: row[at])
        heads = await store._take_numbers(conn, self.org, Counter(row[scope] for row in rows), {})
        numbered = []
        for row in rows:
            heads[row[scope]] += 1
            numbered.append((*row[:seq], heads[row[scope]], *row[seq + 1 :]))
        batch["record"] = numbered
        n = [c.name for c in sync.operation.columns].index("n")
        for i, row in enumerate(batch["operation"], 1):
            batch["operation"][i - 1] = (*row[:n], self.own + i, *row[n + 1 :])
        self.own += len(batch["operation"])

    async def chain(self) -> None:
        """The ledger's lines in the order of their decisions, and their people's copies of them."""
        async with self.db.write() as conn:
            last = (
                await conn.execute(sa.select(ledger.c.n, ledger.c.hash).order_by(ledger.c.n.desc()).limit(1))
            ).first()
            n, prev = (last.n, last.hash) if last else (0, chain.FIRST)
            columns = [c.name for c in ledger.columns]
            made, copies = [], []
            entries = (msgspec.json.decode(row[columns.index("entry")]) for row in self.lines)
            for entry in sorted(entries, key=lambda one: one["decided_at"]):
                n += 1
                line = chain.line(entry | {"n": n, "cycle": entry["decided_at"][:4]}, prev)
                prev = line.hash
                made.append(tuple(getattr(line, name) for name in columns))
                copies.append((entry["id"], n, line.prev_hash, line.hash))
            await _insert(conn, ledger, made)
            await _copies(conn, self.org, copies)

    async def close(self) -> None:
        async with self.db.write() as conn:
            await conn.execute(sync.org.update().values(seq=self.own))


async def _copies(conn: Any, org: str, copies: Sequence[tuple[str, int, str, str]]) -> None:
    bodies = (
        sync.record.update()
        .where(sync.record.c.org == org, sync.record.c.id == sa.bindparam("of"))
        .values(body=sa.bindparam("new"))
    )
    said = iter(copies)
    while part := list(islice(said, 500)):
        found = {
            row.id: msgspec.json.decode(row.body)
            for row in await conn.execute(
                sa.select(sync.record.c.id, sync.record.c.body).where(
                    sync.record.c.org == org, sync.record.c.id.in_([id_ for id_, *_ in part])
                )
            )
        }
        await conn.execute(
            bodies,
            [
                {
                    "of": id_,
                    "new": msgspec.json.encode(found[id_] | {"n": n, "prev_hash": prev, "hash": hash_}),
                }
                for id_, n, prev, hash_ in part
            ],
        )


async def _insert(conn: Any, table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
    """New rows by the driver's fastest way, in the column types' own form."""
    sqlite, names = not driver.postgresql(conn), [c.name for c in table.columns]
    odd = [
        i
        for i, c in enumerate(table.columns)
        if isinstance(c.type, sa.JSON)
        or (sqlite and rows and any(isinstance(row[i], datetime) for row in rows[:1]))
    ]

    def fit(row: tuple[Any, ...]) -> Sequence[Any]:
        cells = list(row)
        for i in odd:
            cells[i] = (
                f"{cells[i]:%Y-%m-%d %H:%M:%S.%f}"
                if isinstance(cells[i], datetime)
                else msgspec.json.encode(cells[i]).decode()
            )
        return cells

    await driver.insert(
        conn, driver.Insert(table.name, names, [], rows, new=True, made=fit if odd else tuple)
    )


async def _phones(
    conn: Any, org: str, pool: Mapping[str, list[str]], rng: random.Random, now: datetime
) -> None:
    """A phone for each person, with its last report."""
    ids = _Ids(rng)
    for person in sorted(pool):
        device = ids.at(now)
        await store.register_device(conn, org, person, device, "手机", "1.0.0", now)
        said = {
            "app_version": "1.0.0",
            "records": rng.randrange(5),
            "photos": rng.randrange(20),
            "photo_bytes": rng.randrange(10**7),
            "attention": 0,
            "free_bytes": 2**33,
            "persistent": True,
            "faults": [],
        }
        await conn.execute(
            phone_report.insert().values(
                org=org, device=device, at=stamp(now), said=msgspec.json.encode(said)
            )
        )
