"""A real MinIO server for a test session.

The program is looked for in $MINGCHA_MINIO, on PATH and in build/; else it is built into build/ with
`go install` (Go from the system), which takes some minutes once. The version is the one that
deploy/minio.Dockerfile names, the only place where it stands.
"""

import itertools
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio as Client
from minio.error import S3Error

from .postgres import free_port
from .waiting import until_it_answers

ROOT = Path(__file__).resolve().parents[2]
MODULE = "github.com/minio/minio"


def version() -> str:
    """The version that the topology runs, and so the tests."""
    found = re.search(r"^ARG MINIO_VERSION=(\S+)$", (ROOT / "deploy" / "minio.Dockerfile").read_text(), re.M)
    assert found, "deploy/minio.Dockerfile names no MINIO_VERSION"
    return found[1]


def binary() -> Path:
    """The MinIO program, built if need be."""
    if found := os.environ.get("MINGCHA_MINIO"):
        return Path(found)
    if found := shutil.which("minio"):
        return Path(found)
    built = ROOT / "build" / f"minio-{version()}"
    if not built.exists():
        go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
        if go is None:
            raise RuntimeError("no MinIO and no Go to build it: set MINGCHA_MINIO")
        built.parent.mkdir(exist_ok=True)
        print("building MinIO (once, some minutes)", flush=True)
        with tempfile.TemporaryDirectory(dir=built.parent) as folder:
            subprocess.run(
                [go, "install", f"{MODULE}@{version()}"], env={**os.environ, "GOBIN": folder}, check=True
            )
            (Path(folder) / "minio").replace(built)
    return built


@dataclass(frozen=True)
class Bucket:
    """Where a test's photos go, as settings of Mingcha."""

    url: str
    access_key: str
    secret_key: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "MINGCHA_STORE_URL": self.url,
            "MINGCHA_STORE_ACCESS_KEY": self.access_key,
            "MINGCHA_STORE_SECRET_KEY": self.secret_key,
        }


_RUNNING: dict[int, "Minio"] = {}


def server(url: str) -> "Minio | None":
    """The server of this process that keeps the bucket at `url`, made as `fresh` says it; else None."""
    parts = urlsplit(url)
    return _RUNNING.get(parts.port or 0) if parts.query == "secure=0" else None


def copy(source: str, target: str) -> None:
    """Put into the new buckets of `target` what those of `source` hold, on the same server of this process.

    A bucket is a folder, and so are its objects: they are copied without asking for each.
    """
    running = server(source)
    assert running is not None
    of, to = (urlsplit(url).path.strip("/") for url in (source, target))
    client = Client(running.endpoint, running.access_key, running.secret_key, secure=False)
    for end, locked in (("", True), ("-views", False)):  # as `media.stores` makes them
        client.make_bucket(to + end, object_lock=locked)
        data = running.data
        shutil.copytree(data / (of + end), data / (to + end), dirs_exist_ok=True)


class Minio:
    """One server in a temporary folder. `fresh()` gives a bucket name not used before (not made yet)."""

    access_key = "mingcha"
    secret_key = "mingcha-test-secret"

    def __init__(self, disk: Path | None = None) -> None:
        """Its data on `disk` if one is given."""
        self.program = binary()
        self.home = Path(tempfile.mkdtemp(prefix="mingcha-minio-"))
        self.data = (disk or self.home) / "data"
        self.port = free_port()
        self._names = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Minio":
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.program), "server", str(self.data), "--address", self.endpoint, "--quiet"],
                env={
                    **os.environ,
                    "MINIO_ROOT_USER": self.access_key,
                    "MINIO_ROOT_PASSWORD": self.secret_key,
                    "MINIO_BROWSER": "off",
                    "MINIO_UPDATE": "off",
                    "CI": "true",  # runs without its own partition
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _RUNNING[self.port] = self
        until_it_answers("MinIO", self._process, self._answers, log=self.home / "log")
        return self

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.endpoint}/minio/health/ready", timeout=2):
                Client(self.endpoint, self.access_key, self.secret_key, secure=False).list_buckets()
                return True
        except S3Error:
            return False  # it says that it is ready a moment before it knows its own owner

    def fresh(self) -> Bucket:
        name = f"test-{os.getpid()}-{next(self._names)}"
        return Bucket(f"s3://{self.endpoint}/{name}?secure=0", self.access_key, self.secret_key)

    def stop(self) -> None:
        _RUNNING.pop(self.port, None)
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        shutil.rmtree(self.home, ignore_errors=True)
