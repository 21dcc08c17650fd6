"""The receipt at day's end: the server's signature under "all of this is here".

A receipt is a JWS in compact form (RFC 7515, ES256), so that any JOSE tool can check it. It is given only when every
operation, every record and every byte of every photo that the phone or its records name is stored.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.custody import keys
from backend.custody.tables import receipt
from backend.db import Database, chunks
from backend.evidence import evidence
from backend.problems import AppError
from backend.where import announcer
from media.service import Media
from media.tables import photo
from sync import store
from sync.caller import Caller
from sync.errors import SyncError
from sync.tables import device, record, stamp

MAX_BYTES = 1_048_576
NAMED = 20  # ids that a refusal names; it counts all
FORMAT = "mingcha-receipt-1"

Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Number = Annotated[int, Meta(ge=0, le=2**53)]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Operations `first` to `last` of one device id; a phone that had to take a new id has two."""

    device: Uuid
    first: Annotated[int, Meta(ge=1, le=2**53)]
    last: Annotated[int, Meta(ge=1, le=2**53)]


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Uuid
    rev: Number


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a phone made on one of its days. `n` is the last number of `device`; `zone` is an IANA name; `epoch` what
    the phone was told when it registered.
    """

    device: Uuid
    day: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    zone: Annotated[str, Meta(min_length=1, max_length=64)]
    n: Number
    spans: Annotated[list[Span], Meta(max_length=20)]
    records: Annotated[list[Held], Meta(max_length=2000)]
    photos: Annotated[list[Sha256], Meta(max_length=5000)]
    epoch: Annotated[int, Meta(ge=1, le=2**31)] | None = None


class Receipt(msgspec.Struct, frozen=True):
    """What is signed. `refused` counts records whose last operation was refused: their content is kept and waits
    for a person. `list` is the SHA-256 of `listed`.
    """

    format: str
    org: str
    person: str
    device: str
    day: str
    zone: str
    n: int
    operations: int
    records: int
    photos: int
    refused: int
    list: str
    at: str


class Given(msgspec.Struct, frozen=True):
    """An issued receipt; `signed` is the JWS."""

    signed: str
    receipt: Receipt


class Latest(msgspec.Struct, frozen=True):
    """A device's last receipt of a day, for the desk."""

    device: str
    person: str
    day: str
    at: str
    n: int
    records: int
    photos: int
    refused: int
    signed: str


class Receipts(msgspec.Struct, frozen=True):
    receipts: list[Latest]


_asked = msgspec.json.Decoder(Asked)
_receipt = msgspec.json.Decoder(Receipt)
_encode = msgspec.json.Encoder().encode


