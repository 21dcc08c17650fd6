"""What every photo store promises: the same tests for the folder, a real MinIO and another S3 server."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from minio import Minio as MinioClient
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, YEARS, ObjectLockConfig

from media.errors import MediaError, StoreUnfit
from media.service import original_key
from media.stores import Missing, Stores, open_stores
from tests.support.minio import Bucket, Minio
from tests.support.versitygw import VersityGateway

ORG = "0193b8a0-0000-7000-8000-000000000001"
PHOTO = bytes(range(256)) * 8192  # 2 MiB
KEY = original_key(ORG, hashlib.sha256(PHOTO).hexdigest())


pytestmark = pytest.mark.timeout(1200)  # the first run may have to build a server


@pytest.fixture(scope="module")
def versitygw() -> Iterator[VersityGateway]:
    server = VersityGateway()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(params=("minio", "versitygw"))
def s3(request: pytest.FixtureRequest) -> Bucket:
    """A bucket that nobody made yet, on each server in turn."""
    server: Minio | VersityGateway = request.getfixturevalue(request.param)
    return server.fresh()


@pytest.fixture(params=("files", "minio", "versitygw"))
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    if request.param == "files":
        opened = open_stores(f"file://{tmp_path}/store")
    else:
        opened = opened_on(request.getfixturevalue(request.param).fresh())
    for store in (opened.originals, opened.derivatives):
        await store.prepare()
    yield opened
    for store in (opened.originals, opened.derivatives):
        await store.close()


def opened_on(bucket: Bucket, more: str = "") -> Stores:
    return open_stores(bucket.url + more, access_key=bucket.access_key, secret_key=bucket.secret_key)


def client_of(bucket: Bucket) -> tuple[MinioClient, str]:
    """The plain client and the bucket's name, to do what Mingcha never does."""
    endpoint, _, name = bucket.url.removeprefix("s3://").partition("?")[0].partition("/")
    return (
        MinioClient(endpoint, access_key=bucket.access_key, secret_key=bucket.secret_key, secure=False),
        name,
    )


def source(tmp_path: Path, data: bytes = PHOTO) -> Path:
    path = tmp_path / hashlib.sha256(data).hexdigest()[:8]
    path.write_bytes(data)
    return path


