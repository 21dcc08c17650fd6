"""Faults that let a secret visit show: each is put into both twin servers, and the comparison must find it.

A fault is put in before the server starts. `SHOWS` says in words what the inspected unit would learn by it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import app, evidence, phones
from backend.access import api as access
from backend.access import sessions
from backend.access.tables import account
from backend.features.points import api as points
from backend.web import health
from media import service, tus
from media.tables import holder, photo
from sync import apply, audit, cursor, push, store, where
from sync.records import Op, Refused, Row


def one_counter_for_the_organisation() -> None:
    """What is written in one scope moves the numbers of all."""
    take = store._take_numbers

    async def moved(conn: AsyncConnection, org: str, rows: Any, notices: Any) -> dict[str, int]:
        before = await take(conn, org, rows, notices)
        total = sum(rows.values()) + sum(notices.values())
        others = sa.text("UPDATE scope_head SET seq = seq + :total WHERE org = :org AND scope NOT IN :taken")
        taken = sa.bindparam("taken", expanding=True, value=list(before))
        await conn.execute(others.bindparams(taken), {"total": total, "org": org})
        return before

    store._take_numbers = moved


def one_horizon_for_the_organisation() -> None:
    """Once a secret tombstone is purged, phones of the unit must start again."""
    purge = store.purge

    async def all_of_them(conn: AsyncConnection, org: str, before: datetime) -> int:
        gone = await purge(conn, org, before)
        if gone > 3:  # more than the common day has left
            await conn.execute(sa.text("UPDATE scope_head SET horizon = seq WHERE org = :org"), {"org": org})
        return gone

    store.purge = all_of_them


def a_forged_cursor_is_looked_up() -> None:
    """304 below the head of a foreign scope, 200 above: a search finds how often it was written to."""
    read = push.pull

    async def looked_up(
        conn: AsyncConnection, kinds: Any, caller: Any, now: Any, held: Any, *rest: Any
    ) -> Any:
        places = cursor.parse(held).places if held else {}
        head = await store.head(conn, caller.org, sorted(places))
        if any(place.pos > head.scopes[scope].seq for scope, place in places.items() if scope in head.scopes):
            return None
        return await read(conn, kinds, caller, now, held, *rest)

    push.pull = looked_up


def a_foreign_record_is_forbidden() -> None:
    """403 where nothing is there to be found: the record exists."""
    decide = push.decide

    def told(op: Op, row: Row | None, codec: Any, who: Any, *rest: Any) -> apply.Outcome:
        if row is not None and not who.system and row.scope not in who.scopes:
            raise Refused("forbidden")
        return decide(op, row, codec, who, *rest)

    push.decide = told


def the_kind_is_looked_at_first() -> None:
    """`bad_id` for a foreign record under another kind: the record exists."""
    decide = push.decide

    def told(op: Op, row: Row | None, codec: Any, who: Any, *rest: Any) -> apply.Outcome:
        if row is not None and row.kind != op.kind:
            raise Refused("bad_id")
        return decide(op, row, codec, who, *rest)

    push.decide = told


def a_head_of_station_controls() -> None:
    """Whoever has the role sees all findings, in his own station too."""
    scopes = sessions.scopes
    sessions.scopes = lambda person, unit, roles, parents, _stations=(): scopes(person, unit, roles, parents)


def findings_live_in_the_unit() -> None:
    """A submitted finding comes down with the station's feed."""
    kinds = dict(app.KINDS)
    kinds["finding"] = replace(kinds["finding"], scope=lambda body, *_: f"u:{body['unit']}")
    app.KINDS = kinds


def proposals_live_in_the_unit() -> None:
    """The colleagues of the person concerned see a violation that nobody has confirmed."""
    kinds = dict(app.KINDS)
    kinds["violation"] = replace(kinds["violation"], scope=lambda body, *_: f"u:{body['unit']}")
    app.KINDS = kinds


def the_check_before_sending_answers_for_all() -> None:
    """`have` for a photo that somebody else has sent."""

    async def missing(self: service.Media, caller: Any, wanted: Sequence[str]) -> list[dict[str, Any]]:
        async with self._db.read() as conn:
            have = set(await conn.scalars(service._among(photo, caller.org, wanted)))
        return [{"sha256": sha, "state": "have" if sha in have else "new"} for sha in wanted]

    service.Media.missing = missing  # type: ignore[method-assign]


def naming_a_photo_is_having_it() -> None:
    """A record that names a hash does not miss the photo when anybody has sent it, and shows it."""
    evidence.Claim.sent_by = lambda self, holders: next(iter(holders), None)  # type: ignore[method-assign]


