"""What an administrator does to units, people and their roles. Nothing that records name is ever removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.access import accounts, grants
from backend.access.grants import Grant
from backend.access.tables import account
from backend.features.org import rules
from backend.problems import AppError
from sync import store, tables
from sync.caller import Caller
from sync.push import Engine, Op
from sync.tables import record, stamp

NOBODY: Final = "00000000-0000-7000-8000-000000000000"  # the server's own doing


class Desk:
    """One administrator's change: its transaction, with the organisation locked, and its moment."""

    def __init__(self, conn: AsyncConnection, engine: Engine, caller: Caller, now: datetime) -> None:
        self.conn, self.engine, self.caller, self.now = conn, engine, caller, now
        self.org, self.at = caller.org, stamp(now)

    async def begin(self) -> Desk:
        """Others who change the organisation wait from here on."""
        await store.lock(self.conn, self.org)
        return self

    async def bodies(self, kind: str) -> dict[str, dict[str, Any]]:
        """The records of a kind, by id."""
        found = await self.conn.execute(
            sa.select(record.c.id, record.c.body).where(
                record.c.org == self.org,
                record.c.scope == "org",
                record.c.kind == kind,
                record.c.deleted == 0,
            )
        )
        return {row.id: msgspec.json.decode(row.body) for row in found}

    async def one(self, kind: str, id_: str) -> dict[str, Any]:
        """Raises AppError `not_found`."""
        found = (await self.bodies(kind)).get(id_)
        if found is None:
            raise AppError("not_found")
        return found

    async def grants(self, person: str) -> tuple[Grant, ...]:
        """Raises AppError `not_found` for a person without an account here."""
        kept = await self.conn.scalar(
            sa.select(account.c.grants).where(account.c.org == self.org, account.c.id == person)
        )
        if kept is None:
            raise AppError("not_found")
        return grants.read(kept)

    async def put(self, kind: str, id_: str, data: Mapping[str, Any]) -> None:
        """Raises AppError `invalid` for what the kind refuses."""
        op = Op(op="put", kind=kind, id=id_, at=self.now, data=dict(data))
        (result,) = await self.engine.write(
            self.conn, self.org, self.caller.person, self.now, [op], self.caller.name
        )
        if result.status == "rejected":
            issues = msgspec.to_builtins(result.issues)
            raise AppError("invalid", refusal=result.code, issues=issues)

    async def note(self, action: str, subject: str, facts: Mapping[str, Any]) -> None:
        """The line of the audit log."""
        await audit.append(
            self.conn,
            self.now,
            self.org,
            action,
            person=self.caller.person,
            device=self.caller.device,
            subject=subject,
            facts=facts,
        )

    async def keep_an_admin(self) -> None:
        """Raises AppError `last_admin` when nobody who may stay for good would administer any more."""
        found = await self.conn.execute(
            sa.select(account.c.id, account.c.grants).where(
                account.c.org == self.org, account.c.disabled.is_(False)
            )
        )
        held = {row.id for row in found if rules.administers(grants.read(row.grants), self.at)}
        people = await self.bodies("person")
        if not any(people.get(id_, {}).get("until") is None for id_ in held):
            raise AppError("last_admin")


async def add_unit(desk: Desk, id_: str, data: Mapping[str, Any]) -> None:
    """Adding the same again changes nothing."""
    units = await desk.bodies("unit")
    _refuse(rules.unit_issue(id_, data, units, desk.now))
    await desk.put("unit", id_, data)
    if id_ not in units:
        await desk.note("unit.added", id_, {"unit": data})


async def change_unit(desk: Desk, id_: str, changes: Mapping[str, Any]) -> None:
    """Rename, move, or close from a date (`until`); None opens it again."""
    units = await desk.bodies("unit")
    before = units[id_]
    after = {**before, **changes}
    _refuse(rules.unit_issue(id_, after, units, desk.now))
    if after.get("until") is not None:
        people = await desk.bodies("person")
        users = rules.users_after(id_, after["until"], units, people)
        if users:
            raise AppError("unit_in_use", people=users)
    await _change(desk, "unit", id_, before, changes)


async def add_person(desk: Desk, id_: str, data: Mapping[str, Any], login: str, password_hash: str) -> None:
    """A person with an account and no role yet. Adding the same again changes nothing."""
    known = (await desk.bodies("person")).get(id_)
    units = await desk.bodies("unit")
    _refuse(rules.person_issue(data, units, desk.now))
    if known is not None:
        return
    await desk.put("person", id_, {**data, "roles": []})
    try:
        async with desk.conn.begin_nested():
            await accounts.create(
                desk.conn,
                desk.now,
                org=desk.org,
                person=id_,
                login=login,
                password_hash=password_hash,
                roles=[],
            )
    except IntegrityError:
        raise AppError("login_taken") from None
    await desk.note("person.added", id_, {"person": data})


