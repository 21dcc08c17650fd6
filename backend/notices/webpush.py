"""Web push: a message encrypted for one browser (RFC 8291, aes128gcm of RFC 8188) and the sender's word (VAPID, RFC
8292). Pure but for the chance that the callers give.
"""

import base64
import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
PADDED = 512  # plain bytes of each message: its length says nothing
_CURVE = ec.SECP256R1()


def decode(text: str) -> bytes:
    """base64url with or without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """From 32 bytes as base64url. Raises ValueError."""
    raw = decode(text)
    if len(raw) != 32:
        raise ValueError("a private key of P-256 has 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw), _CURVE)


def new_private_key() -> str:
    """A key for `notice_push_key`."""
    number = ec.generate_private_key(_CURVE).private_numbers().private_value
    return encode(number.to_bytes(32))


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sealed(
    plain: bytes,
    p256dh: bytes,
    auth: bytes,
    salt: bytes,
    sender: ec.EllipticCurvePrivateKey,
    padding: int = 0,
) -> bytes:
    """The body of a push for the browser with these keys. `salt`: 16 fresh random bytes; `sender`: a fresh key.

    Raises ValueError for keys that are none.
    """
    browser = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, p256dh)
    own = public_bytes(sender)
    secret = sender.exchange(ec.ECDH(), browser)
    ikm = _hkdf(auth, secret, b"WebPush: info\x00" + p256dh + own, 32)
    key = _hkdf(salt, ikm, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _hkdf(salt, ikm, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD.to_bytes(4) + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02" + b"\x00" * padding, None)


def _hkdf(salt: bytes, key: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(key)


def authorization(endpoint: str, contact: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> str:
    """The header by which a push service knows the sender; good for twelve hours at that service."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + timedelta(hours=12)).timestamp()),
        "sub": contact,
    }
    text = ".".join(
        encode(json.dumps(part, separators=(",", ":")).encode())
        for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    signature = encode(r.to_bytes(32) + s.to_bytes(32))
    return f"vapid t={text}.{signature}, k={encode(public_bytes(key))}"
