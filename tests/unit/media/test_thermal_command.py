"""`mingcha thermal FILE` on every sample: JSON on stdout, or exit 2 and a reason on stderr."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.cli import main

SAMPLES = Path(__file__).parents[2] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())["files"]
READERS = ("independent_fff_reader", "state_grid_layout", "hti_layout", "app3_over_64_apparent")
KEYS = ["format", "width", "height", "min", "max", "mean", "invalid", "trust", "parameters"]
HERE = sorted(name for name in EXPECTED if (SAMPLES / name).exists())
WITH = [n for n in HERE if set(READERS) & set(EXPECTED[n].get("temperature_celsius", {}))]
BITMAPS = [n for n in HERE if "uni_t_trailer" in EXPECTED[n]]
WITHOUT = [n for n in HERE if n not in WITH + BITMAPS]


def run(path: Path) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["thermal", str(path)])
    return ended.value.code


def test_the_samples_are_here() -> None:
    assert (len(WITH), len(BITMAPS)) == (20, 2)
    assert len(WITHOUT) > 30


@pytest.mark.parametrize("name", WITH)
def test_the_summary_equals_what_is_expected(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SAMPLES / name) == 0
    out, err = capsys.readouterr()
    assert err == ""
    summary = json.loads(out, parse_constant=pytest.fail)
    assert list(summary) == KEYS
    known = EXPECTED[name]["temperature_celsius"]
    reader = next(r for r in READERS if r in known)
    expected = known[reader]
    assert [summary[k] for k in ("width", "height", "invalid")] == [
        expected[k] for k in ("width", "height", "nonfinite")
    ]
    for key in ("min", "max", "mean"):
        assert summary[key] == pytest.approx(expected[key], abs=0.01)
    assert summary["trust"] == ("apparent" if reader.startswith("app3") else "exact")
    assert isinstance(summary["parameters"], dict)


@pytest.mark.parametrize("name", BITMAPS)
def test_bitmaps_are_approximate(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SAMPLES / name) == 0
    assert json.loads(capsys.readouterr().out)["trust"] == "approximate"


@pytest.mark.parametrize("name", WITHOUT)
def test_without_temperatures_it_gives_a_reason_and_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SAMPLES / name) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mingcha thermal: ")
    assert name in err
    assert err.count("\n") == 1


def made(kind: str, folder: Path) -> Path:
    path = folder / "given"
    match kind:
        case "directory":
            path.mkdir()
        case "empty":
            path.touch()
        case "pipe":
            os.mkfifo(path)
        case "huge":
            with path.open("wb") as file:
                file.truncate(2**31)  # a sparse file: nothing is written
        case "null" | "zero":
            return Path("/dev") / kind
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", "No such file"),
        ("directory", "no regular file"),
        ("empty", "is empty"),
        ("pipe", "no regular file"),
        ("null", "no regular file"),
        ("zero", "no regular file"),
        ("huge", "larger than"),
    ],
)
def test_what_is_no_picture_file_ends_at_once_without_a_traceback(
    kind: str, reason: str, tmp_path: Path
) -> None:
    path = made(kind, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "thermal", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
