"""Unfinished uploads as files: the offset is the length of the file, and the newest request owns it.

The lock is flock on `<id>.lock`, so a dead process never holds one; its content names the newest request. Whoever
holds the lock looks there while waiting for bytes and gives way. This works between processes on one disk.
"""

import asyncio
import errno
import fcntl
import hashlib
import math
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

from media.errors import MediaError

T = TypeVar("T")
_POLL_S: Final = 0.02
_WAIT_S: Final = 5.0  # an older request that does not give way in this time waits for a disk or the store
_TOKEN: Final = 16  # bytes
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_READ: Final = 2**20
_UPLOAD: Final = (".part", ".lock")  # files of an upload; all others are working files


class Part:
    """The staged bytes of one upload, held by this request alone."""

    def __init__(self, path: Path, lock: int, token: bytes, run: "Runner") -> None:
        self.path = path
        self._lock, self._token, self._run = lock, token, run
        self._descriptor: int | None = None
        self._there, self.size = _there(path)
        self._hash = hashlib.sha256() if self.size == 0 else None
        self._held: bytes | None = None

    @property
    def _file(self) -> int:
        """Opened at its first use: a small photo goes from memory to the store and needs no file here."""
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._there = True
        return self._descriptor

    @property
    def source(self) -> Path | bytes:
        """All bytes, for a store."""
        return self.path if self._held is None else self._held

    @property
    def superseded(self) -> bool:
        """A newer request wants this upload; this one has to end."""
        return os.pread(self._lock, _TOKEN, 0) != self._token

    async def append(self, data: bytes) -> None:
        """Write at the end; not yet durable."""
        await self._run(lambda: self._append(data))

    def hold(self, data: bytes) -> None:
        """Instead of `append`, for a small upload that came in one go: it goes to the store without a file between."""
        if self.size:
            raise ValueError("there are bytes before these")
        self._held, self.size, self._hash = data, len(data), hashlib.sha256(data)

    async def sync(self) -> None:
        """After this the offset may be acknowledged."""
        await self._run(self._sync)

    async def truncate(self, size: int) -> None:
        """Forget what came after `size`."""
        if size == self.size:
            return
        self._held = None
        await self._run(lambda: os.ftruncate(self._file, size))
        self.size = size
        self._hash = hashlib.sha256() if size == 0 else None

    def head(self, length: int) -> bytes:
        """The first bytes, for the signature."""
        return os.pread(self._file, length, 0) if self._held is None else self._held[:length]

    async def sha256(self) -> str:
        """Hash of all bytes; read again only where this request did not see them all."""
        return self._hash.hexdigest() if self._hash else await self._run(self._read_through)

    async def discard(self) -> None:
        """Remove file and lock; the request still holds the lock until it ends."""
        if self._there:
            await self._run(self._discard)
        else:
            self._discard()
        self.size, self._held = 0, None

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        at = self.size
        while view:
            written = os.pwrite(self._file, view, at)
            at, view = at + written, view[written:]
        if self._hash:
            self._hash.update(data)
        self.size = at

    def _sync(self) -> None:
        if self._held is not None:
            held, self._held, self.size, self._hash = self._held, None, 0, hashlib.sha256()
            self._append(held)
        os.fsync(self._file)

    def _read_through(self) -> str:
        digest, at = hashlib.sha256(), 0
        while piece := os.pread(self._file, _READ, at):
            digest.update(piece)
            at += len(piece)
        return digest.hexdigest()

    def _discard(self) -> None:
        if self._there:
            self.path.unlink(missing_ok=True)
        self.path.with_suffix(".lock").unlink(missing_ok=True)


class Runner:
    """File work off the event loop; a full disk becomes a refusal."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="staging")

    async def __call__(self, work: Callable[[], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait({running})  # nobody may close the file under a thread that still writes
            raise
        except OSError as error:
            if error.errno in _FULL:
                raise MediaError("storage_full") from error
            raise

    def close(self) -> None:
        self._threads.shutdown()


class Staging:
    """The folder of unfinished uploads. All processes of one installation share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run = Runner()

    def prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def close(self) -> None:
        self._run.close()

    def temporary(self) -> Path:
        """A name for work of this process; the caller removes it, `remove_strays` where it could not."""
        return self._folder / f"{secrets.token_hex(16)}.tmp"

    def offset(self, upload: str) -> int:
        """Bytes received so far, without taking the upload over; they may grow meanwhile."""
        return _there(self._path(upload, "part"))[1]

    @asynccontextmanager
    async def take(self, upload: str) -> AsyncIterator[Part]:
        """Own the upload. An older request on it ends within a tenth of a second, in any process.

        MediaError upload_taken_over when a still newer request came while this one waited, store_unavailable
        when the older one brings the last bytes to a store that does not answer.
        """
        token = secrets.token_hex(_TOKEN // 2).encode()
        lock = await self._acquire(self._path(upload, "lock"), token)
        try:
            part = Part(self._path(upload, "part"), lock, token, self._run)
            try:
                yield part
            finally:
                part.close()
        finally:
            os.close(lock)  # lets the lock go

    async def _acquire(self, path: Path, token: bytes) -> int:
        lock = _announce(path, token)
        give_up = time.monotonic() + _WAIT_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                newest = os.pread(lock, _TOKEN, 0) == token
                if not newest or time.monotonic() > give_up:
                    os.close(lock)
                    raise MediaError("store_unavailable" if newest else "upload_taken_over") from None
                await asyncio.sleep(_POLL_S)
                continue
            if os.fstat(lock).st_nlink:
                return lock
            os.close(lock)  # the upload ended while we waited; begin a new file
            lock = _announce(path, token)

    def untouched(self, for_s: float) -> set[str]:
        """Uploads of which nothing was written for that long."""
        now = time.time()
        return {
            path.stem
            for path in self._folder.iterdir()
            if path.suffix in _UPLOAD and _modified(path) < now - for_s
        }

    def remove_strays(self, for_s: float) -> int:
        """Remove working files of dead processes, untouched for that long. Gives their number."""
        now, removed = time.time(), 0
        for path in self._folder.iterdir():
            if path.suffix in _UPLOAD or _modified(path) >= now - for_s:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            removed += 1
        return removed

    def _path(self, upload: str, suffix: str) -> Path:
        return self._folder / f"{upload}.{suffix}"


def _there(path: Path) -> tuple[bool, int]:
    """Whether there is such a file, and its bytes."""
    try:
        return True, path.stat().st_size
    except FileNotFoundError:
        return False, 0


def _modified(path: Path) -> float:
    """When it was last written, in seconds of the epoch; infinitely late when it is gone meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _announce(path: Path, token: bytes) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(lock, token, 0)
    except OSError as error:
        os.close(lock)
        if error.errno in _FULL:
            raise MediaError("storage_full") from error
        raise
    return lock
