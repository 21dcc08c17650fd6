"""The port to where photos lie for good."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

CHUNK: Final = 256 * 1024  # bytes of one piece when reading
ADDRESS_S: Final = 300  # seconds that an address of an object is good for
_KEY: Final = re.compile(r"[0-9a-z][0-9a-z._-]*(/[0-9a-z][0-9a-z._-]*)+")


class Missing(Exception):  # noqa: N818 - reads as what it says
    """Nothing is stored under this key."""


class Store(Protocol):
    """A keyed store of whole objects, durable when a call returns.

    The caller guarantees: keys of `checked` form; under one key of `put_new` always the same bytes (the key
    holds their hash). A store that cannot be reached raises MediaError store_unavailable, a full one
    storage_full; what was stored before is then untouched.
    """

    async def prepare(self) -> None:
        """Make the folder or bucket where it does not exist; StoreUnfit for a bucket with less lock than is set."""
        ...

    async def put_new(self, key: str, source: Path | bytes, media_type: str) -> bool:
        """Keep the bytes of a file, or these; False when they are there already (same size).

        The file may be taken away; where it stays, what is written to it afterwards does not reach the store.
        """
        ...

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """Keep `data` in place of what was there. For derivatives only."""
        ...

    async def size(self, key: str) -> int | None:
        """Bytes of the object, None when there is none."""
        ...

    async def open(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Bytes from `start`, `length` of them or all. Missing is raised here, before the first byte."""
        ...

    def local(self, key: str) -> Path | None:
        """The object as a file to read on this machine, None when this store has no such file."""
        ...

    def address(self, key: str, media_type: str) -> str | None:
        """Where whoever has it reads the object for ADDRESS_S, None where this store has no such addresses.

        No network: whether the object is there is not asked.
        """
        ...

    async def remove_strays(self, for_s: float) -> int:
        """Remove what killed processes left half-written, untouched for `for_s` seconds. Gives its number."""
        ...

    async def health(self) -> None:
        """Raise MediaError store_unavailable when objects could not be read and written now."""
        ...

    async def close(self) -> None:
        """Let threads and connections go."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Originals are evidence and never change; derivatives can be made again at any time.

    `reads` is the origin of the addresses that `originals` gives, "" when it gives none.
    """

    originals: Store
    derivatives: Store
    reads: str = ""


def checked(key: str) -> str:
    """The key itself; ValueError for anything that could leave the store or hide in it."""
    if not _KEY.fullmatch(key) or ".." in key or len(key) > 300:
        raise ValueError("no key of this store")
    return key


def length_of(source: Path | bytes) -> int:
    """Bytes of what is to be stored."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size
