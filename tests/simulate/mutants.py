"""Faults of the server that the simulator must find: `make mutants`.

Each is a change of behaviour that is made in the server's process after it has begun, never a switch in the product.
Those of the phone stand in `pwa/simulate/mutants.mjs`.
"""

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import text

import sync.apply
import sync.pull
import sync.push
from backend.custody.rescue import Rescue
from media import service as media_service
from sync import store
from sync.errors import SyncError
from sync.group import Pushes
from sync.push import Engine


def dedupe_off() -> None:
    """A number that the server has is applied once more."""
    push = Engine._push

    async def forgetful(self: Engine, unit: Any, one: Any, device: Any, work: Any) -> Any:
        ops = one.batch.ops
        if ops and device is not None and ops[0].n <= device.n:
            key = {"org": unit.org, "device": one.batch.device, "n": ops[0].n}
            for table in ("push", "operation"):
                await unit.conn.execute(
                    text(f"DELETE FROM {table} WHERE org = :org AND device = :device AND n >= :n"), key
                )
            device = replace(device, n=ops[0].n - 1)
        return await push(self, unit, one, device, work)

    Engine._push = forgetful  # type: ignore[method-assign]


def cursor_to_head() -> None:
    """A page that is not the last hands out the cursor of the last one."""
    pull = Engine.pull

    async def hasty(
        self: Engine, conn: Any, caller: Any, now: Any, cursor: Any, limit: int, *more: Any
    ) -> Any:
        page = await pull(self, conn, caller, now, cursor, limit, *more)
        if page is None or not page.more:
            return page
        last = await pull(self, conn, caller, now, cursor, 5000, *more)
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
        return replace(outcome, status="applied", conflicts=())

    sync.push.decide = silent  # type: ignore[attr-defined]


def last_writer_wins() -> None:
    """Whoever comes last overwrites what he has not seen."""
    sync.apply._changed_elsewhere = lambda row, name, base, device: False


def tombstones_skipped() -> None:
    """The feed leaves out what was deleted."""
    feed = store.feed

    async def living(*args: Any, **named: Any) -> Any:
        return [row for row in await feed(*args, **named) if row[4] or not row[5]]

    store.feed = living


def moved_notice_missing() -> None:
    """Who loses sight of a record is not told."""
    save = store.save

    async def untold(conn: Any, org: str, rows: Any, now: Any, **named: Any) -> None:
        await save(conn, org, rows, now, **named | {"left": {}})

    store.save = untold


def photo_complete_without_hash() -> None:
    """A photo is complete when its length is reached; what its bytes hash to is not looked at."""

    async def finish(self: Any, part: Any, row: Any) -> None:
        kind = media_service.sniff(part.head(media_service.HEAD)) or "image/jpeg"
        await self._stores.originals.put_new(
            media_service.original_key(row.org, row.sha256), part.source, kind
        )
        async with self._db.write() as conn:
            await self._enter(conn, row.org, row.person, row.device, row.sha256, row.length, kind)
            await conn.execute(media_service.FORGET, {"the_id": row.id})
        await part.discard()

    media_service.Media._finish = finish  # type: ignore[method-assign]
    media_service.tus.checksum = lambda headers: None  # type: ignore[assignment]


def arrived_photo_not_said() -> None:
    """A photo's record is not touched when its bytes have come."""

    async def touch(*args: Any, **named: Any) -> None:
        return None

    Engine.touch = touch  # type: ignore[method-assign]


def rejected_not_written_down() -> None:
    """A refused operation is answered, and its payload is kept nowhere."""
    save = store.save_pushes

    async def only_good(conn: Any, org: str, now: Any, pushes: Any, packed: Any) -> None:
        good = []
        for push in pushes:
            kept = [
                payload
                if b'"rejected"' not in bytes(answer)
                else msgspec.Raw(b'{"op":"put","kind":"","id":"","at":"2026-01-01T00:00:00Z"}')
                for payload, answer in zip(push.payloads, push.answers, strict=True)
            ]
            good.append(replace(push, payloads=kept))
        await save(conn, org, now, good, await store.pack(good))

    store.save_pushes = only_good


