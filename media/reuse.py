"""Photos that show the same picture: found by their marks, proven by laying one over the other.

The marks lie in the database, found by their words, so that all processes share one index. Only views that were
derived are looked at, never an original.
"""

import asyncio
import hashlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from media.likeness import BITS, COVERS, SAME, Laid, arranged, unpacked
from media.sandbox import Sandbox
from media.stores.base import Missing
from media.tables import insert_new, likeness, mark, photo, twin

COMMON: Final = (
    200  # a word that so many photos have (a maker's logo, a scale) says nothing, and is not looked at
)
LOOKED_AT: Final = 8  # photos that are laid over one another
_ARRANGED: Final = 60  # candidates whose marks are put in order
_MATCHED: Final = 80  # marks of one candidate
_WORDS: Final = 400  # in one statement


class Store(Protocol):
    async def open(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]: ...


class Db(Protocol):
    def read(self) -> AbstractAsyncContextManager[AsyncConnection]: ...
    def write(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


class Candidate(NamedTuple):
    """A photo that may show the same, and how it would lie."""

    photo: int
    mirrored: bool
    laid: Laid


class Twin(NamedTuple):
    """Another photo with the same picture in it; `share` of the pieces compared are the same."""

    sha256: str
    other: str
    share: float
    mirrored: bool


def org_bits(org: str) -> int:
    """What keeps the words of organisations apart."""
    return int.from_bytes(hashlib.sha256(org.encode()).digest()[:4], "big") << BITS


async def search(
    conn: AsyncConnection, org: str, ways: Sequence[tuple[list[list[int]], list[int]]]
) -> list[Candidate]:
    """Photos whose marks lie as these do, the likeliest first. `ways`: probes and places, straight and mirrored."""
    wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    prefix = org_bits(org)
    for way, (probes, _) in enumerate(ways):
        for i, words in enumerate(probes):
            for word in words:
                wanted[prefix | word].append((way, i))
    found: dict[int, list[tuple[int, int]]] = {}
    asked = sorted(wanted)
    for start in range(0, len(asked), _WORDS):
        listed = ",".join(map(str, asked[start : start + _WORDS]))
        query = f"SELECT word, photo, place FROM photo_mark WHERE word IN ({listed})"  # noqa: S608 (numbers)
        for word, id_, place in await conn.execute(sa.text(query)):
            found.setdefault(word, []).append((id_, place))
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(
        list
    )  # (photo, way) → (mine, its place)
    for word, rows in found.items():
        if len(rows) >= COMMON:
            continue
        for id_, place in rows:
            for way, i in wanted[word]:
                pairs[id_, way].append((i, place))
    likely = sorted(pairs.items(), key=lambda pair: -len({i for i, _ in pair[1]}))[:_ARRANGED]
    return await asyncio.to_thread(_arranged, likely, ways)


def _arranged(
    likely: Sequence[tuple[tuple[int, int], list[tuple[int, int]]]],
    ways: Sequence[tuple[list[list[int]], list[int]]],
) -> list[Candidate]:
    found = []
    for (id_, way), matched in likely:
        matched = matched[:_MATCHED]
        mine = unpacked([ways[way][1][i] for i, _ in matched])
        laid = arranged(mine, unpacked([place for _, place in matched]))
        if laid is not None and laid.marks >= 2:
            found.append(Candidate(id_, way == 1, laid))
    return sorted(found, key=lambda one: -one.laid.marks)[:LOOKED_AT]


async def enter(conn: AsyncConnection, org: str, sha256: str, marks: Sequence[tuple[int, int]]) -> int | None:
    """The photo's marks into the index; None when it stands there."""
    new = insert_new(conn.dialect.name, likeness).values(org=org, sha256=sha256).returning(likeness.c.id)
    id_: int | None = await conn.scalar(new)
    if id_ is None:
        return None
    rows = [{"word": org_bits(org) | word, "photo": id_, "place": place} for word, place in marks]
    full = await _full(conn, [row["word"] for row in rows])
    rows = [row for row in rows if row["word"] not in full]
    if rows:
        await conn.execute(insert_new(conn.dialect.name, mark), rows)
    return id_


async def _full(conn: AsyncConnection, words: Sequence[int]) -> set[int]:
    counted = (
        sa.select(mark.c.word)
        .where(mark.c.word.in_(words))
        .group_by(mark.c.word)
        .having(sa.func.count() >= COMMON)
    )
    return set(await conn.scalars(counted))


async def twins(conn: AsyncConnection, org: str, photos: Sequence[str]) -> list[Twin]:
    """Photos with the same picture as one of these, the surest first."""
    found = await conn.execute(
        sa.select(twin)
        .where(twin.c.org == org, twin.c.sha256.in_(photos))
        .order_by(twin.c.share.desc(), twin.c.other)
    )
    return [Twin(row.sha256, row.other, row.share, row.mirrored) for row in found]


class Reuse:
    """Body of the job "resemble"."""

    def __init__(
        self,
        db: Db,
        derivatives: Store,
        sandbox: Sandbox,
        clock: Callable[[], datetime],
        staging: Path,
        key: Callable[[str, str], str],
    ) -> None:
        self._db, self._store, self._sandbox, self._clock = db, derivatives, sandbox, clock
        self._staging, self._key = staging.absolute(), key

    async def resemble(self, org: str, sha256: str) -> None:
        """Find the photos with the same picture in them; repeatable. Raises what asks for another try later.

        The marks are committed before the search: of two photos that come at the same moment one finds the other.
        """
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="resemble-", dir=self._staging))
        try:
            mine = await self._fetched(org, sha256, folder)
            if mine is None:
                return
            seen = await self._ask({"mine": str(mine)})
            async with self._db.write() as conn:
                await enter(conn, org, sha256, seen["marks"])
            async with self._db.read() as conn:
                candidates = await search(conn, org, seen["ways"])
                names = await _names(conn, org, [one.photo for one in candidates])
            names = {id_: other for id_, other in names.items() if other != sha256}
            await self._compare(org, sha256, mine, [one for one in candidates if one.photo in names], names)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _compare(
        self, org: str, sha256: str, mine: Path, candidates: Sequence[Candidate], names: Mapping[int, str]
    ) -> None:
        others = []
        for one in candidates:
            path = await self._fetched(org, names[one.photo], mine.parent)
            if path is not None:
                others.append((one, path))
        if not others:
            return
        asked = [
            {"path": str(path), "mirrored": one.mirrored, "laid": astuple(one.laid)} for one, path in others
        ]
        answer = await self._ask({"mine": str(mine), "others": asked})
        best: dict[str, tuple[float, bool]] = {}
        for (one, _), (share, covers) in zip(others, answer["shares"], strict=True):
            other = names[one.photo]
            if share >= SAME and covers >= COVERS and share > best.get(other, (0.0, False))[0]:
                best[other] = (share, one.mirrored)
        now = self._clock()
        rows = [
            {"org": org, "sha256": a, "other": b, "share": share, "mirrored": turned, "at": now}
            for other, (share, turned) in best.items()
            for a, b in ((sha256, other), (other, sha256))
        ]
        if rows:
            async with self._db.write() as conn:
                await conn.execute(insert_new(conn.dialect.name, twin), rows)

    async def _ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._sandbox.ask(job, {})
        if answer["reason"] is not None:
            raise RuntimeError(f"comparing pictures: {answer['reason']}")
        return answer

    async def _fetched(self, org: str, sha256: str, folder: Path) -> Path | None:
        """The small view of a photo in a file; None when there is none."""
        path = folder / f"{sha256}.webp"
        try:
            pieces = await self._store.open(f"{self._key(org, sha256)}/w320.webp")
            with path.open("wb") as file:
                async for piece in pieces:
                    file.write(piece)
        except Missing:
            return None
        return path


async def _names(conn: AsyncConnection, org: str, ids: Sequence[int]) -> dict[int, str]:
    found = await conn.execute(
        sa.select(likeness.c.id, likeness.c.sha256).where(likeness.c.org == org, likeness.c.id.in_(ids))
    )
    return {row.id: row.sha256 for row in found}


async def unseen(conn: AsyncConnection, org: str, after: str, limit: int) -> list[str]:
    """Photos with views whose marks are not known, from `after` on."""
    known = sa.exists().where(likeness.c.org == photo.c.org, likeness.c.sha256 == photo.c.sha256)
    return list(
        await conn.scalars(
            sa.select(photo.c.sha256)
            .where(photo.c.org == org, photo.c.derived == "done", photo.c.type.like("image/%"))
            .where(photo.c.sha256 > after, ~known)
            .order_by(photo.c.sha256)
            .limit(limit)
        )
    )
