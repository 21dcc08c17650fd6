"""Units, people, their roles and their phones' codes, for the administrator alone."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
import sqlalchemy as sa
from litestar import Request, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import UNSET, Meta, UnsetType

from backend.access import accounts, enrolments, grants
from backend.access.grants import Grant
from backend.access.passwords import MAX_LENGTH, MIN_LENGTH, Passwords
from backend.access.tables import account
from backend.db import Database
from backend.features.org import service
from backend.features.org.model import Area, Id, Name, Role, Until
from backend.features.org.service import Desk
from backend.problems import AppError
from backend.settings import Settings
from backend.web.asked import administers, decoded
from sync.caller import Caller
from sync.push import Engine
from sync.tables import moment, stamp

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenEngine = NamedDependency[SkipValidation[Engine]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]
GivenPasswords = NamedDependency[SkipValidation[Passwords]]
Login = Annotated[str, Meta(pattern=r"^[^\s:]{2,64}$")]
Password = Annotated[str, Meta(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
MINUTES: Final = 10


class NewUnit(msgspec.Struct, forbid_unknown_fields=True):
    """`id` is made by whoever adds it, so that adding it twice adds it once."""

    id: Id
    name: Name
    level: Literal["county", "station"]
    area: Area
    name_en: Name | None = None
    parent: Id | None = None


class UnitChange(msgspec.Struct, forbid_unknown_fields=True):
    """Fields that are left out stay; `until` closes the unit from then on, null opens it again."""

    name: Name | UnsetType = UNSET
    name_en: Name | UnsetType | None = UNSET
    area: Area | UnsetType = UNSET
    parent: Id | UnsetType = UNSET
    until: Until | UnsetType | None = UNSET


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """`login` signs in; without a password only a code for a phone does."""

    id: Id
    name: Name
    unit: Id
    post: Name
    login: Login
    profession: Name | None = None
    password: Password | None = None


class PersonChange(msgspec.Struct, forbid_unknown_fields=True):
    """Fields that are left out stay; from `until` on the person has left, null takes that back."""

    name: Name | UnsetType = UNSET
    unit: Id | UnsetType = UNSET
    post: Name | UnsetType = UNSET
    profession: Name | UnsetType | None = UNSET
    until: Until | UnsetType | None = UNSET


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """A role from `since` (now when left out) until before `until`; `instead_of` names whom a deputy stands for."""

    id: Id
    role: Role
    since: Until | None = None
    until: Until | None = None
    instead_of: Id | None = None


class RoleEnd(msgspec.Struct, forbid_unknown_fields=True):
    """From when on; now when left out."""

    until: Until | None = None


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    password: Password


class HeldRole(msgspec.Struct):
    """A role of a person: past, running or to come."""

    id: str
    role: str
    since: datetime
    until: datetime | None
    instead_of: str | None
    runs: bool


class StaffUnit(msgspec.Struct):
    id: str
    name: str
    name_en: str | None
    level: str
    area: str
    parent: str | None
    until: datetime | None


class StaffPerson(msgspec.Struct):
    """`login` is null for somebody without an account."""

    id: str
    name: str
    unit: str
    post: str
    profession: str | None
    until: datetime | None
    login: str | None
    roles: list[HeldRole]


class Staff(msgspec.Struct):
    """All units and people, also closed ones and those who left."""

    now: datetime
    units: list[StaffUnit]
    people: list[StaffPerson]


class Invited(msgspec.Struct):
    """A code for one phone, good until `ends_at`; `qr` are the rows of its QR code, # dark, for the address `url`."""

    code: str
    url: str
    qr: list[str]
    ends_at: datetime


def _said(form: msgspec.Struct) -> dict[str, Any]:
    """The fields that were given, as JSON has them."""
    said: dict[str, Any] = msgspec.to_builtins(form)
    return said


@get("/staff", operation_id="GetStaff", summary="All units and people with their roles; for an admin")
async def get_staff(caller: GivenCaller, db: GivenDb, engine: GivenEngine, clock: GivenClock) -> Staff:
    administers(caller)
    now = clock()
    async with db.read() as conn:
        desk = Desk(conn, engine, caller, now)
        units, people = await desk.bodies("unit"), await desk.bodies("person")
        rows = await conn.execute(
            sa.select(account.c.id, account.c.login, account.c.grants).where(account.c.org == caller.org)
        )
        held = {row.id: (row.login, grants.read(row.grants)) for row in rows}
    return Staff(
        now,
        [
            StaffUnit(
                id_,
                each["name"],
                each.get("name_en"),
                each["level"],
                each["area"],
                each.get("parent"),
                _at(each),
            )
            for id_, each in sorted(units.items())
        ],
        [_person(id_, each, held.get(id_), stamp(now)) for id_, each in sorted(people.items())],
    )


