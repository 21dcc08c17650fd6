"""Exports that take long: made by the worker into a file, fetched by a link that ends.

A job of the table `job` makes each, so it survives a kill: another worker begins it anew, and what the first one left
half goes. The link is signed and needs no sign-in, so that any program can fetch it. It ends after LASTS, and at once
when its person loses a scope that he had, or is signed out everywhere.
"""

import asyncio
import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import jobs
from backend.access.tables import session
from backend.clock import new_id
from backend.custody import keys, proof
from backend.custody.owner import caller_of
from backend.db import Database
from backend.lists import exports, query
from backend.lists.query import Asked
from backend.lists.tables import export_job
from backend.lists.words import Language
from backend.problems import AppError
from media.service import Media
from sync.caller import Caller
from sync.tables import stamp

log = structlog.get_logger("exports")

What = Literal["csv", "xlsx", "photos", "dossier"]
JOB: Final = "export"
LASTS: Final = timedelta(hours=24)
AT_ONCE: Final = 5  # unfinished ones of one person
MOST: Final[dict[str, int]] = {"photos": exports.PHOTO_RECORDS, "dossier": exports.DOSSIERS}
FILES: Final[dict[str, tuple[str, str]]] = {
    "csv": ("records.csv", "text/csv; charset=utf-8"),
    "xlsx": ("records.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "photos": ("photos.zip", "application/zip"),
    "dossier": ("dossier.pdf", "application/pdf"),
}
WHOLE: Final = "whole"  # the file of an attempt, in a folder of its own, until it is whole
_INFO: Final = b"mingcha-export-1"


class LongExport(msgspec.Struct, frozen=True):
    """A long export. `state`: waiting, done, failed; `done` of `total` records so far. `link` is where a finished one
    is fetched until `ends_at`; `reason`: rights, empty, given_up (its job failed too often, and may be tried again).
    """

    id: str
    what: str
    state: str
    done: int
    total: int
    size: int
    reason: str
    created_at: str
    ends_at: str
    link: str | None


class Stopped(Exception):  # noqa: N818 (an outcome, not a fault)
    """It was cancelled while it was made."""


@dataclass(frozen=True, slots=True)
class Later:
    """`folder` is shared by the servers and the workers."""

    db: Database
    media: Media
    clock: Callable[[], datetime]
    folder: Path

    # --- the desk -----------------------------------------------------------------------------------------------

    async def begin(
        self, caller: Caller, asked: Asked, what: What, language: Language, base: str
    ) -> LongExport:
        """Wrong for a list that cannot be meant; AppError `export_too_large`, `too_many_exports`."""
        now = self.clock()
        async with self.db.read() as conn:
            total, _ = await query.marks(conn, caller, asked)
            rights = await caller_of(conn, caller.org, caller.person, caller.device or "", now)
        if what in MOST and total > MOST[what]:
            raise AppError("export_too_large", most=MOST[what])
        row = {
            "id": new_id(now),
            "org": caller.org,
            "person": caller.person,
            "device": caller.device or "",
            "what": what,
            "asked": msgspec.json.encode(asked).decode(),
            "language": language,
            "base": base,
            "scopes": msgspec.json.encode(rights.scopes if rights else ()).decode(),
            "state": "waiting",
            "done": 0,
            "total": total,
            "size": 0,
            "reason": "",
            "created_at": stamp(now),
            "ends_at": stamp(now + LASTS),
        }
        async with self.db.write() as conn:
            waiting = await conn.scalars(
                sa.select(export_job.c.id).where(
                    _of(caller), export_job.c.state == "waiting", export_job.c.ends_at > stamp(now)
                )
            )
            if len(set(waiting) - await _given_up(conn, caller.org)) >= AT_ONCE:
                raise AppError("too_many_exports", most=AT_ONCE)
            await conn.execute(export_job.insert().values(row))
            await jobs.enqueue(conn, caller.org, JOB, {"id": row["id"]}, now)
        return msgspec.convert(row | {"link": None}, LongExport)

    async def mine(self, caller: Caller) -> list[LongExport]:
        """Those of the last day, the newest first."""
        async with self.db.read() as conn:
            found = await conn.execute(
                sa.select(export_job)
                .where(
                    _of(caller), export_job.c.state != "cancelled", export_job.c.ends_at > stamp(self.clock())
                )
                .order_by(export_job.c.created_at.desc())
                .limit(50)
            )
            rows = found.all()
            given_up = await _given_up(conn, caller.org)
            signers = [
                key for key in await keys.listing(conn) if key.purpose == "sign" and key.retired_at is None
            ]
        return [_told(row, signers[0] if signers else None, given_up) for row in rows]

    async def cancel(self, caller: Caller, id_: str) -> None:
        """It is made no further, and its file goes. AppError `not_found`."""
        async with self.db.write() as conn:
            gone = await conn.execute(
                export_job.update().where(_of(caller), export_job.c.id == id_).values(state="cancelled")
            )
        if not gone.rowcount:
            raise AppError("not_found")
        await asyncio.to_thread(self._path(id_).unlink, missing_ok=True)

    async def fetch(self, token: str) -> tuple[str, Path]:
        """What it is, and its file. AppError `not_found` for a link that ended, as for one that never was."""
        async with self.db.read() as conn:
            content = proof.content_of(token, await keys.listing(conn), 32, _INFO)
            if content is None:
                raise AppError("not_found")
            org, id_ = (str(uuid.UUID(bytes=content[i : i + 16])) for i in (0, 16))
            row = (
                await conn.execute(
                    sa.select(export_job).where(export_job.c.org == org, export_job.c.id == id_)
                )
            ).one_or_none()
            good = row is not None and row.state == "done" and row.ends_at > stamp(self.clock())
            if row is None or not good or await self._still(conn, row) is None:
                raise AppError("not_found")
        path = self._path(id_)
        if not await asyncio.to_thread(path.is_file):
            raise AppError("not_found")
        return row.what, path

    # --- the worker ---------------------------------------------------------------------------------------------

    async def make(self, org: str, payload: dict[str, Any]) -> None:
        """Body of the job; repeatable."""
        async with self.db.read() as conn:
            row = (
                await conn.execute(
                    sa.select(export_job).where(export_job.c.org == org, export_job.c.id == payload["id"])
                )
            ).one_or_none()
            if row is None or row.state != "waiting":
                return
            caller = await self._still(conn, row)
        if caller is None:
            await self._end(row.id, state="failed", reason="rights")
            return
        attempt = self.folder / f"{row.id}.{new_id(self.clock())}"
        await asyncio.to_thread(self._clear, row.id)
        await asyncio.to_thread(attempt.mkdir, parents=True)
        try:
            size = await self._write(row, caller, attempt)
            if size == 0:
                await self._end(row.id, state="failed", reason="empty")
                return
            await asyncio.to_thread(os.replace, attempt / WHOLE, self._path(row.id))
            told = await self._end(row.id, state="done", done=row.total, size=size)
            if not told and await self._unwanted(row.id):
                self._path(row.id).unlink(missing_ok=True)
        except Stopped:
            log.info("export.cancelled", id=row.id)
        finally:
            await asyncio.to_thread(_remove, attempt)

    def _clear(self, id_: str) -> None:
        """What workers left that were killed in the middle of it."""
        for path in self.folder.glob(f"{id_}.*"):
            _remove(path)

    async def _unwanted(self, id_: str) -> bool:
        """It was cancelled, not made by another worker while this one stood still."""
        async with self.db.read() as conn:
            state = await conn.scalar(sa.select(export_job.c.state).where(export_job.c.id == id_))
        return state != "done"

    async def _write(self, row: Any, caller: Caller, attempt: Path) -> int:
        async def told(done: int) -> None:
            if not await self._end(row.id, done=min(done, row.total)):
                raise Stopped

        language: Language = "en" if row.language == "en" else "zh"
        asked = msgspec.json.decode(row.asked, type=Asked)
        export = exports.Export(self.db, caller, asked, language, told)
        now = datetime.fromisoformat(row.created_at)
        size = 0
        with (attempt / WHOLE).open("wb") as file:
            async for piece in self._pieces(export, row.what, row.base, now, attempt):
                await asyncio.to_thread(file.write, piece)
                size += len(piece)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        return size

    async def _pieces(
        self, export: exports.Export, what: str, base: str, now: datetime, attempt: Path
    ) -> AsyncIterator[bytes]:
        if what == "dossier":
            yield await export.dossier(self.media, base, now)
            return
        made = export.csv() if what == "csv" else export.xlsx(now, attempt)
        async for piece in export.photos(self.media, now) if what == "photos" else made:
            yield piece

    async def _end(self, id_: str, **values: Any) -> bool:
        """Write how far it is; False when it was cancelled."""
        async with self.db.write() as conn:
            changed = await conn.execute(
                export_job.update()
                .where(export_job.c.id == id_, export_job.c.state == "waiting")
                .values(**values)
            )
        return bool(changed.rowcount)

    async def sweep(self) -> None:
        """Remove rows and files of exports whose time is over, and what a killed worker left; every hour or so."""
        async with self.db.write() as conn:
            await conn.execute(export_job.delete().where(export_job.c.ends_at <= stamp(self.clock())))
            kept = set(
                await conn.scalars(sa.select(export_job.c.id).where(export_job.c.state != "cancelled"))
            )
        await asyncio.to_thread(self._tidy, kept)

    def _tidy(self, kept: set[str]) -> None:
        for path in self.folder.glob("*"):
            if path.name.partition(".")[0] not in kept:
                _remove(path)
        before = time.time() - LASTS.total_seconds()
        for path in self.folder.parent.glob(f"{exports.SHEET}*"):  # of a server killed while somebody waited
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    _remove(path)

    async def _still(self, conn: AsyncConnection, row: Any) -> Caller | None:
        """The person with his rights of now; None when he lost one since, or every sign-in of then is over."""
        now = self.clock()
        caller = await caller_of(conn, row.org, row.person, row.device, now)
        if caller is None or not set(msgspec.json.decode(row.scopes)) <= set(caller.scopes):
            return None
        signed_in = await conn.scalar(
            sa.select(session.c.id)
            .where(
                session.c.org == row.org,
                session.c.account == row.person,
                session.c.created_at <= row.created_at,
                session.c.expires_at > stamp(now),
            )
            .limit(1)
        )
        return None if signed_in is None else caller

    def _path(self, id_: str) -> Path:
        return self.folder / id_


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _of(caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(export_job.c.org == caller.org, export_job.c.person == caller.person)


async def _given_up(conn: AsyncConnection, org: str) -> set[str]:
    """Exports that nobody makes any more: their jobs are dead. One that is tried again waits again."""
    dead = await conn.scalars(
        sa.select(jobs.job.c.payload).where(
            jobs.job.c.org == org, jobs.job.c.name == JOB, jobs.job.c.state == "dead"
        )
    )
    return {msgspec.json.decode(payload)["id"] for payload in dead}


def _told(row: Any, key: keys.ServerKey | None, given_up: set[str]) -> LongExport:
    link = None
    lost = row.state == "waiting" and row.id in given_up
    if row.state == "done" and key is not None:
        content = uuid.UUID(row.org).bytes + uuid.UUID(row.id).bytes
        link = f"/api/v1/exports/made/{proof.signed(key, content, _INFO)}"
    return LongExport(
        id=row.id,
        what=row.what,
        state="failed" if lost else row.state,
        done=row.done,
        total=row.total,
        size=row.size,
        reason="given_up" if lost else row.reason,
        created_at=row.created_at,
        ends_at=row.ends_at,
        link=link,
    )
