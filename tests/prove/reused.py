"""A photo that was cut, mirrored, re-encoded, lit or written on is found among a million, others are not accused.

The index is the product's own tables on both databases, filled with the marks of a million made-up photos whose words
are spread as those of real ones. Into it come the real pictures of the samples; then each is handed in again, altered,
and so are photos that only look alike. A photo of a screen is measured without a bound.
"""

import asyncio
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from backend.migrations.run import migrate
from media import likeness, reuse
from media.likeness import COVERS, MARKS, SAME
from media.tables import mark
from tests.prove import Figure
from tests.support import alterations
from tests.support.databases import on_each

GROUP = "media"
PHOTOS = 1_000_000
SEED = 20261126
ROUNDS = 5
ORG = "01900000-0000-7000-8000-00000000000b"
_CHUNK = 20_000  # photos


@dataclass
class Looked:
    """How often a picture was found again, of how often, and how long each search took, in ms."""

    found: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    search_ms: list[float] = field(default_factory=list)

    def share(self, *names: str) -> float:
        return sum(self.found.get(name, 0) for name in names) / max(
            1, sum(self.asked.get(name, 0) for name in names)
        )

    def note(self, name: str, found: bool) -> None:
        self.asked[name] = self.asked.get(name, 0) + 1
        self.found[name] = self.found.get(name, 0) + found


def prove(folder: Path) -> Iterator[Figure]:
    def work(name: str, place: Path, env: dict[str, str]) -> Iterator[Figure]:
        place.mkdir()
        url = env.get("MINGCHA_DATABASE_URL", f"sqlite+aiosqlite:///{place / 'index.db'}")
        looked = asyncio.run(_measured(url, ROUNDS, PHOTOS))
        for kind in alterations.ALTERED:
            yield Figure(f"{name}: {kind}, found", looked.share(kind), at_least=0.95)
        yield Figure(f"{name}: photo of a screen, found", looked.share("screen"))
        for kind in ("another", "beside", "again"):
            yield Figure(f"{name}: {kind}, accused", looked.share(kind), at_most=0.01)
        yield Figure(f"{name}: of photos in the index", PHOTOS, at_least=1_000_000)
        yield Figure(f"{name}: search, median", float(np.median(looked.search_ms)), "ms", at_most=50)
        yield Figure(
            f"{name}: search, 99 of 100", float(np.percentile(looked.search_ms, 99)), "ms", at_most=50
        )

    yield from on_each(folder, work)


async def _measured(url: str, rounds: int, fillers: int) -> Looked:
    db = Database(url)
    try:
        await migrate(db)
        return await look(db, rounds, fillers)
    finally:
        await db.close()


async def look(db: Database, rounds: int, fillers: int, most: int | None = None) -> Looked:
    """Hand every picture (or the first `most`) in again, altered `rounds` times, with `fillers` made-up ones there."""
    originals = dict(list(alterations.pictures().items())[:most])
    views = {name: _grey(image) for name, image in originals.items()}
    await _fill(db, fillers, [likeness.marks(grey) for grey in views.values()])
    looked, random, known = Looked(), Random(SEED), {}
    for name, grey in views.items():  # every one is another photo to those that are there already
        looked.note("another", bool(await _found(db, grey, known, looked)))
        known |= await _entered(db, name, grey)
    for name, image in originals.items():
        for _ in range(rounds):
            for kind, change in {**alterations.ALTERED, "screen": alterations.off_a_screen}.items():
                found = await _found(db, _grey(change(image, random)), known, looked)
                looked.note(kind, name in found)
                looked.note("another", bool(found - {name}))
            looked.note(
                "again",
                name in await _found(db, _grey(alterations.taken_again(image, random)), known, looked),
            )
    for name, image in originals.items():
        if min(image.size) < 400:
            continue
        first, *others = [_grey(part) for part in alterations.parts(image)]
        with_part = await _entered(db, f"{name} part", first)
        for other in others:
            looked.note("beside", bool(await _found(db, other, with_part, looked)))
    return looked


def _grey(image: Image.Image) -> likeness.Grey:
    with Image.open(io.BytesIO(alterations.view(image))) as seen:
        return likeness.grey(seen)


async def _entered(db: Database, name: str, grey: likeness.Grey) -> dict[int, tuple[str, likeness.Grey]]:
    found = likeness.marks(grey)
    async with db.write() as conn:
        rows = list(zip(likeness.words(found), likeness.packed(found), strict=True))
        id_ = await reuse.enter(conn, ORG, name, rows)
    assert id_ is not None
    return {id_: (name, grey)}


async def _found(
    db: Database, grey: likeness.Grey, known: dict[int, tuple[str, likeness.Grey]], looked: Looked
) -> set[str]:
    """Names of the known pictures that this one is taken for."""
    seen = likeness.marks(grey)
    ways = [(likeness.probes(each), likeness.packed(each)) for each in (seen, likeness.mirrored(seen))]
    async with db.read() as conn:
        began = time.perf_counter()
        candidates = await reuse.search(conn, ORG, ways)
        looked.search_ms.append((time.perf_counter() - began) * 1000)
    found = set()
    for one in candidates:
        if one.photo not in known:
            continue
        name, other = known[one.photo]
        share, covers = likeness.agreement(grey[:, ::-1] if one.mirrored else grey, other, one.laid)
        if share >= SAME and covers >= COVERS:
            found.add(name)
    return found


# --- a million photos that nobody took -----------------------------------------------------------------------


async def _fill(db: Database, photos: int, real: list[likeness.Marks]) -> None:
    """Marks between those of real photos, so that their words are spread as those of real ones."""
    if not photos:
        return
    numbers = np.random.default_rng(SEED)
    pool = np.concatenate([each.dct for each in real])[:, : likeness.BITS]
    chunks = []
    for start in range(0, photos, _CHUNK):
        count = min(_CHUNK, photos - start) * MARKS
        pick = numbers.integers(0, len(pool), (3, count))
        mixed = pool[pick[0]] + pool[pick[1]] + pool[pick[2]] + numbers.normal(0, 0.5, (count, likeness.BITS))
        words = (mixed > 0) @ (1 << np.arange(likeness.BITS, dtype=np.int64)) | reuse.org_bits(ORG)
        ids = np.repeat(np.arange(start, start + count // MARKS, dtype=np.int64) + 1_000_000_000, MARKS)
        places = numbers.integers(0, 2560, count) << 24 | numbers.integers(0, 1920, count) << 12
        chunks.append(np.stack([words, ids, places | numbers.integers(35, 600, count)], axis=1))
    rows = np.concatenate(chunks)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    first = np.flatnonzero(np.r_[True, rows[1:, 0] != rows[:-1, 0]])
    rank = np.arange(len(rows)) - np.repeat(first, np.diff(np.r_[first, len(rows)]))
    rows = rows[rank < reuse.COMMON]  # as `enter` does it
    async with db.write() as conn:
        await _load(conn, rows)
    if not db.sqlite:
        async with db.write() as conn:
            await conn.execute(sa.text("ANALYZE photo_mark"))


async def _load(conn: AsyncConnection, rows: Any) -> None:
    raw: Any = (await conn.get_raw_connection()).driver_connection
    for start in range(0, len(rows), 500_000):
        part = [tuple(row) for row in rows[start : start + 500_000].tolist()]
        if conn.dialect.name == "sqlite":
            await raw.executemany(
                "INSERT OR IGNORE INTO photo_mark (word, photo, place) VALUES (?, ?, ?)", part
            )
        else:
            unique = list(dict.fromkeys(part))
            await raw.copy_records_to_table(mark.name, records=unique, columns=["word", "photo", "place"])
