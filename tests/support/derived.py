"""What the decoder made of the demo company's own photos, remembered for all servers of the tests.

Each server with the demo company would derive the same hundred photos again, for forty seconds of processor time.
`python -m tests.support.derived` derives all that waits in the company that the settings name.
What is remembered was made by the decoder of this very code; photos that a test brings are decoded every time.
"""

import asyncio
import hashlib
import importlib.metadata
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from backend.app import build
from backend.demo import another
from backend.settings import load
from media.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
MOST_USES = 20  # of one photo in the demo company


def remember() -> None:
    """From now on this process asks its decoder only what was not asked before. Called in a server that starts."""
    memory, ask = Memory(_folder()), Sandbox.ask

    async def remembered(self: Sandbox, job: Mapping[str, Any], lost: Mapping[str, Any]) -> dict[str, Any]:
        key = await asyncio.to_thread(memory.key, job)
        if key is None:
            return await ask(self, job, lost)
        out = Path(job["out"]) if "out" in job else None
        answer = await asyncio.to_thread(memory.recall, key, out)
        if answer is None:
            answer = await ask(self, job, lost)
            if answer.get("reason") is None:
                await asyncio.to_thread(memory.keep, key, answer, out)
        return answer

    Sandbox.ask = remembered  # type: ignore[method-assign]


class Memory:
    """Answers and pictures by what was asked, in a folder that all tests of this checkout share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._views = folder / "views"
        self._views.mkdir(parents=True, exist_ok=True)
        self._known = self._demo_photos()

    def key(self, job: Mapping[str, Any]) -> str | None:
        """The question with each file's hash in the place of its path; None when a file is not the demo's."""
        asked = json.loads(json.dumps({name: value for name, value in job.items() if name != "out"}))
        for holder, name in _paths(asked):
            sha = hashlib.sha256(Path(holder[name]).read_bytes()).hexdigest()
            if sha not in self._known and not (self._views / sha).exists():
                return None
            holder[name] = sha
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def recall(self, key: str, out: Path | None) -> dict[str, Any] | None:
        """The answer; the pictures are put into `out`."""
        try:
            answer: dict[str, Any] = json.loads((self.folder / key / "answer.json").read_bytes())
        except FileNotFoundError:
            return None
        if out is not None:
            for picture in (self.folder / key).glob("*.webp"):
                shutil.copyfile(picture, out / picture.name)
        return answer

    def keep(self, key: str, answer: Mapping[str, Any], out: Path | None) -> None:
        """Whole or not at all, for others look meanwhile."""
        made = Path(tempfile.mkdtemp(dir=self.folder))
        for picture in out.glob("*.webp") if out is not None else ():
            shutil.copyfile(picture, made / picture.name)
            (self._views / hashlib.sha256(picture.read_bytes()).hexdigest()).touch()
        (made / "answer.json").write_text(json.dumps(answer), "utf-8")
        try:
            made.rename(self.folder / key)
        except OSError:  # another was faster
            shutil.rmtree(made)

    def _demo_photos(self) -> frozenset[str]:
        """The hashes of all photos that the demo company can have; worked out once."""
        kept = self.folder / "photos.json"
        if not kept.exists():
            photos = (ROOT / "backend" / "demo" / "photos").rglob("*.*")
            data = [path.read_bytes() for path in photos if path.is_file()]
            data += [another(one, use) for one in data for use in range(2, MOST_USES)]
            hashes = [hashlib.sha256(one).hexdigest() for one in data]
            made = self.folder / f"photos-{os.getpid()}"
            made.write_text(json.dumps(hashes), "utf-8")
            made.replace(kept)
        return frozenset(json.loads(kept.read_bytes()))


def _paths(asked: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where paths stand in a question to the decoder (`media.sandbox`, `media.reuse`)."""
    yield from ((asked, name) for name in ("source", "mine") if name in asked)
    yield from ((each, "path") for each in asked.get("others", ()))


@cache
def _folder() -> Path:
    """A folder for this state of the decoder."""
    state = hashlib.sha256()
    for source in sorted((ROOT / "media").rglob("*.py")):
        state.update(source.read_bytes())
    for name in ("pillow", "numpy", "pi-heif"):
        state.update(importlib.metadata.version(name).encode())
    return ROOT / "build" / "derived" / state.hexdigest()[:16]


async def _derive_all() -> None:
    async with build(load(os.environ)).running() as parts:
        worker = parts.worker()
        while await worker.run_one():
            pass


if __name__ == "__main__":
    remember()
    asyncio.run(_derive_all())
