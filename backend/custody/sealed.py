"""The rescue file, byte by byte: docs/rescue.md is its description. Reads a stream, writes one for tests and tools.

header   "MINGCHA-RESCUE" 00 01 | key id (16) | ephemeral P-256 point (65) | salt (16)
chunks   AES-256-GCM of 262,144 bytes of content each, the last one of 1 to 262,144; nonce: counter (11), final (1)
content  length of the manifest (4, big-endian) | manifest (JSON) | signature (64) | bytes of the photos, in order
"""

import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, BinaryIO, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta, Raw

from backend.custody.keys import POINT, ServerKey, encoded
from backend.problems import AppError

MAGIC: Final = b"MINGCHA-RESCUE\x00\x01"
CHUNK: Final = 262_144  # bytes of content in one chunk
INFO: Final = b"mingcha-rescue-1"
_TAG: Final = 16
_ID, _SALT, SIGNATURE = 16, 16, 64
HEADER: Final = len(MAGIC) + _ID + POINT + _SALT
MAX_MANIFEST: Final = 16 * 2**20

Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class SealedPhoto(msgspec.Struct, frozen=True):
    """A photo in the file, `size` bytes."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1, le=2**40)]
    type: Annotated[str, Meta(max_length=100)]
    name: Annotated[str, Meta(max_length=200)] | None = None


class Manifest(msgspec.Struct, frozen=True):
    """What the phone had not sent. `ops` are as a push would carry them, numbered without gaps, `schemas` what each was
    written with. `aside` are operations that no push can carry, `drafts` forms not saved yet: both are kept for a
    person to read.
    """

    format: Annotated[int, Meta(ge=1, le=1)]
    org: Uuid
    person: Uuid
    device: Uuid
    made_at: str
    ops: Annotated[list[Raw], Meta(max_length=20_000)]
    schemas: Annotated[list[Annotated[int, Meta(ge=1, le=1_000_000)]], Meta(max_length=20_000)]
    photos: Annotated[list[SealedPhoto], Meta(max_length=10_000)]
    aside: Annotated[list[Raw], Meta(max_length=10_000)] = []
    drafts: Annotated[list[Raw], Meta(max_length=10_000)] = []


_manifest = msgspec.json.Decoder(Manifest)


def key_id(header: bytes) -> str:
    """The id of the server key that opens the file. AppError `rescue_not_ours`."""
    if len(header) < HEADER or header[: len(MAGIC)] != MAGIC:
        raise AppError("rescue_not_ours")
    return str(uuid.UUID(bytes=header[len(MAGIC) : len(MAGIC) + _ID]))


def _file_key(secret: bytes, header: bytes) -> AESGCM:
    salt = header[-_SALT:]
    return AESGCM(HKDF(hashes.SHA256(), 32, salt, INFO + header).derive(secret))


def _nonce(counter: int, final: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([final])


def signed_text(header: bytes, manifest: bytes) -> bytes:
    """What the phone signs: this manifest, in this file, for this server."""
    return INFO + b"\x00" + hashlib.sha256(header).digest() + hashlib.sha256(manifest).digest()


class Opened:
    """A rescue file being read from its beginning; each byte given was proven by its chunk's tag.

    AppError `rescue_not_ours`, `rescue_damaged` while opening and reading.
    """

    def __init__(self, file: BinaryIO, find_key: Callable[[str], ServerKey]) -> None:
        self._file = file
        self.header = file.read(HEADER)
        key = find_key(key_id(self.header))
        point = self.header[len(MAGIC) + _ID : -_SALT]
        try:
            self._aead = _file_key(key.agree(point), self.header)
        except ValueError:
            raise _damaged("the ephemeral key is no point of the curve") from None
        self._counter = 0
        self._next = self._file.read(CHUNK + _TAG)
        self._content = b""
        length = int.from_bytes(self._take(4), "big")
        if length > MAX_MANIFEST:
            raise _damaged("the manifest is too long")
        self.raw_manifest = self._take(length)
        self.signature = self._take(SIGNATURE)
        try:
            self.manifest = _manifest.decode(self.raw_manifest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(f"the manifest cannot be read: {error}") from None

    @property
    def signed(self) -> bytes:
        return signed_text(self.header, self.raw_manifest)

    def photos(self) -> Iterator[tuple[SealedPhoto, Iterator[bytes]]]:
        """Each photo with its bytes, to be read to their end, in order; checks hash and size, and the file's end."""
        for photo in self.manifest.photos:
            yield photo, self._photo(photo)
        if self._content or self._next:
            raise _damaged("more bytes than the manifest names")

    def _photo(self, photo: SealedPhoto) -> Iterator[bytes]:
        digest, left = hashlib.sha256(), photo.size
        while left:
            piece = self._some(left)
            digest.update(piece)
            left -= len(piece)
            yield piece
        if digest.hexdigest() != photo.sha256:
            raise _damaged(f"photo {photo.sha256[:8]} does not have its hash")

    def _take(self, length: int) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            parts += self._some(length - len(parts))
        return bytes(parts)

    def _some(self, most: int) -> bytes:
        """At least one byte of the content, at most `most`."""
        if not self._content:
            self._content = self._chunk()
        piece, self._content = self._content[:most], self._content[most:]
        return piece

    def _chunk(self) -> bytes:
        sealed = self._next
        if not sealed:
            raise _damaged("cut short")
        self._next = self._file.read(CHUNK + _TAG) if len(sealed) == CHUNK + _TAG else b""
        try:
            content = self._aead.decrypt(_nonce(self._counter, not self._next), sealed, None)
        except InvalidTag:
            raise _damaged("changed or cut short") from None
        self._counter += 1
        if not content:
            raise _damaged("an empty chunk")
        return content


def _damaged(reason: str) -> AppError:
    return AppError("rescue_damaged", reason=reason)


def seal(
    recipient: tuple[str, bytes],
    manifest: dict[str, Any] | bytes,
    photos: Iterable[bytes],
    sign: Callable[[bytes], bytes],
) -> bytes:
    """A whole file in memory, as a phone makes it. `recipient` is id and point of the server's key."""
    id_, point = recipient
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    header = MAGIC + uuid.UUID(id_).bytes + encoded(ephemeral.public_key()) + os.urandom(_SALT)
    server = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    aead = _file_key(ephemeral.exchange(ec.ECDH(), server), header)
    raw = manifest if isinstance(manifest, bytes) else msgspec.json.encode(manifest)
    content = io.BytesIO()
    for part in (len(raw).to_bytes(4, "big"), raw, sign(signed_text(header, raw)), *photos):
        content.write(part)
    whole = content.getvalue()
    chunks = [whole[i : i + CHUNK] for i in range(0, len(whole), CHUNK)]
    return header + b"".join(
        aead.encrypt(_nonce(i, i == len(chunks) - 1), chunk, None) for i, chunk in enumerate(chunks)
    )
