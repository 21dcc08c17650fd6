"""Rescue files brought in: received in pieces, opened, proven, and applied as their owner's own push.

The operations go through `Engine.push` under the owner's device id and numbers, so each happens once, whatever else
brings it: the phone itself, before or after, or another file. A file that begins beyond what the server has waits.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.access.scope import manages
from backend.clock import Clock
from backend.custody import keys, sealed
from backend.custody.owner import caller_of
from backend.custody.sealed import Manifest, Opened
from backend.custody.tables import rescue
from backend.db import Database
from backend.problems import AppError
from media.errors import MediaError
from media.service import Media
from media.staging import Staging
from media.tables import insert_new
from sync import store
from sync.batch import MAX_BYTES, Batch, read
from sync.caller import Caller
from sync.errors import SyncError
from sync.push import Engine
from sync.tables import device, record, stamp
from sync.tables import org as org_table

log = structlog.get_logger("rescue")

BATCH_OPS = 200
BATCH_BYTES = MAX_BYTES // 2
UNFINISHED = 8  # files that one person may have sent in part
LISTED = 200


class Line(msgspec.Struct, frozen=True):
    """One operation of a file. `status` is the server's answer, `waiting` before there is one."""

    n: int
    kind: str
    id: str
    op: str
    type: str
    status: str
    code: str


class Inside(msgspec.Struct, frozen=True):
    """What a file holds and what came of it. `expected` is the number that the server needs next of this phone."""

    file: str
    state: str
    device: str
    device_name: str
    person: str
    person_name: str
    made_at: str
    revoked: bool
    first: int
    last: int
    expected: int
    photos: int
    photo_bytes: int
    refused_photos: list[str]
    aside: int
    drafts: int
    brought_by: str | None
    brought_at: str | None
    lines: list[Line]


class Standing(msgspec.Struct, frozen=True):
    """`state`: receiving, whole (all bytes are here), done, waiting (for earlier operations), forked."""

    file: str
    state: str
    offset: int


class Listed(msgspec.Struct, frozen=True):
    files: list[Inside]


class KeptAside(msgspec.Struct, frozen=True):
    """What a file holds that nothing applies: changes that no push could carry, and forms not saved, as they came."""

    aside: list[Raw]
    drafts: list[Raw]


class _Numbered(msgspec.Struct):
    n: int
    op: str = ""
    kind: str = ""
    id: str = ""
    subject: str = ""
    type: str = ""


class _Answer(msgspec.Struct):
    status: str
    code: str = ""


_numbered = msgspec.json.Decoder(_Numbered)
_answer = msgspec.json.Decoder(_Answer)
_manifest = msgspec.json.Decoder(Manifest)


@dataclass(frozen=True, slots=True)
class Proven:
    """A file whose every byte was read and whose signature is the device's."""

    manifest: Manifest
    raw: bytes
    device_name: str
    revoked: bool


