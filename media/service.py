"""Photos from the first byte to the view: uploads, the stores, derivatives, who may see what."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from media import tus
from media.arrivals import Arrival, Arrivals
from media.errors import MediaError
from media.reuse import Reuse, unseen
from media.sandbox import Sandbox
from media.sniff import HEAD, RECORDING, agrees, sniff
from media.staging import Part, Staging
from media.statements import BEGIN, FORGET, STANDING, STORED, UNFINISHED
from media.stores import Missing, Stores
from media.tables import holder, photo, upload

VIEWS: Final = ("w320", "w1600", "thermal")
_PIECE: Final = 2**20  # bytes of a body taken in at a time; phones send smaller photos whole
_POLL_S: Final = 0.05  # how soon a waiting request notices that a newer one wants its upload
_STRAY_S: Final = 24 * 3600.0  # working files of a process that was killed
_LIST: Final = 500  # hashes in one statement: SQLite bounds its parameters
_ASKED_AT_ONCE: Final = 8  # questions to the store at a time
_TRANSIENT: Final = ("crashed", "timeout")  # the machine may be to blame: worth another try
_RESEMBLE_AFTER: Final = timedelta(seconds=5)  # views that somebody waits for come first
_PART: Final = 500  # photos looked at in one statement
_HEX: Final = frozenset("0123456789abcdef")


class Caller(Protocol):
    """Who asks. Read-only."""

    @property
    def org(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def device(self) -> str | None: ...


class Db(Protocol):
    """Transactions: read, and write that commits at a clean exit."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]: ...
    def write(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


class DecoderLost(Exception):  # noqa: N818 - reads as what it says
    """The decoding process died or hung over a photo; it was replaced, the photo is worth another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Bounds of upload and decoding. Sizes in bytes; quotas are for the unfinished uploads of one device."""

    staging_dir: Path
    upload_max: int = 64 * 2**20
    upload_ttl: timedelta = timedelta(days=14)
    quota_count: int = 1000
    quota_bytes: int = 4 * 2**30
    max_pixels: int = 50_000_000
    decode_memory: int = 1536 * 2**20
    decode_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHooks:
    """What the application answers and does for media, inside the transaction given."""

    shown_by: Callable[[AsyncConnection, Any, str], Awaitable[frozenset[str]]]
    on_stored: Callable[[AsyncConnection, str, Sequence[tuple[str, str]], datetime], Awaitable[None]]
    enqueue: Callable[[AsyncConnection, str, str, Sequence[dict[str, Any]], datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an upload stands. `expires` is None once the photo is stored."""

    id: str
    offset: int  # bytes, durable
    length: int  # bytes
    expires: datetime | None
    metadata: str | None = None  # as the client gave it

    def headers(self) -> dict[str, str]:
        return tus.state_headers(self.offset, self.length, self.expires)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An object to be sent: `open(start, length)` gives its bytes, `address()` where the store itself gives them."""

    size: int
    type: str
    tag: str  # of these bytes: another derivation has another one
    open: Callable[[int, int | None], Awaitable[AsyncIterator[bytes]]]
    address: Callable[[], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A photo as the caller may know it: from the uploads that are his or stand in records that he reads.

    What others did with the same bytes, and when, is not in it.
    """

    size: int
    type: str
    at: datetime
    derived: str
    facts: dict[str, Any]
    devices: frozenset[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """A row of `upload`."""

    id: str
    org: str
    person: str
    device: str | None
    sha256: str
    length: int  # bytes
    type: str  # as declared
    name: str | None
    created_at: datetime
    expires_at: datetime
    metadata: str | None

    @property
    def whole(self) -> Progress:
        """What is said when every byte is in the store."""
        return Progress(id=self.id, offset=self.length, length=self.length, expires=None)


def _of(caller: Caller, id_: str) -> dict[str, str]:
    """Parameters of the statements about one upload of the caller."""
    return {"the_id": id_, "the_org": caller.org, "the_person": caller.person}


def is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= _HEX


def _among(table: sa.Table, org: str, wanted: Sequence[str]) -> sa.Select[Any]:
    return sa.select(table.c.sha256).where(table.c.org == org, table.c.sha256.in_(wanted))


def original_key(org: str, sha256: str) -> str:
    return f"{org}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


class Media:
    """Photos of all organisations. `start` before the first call, `close` after the last."""

    def __init__(
        self,
        settings: MediaSettings,
        stores: Stores,
        db: Db,
        clock: Callable[[], datetime],
        hooks: MediaHooks,
    ) -> None:
        self.settings = settings
        self._stores, self._db, self._clock, self._hooks = stores, db, clock, hooks
        self._arrivals = Arrivals(db, clock, hooks)
        self._staging = Staging(settings.staging_dir)
        self._sandbox = Sandbox(settings.decode_memory, settings.decode_seconds, settings.max_pixels)
        self._reuse = Reuse(db, stores.derivatives, self._sandbox, clock, settings.staging_dir, original_key)

    async def start(self) -> None:
        """Make folders and buckets. Once, before the first request."""
        self._staging.prepare()
        await self._stores.originals.prepare()
        await self._stores.derivatives.prepare()

    async def close(self) -> None:
        """End the decoding process and the stores' threads."""
        await self._sandbox.close()
        await self._stores.originals.close()
        await self._stores.derivatives.close()
        self._staging.close()

    @property
    def reads(self) -> str:
        """Origin from which browsers may be sent to read originals, "" when there is none."""
        return self._stores.reads

    async def health(self) -> None:
        """Raise MediaError store_unavailable when a store does not answer."""
        await self._stores.originals.health()
        await self._stores.derivatives.health()

    # --- uploads -----------------------------------------------------------------------------------------

    async def missing(self, caller: Caller, wanted: Sequence[str]) -> list[dict[str, Any]]:
        """For each SHA-256: have (the asker has sent it), partial with its offset, or new.

        Another's photo is new even where the asker may look at it: he sends it once more, and his record rests
        on his own bytes.
        """
        async with self._db.read() as conn:
            have: set[str] = set()
            for i in range(0, len(wanted), _LIST):
                mine = _among(holder, caller.org, wanted[i : i + _LIST]).where(
                    holder.c.person == caller.person
                )
                have.update(await conn.scalars(mine))
        answers: list[dict[str, Any]] = []
        for sha256 in wanted:
            if sha256 in have:
                answers.append({"sha256": sha256, "state": "have"})
                continue
            offset = self._staging.offset(tus.upload_id(caller.org, caller.person, sha256))
            answers.append({"sha256": sha256, "state": "partial" if offset else "new", "offset": offset})
        return answers

    async def whole(self, caller: Caller, wanted: Sequence[str]) -> set[str]:
        """Those that the asker has sent and whose every byte lies in the store; it is asked, not only the row."""
        states = await self.missing(caller, list(dict.fromkeys(wanted)))
        have = [answer["sha256"] for answer in states if answer["state"] == "have"]
        async with self._db.read() as conn:
            sizes = {
                row.sha256: row.size
                for i in range(0, len(have), _LIST)
                for row in await conn.execute(
                    sa.select(photo.c.sha256, photo.c.size).where(
                        photo.c.org == caller.org, photo.c.sha256.in_(have[i : i + _LIST])
                    )
                )
            }
        turns = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def complete(sha256: str) -> bool:
            async with turns:
                size = await self._stores.originals.size(original_key(caller.org, sha256))
            return size == sizes.get(sha256)

        kept = await asyncio.gather(*(complete(sha256) for sha256 in have))
        return {sha256 for sha256, is_whole in zip(have, kept, strict=True) if is_whole}

    async def create(
        self, caller: Caller, headers: Mapping[str, str], body: AsyncIterator[bytes] | None
    ) -> Progress:
        """Begin an upload, or find it again: the id follows from person and hash. `body` may bring bytes."""
        begun = self._begun(caller, tus.creation(headers, self.settings.upload_max))
        check, announced = tus.checksum(headers), tus.body_length(headers)
        if body is not None and announced == begun.length <= _PIECE and not self._staging.offset(begun.id):
            return await self._receive_at_once(caller, headers, begun, body, check)
        async with self._db.write() as conn:
            if await self._held(conn, caller, begun):
                return begun.whole
            await self._begin(conn, begun)
        progress = await self.progress(caller, begun.id)
        if body is None or progress.offset:
            return progress
        return await self._receive(caller, begun.id, 0, body, check, announced)

    def _begun(self, caller: Caller, asked: tus.Creation) -> _Upload:
        now = self._clock()
        return _Upload(
            id=tus.upload_id(caller.org, caller.person, asked.sha256),
            org=caller.org,
            person=caller.person,
            device=caller.device,
            sha256=asked.sha256,
            length=asked.length,
            type=asked.type,
            name=asked.name,
            created_at=now,
            expires_at=now + self.settings.upload_ttl,
            metadata=asked.metadata,
        )

    async def _begin(self, conn: AsyncConnection, begun: _Upload) -> None:
        await conn.execute(BEGIN[conn.dialect.name], asdict(begun))

    async def _held(self, conn: AsyncConnection, caller: Caller, begun: _Upload) -> bool:
        """Whether it is a photo already. MediaError quota_exceeded when the device may not begin another one."""
        found = (await conn.execute(STANDING, {**_of(caller, begun.id), "the_device": caller.device})).one()
        if found.held:
            return True
        if found.uploads >= self.settings.quota_count:
            raise MediaError("quota_exceeded", limit=self.settings.quota_count, unit="uploads")
        if found.bytes + begun.length > self.settings.quota_bytes:
            raise MediaError("quota_exceeded", limit=self.settings.quota_bytes, unit="bytes")
        return False

    async def _receive_at_once(
        self,
        caller: Caller,
        headers: Mapping[str, str],
        begun: _Upload,
        body: AsyncIterator[bytes],
        check: tus.Checksum | None,
    ) -> Progress:
        """A small photo whose bytes come with its creation: a row of an unfinished upload is written only when it
        stays unfinished. After a kill the phone finds its bytes when it creates the upload again.
        """
        async with self._staging.take(begun.id) as part:
            if part.size == 0:  # or another request has brought some meanwhile
                try:
                    await self._take_in(part, begun.length, body, check, begun.length)
                    await self._finish(part, begun)
                except BaseException:
                    await self._leave(caller, part, begun)
                    raise
                return begun.whole
        return await self.create(caller, headers, None)

    async def _leave(self, caller: Caller, part: Part, begun: _Upload) -> None:
        """Keep what came of a photo that was to come at once, as an upload to go on with."""
        if part.size:
            with suppress(MediaError):  # the device has too many already: it sends this one anew
                async with self._db.write() as conn:
                    if not await self._held(conn, caller, begun):
                        await self._begin(conn, begun)
                        return
        await part.discard()

    async def progress(self, caller: Caller, id_: str) -> Progress:
        """Where an upload stands; the full length only when the photo is stored.

        A kill or a take-over may come between the last byte and the store: then the photo is finished here,
        for a client that reads the full length asks no more. MediaError upload_unknown, upload_gone, and
        those of the end of an upload.
        """
        found = await self._standing(caller, id_)
        if found.expires is None or found.offset < found.length:
            return found
        async with self._staging.take(id_) as part:
            async with self._db.read() as conn:
                row = await self._upload(conn, caller, id_)
            if row is None:
                await part.discard()
            elif part.size == row.length:
                await self._finish(part, row)
        return await self._standing(caller, id_)

    async def _standing(self, caller: Caller, id_: str) -> Progress:
        async with self._db.read() as conn:
            row = await self._upload(conn, caller, id_)
            if row is None:
                stored = await self._stored(conn, caller, id_)
                if stored is None:
                    raise MediaError("upload_unknown")
                return stored
        if row.expires_at <= self._clock():
            raise MediaError("upload_gone")
        return Progress(
            id=id_,
            offset=self._staging.offset(id_),
            length=row.length,
            expires=row.expires_at,
            metadata=row.metadata,
        )

    async def append(
        self, caller: Caller, id_: str, headers: Mapping[str, str], body: AsyncIterator[bytes]
    ) -> Progress:
        """Bytes at Upload-Offset. The last ones make the photo: hash, signature, store, row, then the answer."""
        tus.check_body_type(headers)
        check = tus.checksum(headers)
        return await self._receive(
            caller, id_, tus.number(headers, "upload-offset"), body, check, tus.body_length(headers)
        )

    async def terminate(self, caller: Caller, id_: str) -> None:
        """Forget an unfinished upload. A stored photo stays."""
        await self._standing(caller, id_)
        async with self._staging.take(id_) as part:
            async with self._db.write() as conn:
                await conn.execute(FORGET, {"the_id": id_})
            await part.discard()

    async def sweep(self) -> int:
        """Remove expired uploads and strays of dead processes; to be called every hour or so. Gives their number."""
        async with self._db.read() as conn:
            expired = await conn.scalars(sa.select(upload.c.id).where(upload.c.expires_at <= self._clock()))
        gone = 0
        for id_ in {*expired, *await asyncio.to_thread(self._staging.untouched, _STRAY_S)}:
            with suppress(MediaError):  # taken over: the phone is back, and the next sweep looks again
                gone += await self._end_expired(id_)
        for store in (self._stores.originals, self._stores.derivatives):
            with suppress(MediaError):  # a store that is away: the next sweep looks again
                gone += await store.remove_strays(_STRAY_S)
        return gone + await asyncio.to_thread(self._staging.remove_strays, _STRAY_S)

    async def _end_expired(self, id_: str) -> bool:
        """Ends what has expired, and what a kill left of a photo that was stored."""
        async with self._staging.take(id_) as part:
            async with self._db.write() as conn:
                await conn.execute(
                    upload.delete().where(upload.c.id == id_, upload.c.expires_at <= self._clock())
                )
                ended = await conn.scalar(sa.select(upload.c.id).where(upload.c.id == id_)) is None
            if ended:
                await part.discard()
        return ended

    async def _receive(
        self,
        caller: Caller,
        id_: str,
        offset: int,
        body: AsyncIterator[bytes],
        check: tus.Checksum | None,
        announced: int | None,
    ) -> Progress:
        await self._standing(caller, id_)  # before the lock: strangers cannot disturb an upload
        async with self._staging.take(id_) as part:
            async with self._db.read() as conn:
                row = await self._upload(conn, caller, id_)
            if row is None:  # finished, perhaps by the request that we waited for
                await part.discard()
                whole = await self._standing(caller, id_)
                if offset != whole.offset:
                    raise MediaError("upload_offset", offset=whole.offset)
                return whole
            if part.size > row.length:
                await part.truncate(0)
            if offset != part.size:
                raise MediaError("upload_offset", offset=part.size)
            if announced is not None and offset + announced > row.length:
                raise MediaError("too_large", limit=row.length - offset)
            await self._take_in(part, row.length, body, check, announced)
            progress = Progress(id=id_, offset=part.size, length=row.length, expires=row.expires_at)
            if part.size < row.length:
                return progress
            await self._finish(part, row)
            return row.whole

    async def _take_in(
        self,
        part: Part,
        length: int,
        body: AsyncIterator[bytes],
        check: tus.Checksum | None,
        announced: int | None,
    ) -> None:
        start, digest = part.size, check.begin() if check else None
        try:
            async with aclosing(_gathered(body, part)) as pieces:
                async for piece in pieces:
                    if part.size + len(piece) > length:
                        raise MediaError("too_large", limit=length - start)
                    if digest is not None:
                        digest.update(piece)
                    if len(piece) == length:
                        part.hold(piece)
                    else:
                        await part.append(piece)
        finally:
            if part.size < length:  # a whole photo is made durable by the store
                await part.sync()
        if announced is not None and part.size - start < announced:  # the line was cut: keep what came
            raise MediaError("upload_offset", offset=part.size)
        if check is not None and digest is not None and digest.digest() != check.digest:
            await part.truncate(start)
            raise MediaError("checksum_mismatch")

    async def _finish(self, part: Part, row: _Upload) -> None:
        refusal: MediaError | None = None
        sha256 = await part.sha256()
        kind = sniff(part.head(HEAD))
        if sha256 != row.sha256:
            refusal = MediaError("hash_mismatch", sha256=sha256)
        elif kind is None:
            refusal = MediaError("not_a_photo")
        elif not agrees(row.type, kind):
            refusal = MediaError("type_mismatch", declared=row.type, actual=kind)
        if refusal is not None or kind is None:
            async with self._db.write() as conn:
                await conn.execute(FORGET, {"the_id": row.id})
            await part.discard()
            raise refusal or MediaError("not_a_photo")
        try:
            await self._stores.originals.put_new(original_key(row.org, sha256), part.source, kind)
        except BaseException:
            await part.sync()  # the next request is told that they are here
            raise
        await self._arrivals.enter(
            Arrival(
                org=row.org,
                person=row.person,
                device=row.device,
                sha256=sha256,
                size=row.length,
                type=kind,
                metadata=row.metadata,
            )
        )
        await part.discard()

    async def add(self, org: str, person: str, data: bytes) -> str:
        """Store a photo without an upload (demo, import). Gives its SHA-256; MediaError not_a_photo."""
        source = self._staging.temporary()
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            await asyncio.to_thread(source.write_bytes, data)
            await self.add_file(org, person, None, source, sha256)
        finally:
            source.unlink(missing_ok=True)
        return sha256

    async def add_file(self, org: str, person: str, device: str | None, source: Path, sha256: str) -> None:
        """Store the photo in a file of the staging folder, whose hash the caller has checked; the file may be taken
        away. `person` is who took it. MediaError not_a_photo.
        """

        def examined() -> tuple[int, str | None]:
            with source.open("rb") as file:
                return source.stat().st_size, sniff(file.read(HEAD))

        size, kind = await asyncio.to_thread(examined)
        if kind is None:
            raise MediaError("not_a_photo")
        await self._stores.originals.put_new(original_key(org, sha256), source, kind)
        await self._arrivals.enter(
            Arrival(org=org, person=person, device=device, sha256=sha256, size=size, type=kind)
        )

    async def _upload(self, conn: AsyncConnection, caller: Caller, id_: str) -> _Upload | None:
        row = (await conn.execute(UNFINISHED, _of(caller, id_))).mappings().one_or_none()
        return None if row is None else _Upload(**row)

    async def _stored(self, conn: AsyncConnection, caller: Caller, id_: str) -> Progress | None:
        """The photo that this upload of the caller became."""
        row = (await conn.execute(STORED, _of(caller, id_))).one_or_none()
        if row is None:
            return None
        return Progress(id=id_, offset=row.size, length=row.size, expires=None, metadata=row.metadata)

    # --- pages of a photo --------------------------------------------------------------------------------

    async def facts(self, caller: Caller, sha256: str) -> dict[str, Any]:
        """What is known of a photo. MediaError photo_unknown."""
        row = await self._seen(caller, sha256)
        derived = {name: value for name, value in row.facts.items() if name not in ("views", "tags")}
        return {
            "width": None,
            "height": None,
            "taken_at_exif": None,
            "position_exif": None,
            "reason": None,
            "thermal": None,
            **derived,
            "sha256": sha256,
            "size": row.size,
            "type": row.type,
            "received_at": row.at,
            "derived": row.derived,
        }

    async def devices(self, caller: Caller, sha256: str) -> frozenset[str | None]:
        """From which the bytes came, as far as the caller may know. MediaError photo_unknown."""
        return (await self._seen(caller, sha256)).devices

    async def received_at(self, caller: Caller, sha256: str) -> datetime:
        """When its bytes came, as far as the caller may know. MediaError photo_unknown."""
        return (await self._seen(caller, sha256)).at

    async def held(self, conn: AsyncConnection, org: str, sha256: str) -> int | None:
        """Size of the photo; None when there is none. Whoever asks has proven that he may."""
        size: int | None = await conn.scalar(
            sa.select(photo.c.size).where(photo.c.org == org, photo.c.sha256 == sha256)
        )
        return size

    async def view(self, caller: Caller, sha256: str, name: str) -> View:
        """The original or a view. MediaError photo_unknown, view_unknown, view_missing."""
        if name not in ("original", *VIEWS):
            raise MediaError("view_unknown", view=name)
        row = await self._seen(caller, sha256)
        key = original_key(caller.org, sha256)
        store, kind, tag = self._stores.originals, row.type, sha256
        if name != "original":
            if name not in row.facts.get("views", ()):
                raise MediaError("view_missing", derived=row.derived, reason=row.facts.get("reason"))
            store, kind, key = self._stores.derivatives, "image/webp", f"{key}/{name}.webp"
            tag = row.facts.get("tags", {}).get(name, name)
        size = row.size if name == "original" else await store.size(key)
        if size is None:
            raise MediaError("view_missing", derived=row.derived, reason=row.facts.get("reason"))

        async def opened(start: int, length: int | None) -> AsyncIterator[bytes]:
            try:
                return await store.open(key, start, length)
            except Missing:  # somebody removed it behind our back
                raise MediaError("view_missing", derived=row.derived, reason="object_missing") from None

        return View(size=size, type=kind, tag=tag, open=opened, address=lambda: store.address(key, kind))

    async def lost(self, org: str) -> AsyncIterator[str]:
        """Photos that have a row and no original in the store, as after a restore. MediaError when it is away."""
        after = ""
        while True:
            async with self._db.read() as conn:
                found = list(
                    await conn.scalars(
                        sa.select(photo.c.sha256)
                        .where(photo.c.org == org, photo.c.sha256 > after)
                        .order_by(photo.c.sha256)
                        .limit(_PART)
                    )
                )
            for sha256 in found:
                if await self._stores.originals.size(original_key(org, sha256)) is None:
                    yield sha256
            if len(found) < _PART:
                return
            after = found[-1]

    async def forget(self, conn: AsyncConnection, org: str, photos: Sequence[str]) -> None:
        """Drops the rows of photos whose originals are lost, so that they can be sent again."""
        for start in range(0, len(photos), _PART):
            part = photos[start : start + _PART]
            for table in (photo, holder):
                await conn.execute(table.delete().where(table.c.org == org, table.c.sha256.in_(part)))

    async def read(self, org: str, sha256: str) -> AsyncIterator[bytes]:
        """The original bytes, for export and verification. Missing when there are none."""
        return await self._stores.originals.open(original_key(org, sha256))

    async def _seen(self, caller: Caller, sha256: str) -> "_Seen":
        if not is_sha256(sha256):
            raise MediaError("photo_unknown")
        async with self._db.read() as conn:
            found = await conn.execute(
                sa.select(
                    photo.c.size,
                    photo.c.type,
                    photo.c.facts,
                    holder.c.person,
                    holder.c.device,
                    holder.c.at,
                    sa.func.coalesce(holder.c.derived, photo.c.derived).label("derived"),
                )
                .join(holder, (holder.c.org == photo.c.org) & (holder.c.sha256 == photo.c.sha256))
                .where(photo.c.org == caller.org, photo.c.sha256 == sha256)
                .order_by(holder.c.at)
            )
            shown_by = await self._hooks.shown_by(conn, caller, sha256)
        uploads = [row for row in found if row.person == caller.person or row.person in shown_by]
        if not uploads:
            raise MediaError("photo_unknown")
        ready = next((row for row in uploads if row.derived != "pending"), None)
        return _Seen(
            size=uploads[0].size,
            type=uploads[0].type,
            at=uploads[0].at,
            derived=ready.derived if ready else "pending",
            facts=ready.facts if ready else {},
            devices=frozenset(row.device for row in uploads),
        )

    async def readings(
        self,
        caller: Caller,
        sha256: str,
        conditions: Mapping[str, float],
        marks: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        """What the picture reads at these places, as of media.readings; for a lost decoder only `reason`.

        MediaError photo_unknown, or the store is away.
        """
        await self._seen(caller, sha256)
        key = original_key(caller.org, sha256)
        here = self._stores.originals.local(key)
        copy = self._staging.temporary()
        try:
            source = here or await self._fetched(key, copy)
            job = {"measure": str(source.absolute()), "conditions": dict(conditions), "marks": list(marks)}
            return await self._sandbox.ask(job, {})
        except Missing:
            raise MediaError("photo_unknown") from None
        finally:
            await asyncio.to_thread(copy.unlink, missing_ok=True)

    # --- derivatives -------------------------------------------------------------------------------------

    async def derive(self, org: str, sha256: str, person: str | None = None) -> None:
        """Body of the job "derive", after the upload of `person`; repeatable. Raises what asks for another try
        later.

        MediaError: the store is away. DecoderLost: the decoding process died or hung; the photo says so
        until a later try does better.
        """
        key = original_key(org, sha256)
        out = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="derive-", dir=self.settings.staging_dir))
        try:
            source = self._stores.originals.local(key) or await self._fetched(key, out / "original")
            facts = await self._sandbox.derive(source, out)
            views = facts.get("views", [])
            facts["tags"] = {}
            for name in views:
                data = await asyncio.to_thread((out / f"{name}.webp").read_bytes)
                await self._stores.derivatives.put(f"{key}/{name}.webp", data, "image/webp")
                facts["tags"][name] = hashlib.sha256(data).hexdigest()
        except Missing:
            facts, views = {"reason": "original_missing"}, []
        finally:
            await asyncio.to_thread(shutil.rmtree, out, ignore_errors=True)
        state = "done" if views or facts["reason"] == RECORDING else "failed"
        async with self._db.write() as conn:
            one = (photo.c.org == org) & (photo.c.sha256 == sha256)
            if facts["reason"] in _TRANSIENT:  # what an earlier upload's job has made stays
                one &= photo.c.derived != "done"
            await conn.execute(photo.update().where(one).values(facts=facts, derived=state))
            mine = (holder.c.org == org) & (holder.c.sha256 == sha256)
            if person is not None:
                mine &= holder.c.person == person
            await conn.execute(holder.update().where(mine).values(derived=state))
            if views:
                later = self._clock() + _RESEMBLE_AFTER
                await self._hooks.enqueue(conn, org, "resemble", [{"sha256": sha256}], later)
        if facts["reason"] in _TRANSIENT:
            raise DecoderLost(f"{facts['reason']} at {sha256}")

    async def resemble(self, org: str, sha256: str | None) -> None:
        """Body of the job "resemble": find the photos that show the same picture; of no photo: queue all that were
        never looked at.
        """
        if sha256 is not None:
            await self._reuse.resemble(org, sha256)
            return
        after = ""
        while True:
            async with self._db.write() as conn:
                found = await unseen(conn, org, after, _PART)
                if found:
                    payloads = [{"sha256": each} for each in found]
                    await self._hooks.enqueue(conn, org, "resemble", payloads, self._clock())
            if len(found) < _PART:
                return
            after = found[-1]

    async def _fetched(self, key: str, path: Path) -> Path:
        pieces = await self._stores.originals.open(key)
        with path.open("wb") as file:
            async for piece in pieces:
                file.write(piece)
        return path


async def _gathered(body: AsyncIterator[bytes], part: Part) -> AsyncGenerator[bytes]:
    """The body in large pieces, for each costs a visit to a thread; what a slow line brought is not held back.

    Ends at once when a newer request takes the upload, even on a silent line.
    """
    held, ended = bytearray(), False

    async def fill() -> bool:
        async for piece in body:
            held.extend(piece)
            if len(held) >= _PIECE:
                return False
        return True

    while not ended:
        filling = asyncio.ensure_future(fill())
        try:
            while not filling.done():
                await asyncio.wait({filling}, timeout=_POLL_S)
                if part.superseded:
                    raise MediaError("upload_taken_over")
                if held:
                    taken, held = held, bytearray()
                    yield bytes(taken)
            ended = filling.result()
        finally:
            filling.cancel()
    if held:
        yield bytes(held)
