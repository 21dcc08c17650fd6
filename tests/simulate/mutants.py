"""Faults of the server that the simulator must find: `make mutants`.

Each is a change of behaviour that is made in the server's process after it has begun, never a switch in the product.
Those of the phone stand in `pwa/simulate/mutants.mjs`.
"""

import functools
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

import sync.apply
import sync.push
from media import service as media_service
from sync import store
from sync.push import Engine
from tests.fault import mutants as faults


def dedupe_off() -> None:
    """A number that the server has is applied once more."""
    push = Engine.push

    async def forgetful(self: Engine, conn: AsyncConnection, caller: Any, now: Any, raw: Any) -> Any:
        batch = sync.push.read(raw) if isinstance(raw, bytes) else raw
        if batch.ops:
            key = {"org": caller.org, "device": batch.device, "n": batch.ops[0].n}
            await conn.execute(
                text("DELETE FROM operation WHERE org = :org AND device = :device AND n >= :n"), key
            )
            await conn.execute(
                text("UPDATE device SET n = :n - 1 WHERE org = :org AND id = :device AND n >= :n"), key
            )
        return await push(self, conn, caller, now, batch)

    Engine.push = forgetful  # type: ignore[method-assign]


def cursor_to_head() -> None:
    """A page that is not the last hands out the cursor of the last one."""
    pull = Engine.pull

    async def hasty(
        self: Engine, conn: Any, caller: Any, now: Any, cursor: Any, limit: int, schema: int
    ) -> Any:
        page = await pull(self, conn, caller, now, cursor, limit, schema)
        if page is None or not page.more:
            return page
        last = await pull(self, conn, caller, now, cursor, 5000, schema)
        return msgspec.structs.replace(page, cursor=last.cursor if last else page.cursor)

    Engine.pull = hasty  # type: ignore[method-assign]


def own_edit_is_a_conflict() -> None:
    """A field that the same device changed before counts as changed by somebody else."""

    def changed(row: Any, name: str, base: int, device: str) -> bool:
        rev, _ = row.fv.get(name, (0, ""))
        return bool(rev > base)

    sync.apply._changed_elsewhere = changed


def conflict_swallowed() -> None:
    """The server's value is kept and nobody is told."""
    decide = sync.apply.decide

    @functools.wraps(decide)
    def silent(*args: Any, **named: Any) -> Any:
        outcome = decide(*args, **named)
        if outcome.status != "conflict":
            return outcome
        return sync.apply.replace(outcome, status="applied", conflicts=())

    sync.push.decide = silent  # type: ignore[attr-defined]


def last_writer_wins() -> None:
    """Whoever comes last overwrites what he has not seen."""
    sync.apply._changed_elsewhere = lambda row, name, base, device: False


def tombstones_skipped() -> None:
    """The feed leaves out what was deleted."""
    feed = store.feed

    async def living(*args: Any, **named: Any) -> Any:
        return [row for row in await feed(*args, **named) if not row.deleted]

    store.feed = living


def moved_notice_missing() -> None:
    """Who loses sight of a record is not told."""

    async def nothing(*args: Any, **named: Any) -> None:
        return None

    store.save_moved = nothing


def photo_complete_without_hash() -> None:
    """A photo is complete when its length is reached; what its bytes hash to is not looked at."""

    async def finish(self: Any, part: Any, row: Any) -> None:
        kind = media_service.sniff(await part.head(media_service.HEAD)) or "image/jpeg"
        await self._stores.originals.put_new(media_service.original_key(row.org, row.sha256), part.path, kind)
        async with self._db.write() as conn:
            await self._enter(conn, row.org, row.person, row.device, row.sha256, row.length, kind)
            await conn.execute(media_service.upload.delete().where(media_service.upload.c.id == row.id))
        await part.discard()

    media_service.Media._finish = finish  # type: ignore[method-assign]
    media_service.tus.checksum = lambda headers: None  # type: ignore[assignment]


def arrived_photo_not_said() -> None:
    """A photo's record is not touched when its bytes have come."""

    async def touch(*args: Any, **named: Any) -> None:
        return None

    Engine.touch = touch  # type: ignore[method-assign]


def rejected_payload_dropped() -> None:
    """A refused operation is answered and not written down."""
    save = store.save_operations

    async def only_good(conn: Any, org: str, device: str, now: Any, operations: Any) -> None:
        await save(conn, org, device, now, [o for o in operations if o.status != "rejected"])

    store.save_operations = only_good


def deaf_to_the_gap() -> None:
    """A push that begins after a hole is taken: what is missing is never asked for."""
    push = Engine.push

    async def deaf(self: Engine, conn: AsyncConnection, caller: Any, now: Any, raw: Any) -> Any:
        batch = sync.push.read(raw) if isinstance(raw, bytes) else raw
        if batch.ops:
            key = {"org": caller.org, "device": batch.device, "n": batch.ops[0].n - 1}
            await conn.execute(
                text("UPDATE device SET n = :n WHERE org = :org AND id = :device AND n < :n"), key
            )
        return await push(self, conn, caller, now, batch)

    Engine.push = deaf  # type: ignore[method-assign]


SERVER: dict[str, Callable[[], None]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        dedupe_off,
        cursor_to_head,
        own_edit_is_a_conflict,
        conflict_swallowed,
        last_writer_wins,
        tombstones_skipped,
        moved_notice_missing,
        photo_complete_without_hash,
        arrived_photo_not_said,
        rejected_payload_dropped,
        deaf_to_the_gap,
        faults.answers_before_the_commit,
        faults.counts_in_a_second_transaction,
    )
}

ONLY_ON: dict[str, tuple[str, ...]] = {}
"""Databases on which a fault can exist at all, where it is not both."""