@dataclass
class Rescue:
    """`folder` holds files that are still coming; `limit` bounds one, in bytes."""

    db: Database
    engine: Engine
    media: Media
    clock: Clock
    folder: Path
    limit: int
    _staging: Staging = field(init=False)

    def __post_init__(self) -> None:
        self._staging = Staging(self.folder)

    def close(self) -> None:
        self._staging.close()

    # --- receiving ------------------------------------------------------------------------------------------

    async def receive(
        self, caller: Caller, file: str, offset: int, length: int, body: AsyncIterator[bytes]
    ) -> Standing:
        """The next bytes of a file. AppError `rescue_offset` with the true one, `rescue_too_large`, `rescue_damaged`
        when the whole does not have its hash; MediaError `storage_full`, `quota_exceeded`.
        """
        if not 0 < length <= self.limit:
            raise AppError("rescue_too_large", limit=self.limit)
        if await self._row(caller, file) is not None:
            return await self.standing(caller, file)
        id_ = _staged(caller, file)
        if not self._staging.offset(id_):
            await self._check_quota(caller)
        async with self._staging.take(id_) as part:
            if part.size == length:
                return Standing(file, "whole", part.size)
            if offset != part.size:
                raise AppError("rescue_offset", offset=part.size)
            try:
                async for piece in body:
                    if part.size + len(piece) > length:
                        raise AppError("rescue_too_large", limit=length - offset)
                    await part.append(piece)
            finally:
                await part.sync()
            if part.size < length:
                return Standing(file, "receiving", part.size)
            if await part.sha256() != file:
                await part.discard()
                raise AppError("rescue_damaged", reason="the file does not have the hash that was announced")
            return Standing(file, "whole", part.size)

    async def standing(self, caller: Caller, file: str) -> Standing:
        """AppError `rescue_unknown`."""
        row = await self._row(caller, file)
        if row is not None and (row.brought_by == caller.person or manages(caller)):
            return Standing(file, row.state, 0)
        offset = self._staging.offset(_staged(caller, file))
        if not offset:
            raise AppError("rescue_unknown")
        return Standing(file, "receiving", offset)

    async def _check_quota(self, caller: Caller) -> None:
        begun = await asyncio.to_thread(lambda: list(self.folder.glob(f"{_owner(caller)}-*.part")))
        if len(begun) >= UNFINISHED:
            raise MediaError("quota_exceeded", limit=UNFINISHED, unit="rescue files")

    # --- opening --------------------------------------------------------------------------------------------

    async def inside(self, caller: Caller, file: str) -> Inside:
        """What a file holds; nothing is brought in. AppError of `prove`, `rescue_unknown`."""
        row = await self._row(caller, file)
        if row is not None:
            return await self._described(row)
        proven = await self._proven(caller, file)
        async with self.db.read() as conn:
            return await _describe(conn, file, proven.manifest, None)

    async def kept_aside(self, caller: Caller, file: str) -> KeptAside:
        """Of a file that was brought in, for a person to read. AppError `rescue_unknown`."""
        row = await self._row(caller, file)
        if row is None:
            raise AppError("rescue_unknown")
        manifest = _manifest.decode(row.manifest)
        return KeptAside(manifest.aside, manifest.drafts)

    async def bring_in(self, caller: Caller, file: str) -> Inside:
        """Photos into the store, operations through the engine. Again is harmless. AppError of `prove`."""
        row = await self._row(caller, file)
        if row is None:
            proven = await self._proven(caller, file)
            async with self._whole(caller, file) as path:
                refused = await self._store_photos(path, proven)
                await self._enter(caller, file, proven, refused)
            await self._forget(caller, file)
            row = await self._row(caller, file)
        if row.state != "done":
            await self.apply(caller.org, file)
        await self._retry(caller.org, row.device)
        return await self._described(await self._row(caller, file))

    async def _proven(self, caller: Caller, file: str) -> Proven:
        """What `prove` says; a file that will never be good is not kept."""
        try:
            async with self._whole(caller, file) as path:
                return await self.prove(caller, path)
        except AppError as error:
            if error.code != "rescue_unknown":
                await self._forget(caller, file)
            raise

    async def prove(self, caller: Caller, path: Path) -> Proven:
        """Read the file to its end and check whose it is.

        AppError `rescue_not_ours`, `rescue_key_unknown`, `rescue_damaged`, `rescue_foreign`,
        `rescue_device_unknown`, `rescue_unproven`. A revoked phone is no reason to refuse: its lost work is what the
        file is for.
        """
        opened = await self._opened(path)
        manifest = opened.manifest
        if manifest.org != caller.org:
            raise AppError("rescue_foreign")
        async with self.db.read() as conn:
            known = (
                await conn.execute(
                    sa.select(device).where(
                        device.c.org == caller.org,
                        device.c.id == manifest.device,
                        device.c.person == manifest.person,
                    )
                )
            ).one_or_none()
            if known is None:
                raise AppError("rescue_device_unknown")
            public = await keys.of_device(conn, caller.org, manifest.device)
        if public is None or not keys.verify(public, opened.signature, opened.signed):
            raise AppError("rescue_unproven")
        _numbers(manifest)
        _refuse_uncarried(manifest)
        return Proven(manifest, opened.raw_manifest, known.name, known.revoked_at is not None)

    async def _opened(self, path: Path) -> Opened:
        key = await self._key(path)

        def read_through() -> Opened:
            with path.open("rb") as file:
                opened = Opened(file, lambda _: key)
                for _, pieces in opened.photos():
                    for _piece in pieces:
                        pass
                return opened

        return await asyncio.to_thread(read_through)

    async def _key(self, path: Path) -> keys.ServerKey:
        id_ = sealed.key_id(await asyncio.to_thread(_head, path))
        async with self.db.read() as conn:
            key = await keys.by_id(conn, id_)
        if key is None or key.purpose != "seal":
            raise AppError("rescue_key_unknown")
        return key

    @asynccontextmanager
    async def _whole(self, caller: Caller, file: str) -> AsyncIterator[Path]:
        """The received file, this request's alone; AppError `rescue_unknown` when it has not come to its end."""
        id_ = _staged(caller, file)
        if not self._staging.offset(id_):
            raise AppError("rescue_unknown")
        async with self._staging.take(id_) as part:
            if not part.size or await part.sha256() != file:
                raise AppError("rescue_unknown")
            yield part.path

    async def _forget(self, caller: Caller, file: str) -> None:
        async with self._staging.take(_staged(caller, file)) as part:
            await part.discard()

    # --- bringing in ----------------------------------------------------------------------------------------

    async def _store_photos(self, path: Path, proven: Proven) -> list[str]:
        """Each photo into the store, as its owner's; those that are no pictures are named."""
        manifest = proven.manifest
        key = await self._key(path)
        refused = []
        with path.open("rb") as file:
            opened = await asyncio.to_thread(Opened, file, lambda _: key)
            for photo, pieces in opened.photos():
                target = self._staging.temporary()
                try:
                    await asyncio.to_thread(_write, target, pieces)
                    await self.media.add_file(
                        manifest.org, manifest.person, manifest.device, target, photo.sha256
                    )
                except MediaError as error:
                    if error.code != "not_a_photo":
                        raise
                    refused.append(photo.sha256)
                finally:
                    await asyncio.to_thread(target.unlink, missing_ok=True)
        return refused

    async def _enter(self, caller: Caller, file: str, proven: Proven, refused: Sequence[str]) -> None:
        """The file's row and its line in the audit log."""
        manifest, now = proven.manifest, self.clock()
        first, last = _numbers(manifest)
        async with self.db.write() as conn:
            if await caller_of(conn, caller.org, manifest.person, manifest.device, now) is None:
                raise AppError("rescue_owner_closed")
            new = await conn.execute(
                insert_new(conn.dialect.name, rescue).values(
                    org=caller.org,
                    file=file,
                    device=manifest.device,
                    person=manifest.person,
                    state="waiting",
                    first=first,
                    last=last,
                    photos=len(manifest.photos),
                    refused_photos=list(refused),
                    revoked=proven.revoked,
                    made_at=manifest.made_at,
                    brought_by=caller.person,
                    brought_at=stamp(now),
                    manifest=proven.raw,
                )
            )
            if new.rowcount:
                facts = {"file": file, "owner": manifest.person, "first": first, "last": last}
                facts |= {"photos": len(manifest.photos), "revoked": proven.revoked}
                await audit.append(
                    conn,
                    now,
                    caller.org,
                    "rescue.brought_in",
                    person=caller.person,
                    device=caller.device,
                    subject=manifest.device,
                    facts=facts,
                )

    async def apply(self, org: str, file: str) -> str:
        """Push what the file holds as far as the server can take it; gives the file's state.

        Each batch is one transaction with its line in the audit log. AppError `rescue_owner_closed`.
        """
        async with self.db.read() as conn:
            row = await _find(conn, org, file)
        manifest = _manifest.decode(row.manifest)
        state = "done"
        try:
            for schema, ops in _batches(manifest):
                async with self.db.write() as conn:
                    if not await self._push(conn, row, schema, ops):
                        state = "waiting"
                        break
        except SyncError as error:
            if error.code not in ("device_fork", "schema_too_new"):
                raise
            # an app that is newer than this server: it goes on after the upgrade
            state = "forked" if error.code == "device_fork" else "waiting"
        async with self.db.write() as conn:
            await conn.execute(
                rescue.update()
                .where(rescue.c.org == org, rescue.c.file == file)
                .values(state=state, settled_at=stamp(self.clock()) if state == "done" else None)
            )
        log.info("rescue.applied", org=org, device=row.device, state=state)
        return state

    async def _push(self, conn: AsyncConnection, row: Any, schema: int, ops: Sequence[Raw]) -> bool:
        """One batch as the owner's push; False when operations before it are missing.

        A revoked phone is let in inside this transaction only, which nobody else sees, and it does not count as seen.
        """
        now = self.clock()
        owner = await caller_of(conn, row.org, row.person, row.device, now)
        if owner is None:
            raise AppError("rescue_owner_closed")
        # the organisation first, as every push does: two that lock in another order would wait for each other
        await conn.execute(
            sa.select(org_table.c.id).where(org_table.c.id == row.org).with_for_update(key_share=True)
        )
        this = (device.c.org == row.org) & (device.c.id == row.device)
        before = (await conn.execute(sa.select(device).where(this))).one()
        sent_at = now - timedelta(milliseconds=before.skew_ms or 0)
        batch = _envelope(row.device, schema, ops, sent_at)
        if batch.ops[0].n > before.n + 1:
            return False
        await conn.execute(device.update().where(this).values(revoked_at=None))
        answer = await self.engine.push(conn, owner, now, batch)
        kept = {
            name: getattr(before, name) for name in ("revoked_at", "last_seen", "skew_ms", "skew_error_ms")
        }
        await conn.execute(device.update().where(this).values(**kept))
        facts = {"file": row.file, "first": batch.ops[0].n, "last": batch.ops[-1].n, "acked": answer.acked}
        facts |= {"new": max(0, batch.ops[-1].n - max(before.n, batch.ops[0].n - 1))}
        await audit.append(
            conn, now, row.org, "rescue.applied", person=row.brought_by, subject=row.device, facts=facts
        )
        return True

    async def _retry(self, org: str, device_id: str | None = None) -> None:
        """Files that waited for what has come meanwhile."""
        query = sa.select(rescue.c.file).where(rescue.c.org == org, rescue.c.state == "waiting")
        if device_id is not None:
            query = query.where(rescue.c.device == device_id)
        async with self.db.read() as conn:
            files = list(await conn.scalars(query.order_by(rescue.c.first)))
        for file in files:
            try:
                await self.apply(org, file)
            except (
                AppError,
                SyncError,
            ) as error:  # as when its owner's account is closed: it goes on waiting
                log.warning("rescue.waits", org=org, file=file, code=error.code)

    async def retry_all(self) -> None:
        """For the worker, once an hour."""
        async with self.db.read() as conn:
            orgs = list(
                await conn.scalars(sa.select(rescue.c.org).where(rescue.c.state == "waiting").distinct())
            )
        for org in orgs:
            await self._retry(org)

    # --- telling --------------------------------------------------------------------------------------------

    async def listing(self, org: str) -> list[Inside]:
        """The newest files of the organisation, after those that can go on have gone on."""
        await self._retry(org)
        async with self.db.read() as conn:
            rows = await conn.execute(
                sa.select(rescue)
                .where(rescue.c.org == org)
                .order_by(rescue.c.brought_at.desc())
                .limit(LISTED)
            )
            return [
                await _describe(conn, row.file, _manifest.decode(row.manifest), row) for row in rows.all()
            ]

    async def _row(self, caller: Caller, file: str) -> Any:
        async with self.db.read() as conn:
            return await _find(conn, caller.org, file)

    async def _described(self, row: Any) -> Inside:
        async with self.db.read() as conn:
            return await _describe(conn, row.file, _manifest.decode(row.manifest), row)


