"""docs/api.md is run as it stands: every block of shell, in order, against a real server."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ROOT, Server

PHOTO = ROOT / "tests" / "samples" / "metadata-extractor-images" / "HTC_Desire.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shared_server: Server) -> Path:
    """Where the commands of the page ran and left their answers."""
    place = tmp_path_factory.mktemp("api")
    shutil.copy(PHOTO, place / "photo.jpg")
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "api.md").read_text("utf-8"), re.M | re.S)
    assert len(blocks) == 9
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=place,
        env={**os.environ, "MINGCHA": shared_server.url, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}\n{shared_server.log_tail(20)}"
    return place


def answer(folder: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return loaded


def test_the_worked_example_pushes_a_record_once(folder: Path) -> None:
    pushed = answer(folder, "pushed.json")
    assert pushed["acked"] == 2
    assert [result["status"] for result in pushed["results"]] == ["applied", "applied"]
    assert answer(folder, "again.json")["results"] == pushed["results"]


def test_the_worked_example_stores_the_photo_byte_for_byte(folder: Path) -> None:
    assert f"Upload-Offset: {PHOTO.stat().st_size}".lower() in (folder / "uploaded.txt").read_text().lower()
    assert (folder / "original.jpg").read_bytes() == PHOTO.read_bytes()


def test_the_worked_example_shows_the_record_to_the_supervisor_who_decides(folder: Path) -> None:
    found = answer(folder, "found.json")
    assert (found["kind"], found["state"], found["missing"]) == ("finding", "submitted", [])
    assert answer(folder, "decided.json")["results"][0]["status"] == "applied"


def test_the_worked_example_ends_with_a_problem_that_has_a_code(folder: Path) -> None:
    refused = answer(folder, "refused.json")
    assert (refused["status"], refused["code"]) == (401, "bad_credentials")
