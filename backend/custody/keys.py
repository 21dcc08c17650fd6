"""The installation's keys: one signs receipts, one opens rescue files. And the public keys of phones.

All are P-256, the one curve that WebCrypto has in every browser a phone may come with. They lie in the database,
so that all processes share them and a backup of it holds them. A public key travels as the uncompressed point
(65 bytes).
"""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.custody.tables import device_key, server_key
from backend.db import Database
from backend.problems import AppError
from media.tables import insert_new
from sync.tables import stamp

Purpose = Literal["sign", "seal"]
PURPOSES: tuple[Purpose, ...] = ("sign", "seal")
POINT = 65  # bytes
_SIGNATURE = 64  # bytes: r and s, as WebCrypto writes them
_HALF = _SIGNATURE // 2


@dataclass(frozen=True, slots=True)
class ServerKey:
    """One of the installation's keys. `private` opens or signs; it never leaves the server."""

    id: str
    purpose: Purpose
    private: bytes
    public: bytes
    created_at: str
    retired_at: str | None

    def jws(self, typ: str, content: bytes, **more: str) -> str:
        """The content signed, as a compact JWS (RFC 7515, ES256); `more` goes into its header."""
        header = msgspec.json.encode({"alg": "ES256", "kid": self.id, "typ": typ, **more})
        text = f"{b64(header)}.{b64(content)}"
        return f"{text}.{b64(self.sign(text.encode()))}"

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256, 64 bytes."""
        r, s = utils.decode_dss_signature(self._loaded().sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def agree(self, public: bytes) -> bytes:
        """The secret shared with the holder of `public`, 32 bytes. ValueError when it is no point of the curve."""
        return self._loaded().exchange(ec.ECDH(), _point(public))

    def _loaded(self) -> ec.EllipticCurvePrivateKey:
        key = serialization.load_der_private_key(self.private, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"key {self.id} is not of an elliptic curve")
        return key


def made(purpose: Purpose, now: datetime) -> ServerKey:
    """A fresh key."""
    private = ec.generate_private_key(ec.SECP256R1())
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ServerKey(str(uuid.uuid4()), purpose, der, encoded(private.public_key()), stamp(now), None)


def encoded(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of `public` signed the message."""
    if len(signature) != _SIGNATURE:
        return False
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        _point(public).verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _point(public: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)


