"""A small company for the tests of `sync`: a kind of each way to merge, and phones that push and pull."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from sync import store, tables
from sync.caller import Caller
from sync.ids import uuid7
from sync.kinds import Body, Event, Issue, Kind, Photo
from sync.pull import PullPage
from sync.push import Context, Engine, Entry, Op, Refused, Row
from sync.unit import Written

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
_made = iter(range(1, 10**9))


def an_id() -> str:
    """The next id: the same in every run."""
    n = next(_made)
    return uuid7(1_764_000_000_000 + n, n.to_bytes(10, "big"))


ORG, NORTH, SOUTH = an_id(), an_id(), an_id()


class Note(Body):
    unit: str
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    amount: Annotated[int, Meta(ge=0)] | None = None
    text: Annotated[str, Meta(max_length=4000)] | None = None
    photos: list[Photo] = []  # noqa: RUF012 (msgspec copies it)


class Reason(Body):
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Asset(Body):
    unit: str
    code: str
    line: str | None = None
    owner: str | None = None


class Job(Body):
    unit: str
    title: str


class Done(Body):
    photos: Annotated[list[Photo], Meta(min_length=1)]


class Line(Body):
    person: str
    points: int


def _of_unit(body: Mapping[str, Any]) -> str | None:
    return f"u:{body['unit']}" if "unit" in body else None


def _draft_scope(body: Mapping[str, Any], state: str, author: str) -> str:
    return f"p:{author}" if state in ("draft", "returned") else f"u:{body['unit']}"


def _check(note: Note) -> list[Issue]:
    return [Issue("title", "not_allowed")] if note.title == "forbidden title" else []


NOTE = Kind(
    name="note",
    body=Note,
    merge="draft",
    scope=_draft_scope,
    home=_of_unit,
    put_roles=frozenset({"inspector"}),
    events=(
        Event(name="submit", source=frozenset({"draft", "returned"}), target="submitted", whole=True),
        Event(
            name="return",
            source=frozenset({"submitted"}),
            target="returned",
            data=Reason,
            roles=frozenset({"supervisor"}),
        ),
        Event(
            name="accept", source=frozenset({"submitted"}), target="accepted", roles=frozenset({"supervisor"})
        ),
    ),
    check=_check,
    derive=lambda note, now: {"judged_at": now, "double": (note.amount or 0) * 2},
)
ASSET = Kind(
    name="asset",
    body=Asset,
    merge="fields",
    initial="live",
    scope=lambda body, state, author: f"u:{body['unit']}",
    home=_of_unit,
    put_roles=frozenset({"inspector", "admin"}),
)
JOB = Kind(
    name="job",
    body=Job,
    merge="events",
    initial="new",
    scope=lambda body, state, author: f"u:{body['unit']}",
    home=_of_unit,
    events=(
        Event(name="receive", source=frozenset({"new"}), target="received", roles=frozenset({"crew"})),
        Event(
            name="finish",
            source=frozenset({"received"}),
            target="done",
            roles=frozenset({"crew"}),
            data=Done,
        ),
        Event(name="void", source=frozenset({"new"}), target="void", roles=frozenset({"system"})),
    ),
)
LINE = Kind(
    name="line",
    body=Line,
    merge="server",
    initial="live",
    scope=lambda body, state, author: f"p:{body['person']}",
)
LATER = Kind(
    name="later", body=Line, merge="server", initial="live", since=2, scope=lambda body, state, author: "org"
)
KINDS = {kind.name: kind for kind in (NOTE, ASSET, JOB, LINE, LATER)}


async def make_job(context: Context, note: Row, entry: Entry) -> Iterable[Op]:
    """A submitted note makes a job, once; some titles make trouble."""
    title = note.body["title"]
    if title == "refuse me":
        await store.create_org(context.conn, "made by a refused operation")
        raise Refused("not_today", {"title": title})
    if title == "break me":
        raise ZeroDivisionError
    if "job" in note.facts:
        return ()
    job = context.new_id()
    await context.set_facts(note.id, {"job": job})
    data = {"unit": note.body["unit"], "title": title}
    return (Op(op="put", kind="job", id=job, at=context.now, data=data),)


async def void_job(context: Context, note: Row, entry: Entry) -> Iterable[Op]:
    """A returned note takes its job back; refused once the crew has it."""
    job = note.facts["job"]
    return (Op(op="event", kind="job", id=context.new_id(), subject=job, type="void", at=context.now),)


async def write_line(context: Context, job: Row, entry: Entry) -> Iterable[Op]:
    data = {"person": context.caller.person, "points": 1}
    return (Op(op="put", kind="line", id=context.new_id(), at=context.now, data=data),)


async def no_photos(
    conn: AsyncConnection, org: str, written: Sequence[Written], now: datetime
) -> Mapping[str, Sequence[str]]:
    """As if no photo had arrived."""
    rows = [each.after for each in written]
    return {row.id: [photo["sha256"] for photo in row.body.get("photos", [])] for row in rows}


def an_engine() -> Engine:
    reactions = {"note.submit": [make_job], "note.return": [void_job], "job.create": [write_line]}
    return Engine(kinds=KINDS, reactions=reactions, on_write=no_photos)


class Company:
    """One organisation in one database, and a clock that moves a second with every look."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.engine = an_engine()
        self.time = START

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    async def open(self) -> "Company":
        async with self.db.write() as conn:
            await conn.run_sync(tables.metadata.create_all)
        async with self.db.write() as conn:
            await store.create_org(conn, ORG)
        return self

    async def phone(self, *roles: str, units: Sequence[str] = (NORTH,), person: str = "") -> "Phone":
        person = person or an_id()
        controls = ("control",) if "supervisor" in roles else ()
        scopes = ("org", *controls, f"p:{person}", *(f"u:{unit}" for unit in units))
        caller = Caller(ORG, person, f"person {person[-4:]}", frozenset(roles), scopes)
        phone = Phone(self, caller, an_id())
        async with self.db.write() as conn:
            await store.register_device(conn, ORG, person, phone.device, "phone", "1", self.now())
        return phone

    async def write(self, *ops: Op) -> list[Any]:
        async with self.db.write() as conn:
            return await self.engine.write(conn, ORG, "", self.now(), ops)


