"""Objects in MinIO or any S3: plain S3 calls only, from a small pool of threads."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import structlog
import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, GOVERNANCE
from minio.error import MinioException, S3Error
from minio.objectlockconfig import DAYS, YEARS, ObjectLockConfig
from urllib3.response import BaseHTTPResponse

from media.errors import MediaError, StoreUnfit
from media.stores.base import ADDRESS_S, CHUNK, Missing, checked, length_of

log = structlog.get_logger("store")

T = TypeVar("T")
_THREADS = 8  # 16 are no faster
_PART = 8 * 2**20  # bytes; a part is held in memory, a larger object is sent in several
_ABSENT = ("NoSuchKey", "NoSuchObject", "NoSuchVersion", "NoSuchBucket")
_MADE_BEFORE = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")
_UNLOCKED = ("ObjectLockConfigurationNotFoundError", "NotImplemented")
_MODES = (GOVERNANCE, COMPLIANCE)  # the stricter one last


class Retention(NamedTuple):
    """How a bucket keeps what comes in: `mode` is an index of _MODES, no days is no retention."""

    mode: int = 0
    days: int = 0

    def __str__(self) -> str:
        return f"{_MODES[self.mode]} for {self.days} days" if self.days else "no retention"


class S3Store:
    """A Store in one bucket. `locked` wants it versioned and locked, for at least `retain_days` in `lock_mode`.

    `reads` is the origin under which browsers reach the same store; without it `address` gives none.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        *,
        secure: bool,
        region: str,
        locked: bool,
        lock_mode: str,
        retain_days: int,
        reads: str = "",
    ) -> None:
        self._bucket, self._locked = bucket, locked
        self._wanted = Retention(_MODES.index(lock_mode), retain_days) if retain_days else Retention()
        self._pool = urllib3.PoolManager(
            maxsize=_THREADS,
            block=False,  # a slow reader keeps its connection for long: others must not wait for it
            timeout=urllib3.Timeout(connect=5, read=30),
            retries=False,  # the job and the phone try again
        )
        self._client = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=secure,
            region=region,
            http_client=self._pool,
        )
        outside = urlsplit(reads)
        self._outside = (
            Minio(
                outside.netloc,
                access_key=access_key,
                secret_key=secret_key,
                secure=outside.scheme == "https",
                region=region,  # known, so that signing needs no network
            )
            if reads
            else None
        )
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")

    async def prepare(self) -> None:
        await self._run(self._prepare)

    async def put_new(self, key: str, source: Path | bytes, media_type: str) -> bool:
        return await self._run(lambda: self._put_new(checked(key), source, media_type))

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        await self._run(lambda: self._put(checked(key), data, media_type))

    async def size(self, key: str) -> int | None:
        return await self._run(lambda: self._size(checked(key)))

    async def open(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        checked(key)
        if length == 0:
            return _nothing()
        answer = await self._run(lambda: self._client.get_object(self._bucket, key, start, length or 0))
        return self._pieces(answer)

    def local(self, key: str) -> Path | None:
        return None

    def address(self, key: str, media_type: str) -> str | None:
        if self._outside is None:
            return None
        return self._outside.presigned_get_object(
            self._bucket,
            checked(key),
            expires=timedelta(seconds=ADDRESS_S),
            response_headers={
                "response-content-type": media_type,
                "response-content-disposition": "attachment",  # never a page of the store's own origin
                "response-cache-control": "no-store",  # on a shared phone the next person may not see it
            },
        )

    async def remove_strays(self, for_s: float) -> int:
        """None: an object appears whole. Parts of one that never did are the server's to end (MinIO: after a day)."""
        return 0

    async def health(self) -> None:
        if not await self._run(lambda: self._client.bucket_exists(self._bucket)):
            raise MediaError("store_unavailable")

    async def close(self) -> None:
        self._threads.shutdown()
        self._pool.clear()

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except S3Error as error:
            if error.code in _ABSENT and error.code != "NoSuchBucket":
                raise Missing(error.object_name) from None
            full = error.code in ("XMinioStorageFull", "QuotaExceeded")
            raise MediaError("storage_full" if full else "store_unavailable") from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise MediaError("store_unavailable") from error

    async def _pieces(self, answer: BaseHTTPResponse) -> AsyncIterator[bytes]:
        try:
            while piece := await self._run(lambda: answer.read(CHUNK)):
                yield piece
        finally:
            answer.close()
            answer.release_conn()

    def _prepare(self) -> None:
        """Also a bucket that was made before, or by a process that was killed over it, gets what is set."""
        if not self._client.bucket_exists(self._bucket):
            try:
                self._client.make_bucket(self._bucket, object_lock=self._locked)
            except S3Error as error:
                if error.code not in _MADE_BEFORE:  # another process was faster
                    raise
        if self._locked:
            try:
                self._lock()
            except S3Error as error:
                if error.code != "AccessDenied":
                    raise
                log.warning("store.lock_unchecked", bucket=self._bucket, wanted=str(self._wanted))

    def _lock(self) -> None:
        """Give the bucket the retention that is set, unless it has a stricter one; StoreUnfit where that cannot be.

        What is in the bucket already keeps the retention that it came in with.
        """
        has, wanted = self._retention(), self._wanted
        if has.mode >= wanted.mode and has.days >= wanted.days:
            return
        differ = f"store_url wants {wanted} (lock_mode, retain_days), bucket {self._bucket} has {has}"
        if has.mode > wanted.mode or has.days > wanted.days:
            raise StoreUnfit(
                f"{differ}, and neither is the stricter: write in store_url both mode and days to be kept"
            )
        try:
            config = ObjectLockConfig(_MODES[wanted.mode], wanted.days, DAYS)
            self._client.set_object_lock_config(self._bucket, config)
        except S3Error as error:
            if error.response.status >= 500:
                raise
            raise StoreUnfit(
                f"{differ}, and this access key could not change it ({error.code}): run deploy/buckets.py with the "
                "same store_url as the store's owner, or set the bucket's default retention by the store's own tools"
            ) from error
        log.info("store.retention_set", bucket=self._bucket, before=str(has), now=str(wanted))

    def _retention(self) -> Retention:
        """What the bucket has by default; StoreUnfit when it has neither versions nor a lock."""
        try:
            versioned = self._client.get_bucket_versioning(self._bucket).status == ENABLED
            lock = self._client.get_object_lock_config(self._bucket) if versioned else None
        except S3Error as error:
            if error.code not in _UNLOCKED:
                raise
            lock = None
        except ValueError:
            # Some servers answer with a rule that holds no retention, which the client cannot read.
            return Retention()
        if lock is None:
            raise StoreUnfit(
                f"store_url wants a versioned and locked bucket (lock=1, the default), and bucket {self._bucket} was "
                "made without versions and lock: name a new bucket and copy its photos there, or write lock=0 to go "
                "without"
            )
        if lock.mode is None or lock.duration is None:
            return Retention()
        return Retention(_MODES.index(lock.mode), lock.duration * (365 if lock.duration_unit == YEARS else 1))

    def _put_new(self, key: str, source: Path | bytes, media_type: str) -> bool:
        if self._size(key) == length_of(source):
            return False  # a second version of the same bytes would only cost room
        if isinstance(source, bytes):
            self._put(key, source, media_type)
            return True
        self._client.fput_object(
            self._bucket, key, str(source), content_type=media_type, part_size=_PART, num_parallel_uploads=1
        )
        return True

    def _put(self, key: str, data: bytes, media_type: str) -> None:
        self._client.put_object(self._bucket, key, io.BytesIO(data), len(data), content_type=media_type)

    def _size(self, key: str) -> int | None:
        try:
            return self._client.stat_object(self._bucket, key).size
        except S3Error as error:
            if error.code in _ABSENT and error.code != "NoSuchBucket":
                return None
            raise


async def _nothing() -> AsyncIterator[bytes]:
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece
