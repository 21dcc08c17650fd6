"""Photos that are uploaded reach their share of what the store alone takes, on files and on MinIO.

The part of `make bench` of this name, with its bounds.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.prove._bench import figures

GROUP = "media"


def prove(folder: Path) -> Iterator[Figure]:
    return figures("upload", folder)
