"""A county with phones that have keys, and a server that can open their rescue files; no HTTP."""

import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import evidence
from backend.access import accounts
from backend.app import KINDS
from backend.clock import new_id
from backend.custody import keys, sealed
from backend.custody.owner import caller_of
from backend.custody.rescue import Inside, Rescue
from backend.db import Database
from backend.feature import reactions
from backend.features import FEATURES
from backend.migrations.run import migrate
from media.service import Media, MediaHooks, MediaSettings
from media.stores import open_stores
from media.stores.base import Stores
from sync import store
from sync.caller import Caller
from sync.push import Engine, Op
from tests.support.client import PASSWORD
from tests.support.device import DeviceKey
from tests.support.passwords import CHEAP

START = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


async def _no_jobs(*_: object) -> None:
    return None


@dataclass
class County:
    """`people` by login; the clock moves a second with every look."""

    db: Database
    engine: Engine
    media: Media
    rescue: Rescue
    time: list[datetime]
    org: str = field(default_factory=lambda: new_id(START))
    unit: str = field(default_factory=lambda: new_id(START))
    people: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        self.time[0] += timedelta(seconds=1)
        return self.time[0]

    async def caller(self, login: str, device: str = "") -> Caller:
        async with self.db.read() as conn:
            found = await caller_of(conn, self.org, self.people[login], device, self.time[0])
        assert found is not None
        return found

    async def phone(self, login: str = "inspector", key: DeviceKey | None = None) -> "Phone":
        phone = Phone(self, login, new_id(self.now()), key or DeviceKey())
        async with self.db.write() as conn:
            await store.register_device(
                conn, self.org, self.people[login], phone.device, "phone", "1", self.now()
            )
            await keys.bind_device(conn, self.org, phone.device, keys.point(phone.key.public), self.now())
        return phone

    async def recipient(self) -> tuple[str, bytes]:
        async with self.db.write() as conn:
            key = await keys.in_use(conn, "seal", self.now())
        return key.id, key.public

    async def send(self, by: Caller, content: bytes) -> str:
        """The file's bytes to the server, in pieces; gives its hash."""
        file = hashlib.sha256(content).hexdigest()
        for at in range(0, len(content), 100_000):

            async def body(at: int = at) -> AsyncIterator[bytes]:
                yield content[at : at + 100_000]

            await self.rescue.receive(by, file, at, len(content), body())
        return file

    async def bring_in(self, content: bytes, by: str = "supervisor") -> Inside:
        caller = await self.caller(by)
        return await self.rescue.bring_in(caller, await self.send(caller, content))

    async def operations(self, phone: "Phone") -> list[tuple[int, str]]:
        async with self.db.read() as conn:
            known = await store.answers(conn, self.org, phone.device, 1, 10**6)
        return [(n, msgspec.json.decode(answer)["status"]) for n, (_, answer) in sorted(known.items())]

    async def records(self) -> dict[str, dict[str, Any]]:
        """Every finding as it stands: revision, body, missing photos."""
        async with self.db.read() as conn:
            rows = await conn.execute(
                sa.text("SELECT id, rev, body, missing FROM record WHERE org = :org AND kind = 'finding'"),
                {"org": self.org},
            )
            return {
                row.id: {
                    "rev": row.rev,
                    "body": msgspec.json.decode(row.body),
                    "missing": msgspec.json.decode(row.missing),
                }
                for row in rows
            }


def picture(seed: int, size: int = 3000) -> bytes:
    return b"\xff\xd8\xff\xe0" + random.Random(seed).randbytes(size) + b"\xff\xd9"


