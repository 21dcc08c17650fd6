"""What `make test` plays once is played on the other pair and in the other language too.

Tests marked `whole` are left out of `make test`.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure

ROOT = Path(__file__).resolve().parents[2]


def prove(folder: Path) -> Iterator[Figure]:
    env = {name: value for name, value in os.environ.items() if name != "ONLY"} | {"WHOLE": "1"}
    report = folder / "tests.xml"
    program = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "whole"]
    subprocess.run([*program, f"--junitxml={report}", "tests"], cwd=ROOT, env=env, check=False)
    told = next(ET.parse(report).getroot().iter("testsuite"))
    count = {name: int(told.attrib[name]) for name in ("tests", "skipped", "failures", "errors")}
    yield Figure("tests played", count["tests"] - count["skipped"], at_least=20)
    yield Figure("red", count["failures"] + count["errors"], at_most=0)
