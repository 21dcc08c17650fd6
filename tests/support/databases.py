"""The same work on SQLite and on PostgreSQL, for proofs that start their own servers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tests.support.minio import Minio
from tests.support.postgres import Postgres

T = TypeVar("T")


def on_each(folder: Path, work: Callable[[str, Path, dict[str, str]], Iterator[T]]) -> Iterator[T]:
    """`work` of the database's name, a folder of its own and the server's settings, on one after the other."""
    yield from work("sqlite", folder / "sqlite", {})
    cluster = Postgres()
    try:
        address = cluster.start().fresh()
        yield from work("postgresql", folder / "postgresql", {"MINGCHA_DATABASE_URL": address})
    finally:
        cluster.stop()


def on_each_pair(folder: Path, work: Callable[[str, Path, dict[str, str]], Iterator[T]]) -> Iterator[T]:
    """The same with the photo store that belongs to it: SQLite with files, PostgreSQL with MinIO."""
    yield from work("sqlite+files", folder / "sqlite", {})
    cluster, minio = Postgres(), Minio()
    try:
        env = {"MINGCHA_DATABASE_URL": cluster.start().fresh(), **minio.start().fresh().env}
        yield from work("postgresql+minio", folder / "postgresql", env)
    finally:
        minio.stop()
        cluster.stop()
