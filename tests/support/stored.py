"""What a server has stored, read beside it: its tables, and the objects of its photo store."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import minio
import msgspec
import sqlalchemy as sa
import zstandard
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from sync.tables import push
from tests.support.server import Server

T = TypeVar("T")


def rows(server: Server, query: sa.Select[Any]) -> list[sa.Row[Any]]:
    """What a query of the server's database gives."""
    return _apart(server, lambda conn: _all(conn, query))


def change(server: Server, *statements: sa.Executable) -> None:
    """Changes the server's database behind its back, in one transaction."""
    _apart(server, lambda conn: _each(conn, statements))


async def _all(conn: AsyncConnection, query: sa.Select[Any]) -> list[sa.Row[Any]]:
    return list(await conn.execute(query))


async def _each(conn: AsyncConnection, statements: Sequence[sa.Executable]) -> None:
    for statement in statements:
        await conn.execute(statement)


def _apart(server: Server, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
    url = server.env.get("MINGCHA_DATABASE_URL", f"sqlite+aiosqlite:///{server.folder / 'mingcha.db'}")

    async def run() -> T:
        engine = create_async_engine(url)
        try:
            async with engine.begin() as conn:
                return await work(conn)
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as apart:  # the test's own thread runs the browser's event loop
        return apart.submit(asyncio.run, run()).result()


def sent(server: Server, record: str) -> list[dict[str, Any]]:
    """The operations that phones pushed for a record, in order, each with its `result`."""
    found = []
    for row in rows(server, sa.select(push.c.payload, push.c.answers).order_by(push.c.device, push.c.n)):
        pairs = zip(*(msgspec.json.decode(zstandard.decompress(kept)) for kept in row), strict=True)
        found += [op | {"result": result} for op, result in pairs]
    return [op for op in found if record in (op["id"], op.get("subject"))]


def objects_of(server: Server) -> tuple[minio.Minio, str]:
    """A client of the server's S3 store, and the bucket of its originals."""
    parts = urlsplit(server.env["MINGCHA_STORE_URL"])
    client = minio.Minio(
        parts.netloc,
        access_key=server.env["MINGCHA_STORE_ACCESS_KEY"],
        secret_key=server.env["MINGCHA_STORE_SECRET_KEY"],
        secure=False,
    )
    return client, parts.path.strip("/")


def objects(server: Server) -> dict[str, str]:
    """SHA-256 of the content of every original in the store, by its address there."""
    line = server.env.get("MINGCHA_STORE_URL")
    if line is None:
        folder = server.folder / "photos" / "originals"
        return {
            str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in folder.rglob("*")
            if file.is_file()
        }
    client, bucket = objects_of(server)
    found = {}
    for item in client.list_objects(bucket, recursive=True):
        answer = client.get_object(bucket, str(item.object_name))
        try:
            found[str(item.object_name)] = hashlib.sha256(answer.read()).hexdigest()
        finally:
            answer.close()
            answer.release_conn()
    return found


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