async def _find(conn: AsyncConnection, org: str, file: str) -> Any:
    query = sa.select(rescue).where(rescue.c.org == org, rescue.c.file == file)
    return (await conn.execute(query)).one_or_none()


def _owner(caller: Caller) -> str:
    """The part of a staged name that is the sender's."""
    return "rescue-" + hashlib.sha256(f"{caller.org} {caller.person}".encode()).hexdigest()[:16]


def _staged(caller: Caller, file: str) -> str:
    return f"{_owner(caller)}-{file}"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(sealed.HEADER)


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _numbers(manifest: Manifest) -> tuple[int, int]:
    """First and last number; (1, 0) for none. AppError `rescue_damaged` when they are not in a row."""
    try:
        numbers = [_numbered.decode(op).n for op in manifest.ops]
    except msgspec.DecodeError as error:
        raise AppError("rescue_damaged", reason=f"an operation cannot be read: {error}") from None
    if any(n != before + 1 for before, n in pairwise(numbers)) or min(numbers, default=1) < 1:
        raise AppError("rescue_damaged", reason="operation numbers are not in a row")
    if len(manifest.schemas) != len(numbers):
        raise AppError("rescue_damaged", reason="not every operation has its schema")
    return (numbers[0], numbers[-1]) if numbers else (1, 0)


