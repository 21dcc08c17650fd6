"""tusd, the reference server of the tus protocol, as a process of its own."""

import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from tests.deploy.tools import tool

from .postgres import free_port
from .waiting import until_it_answers


class Tusd:
    """One server in a temporary folder; `url` is where uploads are created."""

    def __init__(self, largest: int) -> None:
        self.program = tool("tusd")
        self.folder = Path(tempfile.mkdtemp(prefix="mingcha-tusd-"))
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/files/"
        self._largest = largest
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Tusd":
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(self.program),
                    *("-host", "127.0.0.1", "-port", str(self.port), "-base-path", "/files/"),
                    *("-upload-dir", str(self.folder / "data"), "-max-size", str(self._largest)),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until_it_answers("tusd", self._process, self._answers, log=self.folder / "log")
        return self

    def _answers(self) -> bool:
        with urllib.request.urlopen(self.origin, timeout=2):
            return True

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