async def change_person(desk: Desk, id_: str, changes: Mapping[str, Any]) -> None:
    """Another name, post or unit, or the date from which he has left (`until`); None takes that back."""
    before = (await desk.bodies("person"))[id_]
    _refuse(rules.person_issue({**before, **changes}, await desk.bodies("unit"), desk.now))
    await _change(desk, "person", id_, before, changes)
    if changes.get("until") is not None:
        await desk.keep_an_admin()


async def _change(
    desk: Desk, kind: str, id_: str, before: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    changed = {
        name: [before.get(name), value] for name, value in changes.items() if before.get(name) != value
    }
    if changed:
        await desk.put(kind, id_, {name: changes[name] for name in changed})
        await desk.note(f"{kind}.changed", id_, {"changes": changed})


async def give_role(desk: Desk, person: str, wanted: Grant) -> None:
    """A role from a time, maybe until a time, his own or in place of another. Giving the same again changes nothing.

    Raises AppError `role_held`, `deputy_unfit`, `invalid` for times that are none.
    """
    kept = await desk.grants(person)
    if any(each.id == wanted.id for each in kept):
        return
    given = replace(wanted, since=max(wanted.since, desk.at))
    if given.until is not None and given.until <= given.since:
        raise AppError("invalid", issues=[{"path": "until", "code": "before_start"}])
    if rules.overlaps(kept, given):
        raise AppError("role_held")
    if given.of is not None:
        await _fit(desk, person, given)
    await accounts.set_grants(desk.conn, person, [*kept, given])
    await desk.note("role.given", person, {"grant": msgspec.to_builtins(given)})
    await show_roles(desk, [person])


async def _fit(desk: Desk, person: str, given: Grant) -> None:
    people = await desk.bodies("person")
    holder = people.get(str(given.of))
    if holder is None or given.of == person or holder["unit"] != people[person]["unit"]:
        raise AppError("deputy_unfit")
    held = await desk.grants(str(given.of))
    if not any(each.of is None and each.role == given.role and _meet(each, given) for each in held):
        raise AppError("deputy_unfit")


def _meet(one: Grant, other: Grant) -> bool:
    return rules.overlaps([replace(one, of=other.of)], other)


async def end_role(desk: Desk, person: str, grant: str, until: str) -> None:
    """It gives nothing from `until` on, now at the earliest; one that never began never will."""
    kept = await desk.grants(person)
    ended = next(each for each in kept if each.id == grant)
    end = max(until, desk.at, ended.since) if ended.since <= desk.at else max(until, ended.since)
    if ended.until is not None and ended.until <= end:
        return
    await accounts.set_grants(
        desk.conn, person, [replace(each, until=end) if each.id == grant else each for each in kept]
    )
    await desk.note("role.ended", person, {"grant": grant, "role": ended.role, "until": end})
    await show_roles(desk, [person])
    if ended.role == "admin" and ended.of is None:
        await desk.keep_an_admin()


async def show_roles(desk: Desk, people: Sequence[str]) -> None:
    """Each person's record names the roles that he holds himself now, for others to see."""
    bodies = await desk.bodies("person")
    for person in people:
        held = sorted(grants.own(await desk.grants(person), desk.at))
        if bodies[person]["roles"] != held:
            await desk.put("person", person, {"roles": held})


async def show_due(conn: AsyncConnection, engine: Engine, now: datetime) -> None:
    """Roles that began or ended by the calendar stand in the people's records too."""
    for org in (await conn.scalars(sa.select(tables.org.c.id).order_by(tables.org.c.id))).all():
        server = Caller(org=org, person=NOBODY, name="", roles=frozenset(), scopes=())
        desk = await Desk(conn, engine, server, now).begin()
        people = await desk.bodies("person")
        rows = await conn.execute(
            sa.select(account.c.id, account.c.grants).where(account.c.org == org).order_by(account.c.id)
        )
        for row in rows.all():
            held = sorted(grants.own(grants.read(row.grants), desk.at))
            if row.id in people and people[row.id]["roles"] != held:
                await desk.put("person", row.id, {"roles": held})


def _refuse(issue: rules.Issue | None) -> None:
    if issue is None:
        return
    if issue.code == "name_taken":
        raise AppError("name_taken")
    raise AppError("invalid", issues=[{"path": issue.path, "code": issue.code}])