def _refuse_uncarried(manifest: Manifest) -> None:
    """AppError `rescue_damaged` for operations that no push can carry."""
    try:
        for schema, ops in _batches(manifest):
            _envelope(manifest.device, schema, ops, datetime(2000, 1, 1, tzinfo=UTC))
    except SyncError as error:
        raise AppError("rescue_damaged", reason=f"operations that no push can carry: {error.code}") from None


def _batches(manifest: Manifest) -> Iterator[tuple[int, list[Raw]]]:
    """The operations in portions that one push may carry, each with the schema that all its operations have."""
    batch: list[Raw] = []
    size, written = 0, 0
    for op, schema in zip(manifest.ops, manifest.schemas, strict=True):
        length = len(bytes(op))
        full = len(batch) >= BATCH_OPS or size + length > BATCH_BYTES
        if batch and (full or schema != written):
            yield written, batch
            batch, size = [], 0
        batch.append(op)
        size, written = size + length, schema
    if batch:
        yield written, batch


def _envelope(device_id: str, schema: int, ops: Sequence[Raw], sent_at: datetime) -> Batch:
    """As the phone would have sent them. The file's age says nothing of the phone's clock, so `sent_at` keeps the last
    known error.
    """
    return read(msgspec.json.encode({"device": device_id, "schema": schema, "sent_at": sent_at, "ops": ops}))