async def content(store: Any, key: str = KEY, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([piece async for piece in await store.open(key, start, length)])


def test_the_key_is_the_content_under_its_organisation() -> None:
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    assert f"{ORG}/{sha256[:2]}/{sha256[2:4]}/{sha256}" == KEY


async def test_what_was_put_comes_back_byte_by_byte(stores: Stores, tmp_path: Path) -> None:
    assert await stores.originals.size(KEY) is None
    assert await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg") is True
    assert await stores.originals.size(KEY) == len(PHOTO)
    assert await content(stores.originals) == PHOTO


async def test_putting_again_changes_nothing_and_says_so(stores: Stores, tmp_path: Path) -> None:
    await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg")
    assert await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg") is False
    assert await content(stores.originals) == PHOTO


async def test_eight_writers_of_one_photo_leave_one_whole_photo(stores: Stores, tmp_path: Path) -> None:
    sources = [tmp_path / str(n) for n in range(8)]
    for path in sources:
        path.write_bytes(PHOTO)
    await asyncio.gather(*(stores.originals.put_new(KEY, path, "image/jpeg") for path in sources))
    assert await content(stores.originals) == PHOTO


async def test_other_bytes_under_a_taken_key_do_not_get_in(stores: Stores, tmp_path: Path) -> None:
    await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg")
    forged = bytes(len(PHOTO))
    assert await stores.originals.put_new(KEY, source(tmp_path, forged), "image/jpeg") is False
    assert await content(stores.originals) == PHOTO


async def test_writing_to_the_source_afterwards_does_not_reach_the_store(
    stores: Stores, tmp_path: Path
) -> None:
    path = source(tmp_path)
    await stores.originals.put_new(KEY, path, "image/jpeg")
    with path.open("ab") as file:
        file.write(b"more")
    path.write_bytes(b"other")
    assert await content(stores.originals) == PHOTO


async def test_an_object_that_lost_bytes_is_mended_by_the_next_upload(stores: Stores, tmp_path: Path) -> None:
    await stores.originals.put_new(KEY, source(tmp_path, PHOTO[:1000]), "image/jpeg")
    assert await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg") is True
    assert await content(stores.originals) == PHOTO


@pytest.mark.parametrize(
    ("start", "length"), [(0, 1), (0, 0), (1000, 5), (len(PHOTO) - 7, 7), (300_000, 700_000), (5, None)]
)
async def test_a_range_gives_exactly_these_bytes(
    stores: Stores, tmp_path: Path, start: int, length: int | None
) -> None:
    await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg")
    end = None if length is None else start + length
    assert await content(stores.originals, KEY, start, length) == PHOTO[start:end]


async def test_a_photo_streams_in_pieces(stores: Stores, tmp_path: Path) -> None:
    await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg")
    sizes = [len(piece) async for piece in await stores.originals.open(KEY)]
    assert len(sizes) > 1
    assert max(sizes) <= 256 * 1024


async def test_a_missing_key_is_known_before_the_first_byte(stores: Stores) -> None:
    with pytest.raises(Missing):
        await stores.originals.open(KEY)
    assert await stores.originals.size(KEY) is None


async def test_slow_readers_and_readers_that_went_away_stop_nobody(stores: Stores, tmp_path: Path) -> None:
    await stores.originals.put_new(KEY, source(tmp_path), "image/jpeg")
    readers = [await stores.originals.open(KEY) for _ in range(20)]
    for reader in readers[:10]:
        await anext(reader)  # the others never ask for a piece
    async with asyncio.timeout(10):
        assert await stores.originals.size(KEY) == len(PHOTO)
        await stores.originals.put_new(
            original_key(ORG, "ab" * 32), source(tmp_path, b"another"), "image/jpeg"
        )
        assert await content(stores.originals) == PHOTO
    for reader in readers:
        async for _ in reader:
            break
        await reader.aclose()  # type: ignore[attr-defined]


async def test_a_large_photo_goes_in_parts_and_comes_back_whole(s3: Bucket, tmp_path: Path) -> None:
    large = PHOTO * 10 + b"the end"  # 20 MiB
    key, opened = original_key(ORG, hashlib.sha256(large).hexdigest()), opened_on(s3)
    client, name = client_of(s3)
    try:
        await opened.originals.prepare()
        assert await opened.originals.put_new(key, source(tmp_path, large), "image/jpeg")
        assert await content(opened.originals, key) == large
        assert "-" in (client.stat_object(name, key).etag or ""), "S3 marks what came in parts"
        assert await content(opened.originals, key, 8 * 2**20 - 3, 6) == large[8 * 2**20 - 3 :][:6]
        assert await opened.originals.put_new(key, source(tmp_path, large), "image/jpeg") is False
    finally:
        await opened.originals.close()
        await opened.derivatives.close()


async def test_a_derivative_may_be_made_anew(stores: Stores) -> None:
    for data in (b"first", b"second, longer"):
        await stores.derivatives.put(f"{KEY}/w320.webp", data, "image/webp")
        assert await content(stores.derivatives, f"{KEY}/w320.webp") == data
    assert await stores.originals.size(f"{KEY}/w320.webp") is None


@pytest.mark.parametrize(
    "key", ["../x/y", "a/../../b", "/etc/passwd", "a", "", "a/.hidden", "a/b\0c", "A/B", "a//b", "a/" * 200]
)
async def test_keys_that_could_leave_the_store_are_refused(stores: Stores, tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        await stores.originals.put_new(key, source(tmp_path), "image/jpeg")
    with pytest.raises(ValueError, match="no key"):
        await stores.originals.open(key)
    with pytest.raises(ValueError, match="no key"):
        await stores.derivatives.put(key, b"", "image/webp")


async def test_what_a_kill_left_half_written_goes_after_a_while(stores: Stores, tmp_path: Path) -> None:
    await stores.originals.put_new(KEY, PHOTO, "image/jpeg")
    halves = tmp_path / "store" / "originals" / ".half"
    if halves.is_dir():  # an S3 server has no such files
        half = halves / ".photo.0123456789ab"
        half.write_bytes(PHOTO[:1000])
        os.utime(half, (time.time() - 4000,) * 2)
        assert await stores.originals.remove_strays(5000) == 0
        assert await stores.originals.remove_strays(3600) == 1
        assert not list(halves.iterdir())
    assert await stores.originals.remove_strays(0) == 0
    assert await content(stores.originals) == PHOTO


async def test_a_healthy_store_says_so_and_preparing_twice_is_harmless(stores: Stores) -> None:
    await stores.originals.prepare()
    await stores.originals.health()
    await stores.derivatives.health()


async def test_a_folder_that_is_full_or_gone_is_a_refusal_with_a_code(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder should be")
    opened = open_stores(f"file://{tmp_path}/store")
    try:
        with pytest.raises(MediaError, match="store_unavailable"):
            await opened.derivatives.put(KEY, b"x", "image/webp")
    finally:
        await opened.originals.close()
        await opened.derivatives.close()


async def test_a_minio_that_is_away_is_a_refusal_with_a_code(tmp_path: Path) -> None:
    opened = open_stores("s3://127.0.0.1:9/nowhere?secure=0", access_key="a", secret_key="b" * 10)
    try:
        for asked in (
            opened.originals.health(),
            opened.originals.size(KEY),
            opened.originals.put_new(KEY, source(tmp_path), "image/jpeg"),
        ):
            with pytest.raises(MediaError, match="store_unavailable"):
                await asked
    finally:
        await opened.originals.close()
        await opened.derivatives.close()


@pytest.mark.parametrize("mode", ["", "governance", "compliance"])
async def test_the_bucket_of_originals_keeps_every_version_and_lets_none_be_deleted(
    s3: Bucket, tmp_path: Path, mode: str
) -> None:
    opened = opened_on(s3, "&retain_days=1" + (f"&lock_mode={mode}" if mode else ""))
    client, name = client_of(s3)
    try:
        await opened.originals.prepare()
        await opened.derivatives.prepare()
        await opened.originals.put_new(KEY, source(tmp_path), "image/jpeg")
        first = client.stat_object(name, KEY)
        forged = client.fput_object(name, KEY, str(source(tmp_path, b"forged")))
        assert forged.version_id != first.version_id
        client.remove_object(name, KEY)
        with pytest.raises(S3Error, match="NoSuchKey"):
            client.stat_object(name, KEY)
        lock = client.get_object_lock_config(name)
        assert (lock.mode, lock.duration) == ((mode or "governance").upper(), 1)
        with pytest.raises(S3Error, match=r"WORM|locked|protected|Access|lock"):
            client.remove_object(name, KEY, version_id=first.version_id)
        answer = client.get_object(name, KEY, version_id=first.version_id)
        try:
            assert answer.read() == PHOTO
        finally:
            answer.close()
            answer.release_conn()
        assert client.get_bucket_versioning(f"{name}-views").status != "Enabled"
    finally:
        await opened.originals.close()
        await opened.derivatives.close()


@pytest.mark.parametrize(
    ("had", "more", "has"),
    [
        (
            None,
            "&retain_days=30",
            (GOVERNANCE, 30, DAYS),
        ),  # also what a kill between making and setting leaves
        ((GOVERNANCE, 1, DAYS), "&retain_days=400&lock_mode=compliance", (COMPLIANCE, 400, DAYS)),
        ((GOVERNANCE, 30, DAYS), "&retain_days=31", (GOVERNANCE, 31, DAYS)),
        ((COMPLIANCE, 2, YEARS), "&retain_days=730", (COMPLIANCE, 2, YEARS)),  # stricter is as good
        ((GOVERNANCE, 30, DAYS), "&retain_days=30", (GOVERNANCE, 30, DAYS)),
        ((GOVERNANCE, 30, DAYS), "", (GOVERNANCE, 30, DAYS)),
        (None, "", (None, None, None)),
    ],
)
async def test_a_bucket_that_is_there_gets_the_retention_that_is_set_and_never_a_weaker_one(
    s3: Bucket, had: tuple[str, int, str] | None, more: str, has: tuple[str | None, int | None, str | None]
) -> None:
    client, name = client_of(s3)
    client.make_bucket(name, object_lock=True)
    if had:
        client.set_object_lock_config(name, ObjectLockConfig(*had))
    opened = opened_on(s3, more)
    try:
        await opened.originals.prepare()
        if has[0] is None:  # the servers say so in different ways, one of which the client cannot read
            await opened.originals.put_new(KEY, PHOTO, "image/jpeg")
            assert client.get_object_retention(name, KEY) is None
        else:
            lock = client.get_object_lock_config(name)
            assert (lock.mode, lock.duration, lock.duration_unit) == has
    finally:
        await opened.originals.close()
        await opened.derivatives.close()


async def test_a_bucket_with_less_lock_than_is_set_is_refused_in_words(s3: Bucket) -> None:
    client, name = client_of(s3)
    client.make_bucket(name)
    plain, open_by_will = opened_on(s3, "&retain_days=30&lock_mode=compliance"), opened_on(s3, "&lock=0")
    client.make_bucket(f"{name}-longer", object_lock=True)
    client.set_object_lock_config(f"{name}-longer", ObjectLockConfig(GOVERNANCE, 400, DAYS))
    longer = opened_on(
        replace(s3, url=s3.url.replace(name, f"{name}-longer")), "&retain_days=30&lock_mode=compliance"
    )
    try:
        with pytest.raises(
            StoreUnfit, match=rf"lock=1.*bucket {name} was made without versions and lock.*lock=0"
        ):
            await plain.originals.prepare()
        await open_by_will.originals.prepare()
        with pytest.raises(
            StoreUnfit, match=r"wants COMPLIANCE for 30 days.*has GOVERNANCE for 400 days.*neither"
        ):
            await longer.originals.prepare()
    finally:
        for stores in (plain, open_by_will, longer):
            await stores.originals.close()
            await stores.derivatives.close()


@pytest.mark.parametrize(
    "url",
    [
        "file://host/folder",
        "file:relative",
        "http://host/bucket",
        "s3://host",
        "s3://host/bucket/folder",
        "s3://host/bucket?typo=1",
        "s3://host/bucket?lock_mode=none",
        "s3://host/bucket?lock_mode=compliance",
        "s3://host/bucket?lock=yes",
        "s3://host/bucket?lock=0&retain_days=30",
        "s3://host/bucket?retain_days=-1",
        "s3://host/bucket?secure=no",
    ],
)
def test_a_line_that_names_no_store_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="store"):
        open_stores(url)


async def test_an_address_reads_this_object_for_five_minutes_and_nothing_else(
    s3: Bucket, tmp_path: Path
) -> None:
    endpoint = s3.url.removeprefix("s3://").partition("/")[0]
    opened = opened_on(s3, f"&reads=http://{endpoint}")
    client, name = client_of(s3)
    try:
        await opened.originals.prepare()
        await opened.originals.put_new(KEY, source(tmp_path), "image/jpeg")
        address = opened.originals.address(KEY, "image/jpeg")
        assert opened.reads == f"http://{endpoint}"
        assert address is not None
        assert address.startswith(f"http://{endpoint}/{name}/{KEY}?")
        assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == ["300"]
        async with httpx.AsyncClient() as anybody:
            answer = await anybody.get(address)
            assert (answer.status_code, answer.content) == (200, PHOTO)
            assert answer.headers["content-type"] == "image/jpeg"
            assert answer.headers["content-disposition"] == "attachment"
            assert answer.headers["cache-control"] == "no-store"
            part = await anybody.get(address, headers={"Range": "bytes=10-19"})
            assert (part.status_code, part.content) == (206, PHOTO[10:20])
            another = address.replace(KEY, original_key(ORG, "ab" * 32))
            longer = address.replace("X-Amz-Expires=300", "X-Amz-Expires=86400")
            for forged in (another, longer, address.partition("?")[0]):
                assert (await anybody.get(forged)).status_code == 403
            assert (await anybody.put(address, content=b"other")).status_code == 403
            assert (await anybody.delete(address)).status_code == 403
        assert client.stat_object(name, KEY).size == len(PHOTO)
    finally:
        await opened.originals.close()
        await opened.derivatives.close()


async def test_a_store_gives_no_addresses_unless_it_is_told_where_browsers_reach_it(stores: Stores) -> None:
    assert stores.originals.address(KEY, "image/jpeg") is None
    assert stores.reads == ""


@pytest.mark.parametrize(
    "reads", ["photos.example.org", "ftp://host", "https://host/path", "https://host;script-src *"]
)
def test_what_is_no_origin_is_refused(reads: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        open_stores(f"s3://host:9000/photos?reads={reads}")
