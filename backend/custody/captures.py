"""Signed captures: what a phone says of a photo, under its own key, chained to what it said before.

A phone signs one for each photo as soon as its record is saved, also without a network. `prev` is the hash of the one
before on that phone, so that none can be made up later, left out or put in between. They are kept as they came and
judged when somebody asks: a key that is registered later, or a chain that fills up, changes the answer.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.custody import keys
from backend.custody.tables import capture
from backend.problems import AppError
from media.tables import insert_new, photo
from sync.caller import Caller
from sync.tables import device, stamp

FORMAT_1 = "mingcha-capture-1"
FORMAT = "mingcha-capture-2"
FIRST = "0" * 64
MAX_BYTES = 1_048_576
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Number = Annotated[int, Meta(ge=1, le=2**53)]
State = Literal["verified", "unsigned", "broken"]


class Capture1(msgspec.Struct, frozen=True):
    """What older apps sign. Times are the phone's own; `skew_ms`: how far the server's clock was ahead,
    `skew_error_ms` how sure that is. Position in degrees (WGS 84), accuracy in metres.
    """

    format: str
    device: Uuid
    n: Number
    prev: Sha256
    sha256: Sha256
    size: Annotated[int, Meta(ge=1)]
    record: Uuid
    role: str
    taken_at: str
    signed_at: str
    person: Uuid
    origin: str | None = None
    skew_ms: float | None = None
    skew_error_ms: float | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None


class Capture(Capture1, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed: also how far in time the position is from the photo, where the phone looked (degrees from north
    eastwards), and of which photo this one is a marked copy. More than this needs a format of its own: what a server
    does not understand it must not call verified.
    """

    place_age_ms: Annotated[int, Meta(ge=0)] | None
    heading_deg: Annotated[float, Meta(ge=0, lt=360)] | None
    copy_of: Sha256 | None


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Captures of one device, each a compact JWS (RFC 7515, ES256)."""

    device: Uuid
    captures: Annotated[list[Annotated[str, Meta(max_length=4096)]], Meta(max_length=200)]


class Taken(msgspec.Struct, frozen=True):
    """How many are kept now; a phone forgets none of those it has not heard of."""

    kept: int


class Judged(msgspec.Struct, frozen=True):
    """What is known of a photo's capture. `reason`, when broken: signature, photo, chain. `captures`: of each
    phone that signed it.
    """

    state: State
    reason: str | None
    device: str | None
    n: int | None
    signed_at: str | None
    received_at: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture as it came."""

    device: str
    n: int
    sha256: str
    jws: str
    received_at: str


_sent = msgspec.json.Decoder(Sent)
_FORMS: Mapping[str, msgspec.json.Decoder[Capture1]] = {
    FORMAT_1: msgspec.json.Decoder(Capture1),
    FORMAT: msgspec.json.Decoder(Capture),
}


def read(raw: bytes) -> Sent:
    """AppError `malformed`."""
    try:
        return _sent.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError("malformed", reason=str(error)) from None


def said_in(text: str) -> tuple[Capture1, keys.Jws]:
    """A statement of any format known here; ValueError when it is none. Its signature is not looked at."""
    typ, jws = keys.read_jws_of(text, _FORMS)
    said = _FORMS[typ].decode(jws.content)
    if said.format != typ:
        raise ValueError("format and type differ")
    return said, jws


def link(jws: str) -> str:
    """What the next one names as `prev`."""
    return hashlib.sha256(jws.encode()).hexdigest()


async def keep(conn: AsyncConnection, caller: Caller, now: datetime, sent: Sent) -> Taken:
    """Store what came; the same again changes nothing. AppError `device_unknown`, `malformed`."""
    owner = await conn.scalar(
        sa.select(device.c.person).where(device.c.org == caller.org, device.c.id == sent.device)
    )
    if owner != caller.person:
        raise AppError("device_unknown")
    for jws in sent.captures:
        try:
            said, _ = said_in(jws)
        except ValueError as error:  # msgspec's errors are ValueErrors
            raise AppError("malformed", reason=f"capture: {error}") from None
        if said.device != sent.device:
            raise AppError("malformed", reason="capture: of another device")
        row = {"org": caller.org, "device": said.device, "n": said.n, "sha256": said.sha256, "jws": jws}
        row |= {"link": link(jws), "received_at": stamp(now)}
        await conn.execute(insert_new(conn.dialect.name, capture).values(row))
    return Taken(len(sent.captures))


async def of_photos(conn: AsyncConnection, org: str, photos: Sequence[str]) -> list[Kept]:
    """In order of device and number."""
    rows = await conn.execute(
        sa.select(capture)
        .where(capture.c.org == org, capture.c.sha256.in_(photos))
        .order_by(capture.c.device, capture.c.n)
    )
    return [Kept(row.device, row.n, row.sha256, row.jws, row.received_at) for row in rows]


async def judged(conn: AsyncConnection, org: str, sha256: str, devices: frozenset[str | None]) -> Judged:
    """The best that one of these devices, from which the photo's bytes came, has to say of it."""
    found = [one for one in await of_photos(conn, org, [sha256]) if one.device in devices]
    answers = [await _judge(conn, org, one) for one in found]
    ranked = sorted(answers, key=lambda each: each.state != "verified")
    return ranked[0] if ranked else Judged("unsigned", None, None, None, None, None)


async def _judge(conn: AsyncConnection, org: str, one: Kept) -> Judged:
    said, jws = said_in(one.jws)
    public = await keys.of_device(conn, org, one.device)
    before = await conn.scalar(
        sa.select(capture.c.link).where(
            capture.c.org == org, capture.c.device == one.device, capture.c.n == one.n - 1
        )
    )
    size = await conn.scalar(sa.select(photo.c.size).where(photo.c.org == org, photo.c.sha256 == one.sha256))
    reason = None
    if public is None or not jws.signed_by(public):
        reason = "signature"
    elif size is not None and size != said.size:
        reason = "photo"
    elif (FIRST if one.n == 1 else before) not in (None, said.prev):
        reason = "chain"
    state: State = "verified" if reason is None else "broken"
    return Judged(state, reason, one.device, one.n, said.signed_at, one.received_at)


def told(kept: Kept) -> Mapping[str, Any]:
    """For a manifest."""
    return {"device": kept.device, "n": kept.n, "sha256": kept.sha256, "received_at": kept.received_at}
