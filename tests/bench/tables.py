"""`python -m tests.bench.tables`: the figures of `bench.json` and of the proofs into docs/benchmarks.md.

A table stands between `<!-- figures: part -->` and `<!-- end -->`; one for which there is nothing new stays as it is.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BLOCK = re.compile(r"(<!-- figures: (?P<part>[a-z_]+) -->\n).*?(<!-- end -->)", re.S)
PEERS = ("mingcha", "kinto", "express-pouchdb")
Row = Mapping[str, Any]


def _bound(row: Row) -> str:
    sign = "≤" if row.get("less") else "≥"
    goal = f"{sign} {row['goal']:g}" if "goal" in row else ""
    return f"{goal}, floor {row['floor']:g}" if "floor" in row else goal


def _lines(head: str, rows: list[str]) -> str:
    return "\n".join([head, "|".join(["", *["---"] * (head.count("|") - 1), ""]), *rows, ""])


def shares(rows: list[Row]) -> str:
    """Figure, and what share of the other it is."""
    head = "| what | figure | share | of | goal | reached |"
    return _lines(
        head,
        [
            f"| `{r['name']}` | {r['value']:,.1f} {r['unit']} | {r.get('ratio', '')} | {r.get('to', '')}"
            f" | {_bound(r)} | {r.get('verdict', '')} |"
            for r in rows
        ],
    )


def rivals(rows: list[Row]) -> str:
    """A line for each measure, a column for each server."""
    found = {row["name"]: row for row in rows}
    measures = list(dict.fromkeys(name.rpartition("_")[0] for name in found))
    lines = []
    for measure in measures:
        cells = [found.get(f"{measure}_{peer}") for peer in PEERS]
        unit = next(cell["unit"] for cell in cells if cell)
        values = [f"{cell['value']:,.1f}" if cell else "" for cell in cells]
        mine = cells[0] or {}
        what = f"{measure.replace('_', ' ')}, {unit}"
        lines.append(f"| {what} | {' | '.join(values)} | {_bound(mine)} | {mine.get('verdict', '')} |")
    return _lines(f"| measure | {' | '.join(PEERS)} | goal | reached |", lines)


def desk(rows: list[Row]) -> str:
    """A line for each step, the p95 on each database; the slowest first."""
    found = {row["name"].removeprefix("desk_"): row for row in rows}
    steps = {name.rpartition("_")[0] for name in found}

    def worst(step: str) -> float:
        return max(row["value"] for name, row in found.items() if name.rpartition("_")[0] == step)

    lines = []
    for step in sorted(steps, key=worst, reverse=True):
        cells = [found.get(f"{step}_{engine}") for engine in ("sqlite", "postgresql")]
        values = [f"{cell['value']:,.0f}" if cell else "" for cell in cells]
        bound = next(_bound(cell) for cell in cells if cell)
        reached = "ok" if all(cell["verdict"] == "ok" for cell in cells if cell) else "SHORT"
        lines.append(f"| `{step}` | {' | '.join(values)} | {bound} | {reached} |")
    return _lines("| step, p95 in ms | SQLite | PostgreSQL | goal | reached |", lines)


def proof(rows: list[Row]) -> str:
    """The figures of one proof of `make prove`."""
    lines = []
    for row in rows:
        bounds = [f"≥ {row['at_least']:g}" if row.get("at_least") is not None else ""]
        bounds += [f"≤ {row['at_most']:g}" if row.get("at_most") is not None else ""]
        wanted = " and ".join(filter(None, bounds))
        reached = ("ok" if row["holds"] else "SHORT") if wanted else ""
        lines.append(f"| {row['name']} | {row['value']:,.6g} {row['unit']} | {wanted} | {reached} |")
    measured = f"\nMeasured {rows[0]['when']}.\n" if "when" in rows[0] else ""
    return _lines("| what | figure | bound | reached |", lines) + measured


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {"rows": []}


def main() -> int:
    bench, proofs = read(ROOT / "bench.json"), read(ROOT / "build" / "prove.json")

    def table(match: re.Match[str]) -> str:
        part = match["part"]
        mine = [row for row in bench["rows"] if row.get("part") == part]
        theirs = [row for row in proofs["rows"] if row.get("proof") == part]
        if part == "machine" and "machine" in bench:
            text = f"{bench['machine']}; {bench['when']}.\n"
        elif mine:
            text = {"rivals": rivals, "desk": desk}.get(part, shares)(mine)
        elif theirs:
            text = proof(theirs)
        else:
            return match[0]  # bench.json and the proofs' report may hold another run: what stands here stays
        return f"{match[1]}{text}{match[3]}"

    PAGE.write_text(BLOCK.sub(table, PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
