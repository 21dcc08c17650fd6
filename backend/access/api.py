"""Sign-in, sign-out, who am I, and devices."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import Meta

from backend import audit
from backend.access import accounts, enrolments, sessions, throttle
from backend.access.passwords import HASHER, MAX_LENGTH, Passwords
from backend.access.scope import manages
from backend.access.sessions import COOKIE, Directory, SignedIn
from backend.custody import keys
from backend.db import Database
from backend.problems import AppError
from backend.settings import Settings
from backend.web.address import client_address, is_https
from sync import store
from sync.caller import Caller

log = structlog.get_logger("access")

SCHEMA = 1
MIN_SCHEMA = 1

Clock = Callable[[], datetime]
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    login: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=MAX_LENGTH)]


class MePerson(msgspec.Struct):
    id: str
    name: str
    unit: str | None
    unit_name: str
    post: str


class MeOrg(msgspec.Struct):
    id: str
    name: str


class Code(msgspec.Struct, forbid_unknown_fields=True):
    """What the desk shows for a phone; dashes, blanks and case do not matter."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]


class ActingFor(msgspec.Struct):
    """A person in whose place one acts, and the roles that one does not hold oneself."""

    person: str
    name: str
    roles: list[str]


class Recordings(msgspec.Struct):
    """How long and how large one voice note and one video may be, s and bytes; 0 seconds: none are taken."""

    voice_seconds: int
    voice_bytes: int
    video_seconds: int
    video_bytes: int


class Me(msgspec.Struct):
    """The signed-in person, with rights. `clock_limit_s`: how far a device's clock may be off unsaid, s;
    `bulk_sample_pct`: how much is accepted one by one before the rest is accepted at once, %.
    """

    person: MePerson
    org: MeOrg
    roles: list[str]
    acting_for: list[ActingFor]
    scopes: list[str]
    expires_at: datetime
    now: datetime
    clock_limit_s: int
    bulk_sample_pct: float
    recordings: Recordings


class NewDevice(msgspec.Struct, forbid_unknown_fields=True):
    """`id` is made by the phone, once; so is `key`, its public P-256 point as base64url."""

    id: Uuid
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    app_version: Annotated[str, Meta(max_length=40)] = ""
    key: Annotated[str, Meta(max_length=100)] | None = None


class Limits(msgspec.Struct):
    """Operations and bytes of one push; bytes of one piece and of one whole photo."""

    push_ops: int
    push_bytes: int
    upload_chunk: int
    upload_max: int


class Registered(msgspec.Struct):
    """`n` is the last operation number that the server has of this device, `epoch` counts how often it began anew
    from a backup; a push that names another is of before.
    """

    device: str
    n: int
    epoch: int
    scopes: list[str]
    schema: int
    min_schema: int
    limits: Limits
    now: datetime


class Device(msgspec.Struct):
    id: str
    person: str
    name: str
    app_version: str
    n: int
    registered_at: str
    last_seen: str | None
    revoked_at: str | None
    skew_ms: int | None
    skew_error_ms: int | None


class Devices(msgspec.Struct):
    devices: list[Device]


_credentials = msgspec.json.Decoder(Credentials)
_code = msgspec.json.Decoder(Code)
_new_device = msgspec.json.Decoder(NewDevice)


async def _read(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return decoder.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError("malformed", reason=str(error)) from None


def _me(found: SignedIn, now: datetime, settings: Settings) -> Me:
    caller = found.caller
    return Me(
        person=MePerson(caller.person, caller.name, caller.unit, found.unit_name, found.post),
        org=MeOrg(caller.org, found.org_name),
        roles=sorted(caller.roles),
        acting_for=[ActingFor(one.person, one.name, sorted(one.roles)) for one in caller.deputised],
        scopes=list(caller.scopes),
        expires_at=found.expires_at,
        now=now,
        clock_limit_s=settings.clock_limit_s,
        bulk_sample_pct=settings.bulk_sample_pct,
        recordings=Recordings(
            voice_seconds=settings.voice_seconds,
            voice_bytes=min(settings.voice_max_mb * 2**20, settings.upload_max),
            video_seconds=settings.video_seconds,
            video_bytes=min(settings.video_max_mb * 2**20, settings.upload_max),
        ),
    )


def cookie(token: str, settings: Settings, *, secure: bool) -> Cookie:
    """The session cookie; an empty token takes it away."""
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        max_age=settings.session_days * 86400 if token else 0,
        httponly=True,
        samesite="strict",
        secure=secure,
    )


