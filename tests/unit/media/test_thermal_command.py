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


def asked(name: str, *options: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["thermal", str(SAMPLES / name), *options])
    return ended.value.code


def test_spots_lines_and_boxes_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    name = "flirpy/frame_000000_le.fff"
    known = EXPECTED[name]["temperature_celsius"]["independent_fff_reader"]
    box = known["box"]
    corners = ",".join(map(str, (box["x0"], box["y0"], box["x1"] - 1, box["y1"] - 1)))
    x, y, c = known["points"]["center"]
    assert asked(name, "--spot", f"{x},{y}", "--spot", "0,0", "--box", corners, "--line", "0,0,9,9") == 0
    found = json.loads(capsys.readouterr().out)
    assert [spot["c"] for spot in found["spot"]] == pytest.approx(
        [c, known["points"]["top_left"][2]], abs=0.01
    )
    assert found["box"][0]["mean_c"] == pytest.approx(box["mean"], abs=0.01)
    assert len(found["line"][0]["profile"]) == 10


def test_conditions_are_changed_where_the_file_holds_raw_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("thermal-parser/FLIR_E40.jpg", "--set", "emissivity=0.5", "--set", "reflected_c=10") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["parameters"]["emissivity"], found["parameters"]["reflected_c"]) == (0.5, 10)


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("state-grid-synthetic/sg_full.jpg", ["--set", "emissivity=0.9"], "cannot be changed afterwards"),
        ("thermal-parser/FLIR_E40.jpg", ["--set", "emissivity=2"], "must be between"),
        ("thermal-parser/FLIR_E40.jpg", ["--spot", "160,0"], "lies outside"),
    ],
)
def test_what_cannot_be_measured_gives_a_reason_and_2(
    name: str, options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(name, *options) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--spot", "1,2,3", "X,Y"),
        ("--set", "emissivity", "NAME=VALUE"),
        ("--set", "wind=3", "wind is none of"),
    ],
)
def test_a_place_or_condition_that_is_none_is_wrong_use(
    option: str, value: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("thermal-parser/FLIR_E40.jpg", option, value) == 2
    assert says in capsys.readouterr().err
