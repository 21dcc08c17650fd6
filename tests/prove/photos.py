"""The server's memory does not grow with the size of an upload; views beside Pillow alone, decoding by format.

The part of `make bench` of this name, with its bounds.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.prove import Figure
from tests.prove._bench import figures

GROUP = "media"


def prove(folder: Path) -> Iterator[Figure]:
    return figures("photos", folder)
