"""Makes a file of dossiers: reads each record within its reader's rights, a few at a time, and prints it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import catalogue
from backend.custody import captures, keys, proof
from backend.db import Database
from backend.dossier import content
from backend.dossier.content import Editions, Words, local
from backend.dossier.paper import Paper, Picture, Sheet, printed
from backend.dossier.words import Say
from backend.evidence import evidence, mentions
from backend.features.editions import service as editions
from backend.lists.names import names_of
from backend.lists.rows import KINDS, listed
from media.errors import MediaError
from media.service import Media
from media.sniff import is_recording
from sync import store
from sync.caller import Caller
from sync.records import Row

PICTURES: Final = (
    1000  # photos printed in one file, some 60 KB each; of the others only what is known of them
)
_PART: Final = 10  # records read at a time
_ROLES: Final = ("overall", "thermal", "visible", "close_up", "label_or_number", "before", "during", "after")


def fingerprint(row: Row) -> str:
    """SHA-256 over what the record says, what was decided and what happened: its state, whoever reads it."""
    state = {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "author": row.author,
        "body": row.body,
        "facts": row.facts,
        "log": row.log,
    }
    return hashlib.sha256(msgspec.json.encode(state, order="deterministic")).hexdigest()


@dataclass(slots=True)
class Maker:
    """Who reads, in which language, and below which address the verification pages are."""

    db: Database
    media: Media
    caller: Caller
    say: Say
    base: str
    now: datetime
    pictures: int = 0

    async def pdf(
        self, ids: Sequence[str], told: Callable[[int], Awaitable[None]] | None = None
    ) -> bytes | None:
        """One file, its records in the order of `ids`; None when the reader may see none of them. `told` hears how
        many are done.
        """
        async with self.db.write() as conn:
            key = await keys.in_use(conn, "sign", self.now)
        paper: Paper | None = None
        done = 0
        async for sheet in self._sheets(ids, key):
            if paper is None:
                title = sheet.content.title if len(ids) == 1 else self.say.own("many", n=len(ids))
                paper = await asyncio.to_thread(Paper, self.say, title)
            await asyncio.to_thread(paper.add, sheet)
            done += 1
            if told is not None:
                await told(done)
        return None if paper is None else await asyncio.to_thread(paper.finish)

    async def _sheets(self, ids: Sequence[str], key: keys.ServerKey) -> AsyncIterator[Sheet]:
        for start in range(0, len(ids), _PART):
            part = ids[start : start + _PART]
            async with self.db.read() as conn:
                rows = await store.load(conn, self.caller.org, part)
                seen = [row for id_ in part if (row := rows.get(id_)) and self._may(row)]
                called = await names_of(conn, self.caller, _named(seen))
                links = await conn.execute(
                    sa.select(evidence.c.record, evidence.c.sha256).where(
                        evidence.c.org == self.caller.org,
                        evidence.c.record.in_([row.id for row in seen]),
                        evidence.c.stored.is_(True),
                    )
                )
                here = {(link.record, link.sha256) for link in links}
                own = await own_editions(conn, self.caller.org, seen)
            for row in seen:
                yield await self._sheet(row, Words(self.say, called, own), here, key)

    def _may(self, row: Row) -> bool:
        return row.scope in self.caller.scopes and row.kind in KINDS and listed(row) is not None

    async def _sheet(self, row: Row, words: Words, here: set[tuple[str, str]], key: keys.ServerKey) -> Sheet:
        print_ = fingerprint(row)
        refs: dict[str, tuple[Any, str | None]] = {}
        for ref, by in mentions(row):
            refs.setdefault(ref["sha256"], (ref, by))
        ordered = sorted(refs.values(), key=lambda one: _place(str(one[0]["role"])))
        said = proof.Recorded(self.caller.org, row.id, row.rev, print_)
        return Sheet(
            content=content.content(row, words, print_),
            pictures=[
                await self._picture(ref, by, words, (row.id, ref["sha256"]) in here, key)
                for ref, by in ordered
            ],
            at=row.updated_at,
            code=proof.code(f"{self.base}/verify/record/{proof.record_token(key, said)}"),
        )

    async def _picture(
        self, ref: Any, by: str | None, words: Words, here: bool, key: keys.ServerKey
    ) -> Picture:
        say, sha256 = self.say, str(ref["sha256"])
        origin = say.own(f"origin.{ref.get('origin') or 'unsaid'}")
        lines = [
            f"{say.own('taken')}{say.colon}{local(ref.get('taken_at'))}",
            f"{say.own('sender')}{say.colon}{words.name(by)} · {origin}"
            if by
            else f"{say.own('origin')}{say.colon}{origin}",
        ]
        if where := content.place(ref):
            lines.append(f"{say.own('position')}{say.colon}{where}")
        role = say(f"record.role.{ref['role']}")
        facts = await self._facts(sha256) if here else None
        if facts is None:
            return Picture(
                role=role,
                lines=[*lines, say.own("absent")],
                sha256=sha256,
                jpeg=None,
                scale=None,
                code=None,
            )
        lines.append(f"{say.own('received')}{say.colon}{local(facts['received_at'])}")
        lines.append(await self._signed(sha256))
        thermal = facts.get("thermal")
        full = self.pictures >= PICTURES
        played = is_recording(facts["type"])
        view = (
            None
            if full or played
            else await self._view(sha256, ("thermal", "w1600") if thermal else ("w1600",))
        )
        scale = (thermal["palette_low_c"], thermal["palette_high_c"]) if thermal and view else None
        if scale:
            low, high = (f"{value:.1f}".replace("-", "−") for value in scale)
            lines.append(say.own("scale", low=low, high=high))
        if view is None:
            lines.append(say.own("played" if played else "left_out" if full else "unviewed", n=PICTURES))
        else:
            self.pictures += 1
        address = proof.token(key, proof.Said(self.caller.org, sha256, facts["received_at"]))
        return Picture(
            role=role,
            lines=lines,
            sha256=sha256,
            jpeg=view,
            scale=scale,
            code=proof.code(f"{self.base}/verify/{address}"),
        )

    async def _facts(self, sha256: str) -> dict[str, Any] | None:
        """What is known of the photo; None when it may not be seen."""
        try:
            return await self.media.facts(self.caller, sha256)
        except MediaError as error:
            if error.code != "photo_unknown":
                raise
            return None

    async def _signed(self, sha256: str) -> str:
        devices = await self.media.devices(self.caller, sha256)
        async with self.db.read() as conn:
            judged = await captures.judged(conn, self.caller.org, sha256, devices)
        return self.say.own(f"signed.{judged.state}")

    async def _view(self, sha256: str, names: Iterable[str]) -> bytes | None:
        """The first of these views that is there, for paper."""
        for name in names:
            try:
                view = await self.media.view(self.caller, sha256, name)
                whole = b"".join([piece async for piece in await view.open(0, None)])
            except MediaError as error:
                if error.code not in ("view_missing", "photo_unknown"):
                    raise
                continue
            return await asyncio.to_thread(printed, whole)
        return None


async def own_editions(conn: AsyncConnection, org: str, rows: Iterable[Row]) -> Editions:
    """The company's own checklists and forms that these records name."""
    bodies = [row.body for row in rows]
    named = {str(body["catalogue"]) for body in bodies if body.get("catalogue")} - {*catalogue.versions()}
    lists = {version: await editions.checklist_named(conn, org, version) for version in sorted(named)}
    found = {version: one for version, one in lists.items() if one}
    filled = {(body["form"], body["edition"]) for body in bodies if body.get("form") and body.get("edition")}
    forms = {one: await editions.form_named(conn, org, *one) for one in sorted(filled)}
    return Editions(
        {version: one.checklist for version, one in found.items()},
        {(v, sheet.id, sheet.version): sheet for v, one in found.items() for sheet in one.sheets},
        {one: form for one, form in forms.items() if form},
    )


def _place(role: str) -> int:
    return _ROLES.index(role) if role in _ROLES else len(_ROLES)


def _named(rows: Iterable[Row]) -> set[str]:
    """Ids that the rows' fields and logs name."""
    found: set[str] = set()
    for row in rows:
        found |= {row.author or "", *(entry.by for entry in row.log)}
        found |= _texts(row.body)
        for entry in row.log:
            found |= _texts(entry.data)
    return {id_ for id_ in found if len(id_) == 36}


def _texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for one in inner for text in _texts(one)}
