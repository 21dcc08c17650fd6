"""Beside Kinto and express-pouchdb, on the same records, pushes, pulls and polls are fast and no record is missed.

The part of `make bench` of this name, with its bounds.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.prove._bench import figures

GROUP = "sync"


def prove(folder: Path) -> Iterator[Figure]:
    return figures("rivals", folder)