def answer_before_the_commit() -> None:
    """The phone is told before its push is safe: the commit follows 0.3 s later."""

    async def together(self: Pushes, org: str, taken: Any) -> bool:
        try:
            async with self.db.write() as conn:
                answers = await self.engine.push_all(conn, org, self.clock(), [each.push for each in taken])
                for each, answer in zip(taken, answers, strict=True):
                    if not each.answer.done():
                        each.answer.set_result(answer)
                await asyncio.sleep(0.3)
        except Exception as error:
            for each in taken:
                if not each.answer.done():
                    each.answer.set_exception(error)
        return True

    Pushes._together = together  # type: ignore[method-assign]


def log_in_a_second_transaction() -> None:
    """What came is written 0.3 s after the records that it changed, in a transaction of its own."""
    save = store.save_pushes

    async def together(self: Pushes, org: str, taken: Any) -> bool:
        later: list[Any] = []

        async def postponed(conn: Any, *arguments: Any) -> None:
            later.append(arguments)

        store.save_pushes = postponed
        try:
            async with self.db.write() as conn:
                answers = await self.engine.push_all(conn, org, self.clock(), [each.push for each in taken])
            await asyncio.sleep(0.3)
            async with self.db.write() as conn:
                for arguments in later:
                    await save(conn, *arguments)
        except Exception as error:
            for each in taken:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return True
        for each, answer in zip(taken, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(answer)
        return True

    Pushes._together = together  # type: ignore[method-assign]


def numbers_from_a_sequence() -> None:
    """PostgreSQL: `nextval` in place of the counter row and its lock, so that commits overtake each other."""

    def unlocked(postgres: bool) -> str:
        return "SELECT seq, epoch FROM org WHERE id = $1"

    async def take_numbers(conn: Any, org: str, rows: Any, notices: Any) -> dict[str, int]:
        given = (await conn.execute(text("SELECT nextval('numbers')"))).scalar_one()
        await asyncio.sleep(0.4 if given % 2 else 0)  # every other one is overtaken
        return dict.fromkeys(rows.keys() | notices.keys(), given * 10_000)

    async def head(conn: Any, org: str, scopes: Any) -> store.Head:
        epoch = (await conn.execute(text("SELECT epoch FROM org WHERE id = :org"), {"org": org})).scalar_one()
        last = await conn.execute(
            text(
                "SELECT scope, max(seq) FROM (SELECT scope, seq FROM record UNION ALL SELECT scope, seq FROM moved)"
                " AS n GROUP BY scope"
            )
        )
        return store.Head(epoch, {scope: store.ScopeHead(seq, seq) for scope, seq in last if scope in scopes})

    store._lock = unlocked
    store._take_numbers = take_numbers
    store.head = head


def rescue_taken_and_not_applied() -> None:
    """A rescue file counts as brought in, its photos too; its operations went nowhere."""

    async def push(*args: Any) -> bool:
        return True

    Rescue._push = push  # type: ignore[method-assign]


def upcaster_left_out() -> None:
    """What an older app wrote is read as if an app of today had written it."""
    sync.push.upcast.lift = lambda op, schema, kinds: op  # type: ignore[attr-defined]


def new_kinds_never_sent() -> None:
    """A phone with a new app is not sent the kinds that its old one could not read."""
    sync.pull._skipped = lambda kinds, before, now: False


def closed_never_sent() -> None:
    """The feed leaves out all that is closed, also what a phone has yet to hold for some days."""
    sync.pull.holds = lambda kinds, rule, kind, state, scope, at: state not in kinds[kind].closed  # type: ignore[attr-defined]
    left_out = sync.pull.left_out  # type: ignore[attr-defined]

    def more(*args: Any, **named: Any) -> Any:
        return replace(left_out(*args, **named), since="9999")

    sync.pull.left_out = more  # type: ignore[attr-defined]


def too_old_to_send() -> None:
    """An app that is too old to receive is not let send either."""
    prepared = Engine.prepared

    def strict(self: Engine, batch: Any) -> Any:
        if batch.schema < sync.pull.MIN_SCHEMA:
            raise SyncError("schema_too_old", min_schema=sync.pull.MIN_SCHEMA)
        return prepared(self, batch)

    Engine.prepared = strict  # type: ignore[method-assign]


def epoch_not_raised() -> None:
    """After a restore the last step of the procedure is forgotten; see `Host.restore`."""


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
        rejected_not_written_down,
        answer_before_the_commit,
        log_in_a_second_transaction,
        numbers_from_a_sequence,
        rescue_taken_and_not_applied,
        upcaster_left_out,
        new_kinds_never_sent,
        closed_never_sent,
        too_old_to_send,
        epoch_not_raised,
    )
}

