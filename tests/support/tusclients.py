"""Other people's tus clients from npm, at the versions of tests/contract/media/clients/package-lock.json."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.nodephone import NODE
from tests.support.server import ROOT

FOLDER = ROOT / "tests" / "contract" / "media" / "clients"
NPM = ROOT / ".venv" / "bin" / "npm"
SEND_S = 300


def ready() -> Path:
    """The folder with the packages in it, installed if need be."""
    done, lock = FOLDER / "node_modules" / ".done", FOLDER / "package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(
            [str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FOLDER,
            env={**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}"},
            timeout=600,
            check=True,
        )
        done.touch()
    return FOLDER


def tus_js_client(order: dict[str, Any]) -> dict[str, Any]:
    """What tus-js-client made of the order, see send.mjs."""
    ran = subprocess.run(
        [str(NODE), "send.mjs"],
        cwd=ready(),
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=SEND_S,
        check=True,
    )
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result


def uppy_for_a_page() -> str:
    """Uppy as one script for a browser, bundled as its users do."""
    bundled = ready() / "node_modules" / ".uppy.js"
    if not bundled.exists() or bundled.stat().st_mtime < (FOLDER / "uppy.mjs").stat().st_mtime:
        program = ROOT / "pwa" / "node_modules" / ".bin" / "rolldown"
        subprocess.run(
            [
                str(NODE),
                str(program),
                "uppy.mjs",
                "--file",
                str(bundled),
                "--format",
                "iife",
                "--platform",
                "browser",
            ],
            cwd=FOLDER,
            capture_output=True,
            timeout=300,
            check=True,
        )
    return bundled.read_text("utf-8")