@dataclass
class Phone:
    """A phone of the county: numbers operations, pushes some of them, exports the others."""

    county: County
    login: str
    device: str
    key: DeviceKey
    ops: list[dict[str, Any]] = field(default_factory=list)
    photos: dict[str, bytes] = field(default_factory=dict)

    def note(self, *photos: bytes, **more: Any) -> str:
        """A finding, not sent."""
        id_ = new_id(self.county.now())
        refs = []
        for content in photos:
            sha = hashlib.sha256(content).hexdigest()
            self.photos[sha] = content
            at = self.county.time[0].isoformat()
            refs.append(
                {
                    "sha256": sha,
                    "size": len(content),
                    "type": "image/jpeg",
                    "role": "evidence",
                    "taken_at": at,
                }
            )
        self._op("put", id_, {"unit": self.county.unit, "photos": refs, **more})
        return id_

    def edit(self, id_: str, fact: str) -> None:
        self._op("put", id_, {"fact": fact})

    def _op(self, op: str, id_: str, data: dict[str, Any]) -> None:
        at = self.county.now().isoformat()
        self.ops.append(
            {
                "n": len(self.ops) + 1,
                "op": op,
                "kind": "finding",
                "id": id_,
                "base": 0,
                "at": at,
                "data": data,
            }
        )

    async def push(self, first: int, last: int) -> list[dict[str, Any]]:
        """Operations `first` to `last` as the phone itself sends them."""
        county, now = self.county, self.county.now()
        body = {"device": self.device, "schema": 1, "sent_at": now, "ops": self.ops[first - 1 : last]}
        async with county.db.write() as conn:
            owner = await caller_of(conn, county.org, county.people[self.login], self.device, county.time[0])
            assert owner is not None
            answer = await county.engine.push(conn, owner, now, msgspec.json.encode(body))
        return [msgspec.json.decode(result) for result in answer.results]

    async def export(self, first: int, last: int, photos: list[str] | None = None, **change: Any) -> bytes:
        """A rescue file of operations `first` to `last` and the photos, as the phone seals it."""
        county = self.county
        held = {sha: self.photos[sha] for sha in (list(self.photos) if photos is None else photos)}
        manifest = {
            "format": 1,
            "org": county.org,
            "person": county.people[self.login],
            "device": self.device,
            "made_at": county.now().isoformat(),
            "ops": self.ops[first - 1 : last],
            "schemas": [1] * (last - first + 1),
            "photos": [
                {"sha256": s, "size": len(b), "type": "image/jpeg", "name": None} for s, b in held.items()
            ],
        }
        return sealed.seal(await county.recipient(), manifest | change, held.values(), self.key.sign)


async def found_county(url: str, folder: Path, stores: Stores | None = None) -> County:
    """An organisation in the database at `url`, migrated if need be; its photos in files if nothing else is said."""
    db = Database(url)
    await migrate(db)
    engine = Engine(kinds=KINDS, reactions=reactions(FEATURES), on_write=evidence.on_write)
    links = evidence.Evidence(engine)
    time = [START]

    def clock() -> datetime:
        time[0] += timedelta(seconds=1)
        return time[0]

    stores = stores or open_stores(f"file://{folder / 'photos'}", access_key="", secret_key="")
    hooks = MediaHooks(shown_by=links.shown_by, on_stored=links.on_stored, enqueue=_no_jobs)
    photos = Media(MediaSettings(staging_dir=folder / "staging"), stores, db, clock, hooks)
    await photos.start()
    made = County(db, engine, photos, Rescue(db, engine, photos, clock, folder / "staging", 64 * 2**20), time)
    async with db.write() as conn:
        await store.create_org(conn, made.org)
        await _people(conn, made)
    return made


async def _people(conn: AsyncConnection, county: County) -> None:
    roles = {"inspector": "inspector", "inspector2": "inspector", "supervisor": "supervisor", "crew": "crew"}
    county.people = {login: new_id(START) for login in roles}
    ops = [
        Op(
            op="put",
            kind="unit",
            id=county.unit,
            at=START,
            data={"name": "u", "level": "county", "area": "urban"},
        )
    ]
    for login, id_ in county.people.items():
        body = {"name": login, "unit": county.unit, "post": "x", "roles": [roles[login]]}
        ops.append(Op(op="put", kind="person", id=id_, at=START, data=body))
    results = await county.engine.write(conn, county.org, new_id(START), START, ops, "test")
    assert all(result.status == "applied" for result in results), results
    for login, id_ in county.people.items():
        await accounts.create(
            conn,
            START,
            org=county.org,
            person=id_,
            login=f"{login}-{county.org}",
            password_hash=CHEAP.hash(PASSWORD),
            roles=[roles[login]],
        )


@pytest.fixture
async def county(migrated_url: str, tmp_path: Path) -> AsyncIterator[County]:
    made = await found_county(migrated_url, tmp_path)
    yield made
    made.rescue.close()
    await made.media.close()
    await made.db.close()
