"""Argon2id in a bounded pool: at most so many at a time, at most so many waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from backend.problems import AppError

T = TypeVar("T")

HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
WAITING_PER_THREAD: Final = 16
MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 200


class Passwords:
    """Hashes and checks. Each check costs 64 MiB and some 50 ms of one core, so the pool is small."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._room = threads * (1 + WAITING_PER_THREAD)
        self._busy = 0
        self._waiting = 0
        self._width = asyncio.Semaphore(threads)
        self._logins: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._nobody = HASHER.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        return await self._run(HASHER.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. An unknown account (None) costs the same time. Raises AppError busy."""
        right = await self._run(_fits, stored or self._nobody, password)
        return right and stored is not None

    @asynccontextmanager
    async def turn(self, login: str) -> AsyncIterator[None]:
        """Decide about one sign-in of an account at a time, and about no more at once than there are threads.

        So many guesses sent together are counted one after the other, and the lock stops those behind.
        Raises AppError busy when too many wait.
        """
        if self._waiting >= self._room:
            raise AppError("busy")
        self._waiting += 1
        try:
            async with self._logins.setdefault(login, asyncio.Lock()), self._width:
                yield
        finally:
            self._waiting -= 1

    async def _run(self, call: Callable[..., T], *args: str) -> T:
        if self._busy >= self._room:
            raise AppError("busy")
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call, *args)
        finally:
            self._busy -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _fits(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