def read(raw: bytes) -> Asked:
    """AppError `malformed`."""
    try:
        asked = _asked.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError("malformed", reason=str(error)) from None
    try:
        date.fromisoformat(asked.day)
        ZoneInfo(asked.zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise AppError("malformed", reason="day or zone: there is none of that name") from None
    if sum(max(0, span.last - span.first + 1) for span in asked.spans) > 100_000:
        raise AppError("malformed", reason="spans: more operations than a day has")
    return asked


def listed(records: Iterable[Held], photos: Iterable[str]) -> str:
    """SHA-256 over the sorted lines `photo <sha256>` and `record <id> <rev>`, each ended by a line feed."""
    lines = [f"record {held.id} {held.rev}\n" for held in records] + [f"photo {sha}\n" for sha in photos]
    return hashlib.sha256("".join(sorted(set(lines))).encode()).hexdigest()


# --- signing and checking -----------------------------------------------------------------------------------


def signed(content: Receipt, key: keys.ServerKey) -> str:
    """The compact JWS."""
    return key.jws(FORMAT, _encode(content))


def key_id(jws: str) -> str:
    """The id of the key that is said to have signed. ValueError when it is no receipt."""
    return keys.read_jws(jws.strip(), FORMAT).kid


def verified(jws: str, public: bytes) -> Receipt | None:
    """The content, None when the signature does not fit. ValueError when it is no receipt."""
    read = keys.read_jws(jws.strip(), FORMAT)
    return _receipt.decode(read.content) if read.signed_by(public) else None


# --- giving -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says to a phone's question."""

    operations: int
    refused: int
    lacking: list[Span]
    records: list[str]  # ids that are not here as the phone has them
    photos: list[str]


async def give(db: Database, media: Media, caller: Caller, now: datetime, asked: Asked) -> Given:
    """The receipt. AppError `receipt_incomplete` names what is missing, `device_unknown`; SyncError
    `resync` when the server began anew meanwhile.

    What is signed was seen in one state of the database; nothing of it can go again: operations and photos are
    never removed.
    """
    whole = await media.whole(caller, asked.photos)
    async with db.snapshot() as conn:
        if asked.epoch not in (None, (await store.head(conn, caller.org, ())).epoch):
            raise SyncError("resync")  # since the phone looked, a backup was put back
        found = await examine(conn, caller, asked, whole)
    if found.lacking or found.records or found.photos:
        raise AppError("receipt_incomplete", missing=_missing(found))
    content = Receipt(
        format=FORMAT,
        org=caller.org,
        person=caller.person,
        device=asked.device,
        day=asked.day,
        zone=asked.zone,
        n=asked.n,
        operations=found.operations,
        records=len({held.id for held in asked.records}),
        photos=len(set(asked.photos)),
        refused=found.refused,
        list=listed(asked.records, asked.photos),
        at=stamp(now),
    )
    async with db.write() as conn:
        jws = signed(content, await keys.in_use(conn, "sign", now))
        await _keep(conn, content, jws)
        facts = {
            name: getattr(content, name) for name in ("day", "n", "records", "photos", "refused", "list")
        }
        await audit.append(
            conn,
            now,
            caller.org,
            "receipt.given",
            person=caller.person,
            device=asked.device,
            subject=asked.device,
            facts=facts,
        )
    return Given(jws, content)


def _missing(found: Found) -> dict[str, Any]:
    return {
        "operations": {
            "count": sum(span.last - span.first + 1 for span in found.lacking),
            "spans": [msgspec.structs.asdict(span) for span in found.lacking[:NAMED]],
        },
        "records": {"count": len(found.records), "ids": found.records[:NAMED]},
        "photos": {"count": len(found.photos), "sha256": found.photos[:NAMED]},
    }


async def examine(conn: AsyncConnection, caller: Caller, asked: Asked, whole: set[str]) -> Found:
    """What is here of what the phone names. `whole` are the photos whose objects are complete in the store.

    A record counts by operations of this person's devices in the spans: what others have is not told.
    AppError `device_unknown` for a device id that is not the caller's.
    """
    spans = [span for span in asked.spans if span.first <= span.last]
    lacking = await _lacking(conn, caller, asked, spans)
    last_status: dict[str, str] = {}
    count = 0
    for span in spans:
        known = await store.answers(conn, caller.org, span.device, span.first, span.last)
        here = [known[n] for n in range(span.first, span.last + 1) if n in known]
        count += len(here)
        if len(here) != span.last - span.first + 1 and span.device not in {short.device for short in lacking}:
            lacking.append(span)
        for payload, answer in here:
            last_status[_record_of(payload)] = _answer.decode(answer).status
    announced = await _announced(conn, caller, [id_ for id_ in last_status if id_])
    revs = await _revs(conn, caller.org, [held.id for held in asked.records])
    absent = [
        held.id
        for held in asked.records
        if held.id not in last_status
        or (last_status[held.id] != "rejected" and revs.get(held.id, -1) < held.rev)
    ]
    stored = await _stored(conn, caller.org, asked.photos)
    return Found(
        operations=count,
        refused=sum(status == "rejected" for status in last_status.values()),
        lacking=lacking,
        records=sorted(set(absent)),
        photos=sorted((set(asked.photos) - (stored & whole)) | announced),
    )


async def _announced(conn: AsyncConnection, caller: Caller, records: Sequence[str]) -> set[str]:
    """Photos that he named in these records and that have not come, whatever his phone says of them."""
    links: list[tuple[str, str]] = []
    for part in chunks(records):
        query = sa.select(evidence.c.record, evidence.c.sha256).where(
            evidence.c.org == caller.org, evidence.c.record.in_(part), evidence.c.stored.is_(False)
        )
        links += [(link.record, link.sha256) for link in await conn.execute(query)]
    rows = await store.load(conn, caller.org, {id_ for id_, _ in links})
    firsts = {sha256: announcer(rows[id_], sha256) for id_, sha256 in links if not rows[id_].deleted}
    return {sha256 for sha256, first in firsts.items() if first and first.person == caller.person}


async def _lacking(conn: AsyncConnection, caller: Caller, asked: Asked, spans: Sequence[Span]) -> list[Span]:
    """Numbers that were never received, by what the server has counted."""
    wanted = {asked.device: asked.n}
    for span in spans:
        wanted[span.device] = max(wanted.get(span.device, 0), span.last)
    rows = await conn.execute(
        sa.select(device.c.id, device.c.n).where(
            device.c.org == caller.org, device.c.person == caller.person, device.c.id.in_(wanted)
        )
    )
    counted = {row.id: row.n for row in rows}
    if counted.keys() != wanted.keys():
        raise AppError("device_unknown")
    return [Span(id_, counted[id_] + 1, n) for id_, n in sorted(wanted.items()) if counted[id_] < n]


class _Answer(msgspec.Struct):
    status: str


_answer = msgspec.json.Decoder(_Answer)


def _record_of(payload: bytes) -> str:
    """The record that an operation means, also one that the server could not read; "" when not even that is clear."""
    try:
        said = msgspec.json.decode(payload, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return str(said.get("subject") or said.get("id") or "")


async def _revs(conn: AsyncConnection, org: str, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(ids):
        rows = await conn.execute(
            sa.select(record.c.id, record.c.rev).where(record.c.org == org, record.c.id.in_(part))
        )
        found.update({row.id: row.rev for row in rows})
    return found


async def _stored(conn: AsyncConnection, org: str, photos: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(photos):
        query = sa.select(photo.c.sha256).where(photo.c.org == org, photo.c.sha256.in_(part))
        found.update(await conn.scalars(query))
    return found


async def _keep(conn: AsyncConnection, content: Receipt, jws: str) -> None:
    """The last receipt of each device and day; the audit log names all."""
    values = {name: getattr(content, name) for name in ("person", "at", "n", "records", "photos", "refused")}
    await conn.execute(
        sa.text(
            "INSERT INTO receipt (org, device, day, person, at, n, records, photos, refused, signed) VALUES"
            " (:org, :device, :day, :person, :at, :n, :records, :photos, :refused, :signed)"
            " ON CONFLICT (org, device, day) DO UPDATE SET person = excluded.person, at = excluded.at,"
            " n = excluded.n, records = excluded.records, photos = excluded.photos,"
            " refused = excluded.refused, signed = excluded.signed"
        ),
        {"org": content.org, "device": content.device, "day": content.day, "signed": jws, **values},
    )


async def latest(conn: AsyncConnection, org: str, *, person: str | None, days: int = 3) -> list[Latest]:
    """The last receipts of each device, newest first; of one person or of all."""
    query = sa.select(receipt).where(receipt.c.org == org)
    if person is not None:
        query = query.where(receipt.c.person == person)
    rows = await conn.execute(query.order_by(receipt.c.day.desc(), receipt.c.at.desc()).limit(2000))
    shown: dict[str, int] = {}
    found = []
    for row in rows:
        shown[row.device] = shown.get(row.device, 0) + 1
        if shown[row.device] <= days:
            found.append(Latest(**{f: getattr(row, f) for f in Latest.__struct_fields__}))
    return found