@post("/session", status_code=200, operation_id="SignIn", summary="Sign in")
async def sign_in(
    request: Request[Any, Any, Any],
    db: NamedDependency[SkipValidation[Database]],
    clock: NamedDependency[SkipValidation[Clock]],
    settings: NamedDependency[SkipValidation[Settings]],
    passwords: NamedDependency[SkipValidation[Passwords]],
    directory: NamedDependency[SkipValidation[Directory]],
) -> Response[Me]:
    """Opens a session and sets its cookie. Each sign-in has a token of its own."""
    given: Credentials = await _read(request, _credentials)
    login = accounts.normal(given.login)
    address = client_address(request.scope, settings)
    async with passwords.turn(login):
        async with db.read() as conn:
            await throttle.check(conn, login, address, clock())
            account: Any = await accounts.by_login(conn, login)
            gone = account is not None and await accounts.gone(conn, account.org, account.id, clock())
        stored = None if account is None or account.disabled or gone else account.password_hash
        if not await passwords.verify(stored, given.password):
            log.warning("session.refused", address=address)
            async with db.write() as conn:
                await throttle.count(conn, settings, login, address, clock())
                if account is not None:
                    facts = {"address": address}
                    await audit.append(
                        conn, clock(), account.org, "session.refused", subject=account.id, facts=facts
                    )
            raise AppError("bad_credentials")
    renewed = await passwords.hash(given.password) if HASHER.check_needs_rehash(stored or "") else None
    async with db.write() as conn:
        now = clock()
        await throttle.forgive(conn, login)
        if renewed is not None:
            await accounts.rehash(conn, account.id, renewed)
        if before := request.cookies.get(COOKIE):
            await sessions.end(conn, before)
        token = await sessions.start(conn, settings, account.org, account.id, now)
        facts = {"address": address}
        await audit.append(conn, now, account.org, "session.opened", person=account.id, facts=facts)
    found = await sessions.find(db, settings, directory, token, now)
    log.info("session.opened", org=account.org, person=account.id)
    secure = is_https(request.scope, settings)
    return Response(_me(found, now, settings), cookies=[cookie(token, settings, secure=secure)])


@post("/session/code", status_code=200, operation_id="SignInByCode", summary="Sign a phone in by its code")
async def sign_in_by_code(
    request: Request[Any, Any, Any],
    db: NamedDependency[SkipValidation[Database]],
    clock: NamedDependency[SkipValidation[Clock]],
    settings: NamedDependency[SkipValidation[Settings]],
    directory: NamedDependency[SkipValidation[Directory]],
) -> Response[Me]:
    """Opens a session as a password does. A code is good once; wrong ones count against the address."""
    given: Code = await _read(request, _code)
    address = client_address(request.scope, settings)
    try:
        async with db.write() as conn:
            now = clock()
            await throttle.check(conn, None, address, now)
            org, person = await enrolments.redeem(conn, given.code, now)
            if before := request.cookies.get(COOKIE):
                await sessions.end(conn, before)
            token = await sessions.start(conn, settings, org, person, now)
            await audit.append(conn, now, org, "session.opened", person=person, facts={"address": address})
    except AppError as error:
        if error.code == "enrolment_ended":
            async with db.write() as conn:
                await throttle.count(conn, settings, None, address, clock())
        raise
    found = await sessions.find(db, settings, directory, token, now)
    log.info("session.opened", org=org, person=person)
    secure = is_https(request.scope, settings)
    return Response(_me(found, now, settings), cookies=[cookie(token, settings, secure=secure)])


@get("/session", operation_id="GetSession", summary="Who is signed in")
async def get_session(
    signed_in: NamedDependency[SkipValidation[SignedIn]],
    clock: NamedDependency[SkipValidation[Clock]],
    settings: NamedDependency[SkipValidation[Settings]],
) -> Me:
    return _me(signed_in, clock(), settings)