async def _describe(conn: AsyncConnection, file: str, manifest: Manifest, row: Any) -> Inside:
    """For people: names instead of ids, and the server's answer to each operation."""
    first, last = _numbers(manifest)
    org = manifest.org
    here = (
        await conn.execute(sa.select(device).where(device.c.org == org, device.c.id == manifest.device))
    ).one()
    name = await conn.scalar(
        sa.select(record.c.body).where(record.c.org == org, record.c.id == manifest.person)
    )
    answered = await store.answers(conn, org, manifest.device, first, last) if last >= first else {}
    lines = []
    for raw in manifest.ops:
        op = _numbered.decode(raw)
        answer = _answer.decode(answered[op.n][1]) if op.n in answered else None
        lines.append(
            Line(
                n=op.n,
                kind=op.kind,
                id=op.subject or op.id,
                op=op.op,
                type=op.type,
                status=answer.status if answer else "waiting",
                code=answer.code if answer else "",
            )
        )
    return Inside(
        file=file,
        state="whole" if row is None else row.state,
        device=manifest.device,
        device_name=here.name,
        person=manifest.person,
        person_name=str(msgspec.json.decode(name).get("name", "")) if name else "",
        made_at=manifest.made_at,
        revoked=here.revoked_at is not None,
        first=first,
        last=last,
        expected=here.n + 1,
        photos=len(manifest.photos),
        photo_bytes=sum(photo.size for photo in manifest.photos),
        refused_photos=[] if row is None else list(row.refused_photos),
        aside=len(manifest.aside),
        drafts=len(manifest.drafts),
        brought_by=None if row is None else row.brought_by,
        brought_at=None if row is None else row.brought_at,
        lines=lines,
    )