class Phone:
    """A device: numbers its operations, pushes them, keeps what it pulled."""

    def __init__(self, company: Company, caller: Caller, device: str) -> None:
        self.company = company
        self.caller = caller
        self.device = device
        self.n = 0
        self.cursor: str | None = None
        self.base: dict[str, dict[str, Any]] = {}

    def op(self, op: str, kind: str, id_: str, data: Any = None, **more: Any) -> dict[str, Any]:
        """The next operation, numbered."""
        self.n += 1
        data = {} if data is None else data
        return {"n": self.n, "op": op, "kind": kind, "id": id_, "at": self.company.time, "data": data, **more}

    def put(self, kind: str, id_: str, data: Any, base: int = 0) -> dict[str, Any]:
        return self.op("put", kind, id_, data, base=base)

    def event(self, kind: str, subject: str, type_: str, data: Any = None) -> dict[str, Any]:
        return self.op("event", kind, an_id(), data, subject=subject, type=type_)

    def envelope(self, *ops: Any) -> bytes:
        return msgspec.json.encode(
            {"device": self.device, "schema": 1, "sent_at": self.company.time, "ops": ops}
        )

    async def push(self, *ops: Any) -> list[dict[str, Any]]:
        """The results of the operations, which may be given as bytes."""
        return (await self.push_raw(self.envelope(*ops)))["results"]

    async def push_raw(self, raw: bytes) -> dict[str, Any]:
        company = self.company
        async with company.db.write() as conn:
            answer = await company.engine.push(conn, self.caller, company.now(), raw)
        return msgspec.json.decode(msgspec.json.encode(answer))

    async def page(self, limit: int = 1000, schema: int = 1) -> PullPage | None:
        async with self.company.db.read() as conn:
            return await self.company.engine.pull(
                conn, self.caller, self.company.now(), self.cursor, limit, schema
            )

    def take(self, page: PullPage) -> None:
        """Keeps a page as a phone does."""
        for scope in page.drop_scopes:
            self.base = {id_: row for id_, row in self.base.items() if row["scope"] != scope}
        for change in changes(page):
            held = self.base.get(change["id"])
            if held is not None and held["rev"] >= change["rev"]:
                continue
            if "gone" in change:
                self.base.pop(change["id"], None)
            else:
                self.base[change["id"]] = change
        self.cursor = page.cursor

    async def pull(self, limit: int = 1000) -> int:
        """Pulls until there is no more; how many pages came."""
        pages = 0
        while page := await self.page(limit):
            pages += 1
            self.take(page)
            if not page.more:
                break
        return pages


def changes(page: PullPage) -> list[dict[str, Any]]:
    """What a page tells, in its order."""
    told: list[dict[str, Any]] = msgspec.json.decode(page.changes)
    return told


def ids(page: PullPage) -> list[str]:
    """What a page tells of, in its order."""
    return [each["id"] for each in changes(page)]


def a_photo(letter: str = "a") -> dict[str, Any]:
    return {
        "sha256": letter * 64,
        "size": 10,
        "type": "image/jpeg",
        "role": "visible",
        "taken_at": "2026-11-24T08:00:00Z",
    }
