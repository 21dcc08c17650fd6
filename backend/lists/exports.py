"""Lists taken away: a table, or the photos behind it. Written page by page, so that memory does not grow with them."""

import asyncio
import tempfile
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import sqlalchemy as sa

from backend.catalogue import ZONE
from backend.db import Database
from backend.evidence import evidence, mentions
from backend.lists import query, sheet
from backend.lists.names import Named, names
from backend.lists.query import Asked, Line
from backend.lists.words import COLUMNS, MISSING, PHOTOS, Language, word
from media.service import Media
from media.stores import Missing
from sync import store
from sync.caller import Caller
from sync.records import Row

PAGE: Final = 500
PART: Final = 50  # records whose bodies are held at a time
PIECE: Final = 256 * 1024  # bytes
SHEET: Final = "sheet-"  # begins the name of a folder in which a workbook is made
MARK: Final = "\ufeff".encode()  # tells Excel that the file is UTF-8
PHOTO_RECORDS: Final = 2000  # records of one archive of photos
DOSSIERS: Final = 200  # records of one file of dossiers
DOSSIERS_AT_ONCE: Final = 20  # of one that is made while somebody waits


async def _untold(_: int) -> None:
    """Nobody asked how far it is."""


@dataclass(frozen=True, slots=True)
class Export:
    """Who takes what away. Every page asks anew for what the caller may see. `told` hears after each page how many
    records are done.
    """

    db: Database
    caller: Caller
    asked: Asked
    language: Language
    told: Callable[[int], Awaitable[None]] = _untold

    async def _pages(self, size: int) -> AsyncIterator[tuple[list[Line], Mapping[str, Named]]]:
        after: str | None = ""
        n = 0
        while after is not None:
            async with self.db.read() as conn:
                lines, after = await query.page(conn, self.caller, self.asked, after, size)
                called = await names(conn, self.caller, lines)
            yield lines, called
            n += len(lines)
            await self.told(n)

    async def csv(self) -> AsyncIterator[bytes]:
        """The list as CSV, in its order."""
        yield MARK + sheet.csv_lines([COLUMNS[self.language]])
        async for lines, called in self._pages(PAGE):
            yield sheet.csv_lines(sheet.cells(line, called, self.language) for line in lines)

    async def xlsx(self, now: datetime, folder: Path) -> AsyncIterator[bytes]:
        """The list as a workbook: written to a file in `folder` first, which is gone afterwards."""
        import xlsxwriter  # only here: commands and other requests do without

        with tempfile.TemporaryDirectory(prefix=SHEET, dir=folder) as made:
            path = Path(made) / "list.xlsx"
            book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": made})
            book.set_properties({"created": now.replace(tzinfo=None)})
            table = book.add_worksheet()
            table.freeze_panes(1, 0)
            for column, width in enumerate((38, 14, 12, 10, 18, 12, 32, 14, 48, 28, 28)):
                table.set_column(column, column, width)
            bold = book.add_format({"bold": True})
            for column, title in enumerate(COLUMNS[self.language]):
                table.write_string(0, column, title, bold)
            n = 0
            async for lines, called in self._pages(PAGE):
                for line in lines:
                    n += 1
                    for column, cell in enumerate(sheet.cells(line, called, self.language)):
                        table.write_string(n, column, cell)
            table.autofilter(0, 0, n, len(COLUMNS[self.language]) - 1)
            await asyncio.to_thread(book.close)
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece

    async def photos(self, media: Media, now: datetime) -> AsyncIterator[bytes]:
        """The originals as a ZIP, with an index and a list that `sha256sum -c` reads. Nothing is packed again."""
        out = _Pipe()
        index, sums, numbers = [list(PHOTOS[self.language])], [], Counter[str]()
        with zipfile.ZipFile(cast("Any", out), "w", zipfile.ZIP_STORED) as archive:
            async for lines, called in self._pages(PART):
                for line, row, here in await self._records(lines):
                    seen = set[str]()
                    for ref, _ in mentions(row):
                        if ref["sha256"] in seen:
                            continue
                        seen.add(ref["sha256"])
                        pieces = await self._bytes(media, ref["sha256"]) if ref["sha256"] in here else None
                        name = self._name(line, ref, called, numbers) if pieces else ""
                        index.append(self._indexed(line, ref, called, name))
                        if pieces is None:
                            continue
                        sums.append(f"{ref['sha256']}  {name}\n")
                        at = datetime.fromisoformat(line.at)
                        with archive.open(_entry(name, at), "w", force_zip64=True) as entry:
                            async for piece in pieces:
                                entry.write(piece)
                                yield out.taken()
            archive.writestr(_entry("index.csv", now), MARK + sheet.csv_lines(index))
            archive.writestr(_entry("SHA256SUMS", now), "".join(sums))
        yield out.taken()

    async def dossier(self, media: Media, base: str, now: datetime) -> bytes:
        """The records of the list, in its order, each as a dossier in one PDF; of up to DOSSIERS records."""
        from backend.dossier.make import Maker  # only here: commands and other requests do without
        from backend.dossier.words import Say

        async with self.db.read() as conn:
            lines, _ = await query.page(conn, self.caller, self.asked, "", DOSSIERS)
        ids = [line.id for line in lines]
        maker = Maker(self.db, media, self.caller, Say(self.language), base, now)
        return await maker.pdf(ids, self.told) or b""

    async def _records(self, lines: list[Line]) -> list[tuple[Line, Row, set[str]]]:
        """Each record in full, if its reader may see it still, with those of its photos that are here."""
        ids = [line.id for line in lines]
        async with self.db.read() as conn:
            rows = await store.load(conn, self.caller.org, ids)
            links = await conn.execute(
                sa.select(evidence.c.record, evidence.c.sha256).where(
                    evidence.c.org == self.caller.org,
                    evidence.c.record.in_(ids),
                    evidence.c.stored.is_(True),
                )
            )
            here: dict[str, set[str]] = {}
            for link in links:
                here.setdefault(link.record, set()).add(link.sha256)
        seen = {id_: row for id_, row in rows.items() if not row.deleted and row.scope in self.caller.scopes}
        return [(line, seen[line.id], here.get(line.id, set())) for line in lines if line.id in seen]

    async def _bytes(self, media: Media, sha256: str) -> AsyncIterator[bytes] | None:
        try:
            return await media.read(self.caller.org, sha256)
        except Missing:
            return None

    def _name(
        self, line: Line, ref: Mapping[str, Any], called: Mapping[str, Named], numbers: Counter[str]
    ) -> str:
        station = sheet.called(called.get(line.unit), self.language)
        thing = called.get(line.subject)
        about = (thing.code or thing.zh) if thing else line.id[-12:]
        first = sheet.photo_name(station, line.at, about, str(ref["role"]), 0, str(ref.get("type")))
        numbers[first] += 1
        return sheet.photo_name(
            station, line.at, about, str(ref["role"]), numbers[first], str(ref.get("type"))
        )

    def _indexed(
        self, line: Line, ref: Mapping[str, Any], called: Mapping[str, Named], name: str
    ) -> list[str]:
        taken = ref.get("taken_at")
        return [
            name,
            str(ref["sha256"]),
            str(ref["role"]),
            sheet.local(taken) if isinstance(taken, str) else "",
            line.id,
            word(self.language, line.kind),
            sheet.called(called.get(line.unit), self.language),
            sheet.called(called.get(line.subject), self.language),
            "" if name else MISSING[self.language],
        ]


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    moment = at.astimezone(ZONE)
    return zipfile.ZipInfo(name, (max(1980, moment.year), *moment.timetuple()[1:6]))


class _Pipe:
    """What zipfile writes into, taken out again piece by piece: it cannot seek, so nothing is held back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        made = bytes(self._held)
        self._held.clear()
        return made
