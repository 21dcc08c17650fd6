"""The address in a watermark's QR code: a word of the server that this photo came, which tells nothing more.

It holds organisation, hash and time of receipt under a MAC of the server's own key. Only who may see the photo is given
one; who has it can ask whether it is genuine, without a sign-in. Nobody can ask for a hash alone: the answer would tell
a station whether an inspector has handed in a certain photo.
"""

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.custody.keys import ServerKey, b64, unb64

_INFO: Final = b"mingcha-proof-1"
_RECORD_INFO: Final = b"mingcha-proof-record-1"
_MAC: Final = 16  # bytes
_LENGTH: Final = 16 + 32 + 5 + _MAC
_RECORD_LENGTH: Final = 16 + 16 + 8 + 32 + _MAC


@dataclass(frozen=True, slots=True)
class Said:
    """What an address says; `received_at` to the second."""

    org: str
    sha256: str
    received_at: datetime


def token(key: ServerKey, said: Said) -> str:
    """92 letters, base64url."""
    seconds = int(said.received_at.timestamp())
    text = uuid.UUID(said.org).bytes + bytes.fromhex(said.sha256) + seconds.to_bytes(5, "big")
    return b64(text + _mac(key, text))


def said_by(text: str, keys: Iterable[ServerKey]) -> Said | None:
    """None when this server has never given out such an address."""
    content = _content(text, keys, _LENGTH, _INFO)
    if content is None:
        return None
    at = datetime.fromtimestamp(int.from_bytes(content[48:], "big"), UTC)
    return Said(str(uuid.UUID(bytes=content[:16])), content[16:48].hex(), at)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the address on a dossier says: of which record, at which revision, with which fingerprint (SHA-256)."""

    org: str
    record: str
    rev: int
    fingerprint: str


def signed(key: ServerKey, content: bytes, info: bytes) -> str:
    """An address that holds the content, which nobody else can make; `info` tells one use from another."""
    return b64(content + _mac(key, content, info))


def content_of(text: str, keys: Iterable[ServerKey], length: int, info: bytes) -> bytes | None:
    """The content of an address that `signed` made; `length` in bytes."""
    return _content(text, keys, length + _MAC, info)


def record_token(key: ServerKey, said: Recorded) -> str:
    """118 letters, base64url."""
    ids = uuid.UUID(said.org).bytes + uuid.UUID(said.record).bytes
    text = ids + said.rev.to_bytes(8, "big") + bytes.fromhex(said.fingerprint)
    return b64(text + _mac(key, text, _RECORD_INFO))


def recorded_by(text: str, keys: Iterable[ServerKey]) -> Recorded | None:
    """None when this server has never given out such an address."""
    content = _content(text, keys, _RECORD_LENGTH, _RECORD_INFO)
    if content is None:
        return None
    org, record = (str(uuid.UUID(bytes=content[i : i + 16])) for i in (0, 16))
    return Recorded(org, record, int.from_bytes(content[32:40], "big"), content[40:].hex())


def _content(text: str, keys: Iterable[ServerKey], length: int, info: bytes) -> bytes | None:
    try:
        raw = unb64(text)
    except ValueError:
        return None
    if len(raw) != length or b64(raw) != text:
        return None
    content, mac = raw[:-_MAC], raw[-_MAC:]
    signers = (key for key in keys if key.purpose == "sign")
    return content if any(hmac.compare_digest(mac, _mac(key, content, info)) for key in signers) else None


def _mac(key: ServerKey, content: bytes, info: bytes = _INFO) -> bytes:
    secret = HKDF(SHA256(), 32, None, info).derive(key.private)
    return hmac.new(secret, content, hashlib.sha256).digest()[:_MAC]


def code(text: str) -> list[str]:
    """The QR code as rows of 0 and 1, without its quiet zone."""
    import qrcode  # only here: commands and other requests do without

    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    made.add_data(text)
    made.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in made.get_matrix()]
