"""A delta of 50 costs the same out of 20,000 and out of 1,000,000 records of a scope, on both databases.

The part of `make bench` of this name, with its bounds.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.prove._bench import figures

GROUP = "sync"


def prove(folder: Path) -> Iterator[Figure]:
    return figures("delta", folder)
