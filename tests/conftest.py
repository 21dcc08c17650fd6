"""Fixtures for all tests: the real PostgreSQL and MinIO of the session, and the real server on both pairs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.minio import Bucket, Minio
from tests.support.passwords import cheaply
from tests.support.postgres import Postgres
from tests.support.server import Server, made_before, migrated

ENGINES = ("sqlite", "postgresql")
PAIRS = ("sqlite+files", "postgresql+minio")

# Speed is the bench's to tell: a machine busy with other work must not turn a test red.
settings.register_profile("mingcha", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mingcha")

# What takes minutes is handed out first, then folders by weight: else one worker is left alone with it at the end.
FIRST = (
    "tests/integration/secrecy/",
    "tests/browser/test_desk.py",
    "tests/fault/",
    "tests/property/",
    "tests/browser/",
    "tests/deploy/",
    "tests/contract/media/",
    "tests/integration/",
    "tests/contract/",
    "tests/migrations/",
)


# Tests marked `whole` tell by another pair or language what another test tells already: `make prove ONLY=whole`.
WHOLE = bool(os.environ.get("WHOLE"))


def pytest_configure() -> None:
    """The workers are started after this, with this process's environment."""
    made_before()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`loadfile` hands out files in this order (`--no-loadscope-reorder`; it would go by the number of tests)."""
    if not WHOLE:
        left = [item for item in items if item.get_closest_marker("whole")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("whole")]
    items.sort(
        key=lambda item: next((i for i, name in enumerate(FIRST) if item.nodeid.startswith(name)), len(FIRST))
    )
    cheaply()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's cluster; `postgres.fresh()` gives the address of an empty database."""
    cluster = Postgres()
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def minio() -> Iterator[Minio]:
    """The session's MinIO; `minio.fresh()` gives a bucket for one test."""
    server = Minio()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    return postgres.fresh()


@pytest.fixture
def minio_bucket(minio: Minio) -> Bucket:
    return minio.fresh()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.fresh()


@pytest.fixture
def migrated_url(database_url: str) -> str:
    """Address of a database with its tables and nothing in them, on each engine in turn."""
    return migrated(database_url)


@dataclass(frozen=True)
class Pair:
    """A database and a photo store, as settings of Mingcha. Nothing is made in them yet."""

    name: str
    env: dict[str, str]
    folder: Path

    def server(self, **env: str) -> Server:
        """A server on this pair: call `.prepare()` and `.start()` on it."""
        return Server(self.folder, {**self.env, **env})


def make_pair(name: str, request: pytest.FixtureRequest, folder: Path) -> Pair:
    if name == "sqlite+files":
        return Pair(name, {}, folder)
    cluster: Postgres = request.getfixturevalue("postgres")
    bucket: Bucket = request.getfixturevalue("minio").fresh()
    return Pair(name, {"MINGCHA_DATABASE_URL": cluster.fresh(), **bucket.env}, folder)


@pytest.fixture(params=PAIRS)
def backend_pair(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    """Both ways to run in turn: SQLite with files, and PostgreSQL with MinIO. Fresh for each test."""
    return make_pair(request.param, request, tmp_path / "data")


@pytest.fixture(scope="module", params=PAIRS)
def shared_pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Like `backend_pair`, but one for all tests of a module."""
    return make_pair(request.param, request, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def server(backend_pair: Pair) -> Iterator[Server]:
    """A running server with the demo company, on each pair in turn, fresh for each test."""
    running = backend_pair.server().prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def shared_server(shared_pair: Pair) -> Iterator[Server]:
    """A running server with the demo company, on each pair in turn, one for all tests of a module."""
    running = shared_pair.server().prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()
