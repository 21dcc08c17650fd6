"""Pushes and pulls reach their share of what the raw driver does under the same HTTP server, on both databases.

The part of `make bench` of this name; the floors bound it, docs/benchmarks.md names the goals.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.prove._bench import figures

GROUP = "sync"


def prove(folder: Path) -> Iterator[Figure]:
    return figures("ratio", folder)
