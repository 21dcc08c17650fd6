"""Runs the proofs: see the package."""

import importlib
import json
import os
import pkgutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import prove
from tests.prove import Figure

Proof = Callable[[Path], Iterable[Figure]]
REPORT = Path(__file__).resolve().parents[2] / "build" / "prove.json"


def _modules(package: Any = prove) -> dict[str, Any]:
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = {
        name: importlib.import_module(f"{package.__name__}.{name}") for name in names if name[0] != "_"
    }
    return {name: module for name, module in sorted(modules.items()) if hasattr(module, "prove")}


def proofs() -> dict[str, Proof]:
    """All proofs of the folder, by name."""
    return {name: module.prove for name, module in _modules().items()}


def chosen(only: str) -> dict[str, Proof]:
    """The proof of this name, or those of the group; all when nothing is named, none when nothing has the name."""
    wanted = {
        name: module
        for name, module in _modules().items()
        if only in ("", name, getattr(module, "GROUP", ""))
    }
    return {name: module.prove for name, module in wanted.items()}


def run(wanted: Mapping[str, Proof]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows for the report, and the names of the proofs that fell short."""
    rows: list[dict[str, Any]] = []
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    short: list[str] = []
    for name, proof in wanted.items():
        print(f"→ {name}", flush=True)
        start, held, before = time.monotonic(), True, len(rows)
        try:
            with tempfile.TemporaryDirectory(prefix=f"mingcha-{name}-") as folder:
                for figure in proof(Path(folder)):
                    print(f"  {'ok   ' if figure.holds else 'SHORT'} {figure}", flush=True)
                    rows.append({"proof": name, **asdict(figure), "holds": figure.holds, "when": when})
                    held &= figure.holds
        except Exception:  # one proof that breaks must not hide the others
            traceback.print_exc()
            held = False
        if not held or len(rows) == before:
            short.append(name)
        print(f"  {time.monotonic() - start:.0f} s", flush=True)
    return rows, short


def main(only: str = "") -> int:
    wanted = chosen(only)
    if not wanted:
        print(f"no proof and no group {only}; there are: {', '.join(proofs())}", file=sys.stderr)
        return 2
    rows, short = run(wanted)
    REPORT.parent.mkdir(exist_ok=True)
    before = json.loads(REPORT.read_text("utf-8"))["rows"] if REPORT.exists() else []
    rows += [old for old in before if old["proof"] not in wanted]  # of another day: each can run alone
    REPORT.write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if short:
        print(f"fell short: {', '.join(short)}", file=sys.stderr)
    return len(short)


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "")))
