"""Public keys, receipts and rescue files over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from backend.access.scope import manages
from backend.custody import captures, keys, proof, receipts
from backend.custody.rescue import Inside, KeptAside, Listed, Rescue, Standing
from backend.db import Database
from backend.problems import AppError
from backend.settings import Settings
from media.service import Media, is_sha256
from sync.api import body
from sync.caller import Caller
from sync.tables import record

log = structlog.get_logger("custody")

AnyRequest = Request[Any, Any, Any]
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]
GivenRescue = NamedDependency[SkipValidation[Rescue]]
GivenMedia = NamedDependency[SkipValidation[Media]]
GivenSettings = NamedDependency[SkipValidation[Settings]]


class PublicKey(msgspec.Struct):
    """`purpose`: sign (receipts) or seal (rescue files). `public` is the uncompressed P-256 point as base64url."""

    id: str
    purpose: str
    public: str
    created_at: str
    retired_at: str | None


class PublicKeys(msgspec.Struct):
    keys: list[PublicKey]


@get("/keys", operation_id="ListKeys", summary="The server's public keys")
async def list_keys(db: GivenDb, clock: GivenClock) -> PublicKeys:
    """For everyone: a phone whose sign-in has expired needs them too. Retired ones check old receipts."""
    found = await keys.whole(db, clock())
    return PublicKeys(
        [PublicKey(k.id, k.purpose, keys.b64(k.public), k.created_at, k.retired_at) for k in found]
    )


@post("/receipts", status_code=200, operation_id="GiveReceipt", summary="The receipt at day's end")
async def give_receipt(
    request: AnyRequest, caller: GivenCaller, db: GivenDb, clock: GivenClock, media: GivenMedia
) -> receipts.Given:
    """Signed only when all that the phone names is stored whole; 409 names what is missing."""
    asked = receipts.read(await body(request, receipts.MAX_BYTES))
    given = await receipts.give(db, media, caller, clock(), asked)
    log.info("receipt.given", org=caller.org, device=asked.device, n=asked.n)
    return given


@get(
    "/receipts",
    operation_id="ListReceipts",
    summary="My devices' latest receipts; all for a supervisor or admin",
)
async def list_receipts(caller: GivenCaller, db: GivenDb) -> receipts.Receipts:
    async with db.read() as conn:
        whose = None if manages(caller) else caller.person
        return receipts.Receipts(await receipts.latest(conn, caller.org, person=whose))


@post("/captures", status_code=200, operation_id="SendCaptures", summary="What a phone signed of its photos")
async def send_captures(
    request: AnyRequest, caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> captures.Taken:
    """Up to 200, each a compact JWS under the device's key; kept as they come, the same again changes nothing."""
    sent = captures.read(await body(request, captures.MAX_BYTES))
    async with db.write() as conn:
        return await captures.keep(conn, caller, clock(), sent)


@get("/photos/{sha256:str}/capture", operation_id="PhotoCapture", summary="What the phone signed of a photo")
async def photo_capture(
    sha256: FromPath[str], caller: GivenCaller, db: GivenDb, media: GivenMedia
) -> captures.Judged:
    """verified, unsigned or broken, for who may see the photo; 404 `photo_unknown` else."""
    devices = await media.devices(caller, sha256)
    async with db.read() as conn:
        return await captures.judged(conn, caller.org, sha256, devices)


class Proof(msgspec.Struct):
    """For a watermark: the page that the QR code opens, below this server's address, and the code for the whole
    address as rows of 0 and 1.
    """

    path: str
    code: list[str]
    received_at: datetime


class Proven(msgspec.Struct):
    """The server holds the photo with this hash, and has since; `captures` of it are signed by phones."""

    sha256: str
    size: int
    received_at: datetime
    signed: bool


@get("/photos/{sha256:str}/proof", operation_id="PhotoProof", summary="What a watermark carries")
async def photo_proof(
    request: AnyRequest,
    sha256: FromPath[str],
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
    media: GivenMedia,
    settings: GivenSettings,
) -> Proof:
    """For who may see the photo; 404 `photo_unknown` else."""
    received_at = await media.received_at(caller, sha256)
    async with db.write() as conn:
        key = await keys.in_use(conn, "sign", clock())
    path = f"/verify/{proof.token(key, proof.Said(caller.org, sha256, received_at))}"
    return Proof(
        path, proof.code((settings.public_url or f"{request.base_url}").rstrip("/") + path), received_at
    )