def _at(body: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(body["until"]) if body.get("until") else None


def _person(
    id_: str, body: dict[str, Any], held: tuple[str, tuple[Grant, ...]] | None, at: str
) -> StaffPerson:
    login, kept = held or (None, ())
    return StaffPerson(
        id_,
        body["name"],
        body["unit"],
        body["post"],
        body.get("profession"),
        _at(body),
        login,
        [
            HeldRole(
                each.id,
                each.role,
                moment(each.since),
                moment(each.until) if each.until else None,
                each.of,
                each.runs(at),
            )
            for each in kept
        ],
    )


@post("/staff/units", status_code=204, operation_id="AddUnit", summary="Add a unit")
async def add_unit(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, engine: GivenEngine, clock: GivenClock
) -> None:
    administers(caller)
    given = _said(decoded(await request.body(), NewUnit))
    id_ = given.pop("id")
    data = {name: value for name, value in given.items() if value is not None}
    async with db.write() as conn:
        await service.add_unit(await Desk(conn, engine, caller, clock()).begin(), id_, data)


@patch(
    "/staff/units/{unit:str}",
    status_code=204,
    operation_id="ChangeUnit",
    summary="Rename, move, close a unit",
)
async def change_unit(
    unit: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
) -> None:
    administers(caller)
    body = await request.body()
    async with db.write() as conn:
        desk = await Desk(conn, engine, caller, clock()).begin()
        await desk.one("unit", unit)
        await service.change_unit(desk, unit, _said(decoded(body, UnitChange)))


@post("/staff/people", status_code=204, operation_id="AddPerson", summary="Add a person with an account")
async def add_person(
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
    passwords: GivenPasswords,
) -> None:
    administers(caller)
    form = decoded(await request.body(), NewPerson)
    hashed = await passwords.hash(form.password or secrets.token_hex(32))
    names = ("name", "unit", "post", "profession")
    data = {name: value for name in names if (value := getattr(form, name)) is not None}
    async with db.write() as conn:
        desk = await Desk(conn, engine, caller, clock()).begin()
        await service.add_person(desk, form.id, data, form.login, hashed)


@patch(
    "/staff/people/{person:str}",
    status_code=204,
    operation_id="ChangePerson",
    summary="Change a person, or let leave",
)
async def change_person(
    person: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
) -> None:
    administers(caller)
    body = await request.body()
    async with db.write() as conn:
        desk = await Desk(conn, engine, caller, clock()).begin()
        await desk.one("person", person)
        await service.change_person(desk, person, _said(decoded(body, PersonChange)))


@post(
    "/staff/people/{person:str}/password",
    status_code=204,
    operation_id="SetPassword",
    summary="A new password; it ends the person's sign-ins",
)
async def set_password(
    person: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
    passwords: GivenPasswords,
) -> None:
    administers(caller)
    async with db.read() as conn:
        await Desk(conn, engine, caller, clock()).grants(person)
    hashed = await passwords.hash(decoded(await request.body(), NewPassword).password)
    async with db.write() as conn:
        await accounts.set_password(conn, clock(), person, hashed, by=caller.person)


@post(
    "/staff/people/{person:str}/roles",
    status_code=204,
    operation_id="GiveRole",
    summary="A role, or a deputy's",
)
async def give_role(
    person: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
) -> None:
    administers(caller)
    body = await request.body()
    async with db.write() as conn:
        desk = await Desk(conn, engine, caller, clock()).begin()
        await desk.grants(person)
        form = decoded(body, NewRole)
        wanted = Grant(
            form.id,
            form.role,
            stamp(form.since) if form.since else desk.at,
            stamp(form.until) if form.until else None,
            form.instead_of,
        )
        await service.give_role(desk, person, wanted)


@post(
    "/staff/people/{person:str}/roles/{grant:str}/end",
    status_code=204,
    operation_id="EndRole",
    summary="End a role now or from a time",
)
async def end_role(
    person: FromPath[str],
    grant: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
) -> None:
    administers(caller)
    body = await request.body()
    async with db.write() as conn:
        desk = await Desk(conn, engine, caller, clock()).begin()
        if all(each.id != grant for each in await desk.grants(person)):
            raise AppError("not_found")
        until = decoded(body, RoleEnd).until
        await service.end_role(desk, person, grant, stamp(until) if until else desk.at)


@post(
    "/staff/people/{person:str}/enrolments",
    status_code=200,
    operation_id="InviteDevice",
    summary="A code that signs one phone of the person in",
)
async def invite_device(
    person: FromPath[str],
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    engine: GivenEngine,
    clock: GivenClock,
    settings: NamedDependency[SkipValidation[Settings]],
) -> Invited:
    """Codes of before that nobody used end with it."""
    administers(caller)
    async with db.write() as conn:
        now = clock()
        desk = Desk(conn, engine, caller, now)
        await desk.grants(person)
        if grants.left(await desk.one("person", person), now):
            raise AppError("not_found")
        ends_at = now + timedelta(minutes=MINUTES)
        code = await enrolments.invite(conn, caller, person, now, ends_at)
        await desk.note("device.invited", person, {})
    url = f"{enrolments.origin(request, settings)}/signin/code#{code}"
    return Invited(code, url, enrolments.picture(url), ends_at)


def router() -> Router:
    """The routes under `/api/v1`."""
    handlers = [
        get_staff,
        add_unit,
        change_unit,
        add_person,
        change_person,
        set_password,
        give_role,
        end_role,
        invite_device,
    ]
    return Router("/api/v1", route_handlers=handlers, tags=["staff"])