def b64(data: bytes) -> str:
    """Base64url without padding (RFC 4648 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """ValueError when it is no base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _Header(msgspec.Struct):
    alg: str
    typ: str = ""
    kid: str = ""


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS (RFC 7515, ES256) as it was read; `kid` is the key that is said to have signed it."""

    kid: str
    content: bytes
    signed: bytes
    signature: bytes

    def signed_by(self, public: bytes) -> bool:
        return verify(public, self.signature, self.signed)


def read_jws(text: str, typ: str) -> Jws:
    """ValueError when it is none of this type; its signature is not looked at."""
    return read_jws_of(text, (typ,))[1]


def read_jws_of(text: str, types: Collection[str]) -> tuple[str, Jws]:
    """Which of these types it is, and what it says; ValueError when none."""
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise ValueError("not a compact JWS")
    header = msgspec.json.decode(unb64(parts[0]), type=_Header)
    if header.alg != "ES256" or header.typ not in types:
        raise ValueError(f"not a {' or '.join(types)}")
    return header.typ, Jws(header.kid, unb64(parts[1]), f"{parts[0]}.{parts[1]}".encode(), unb64(parts[2]))


# --- the installation's keys in the database ----------------------------------------------------------------


async def in_use(conn: AsyncConnection, purpose: Purpose, now: datetime) -> ServerKey:
    """The key of a purpose, made at its first use; processes that start together agree on one.

    `conn` must be allowed to write.
    """
    found = await _in_use(conn, purpose)
    if found is None:
        await conn.execute(insert_new(conn.dialect.name, server_key).values(**_row(made(purpose, now))))
        found = await _in_use(conn, purpose)
    if found is None:
        raise LookupError(purpose)
    return found


async def _in_use(conn: AsyncConnection, purpose: Purpose) -> ServerKey | None:
    query = sa.select(server_key).where(server_key.c.purpose == purpose, server_key.c.retired_at.is_(None))
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else _key(row)


async def by_id(conn: AsyncConnection, id_: str) -> ServerKey | None:
    """A key in use or retired."""
    row = (await conn.execute(sa.select(server_key).where(server_key.c.id == id_))).one_or_none()
    return None if row is None else _key(row)


async def listing(conn: AsyncConnection) -> list[ServerKey]:
    """All keys, oldest first."""
    rows = await conn.execute(sa.select(server_key).order_by(server_key.c.created_at, server_key.c.id))
    return [_key(row) for row in rows]


async def whole(db: Database, now: datetime) -> list[ServerKey]:
    """As `listing`, with a key in use for each purpose: those that are not there yet are made."""
    async with db.read() as conn:
        found = await listing(conn)
    if {key.purpose for key in found if key.retired_at is None} == set(PURPOSES):
        return found
    async with db.write() as conn:
        for purpose in PURPOSES:
            await in_use(conn, purpose, now)
        return await listing(conn)


async def rotate(conn: AsyncConnection, now: datetime) -> list[ServerKey]:
    """New keys for both purposes; the old ones stay for reading."""
    await conn.execute(
        server_key.update().where(server_key.c.retired_at.is_(None)).values(retired_at=stamp(now))
    )
    return [await in_use(conn, purpose, now) for purpose in PURPOSES]


class _Exported(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    purpose: Purpose
    private: bytes
    public: bytes
    created_at: str
    retired_at: str | None


_lines = msgspec.json.Decoder(_Exported)


def exported(keys: Sequence[ServerKey]) -> bytes:
    """All keys with their private halves, for a copy kept apart from the database."""
    lines = [_Exported(k.id, k.purpose, k.private, k.public, k.created_at, k.retired_at) for k in keys]
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


async def taken_back(conn: AsyncConnection, text: bytes) -> int:
    """Add the keys of such a copy that the database lacks, for reading; how many there were.

    ValueError when it is no such copy.
    """
    added = 0
    for line in _lines.decode_lines(text):
        key = ServerKey(**{f: getattr(line, f) for f in line.__struct_fields__})
        if encoded(key._loaded().public_key()) != key.public:
            raise ValueError(f"key {key.id}: its two halves do not belong together")
        if await by_id(conn, key.id) is not None:
            continue
        row = {**_row(key), "retired_at": key.retired_at or key.created_at}
        await conn.execute(server_key.insert().values(**row))
        added += 1
    return added


def _row(key: ServerKey) -> dict[str, Any]:
    return {f: getattr(key, f) for f in ServerKey.__slots__}


def _key(row: Any) -> ServerKey:
    return ServerKey(
        row.id, row.purpose, bytes(row.private), bytes(row.public), row.created_at, row.retired_at
    )


# --- keys of phones -----------------------------------------------------------------------------------------


def point(text: str) -> bytes:
    """A phone's public key as sent. AppError `malformed` when it is no point of P-256."""
    try:
        public = unb64(text)
        if len(public) != POINT:
            raise ValueError("not 65 bytes")
        _point(public)
    except ValueError as error:
        raise AppError("malformed", reason=f"key: {error}") from None
    return public


async def bind_device(conn: AsyncConnection, org: str, device: str, public: bytes, now: datetime) -> bool:
    """Bind a phone's key to its device id; True when it is new.

    AppError `device_key_changed` when the id is bound to another key: whoever holds the id without the key is
    another phone, or one that lost its memory, and takes a new id.
    """
    await conn.execute(
        insert_new(conn.dialect.name, device_key).values(
            org=org, device=device, public=public, registered_at=stamp(now)
        )
    )
    known = (
        await conn.execute(
            sa.select(device_key).where(device_key.c.org == org, device_key.c.device == device)
        )
    ).one()
    if bytes(known.public) != public:
        raise AppError("device_key_changed")
    return bool(known.registered_at == stamp(now))


async def of_device(conn: AsyncConnection, org: str, device: str) -> bytes | None:
    """The phone's public key, None when it has registered none."""
    found: bytes | None = await conn.scalar(
        sa.select(device_key.c.public).where(device_key.c.org == org, device_key.c.device == device)
    )
    return None if found is None else bytes(found)
