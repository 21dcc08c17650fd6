"""Objects as files: written beside their place, fsynced, moved in one step, the folder fsynced."""

import asyncio
import errno
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeVar

from media.errors import MediaError
from media.stores.base import CHUNK, Missing, checked, length_of

T = TypeVar("T")
_READ_ONLY = 0o400  # an original is never written again; root can, hence the hashes
_HALF = ".half"  # where a file lies until it is whole; what is there for long was left by a kill
_FULL = (errno.ENOSPC, errno.EDQUOT)


class FileStore:
    """A Store in a folder. Its own administrator can change files: there the ledger's chain is the proof."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="files")

    async def prepare(self) -> None:
        await self._run(lambda: _make(self._folder))

    async def put_new(self, key: str, source: Path | bytes, media_type: str) -> bool:
        return await self._run(lambda: self._put_new(self._path(key), source))

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        await self._run(lambda: self._put(self._path(key), data))

    async def size(self, key: str) -> int | None:
        return await self._run(lambda: _size(self._path(key)))

    async def open(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        path = self._path(key)
        try:
            file = await self._run(lambda: path.open("rb"))
        except FileNotFoundError:
            raise Missing(key) from None
        return self._pieces(file, start, length)

    def local(self, key: str) -> Path | None:
        return self._path(key)

    def address(self, key: str, media_type: str) -> str | None:
        return None

    async def remove_strays(self, for_s: float) -> int:
        def remove() -> int:
            half, before = self._folder / _HALF, time.time() - for_s
            old = [path for path in half.iterdir() if path.stat().st_mtime < before] if half.is_dir() else []
            for path in old:
                path.unlink(missing_ok=True)
            return len(old)

        return await self._run(remove)

    async def health(self) -> None:
        probe = self._folder / f".probe-{secrets.token_hex(8)}"

        def write_and_remove() -> None:
            probe.write_bytes(b"1")
            probe.unlink()

        await self._run(write_and_remove)

    async def close(self) -> None:
        self._threads.shutdown()

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except FileNotFoundError:
            raise
        except OSError as error:
            code = "storage_full" if error.errno in _FULL else "store_unavailable"
            raise MediaError(code) from error

    async def _pieces(self, file: BinaryIO, start: int, length: int | None) -> AsyncIterator[bytes]:
        with file:
            file.seek(start)
            left = length
            while left is None or left > 0:
                wanted = CHUNK if left is None else min(CHUNK, left)
                piece = await self._run(lambda: file.read(wanted))  # noqa: B023 - awaited at once
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    def _put_new(self, target: Path, source: Path | bytes) -> bool:
        _make(target.parent)
        new = _size(target) != length_of(source)
        if new and isinstance(source, bytes):
            self._write(source, target, _READ_ONLY)
        elif new and isinstance(source, Path):
            self._move(source, target)
        _sync_folder(target.parent)  # also for what another request moved here a moment ago
        return new

    def _put(self, target: Path, data: bytes) -> None:
        _make(target.parent)
        self._write(data, target)
        _sync_folder(target.parent)

    def _write(self, data: bytes, target: Path, mode: int = 0o600) -> None:
        """In one step: whoever looks sees all of it or what was there before."""
        temporary = self._half(target)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _half(self, target: Path) -> Path:
        _make(self._folder / _HALF)
        return self._folder / _HALF / f".{target.name}.{secrets.token_hex(6)}"

    def _move(self, source: Path, target: Path) -> None:
        """The fsynced bytes in one step; by a copy where the file systems differ.

        Never a second name (link): whoever still writes to the source would write into the evidence.
        """
        with source.open("rb") as file:
            os.fsync(file.fileno())
        try:
            source.replace(target)
            target.chmod(_READ_ONLY)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            temporary = self._half(target)
            try:
                with source.open("rb") as old, temporary.open("xb") as new:
                    shutil.copyfileobj(old, new, CHUNK)
                    new.flush()
                    os.fchmod(new.fileno(), _READ_ONLY)
                    os.fsync(new.fileno())
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _make(folder: Path) -> None:
    """Make the folder and those above it, each durable in its parent."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
