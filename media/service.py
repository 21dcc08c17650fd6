"""Skeleton, being filled: the calls that the application wires."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Bounds of upload and decoding. Sizes in bytes."""

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

    may_see: Callable[[AsyncConnection, Any, str], Awaitable[bool]]
    on_stored: Callable[[AsyncConnection, str, str, datetime], Awaitable[None]]
    enqueue: Callable[[AsyncConnection, str, str, dict[str, Any], datetime], Awaitable[None]]


class Media:
    """Photos of all organisations: Media(settings, stores, db, clock, hooks)."""

    def __init__(
        self, settings: MediaSettings, stores: Any, db: Db, clock: Callable[[], datetime], hooks: MediaHooks
    ) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Make folders and buckets. Once, before the first request."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the decoding process and the store's threads."""
        raise NotImplementedError

    async def derive(self, org: str, sha256: str) -> None:
        """Body of the job "derive"; repeatable. Raises when the store is away: try again later."""
        raise NotImplementedError

    async def sweep(self) -> int:
        """Remove expired uploads; to be called every hour or so. Gives their number."""
        raise NotImplementedError

    async def health(self) -> None:
        """Raise MediaError store_unavailable when the store does not answer."""
        raise NotImplementedError

    async def add(self, org: str, person: str, data: bytes, name: str | None = None) -> str:
        """Store a photo without an upload (demo, import). Gives its SHA-256."""
        raise NotImplementedError

    def read(self, org: str, sha256: str) -> AsyncIterator[bytes]:
        """The original bytes, for export and verification."""
        raise NotImplementedError