@get("/verify/{token:str}", operation_id="VerifyPhoto", summary="What a watermark's address proves")
async def verify_photo(token: FromPath[str], db: GivenDb, media: GivenMedia) -> Proven:
    """For everyone who has the address; 404 `not_found` for one that this server never gave out."""
    async with db.read() as conn:
        said = proof.said_by(token, await keys.listing(conn))
        size = None if said is None else await media.held(conn, said.org, said.sha256)
        if said is None or size is None:
            raise AppError("not_found")
        signed = bool(await captures.of_photos(conn, said.org, [said.sha256]))
    return Proven(said.sha256, size, said.received_at, signed)


class RecordProven(msgspec.Struct):
    """This server gave out a dossier of the record in this state. `current`: it is the record's state still; nothing
    else is told.
    """

    record: str
    rev: int
    fingerprint: str
    current: bool


@get("/verify/record/{token:str}", operation_id="VerifyRecord", summary="What a dossier's address proves")
async def verify_record(token: FromPath[str], db: GivenDb) -> RecordProven:
    """For everyone who has the address; 404 `not_found` for one that this server never gave out."""
    async with db.read() as conn:
        said = proof.recorded_by(token, await keys.listing(conn))
        if said is None:
            raise AppError("not_found")
        now = await conn.scalar(
            sa.select(record.c.rev).where(record.c.org == said.org, record.c.id == said.record)
        )
    return RecordProven(said.record, said.rev, said.fingerprint, now == said.rev)


@post("/rescue", status_code=200, operation_id="SendRescueFile", summary="The next bytes of a rescue file")
async def send_rescue(request: AnyRequest, caller: GivenCaller, rescue: GivenRescue) -> Standing:
    """Headers: Rescue-File (SHA-256 of the whole file), Upload-Offset, Upload-Length. Go on from the `offset`
    answered; the newest request owns the file.
    """
    file = request.headers.get("rescue-file", "")
    offset, length = (request.headers.get(name, "") for name in ("upload-offset", "upload-length"))
    if not is_sha256(file) or not _is_number(offset) or not _is_number(length):
        raise AppError("malformed", reason="Rescue-File, Upload-Offset and Upload-Length are needed")
    return await rescue.receive(caller, file, int(offset), int(length), request.stream())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


@get("/rescue/{file:str}", operation_id="RescueFile", summary="Where a rescue file stands")
async def rescue_standing(file: FromPath[str], caller: GivenCaller, rescue: GivenRescue) -> Standing:
    """404 when nothing of it has come from the asker, and nobody of his brought it in."""
    return await rescue.standing(caller, file)


@post(
    "/rescue/{file:str}/inside", status_code=200, operation_id="OpenRescueFile", summary="What a file holds"
)
async def rescue_inside(file: FromPath[str], caller: GivenCaller, rescue: GivenRescue) -> Inside:
    """For supervisors and administrators; brings nothing in."""
    if not manages(caller):
        raise AppError("forbidden")
    return await rescue.inside(caller, file)


@get("/rescue/{file:str}/kept", operation_id="RescueKept", summary="What a file holds that was not applied")
async def rescue_kept(file: FromPath[str], caller: GivenCaller, rescue: GivenRescue) -> KeptAside:
    """For supervisors and administrators; changes that no push could carry and unsaved forms, as the phone had them."""
    if not manages(caller):
        raise AppError("forbidden")
    return await rescue.kept_aside(caller, file)


@post(
    "/rescue/{file:str}/bring-in",
    status_code=200,
    operation_id="BringInRescueFile",
    summary="Bring a file in",
)
async def bring_in_rescue(file: FromPath[str], caller: GivenCaller, rescue: GivenRescue) -> Standing:
    """By anybody who carries it; what is in it is told to supervisors and administrators only."""
    inside = await rescue.bring_in(caller, file)
    return Standing(inside.file, inside.state, 0)


@get("/rescue", operation_id="ListRescueFiles", summary="Rescue files brought in, with what came of them")
async def list_rescue(caller: GivenCaller, rescue: GivenRescue) -> Listed:
    if not manages(caller):
        raise AppError("forbidden")
    return Listed(await rescue.listing(caller.org))


def router() -> Router:
    """The routes under /api/v1."""
    handlers = [list_keys, give_receipt, list_receipts, send_captures]
    handlers += [photo_capture, photo_proof, verify_photo, verify_record]
    handlers += [send_rescue, list_rescue, rescue_standing, rescue_inside, rescue_kept, bring_in_rescue]
    return Router("/api/v1", route_handlers=handlers, tags=["custody"])