def a_photo_has_one_time_of_arrival() -> None:
    """Who sends the bytes again reads when they first came, and finds their views made."""

    async def seen(self: service.Media, caller: Any, sha256: str) -> Any:
        async with self._db.read() as conn:
            query = (
                sa.select(photo, photo.c.stored_at.label("at"))
                .join(holder, (holder.c.org == photo.c.org) & (holder.c.sha256 == photo.c.sha256))
                .where(photo.c.sha256 == sha256, holder.c.person == caller.person)
            )
            row = (await conn.execute(query)).one_or_none()
            await self._hooks.shown_by(conn, caller, sha256)
        if row is None:
            raise service.MediaError("photo_unknown")
        return row

    service.Media._seen = seen  # type: ignore[method-assign,assignment]


def an_upload_of_known_bytes_is_done_at_once() -> None:
    """tus creation finds the photo of another person."""

    async def held(self: service.Media, conn: AsyncConnection, id_: str) -> bool:
        rows = (
            await conn.execute(
                sa.select(holder.c.org, holder.c.sha256, account.c.id).join(account, sa.true())
            )
        ).all()
        return any(tus.upload_id(org, person, sha) == id_ for org, sha, person in rows)

    service.Media._held = held  # type: ignore[method-assign]


def an_unknown_photo_is_answered_sooner() -> None:
    """One statement for what nobody has, two for what is secret."""
    hook = evidence.Evidence.shown_by

    async def shown_by(self: evidence.Evidence, conn: AsyncConnection, caller: Any, sha256: str) -> Any:
        if await conn.scalar(sa.select(photo.c.size).where(photo.c.sha256 == sha256)) is None:
            return frozenset()
        return await hook(self, conn, caller, sha256)

    evidence.Evidence.shown_by = shown_by  # type: ignore[method-assign]


def the_comparison_of_a_phone_answers_every_scope() -> None:
    """The audit tells how many records `control` holds to whoever asks."""
    compare = push.audit

    async def told(conn: AsyncConnection, caller: Any, now: Any, raw: bytes) -> Any:
        asked = audit._request.decode(raw).scopes
        return await compare(conn, replace(caller, scopes=tuple(asked)), now, raw)

    push.audit = told  # type: ignore[attr-defined]


def a_cursor_opens_its_scopes() -> None:
    """A forged cursor reads what it names."""
    read = push.pull

    async def opened(conn: AsyncConnection, kinds: Any, caller: Any, now: Any, held: Any, *rest: Any) -> Any:
        named = cursor.parse(held).places if held else {}
        wider = replace(caller, scopes=tuple({*caller.scopes, *named}))
        return await read(conn, kinds, wider, now, held, *rest)

    push.pull = opened


def everybody_reads_the_metrics() -> None:
    """Jobs waiting for views of photos are counted for all to read."""
    health.within = lambda *_: True  # type: ignore[assignment]


def all_phones_are_listed() -> None:
    """When an inspector's phone was last here, and how many operations it has sent."""
    access.manages = phones.manages = lambda _: True


def everybody_reads_the_accounts() -> None:
    """Points of others."""
    points._may = lambda *_: True


def what_was_refused_has_moved() -> None:
    """Who knocked at a secret record hears that it lives elsewhere, in place of his refusal alone."""
    state = where._state

    def told(row: Row | None, visible: bool, one: Any, ops: Any) -> where.State:
        return "moved" if row is not None and not visible and one is None else state(row, visible, one, ops)

    where._state = told


LEAKS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        one_counter_for_the_organisation,
        one_horizon_for_the_organisation,
        a_forged_cursor_is_looked_up,
        a_foreign_record_is_forbidden,
        the_kind_is_looked_at_first,
        a_head_of_station_controls,
        findings_live_in_the_unit,
        proposals_live_in_the_unit,
        the_check_before_sending_answers_for_all,
        naming_a_photo_is_having_it,
        a_photo_has_one_time_of_arrival,
        an_upload_of_known_bytes_is_done_at_once,
        an_unknown_photo_is_answered_sooner,
        the_comparison_of_a_phone_answers_every_scope,
        a_cursor_opens_its_scopes,
        everybody_reads_the_metrics,
        all_phones_are_listed,
        everybody_reads_the_accounts,
        what_was_refused_has_moved,
    )
}
SHOWS = {name: (leak.__doc__ or "").strip() for name, leak in LEAKS.items()}
