"""A person's notices, how he wants to be told, the browsers that take web push; and for the administrator, how each
way out is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa
from litestar import Request, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from backend.notices import rules, webpush
from backend.notices.send import Sender
from backend.notices.tables import choice, notice, sending, subscription, way, way_row
from backend.notices.ways import Push, Way
from backend.problems import AppError
from backend.web.asked import administers, decoded
from media.tables import insert_new
from sync import store
from sync.api import body as read_body
from sync.caller import Caller
from sync.tables import moment, record, stamp

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]
GivenSender = NamedDependency[SkipValidation[Sender]]
MOST = 100
MAX_BODY = 20_000
NAMES = ("webhook", "push")
_HOURS = "^(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?$"
Url = Annotated[str, Meta(min_length=1, max_length=1000)]


class Notice(msgspec.Struct):
    """`page` is where it leads in the app; `open` says whether it is still so; `until` is a deadline's moment."""

    id: str
    kind: rules.NoticeKind
    record: str
    record_kind: str
    page: str
    at: datetime
    until: datetime | None
    read_at: datetime | None
    open: bool


class Notices(msgspec.Struct):
    """The last hundred of a month, newest first; `unread` of them are open and not read."""

    now: datetime
    unread: int
    notices: list[Notice]


class Read(msgspec.Struct, forbid_unknown_fields=True):
    """Notices that were seen."""

    ids: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=MOST)]


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """`quiet`: hours like `22:00-07:00`, empty for none, null as the company has it. `address`: the person's name at
    the webhook's receiver, such as his 企业微信 account or number.
    """

    language: Literal["zh-CN", "en"]
    quiet: Annotated[str, Meta(pattern=_HOURS)] | None = None
    address: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.+-]{0,64}$")] = ""


class WayOut(msgspec.Struct):
    """A way that is set up. `failing_since` is null while it works; `reaches` says whether it knows this person."""

    way: str
    failing_since: datetime | None
    reaches: bool


class Ways(msgspec.Struct):
    """`push_key` is the public key that a browser subscribes with; `devices` those of the person that did."""

    choice: Choice
    company_quiet: str
    urgent: bool
    webhook_style: str | None
    push_key: str | None
    devices: list[str]
    ways: list[WayOut]


class WayState(msgspec.Struct):
    """`waiting` notices are due and not gone, `held` ones wait for quiet hours to end."""

    way: str
    set_up: bool
    ok_at: datetime | None
    failing_since: datetime | None
    failed_at: datetime | None
    error: str
    waiting: int
    held: int


class WayStates(msgspec.Struct):
    now: datetime
    ways: list[WayState]


class Keys(msgspec.Struct):
    p256dh: Annotated[str, Meta(max_length=200)]
    auth: Annotated[str, Meta(max_length=100)]


class Subscription(msgspec.Struct):
    """As the browser's `PushSubscription.toJSON()` gives it."""

    endpoint: Url
    keys: Keys


@get("/notices", operation_id="ListNotices", summary="What this person was given notice of")
async def list_notices(caller: GivenCaller, db: GivenDb, clock: GivenClock) -> Notices:
    """Of records that he may read now; of others there is nothing."""
    now = clock()
    async with db.read() as conn:
        found = (
            await conn.execute(
                sa.select(notice)
                .where(_mine(notice, caller), notice.c.due_at <= stamp(now))
                .order_by(notice.c.due_at.desc(), notice.c.id.desc())
                .limit(MOST)
            )
        ).all()
        rows = await store.load(conn, caller.org, {each.record for each in found})
    listed = []
    for each in found:
        row = rows.get(each.record)
        if row is None or row.deleted or row.scope not in caller.scopes:
            continue
        listed.append(
            Notice(
                each.id,
                each.kind,
                each.record,
                row.kind,
                rules.page(each.kind, row.kind, each.record),
                moment(each.due_at),
                moment(each.cause) if each.kind == "deadline" else None,
                moment(each.read_at) if each.read_at else None,
                rules.holds(row, each.kind, each.cause, caller.person),
            )
        )
    return Notices(now, sum(one.open and one.read_at is None for one in listed), listed)


