"""The server dies at every step of a push and of a photo's last piece: all of it is there, or nothing.

On SQLite and on PostgreSQL. A step is each gap between two statements, and that between the commit and the answer.
The push has an inspection with photos that opens a defect and a repair, a finding, and an operation that is refused.
After each death another server shows what is left; the phone sends the same again, twice.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import crashes
from tests.prove import Figure
from tests.support.company import found
from tests.support.databases import on_each
from tests.support.server import Server

GROUP = "sync"


def prove(folder: Path) -> Iterator[Figure]:
    return on_each(folder, _figures)


def _figures(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    prepared = Server(folder, {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_WORKER": "none", **env}).prepare()
    asyncio.run(found(prepared.env))
    for what, walk in (("push", crashes.pushes), ("photo", crashes.photos)):
        done = walk(prepared, crashes.steps())
        yield Figure(f"{name}, {what}: steps at which it died", done.died, at_least=8)
        yield Figure(f"{name}, {what}: deaths after the commit", done.kept, at_least=1)
        yield Figure(f"{name}, {what}: found in part or doubled", len(done.partly), at_most=0)
        for each in done.partly:
            print(f"        {each}")
