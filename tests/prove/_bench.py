"""A part of `make bench` as a proof: its figures with the floors below which it is not done, or else the goals."""

import asyncio
import importlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.bench.line import Line
from tests.bench.site import Site
from tests.prove import Figure

ROUND_S, ROUNDS = 2, 5  # as `make bench` without a word


def figures(part: str, folder: Path) -> Iterator[Figure]:
    """The figures of the part; what goal and floor bound is the share, where the figure is one."""

    async def lines(site: Site) -> list[Line]:
        return [line async for line in importlib.import_module(f"tests.bench.{part}").measure(site)]

    with closing(Site(folder, ROUND_S, ROUNDS, False)) as site:
        for line in asyncio.run(lines(site)):
            bound = line.goal if line.floor is None else line.floor
            name, unit = (line.name, line.unit) if line.ratio is None else (f"{line.name} of {line.to}", "")
            yield Figure(
                name,
                line.judged,
                unit,
                at_least=None if line.less else bound,
                at_most=bound if line.less else None,
            )
