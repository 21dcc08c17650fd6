"""Runs the parts: see the package. Prints a line for each figure and writes `bench.json`."""

import asyncio
import importlib
import json
import os
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.line import machine, row
from tests.bench.site import Site, wanted

PARTS = ("ratio", "rivals", "delta", "upload", "photos", "desk")
REPORT = Path(__file__).resolve().parents[2] / "bench.json"


async def run(site: Site, names: list[str]) -> list[dict[str, Any]]:
    rows = []
    for name in names:
        print(f"→ {name}", flush=True)
        began = time.monotonic()
        async for line in importlib.import_module(f"tests.bench.{name}").measure(site):
            print(f"  {line}", flush=True)
            rows.append(row(line))
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return rows


def main(only: str) -> int:
    names = only.split(",") if only else list(PARTS)
    if unknown := set(names) - set(PARTS):
        print(f"no part {', '.join(unknown)}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    before = json.loads(REPORT.read_text("utf-8")) if REPORT.exists() else {"rows": []}
    kept = [old for old in before["rows"] if old.get("part") not in names]
    with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as folder:
        site = Site(
            Path(folder), wanted("ROUND_S", 2), int(wanted("ROUNDS", 5)), bool(os.environ.get("PROFILE"))
        )
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended then, too
        try:
            rows = asyncio.run(run(site, names))
        finally:
            site.close()
    rows = sorted(kept + rows, key=lambda r: PARTS.index(r["part"]) if r["part"] in PARTS else 99)
    REPORT.write_text(
        json.dumps(
            {"machine": machine(), "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "rows": rows},
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "")))