@delete("/session", status_code=204, operation_id="SignOut", summary="Sign out")
async def sign_out(
    request: Request[Any, Any, Any],
    db: NamedDependency[SkipValidation[Database]],
    clock: NamedDependency[SkipValidation[Clock]],
    settings: NamedDependency[SkipValidation[Settings]],
) -> Response[None]:
    """Ends this session. Signing out twice is no error."""
    if token := request.cookies.get(COOKIE):
        async with db.write() as conn:
            await sessions.end(conn, token)
    secure = is_https(request.scope, settings)
    return Response(None, status_code=204, cookies=[cookie("", settings, secure=secure)])


@post("/devices", status_code=200, operation_id="RegisterDevice", summary="Register or greet this device")
async def register_device(
    request: Request[Any, Any, Any],
    signed_in: NamedDependency[SkipValidation[SignedIn]],
    db: NamedDependency[SkipValidation[Database]],
    clock: NamedDependency[SkipValidation[Clock]],
    settings: NamedDependency[SkipValidation[Settings]],
) -> Registered:
    """The session belongs to the device from then on: revoking the device ends what the session may do.

    A device id is bound to the first key that came with it; another key is refused.
    """
    new: NewDevice = await _read(request, _new_device)
    public = None if new.key is None else keys.point(new.key)
    caller = signed_in.caller
    async with db.write() as conn:
        now = clock()
        n = await store.register_device(
            conn, caller.org, caller.person, new.id, new.name, new.app_version, now
        )
        epoch = (await store.head(conn, caller.org, ())).epoch
        keyed = public is not None and await keys.bind_device(conn, caller.org, new.id, public, now)
        await sessions.bind(conn, signed_in.session, new.id)
        if keyed:
            facts = {"key": hashlib.sha256(public or b"").hexdigest()}
            await audit.append(
                conn,
                now,
                caller.org,
                "device.keyed",
                person=caller.person,
                device=new.id,
                subject=new.id,
                facts=facts,
            )
        if caller.device != new.id:
            await audit.append(
                conn,
                now,
                caller.org,
                "device.registered",
                person=caller.person,
                device=new.id,
                subject=new.id,
            )
    return Registered(
        device=new.id,
        n=n,
        epoch=epoch,
        scopes=list(caller.scopes),
        schema=SCHEMA,
        min_schema=MIN_SCHEMA,
        limits=Limits(
            settings.push_ops, settings.push_bytes, settings.upload_chunk_bytes, settings.upload_max
        ),
        now=now,
    )


@get("/devices", operation_id="ListDevices", summary="My devices; a supervisor's or admin's list has all")
async def list_devices(
    caller: NamedDependency[SkipValidation[Caller]], db: NamedDependency[SkipValidation[Database]]
) -> Devices:
    async with db.read() as conn:
        whose = None if manages(caller) else caller.person
        found: Sequence[store.Device] = await store.devices(conn, caller.org, person=whose)
    return Devices([Device(**{f: getattr(d, f) for f in Device.__struct_fields__}) for d in found])


@post("/devices/{device:str}/revoke", status_code=204, operation_id="RevokeDevice", summary="Revoke a device")
async def revoke_device(
    device: FromPath[str],
    caller: NamedDependency[SkipValidation[Caller]],
    db: NamedDependency[SkipValidation[Database]],
    clock: NamedDependency[SkipValidation[Clock]],
) -> None:
    """For a lost phone: it is refused from now on. One's own, or any by a supervisor or admin."""
    async with db.write() as conn:
        found = await store.devices(conn, caller.org, device=device)
        if not found or (found[0].person != caller.person and not manages(caller)):
            raise AppError("not_found")
        await store.revoke_device(conn, caller.org, device, clock())
        await audit.append(
            conn,
            clock(),
            caller.org,
            "device.revoked",
            person=caller.person,
            device=caller.device,
            subject=device,
        )
    log.info("device.revoked", org=caller.org, device=device)


def router() -> Router:
    """The routes under /api/v1 that open and close doors."""
    return Router(
        "/api/v1",
        route_handlers=[
            sign_in,
            sign_in_by_code,
            get_session,
            sign_out,
            register_device,
            list_devices,
            revoke_device,
        ],
        tags=["access"],
    )
