"""An S3 server that is not MinIO, in a temporary folder: what holds for both holds for S3."""

import itertools
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.deploy.tools import tool

from .minio import Bucket
from .postgres import free_port
from .waiting import until_it_answers


class VersityGateway:
    """One server over a folder. `fresh()` gives a bucket name not used before (not made yet)."""

    access_key = "mingcha"
    secret_key = "mingcha-test-secret"

    def __init__(self) -> None:
        self.program = tool("versitygw")
        self.home = Path(tempfile.mkdtemp(prefix="mingcha-versitygw-"))
        self.endpoint = f"127.0.0.1:{free_port()}"
        self._names = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "VersityGateway":
        for name in ("data", "versions"):
            (self.home / name).mkdir()
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(self.program),
                    *("--port", self.endpoint, "--quiet", "posix"),
                    *("--versioning-dir", str(self.home / "versions"), str(self.home / "data")),
                ],
                env={
                    **os.environ,
                    "ROOT_ACCESS_KEY": self.access_key,
                    "ROOT_SECRET_KEY": self.secret_key,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until_it_answers("versitygw", self._process, self._answers, log=self.home / "log")
        return self

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.endpoint}/", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True  # it wants to know who asks

    def fresh(self) -> Bucket:
        name = f"test-{os.getpid()}-{next(self._names)}"
        return Bucket(f"s3://{self.endpoint}/{name}?secure=0", self.access_key, self.secret_key)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self.home, ignore_errors=True)