ONLY_ON: dict[str, tuple[str, ...]] = {"numbers-from-a-sequence": ("postgresql",)}
"""Databases on which a fault can exist at all, where it is not both."""

KNOWN: dict[str, tuple[int | str, int, str]] = {
    "answer-before-the-commit": ("killed", 0, "sqlite"),
    "answers-not-kept": ("restored", 0, "sqlite"),
    "judged-anew-not-told": ("anew", 0, "sqlite"),
    "conflict-not-told": (1, 400, "sqlite"),
    "cursor-before-its-page": (0, 0, "sqlite"),
    "gone-rows-kept": (1, 400, "sqlite"),
    "receipt-of-what-was-sent": ("meanwhile", 0, "sqlite"),
    "rescue-taken-and-not-applied": ("rescued", 0, "sqlite"),
    "resync-clears-outbox": ("restored", 0, "sqlite"),
    "log-in-a-second-transaction": ("killed", 0, "sqlite"),
    "outbox-dropped-early": (1, 400, "sqlite"),
    "stranger-believed": (7, 400, "sqlite"),
    "drop-scopes-ignored": ("moved", 0, "sqlite"),
    "epoch-not-raised": ("restored", 0, "sqlite"),
    "base-made-up": (1, 400, "sqlite"),
    "number-outside-the-transaction": (5, 200, "sqlite"),
    "photo-bytes-dropped-early": ("photos", 0, "sqlite"),
    "sent-photos-not-asked-for": ("unseen", 0, "sqlite"),
    "captures-not-sent-again": ("unseen", 0, "sqlite"),
    "numbers-from-a-sequence": ("race", 300, "postgresql"),
    "other-content-not-looked-at": ("copy", 0, "sqlite"),
    "upcaster-left-out": ("upgrade", 0, "sqlite"),
    "new-kinds-never-sent": ("upgrade", 0, "postgresql"),
    "schemas-in-one-envelope": ("upgrade", 0, "sqlite"),
    "closed-never-sent": ("wider", 0, "sqlite"),
    "window-forgets-unsent-work": ("days", 0, "sqlite"),
    "window-not-kept": ("days", 0, "postgresql"),
    "too-old-to-send": ("rolling", 0, "sqlite"),
    "old-app-keeps-photos": ("rolling", 0, "sqlite"),
    "wider-window-not-noticed": ("wider", 0, "sqlite"),
    "dedupe-off": (1, 400, "sqlite"),
    "cursor-to-head": (1, 400, "sqlite"),
    "own-edit-is-a-conflict": (1, 400, "sqlite"),
    "conflict-swallowed": (1, 400, "sqlite"),
    "last-writer-wins": (1, 400, "sqlite"),
    "tombstones-skipped": (1, 400, "sqlite"),
    "moved-notice-missing": (1, 400, "sqlite"),
    "photo-complete-without-hash": ("photos", 0, "sqlite"),
    "arrived-photo-not-said": ("photos", 0, "sqlite"),
    "rejected-not-written-down": (1, 400, "sqlite"),
}
"""A small round that was seen to find a fault, of either side; it is played first: seed, operations, database."""