def _mine(table: sa.Table, caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.org == caller.org, table.c.person == caller.person)


@post("/notices/read", status_code=204, operation_id="ReadNotices", summary="Notices that were seen")
async def read_notices(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> None:
    """Own ones only; others and unknown ones are passed over."""
    said = decoded(await read_body(request, MAX_BODY), Read)
    async with db.write() as conn:
        await conn.execute(
            notice.update()
            .where(_mine(notice, caller), notice.c.id.in_(said.ids), notice.c.read_at.is_(None))
            .values(read_at=stamp(clock()))
        )


@get("/notices/ways", operation_id="GetNoticeWays", summary="How this person is told, and what he chose")
async def get_ways(caller: GivenCaller, db: GivenDb, sender: GivenSender) -> Ways:
    async with db.read() as conn:
        own = (await conn.execute(sa.select(choice).where(_mine(choice, caller)))).one_or_none()
        devices = list(
            await conn.scalars(sa.select(subscription.c.device).where(_mine(subscription, caller)))
        )
        states = await _states(conn, caller)
        reached = {
            each.name: caller.person in await each.reached(conn, caller.org, [caller.person])
            for each in sender.ways
        }
    push = _push(sender.ways)
    styles = [each.style for each in sender.ways if hasattr(each, "style")]
    return Ways(
        choice=Choice(own.language, own.quiet, own.address) if own else Choice("zh-CN"),
        company_quiet=sender.quiet,
        urgent=sender.urgent,
        webhook_style=styles[0] if styles else None,
        push_key=webpush.encode(webpush.public_bytes(push.key)) if push else None,
        devices=devices,
        ways=[WayOut(name, _how(states, name).failing_since, reaches) for name, reaches in reached.items()],
    )


@dataclass(frozen=True, slots=True)
class _How:
    """How a way is, as far as the one who asks may know."""

    ok_at: datetime | None = None
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""

    def and_(self, other: "_How") -> "_How":
        """Both together: it fails if one of them does, with the reason of the last time."""
        failing = [one for one in (self, other) if one.failing_since]
        return _How(
            max(filter(None, (self.ok_at, other.ok_at)), default=None),
            min(filter(None, (one.failing_since for one in failing)), default=None),
            max(filter(None, (self.failed_at, other.failed_at)), default=None),
            max(failing, key=lambda one: one.failed_at or EVER).error if failing else "",
        )


EVER = datetime.min.replace(tzinfo=UTC)


async def _states(conn: AsyncConnection, caller: Caller) -> dict[str, _How]:
    """By row; those of what stays with the control group are for the control group."""
    rows = await conn.execute(sa.select(way).where(way.c.org == caller.org))
    return {
        row.way: _How(_at(row.ok_at), _at(row.failed_since), _at(row.failed_at), row.error)
        for row in rows
        if rules.CONTROL in caller.scopes or row.way in NAMES
    }


def _how(states: dict[str, _How], name: str) -> _How:
    hidden = states.get(way_row(name, True), _How())
    return states.get(name, _How()).and_(hidden)


def _at(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _push(ways: Sequence[Way]) -> Push | None:
    return next((each for each in ways if isinstance(each, Push)), None)


@put("/notices/choice", status_code=204, operation_id="ChooseNotices", summary="How this person is told")
async def choose(request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb) -> None:
    said = decoded(await read_body(request, MAX_BODY), Choice)
    values = {"quiet": said.quiet, "language": said.language, "address": said.address}
    async with db.write() as conn:
        await conn.execute(
            insert_new(conn.dialect.name, choice).values(org=caller.org, person=caller.person, **values)
        )
        await conn.execute(choice.update().where(_mine(choice, caller)).values(**values))


@put(
    "/devices/{device:str}/push",
    status_code=204,
    operation_id="SubscribePush",
    summary="This phone's browser takes web push",
)
async def subscribe(
    device: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
    sender: GivenSender,
) -> None:
    """Own devices only, 404 otherwise and where web push is not set up. `invalid` for a push service that the company
    does not go along with, and for keys that are none. It ends with the device.
    """
    push = _push(sender.ways)
    body = await read_body(request, MAX_BODY)
    async with db.write() as conn:
        found = await store.devices(conn, caller.org, device=device)
        own = found and found[0].person == caller.person and found[0].revoked_at is None
        if not own or push is None:
            raise AppError("not_found")
        said = decoded(body, Subscription)
        _checked(push, said)
        values = {
            "person": caller.person,
            "endpoint": said.endpoint,
            "p256dh": said.keys.p256dh,
            "auth": said.keys.auth,
            "made_at": stamp(clock()),
        }
        mine = sa.and_(subscription.c.org == caller.org, subscription.c.device == device)
        await conn.execute(subscription.delete().where(mine))
        await conn.execute(subscription.insert().values(org=caller.org, device=device, **values))


def _checked(push: Push, said: Subscription) -> None:
    parts = urlsplit(said.endpoint)
    if not push.knows(said.endpoint) or parts.scheme not in ("https", "http"):
        raise AppError("invalid", issues=[{"path": "endpoint", "code": "choice"}])
    try:
        webpush.sealed(
            b"", webpush.decode(said.keys.p256dh), webpush.decode(said.keys.auth), bytes(16), push.key
        )
    except ValueError:
        raise AppError("invalid", issues=[{"path": "keys", "code": "choice"}]) from None


@delete(
    "/devices/{device:str}/push",
    operation_id="UnsubscribePush",
    summary="This phone takes no web push any more",
)
async def unsubscribe(device: FromPath[str], caller: GivenCaller, db: GivenDb) -> None:
    """Own devices only."""
    async with db.write() as conn:
        gone = await conn.execute(
            subscription.delete().where(_mine(subscription, caller), subscription.c.device == device)
        )
    if not gone.rowcount:
        raise AppError("not_found")


@get("/notices/state", operation_id="GetNoticeState", summary="How the ways out are; for an admin")
async def get_state(caller: GivenCaller, db: GivenDb, clock: GivenClock, sender: GivenSender) -> WayStates:
    administers(caller)
    now = clock()
    async with db.read() as conn:
        states = await _states(conn, caller)
        n = await _unsent(conn, caller, now)
    set_up = {each.name for each in sender.ways}
    found = ((name, _how(states, name)) for name in NAMES)
    return WayStates(
        now,
        [
            WayState(
                way=name,
                set_up=name in set_up,
                ok_at=how.ok_at,
                failing_since=how.failing_since,
                failed_at=how.failed_at,
                error=how.error,
                waiting=n.get((name, True), 0),
                held=n.get((name, False), 0),
            )
            for name, how in found
        ],
    )


async def _unsent(conn: AsyncConnection, caller: Caller, now: datetime) -> dict[tuple[str, bool], int]:
    """By way, how many are due and have not gone (True), and how many quiet hours hold (False); of records that the
    one who asks may read.
    """
    due = sending.c.due_at <= stamp(now)
    counted = await conn.execute(
        sa.select(sending.c.way, due, sa.func.count())
        .join(notice, sa.and_(notice.c.org == sending.c.org, notice.c.id == sending.c.notice))
        .join(record, sa.and_(record.c.org == notice.c.org, record.c.id == notice.c.record))
        .where(
            sending.c.org == caller.org,
            record.c.scope.in_(caller.scopes),
            sa.or_(sending.c.state == "held", sa.and_(sending.c.state == "waiting", due)),
        )
        .group_by(sending.c.way, due)
    )
    return {(row[0], bool(row[1])): int(row[2]) for row in counted}


def router() -> Router:
    """The routes under `/api/v1`."""
    handlers = [
        list_notices,
        read_notices,
        get_ways,
        choose,
        subscribe,
        unsubscribe,
        get_state,
    ]
    return Router("/api/v1", route_handlers=handlers, tags=["notices"])
