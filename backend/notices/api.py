"""A person's notices, how he wants to be told, the browsers that take web push; and for the administrator, how each
way out is.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
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
from backend.notices.tables import choice, notice, sending, subscription, way
from backend.notices.ways import Push, Way
from backend.problems import AppError
from media.tables import insert_new
from sync import store
from sync.caller import Caller
from sync.tables import moment, stamp

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]
GivenSender = NamedDependency[SkipValidation[Sender]]
MOST = 100
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


_subscription = msgspec.json.Decoder(Subscription)
_choice = msgspec.json.Decoder(Choice)
_read = msgspec.json.Decoder(Read)


async def _body(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return decoder.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError("malformed", reason=str(error)) from None


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
    said: Read = await _body(request, _read)
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
        states = await _states(conn, caller.org)
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
        ways=[WayOut(name, _since(states.get(name)), reaches) for name, reaches in reached.items()],
    )


async def _states(conn: AsyncConnection, org: str) -> dict[str, Any]:
    return {row.way: row for row in await conn.execute(sa.select(way).where(way.c.org == org))}


def _since(state: Any) -> datetime | None:
    return _at(state.failed_since) if state else None


def _at(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _push(ways: Sequence[Way]) -> Push | None:
    return next((each for each in ways if isinstance(each, Push)), None)


@put("/notices/choice", status_code=204, operation_id="ChooseNotices", summary="How this person is told")
async def choose(request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb) -> None:
    said: Choice = await _body(request, _choice)
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
    body = await request.body()
    async with db.write() as conn:
        found = await store.devices(conn, caller.org, device=device)
        own = found and found[0].person == caller.person and found[0].revoked_at is None
        if not own or push is None:
            raise AppError("not_found")
        try:
            said = _subscription.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AppError("malformed", reason=str(error)) from None
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
    if "admin" not in caller.roles:
        raise AppError("forbidden")
    now = clock()
    async with db.read() as conn:
        states = await _states(conn, caller.org)
        counted = await conn.execute(
            sa.select(sending.c.way, sending.c.state, sa.func.count())
            .where(
                sending.c.org == caller.org,
                sa.or_(
                    sending.c.state == "held",
                    sa.and_(sending.c.state == "waiting", sending.c.due_at <= stamp(now)),
                ),
            )
            .group_by(sending.c.way, sending.c.state)
        )
        n = {(row[0], row[1]): int(row[2]) for row in counted}
    set_up = {each.name for each in sender.ways}
    return WayStates(
        now,
        [
            WayState(
                way=name,
                set_up=name in set_up,
                ok_at=_at(states[name].ok_at) if name in states else None,
                failing_since=_since(states.get(name)),
                failed_at=_at(states[name].failed_at) if name in states else None,
                error=states[name].error if name in states else "",
                waiting=n.get((name, "waiting"), 0),
                held=n.get((name, "held"), 0),
            )
            for name in ("webhook", "push")
        ],
    )


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
