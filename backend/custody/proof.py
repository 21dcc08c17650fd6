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
_MAC: Final = 16  # bytes
_LENGTH: Final = 16 + 32 + 5 + _MAC


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
    try:
        raw = unb64(text)
    except ValueError:
        return None
    if len(raw) != _LENGTH or b64(raw) != text:
        return None
    content, mac = raw[:-_MAC], raw[-_MAC:]
    if not any(hmac.compare_digest(mac, _mac(key, content)) for key in keys if key.purpose == "sign"):
        return None
    at = datetime.fromtimestamp(int.from_bytes(content[48:], "big"), UTC)
    return Said(str(uuid.UUID(bytes=content[:16])), content[16:48].hex(), at)


def _mac(key: ServerKey, content: bytes) -> bytes:
    secret = HKDF(SHA256(), 32, None, _INFO).derive(key.private)
    return hmac.new(secret, content, hashlib.sha256).digest()[:_MAC]


def code(text: str) -> list[str]:
    """The QR code as rows of 0 and 1, without its quiet zone."""
    import qrcode  # only here: commands and other requests do without

    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    made.add_data(text)
    made.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in made.get_matrix()]
