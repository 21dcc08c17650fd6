"""The tus 1.0 protocol, without a framework: headers in, headers out."""

import base64
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final, Protocol

from media.errors import MediaError

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
BODY_TYPE: Final = "application/offset+octet-stream"
ALGORITHMS: Final = ("sha256", "sha1")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_METADATA_LIMIT: Final = 4096  # characters


class Hash(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """What the phone says about a photo that it is going to send."""

    sha256: str
    length: int  # bytes
    type: str
    name: str | None
    metadata: str  # as it came, to be said back


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """What the phone says about the bytes of one request."""

    algorithm: str
    digest: bytes

    def begin(self) -> Hash:
        """A hash to be fed with the body."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def upload_id(org: str, person: str, sha256: str) -> str:
    """The same photo of the same person is the same upload: creation can be repeated."""
    digest = hashlib.sha256(f"{org}\n{person}\n{sha256}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def check_version(headers: Mapping[str, str]) -> None:
    if headers.get("tus-resumable") != VERSION:
        raise MediaError("tus_version", supported=VERSION, headers={"Tus-Version": VERSION})


def creation(headers: Mapping[str, str], largest: int) -> Creation:
    """From Upload-Length and Upload-Metadata (sha256, type, name)."""
    length = number(headers, "upload-length")
    if length == 0:
        raise MediaError("empty_upload")
    if length > largest:
        raise MediaError("too_large", limit=largest)
    text = headers.get("upload-metadata", "")
    metadata = _metadata(text)
    sha256 = _word(metadata, "sha256")
    if not _SHA256.fullmatch(sha256):
        raise MediaError("upload_header", header="Upload-Metadata")
    return Creation(
        sha256=sha256,
        length=length,
        type=_word(metadata, "type")[:100] or "application/octet-stream",
        name=_word(metadata, "name")[:200] or None,
        metadata=text,
    )


def number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise MediaError("upload_header", header=name.title())
    return int(text)


def body_length(headers: Mapping[str, str]) -> int | None:
    """Content-Length, None when the body comes in chunks of unknown number."""
    return number(headers, "content-length") if "content-length" in headers else None


def check_body_type(headers: Mapping[str, str]) -> None:
    if headers.get("content-type", "").split(";")[0].strip() != BODY_TYPE:
        raise MediaError("content_type", supported=BODY_TYPE)


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    text = headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise MediaError("checksum_algorithm", supported=list(ALGORITHMS))
    return Checksum(algorithm=algorithm, digest=_decoded(encoded.strip(), "Upload-Checksum"))


def method(headers: Mapping[str, str]) -> str:
    """What a POST to an upload stands for, where something on the way lets no other method pass."""
    return headers.get("x-http-method-override", "").upper()


def state_headers(offset: int, length: int, expires: datetime | None) -> dict[str, str]:
    """What every answer about an upload carries."""
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(offset),
        "Upload-Length": str(length),
        "Cache-Control": "no-store",
    }
    if expires is not None:
        headers["Upload-Expires"] = format_datetime(expires, usegmt=True)
    return headers


def option_headers(largest: int) -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(largest),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def _metadata(text: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    if len(text) > _METADATA_LIMIT:
        raise MediaError("upload_header", header="Upload-Metadata", limit=_METADATA_LIMIT)
    if not text.isascii():  # it is said back as it came, and keys are ASCII
        raise MediaError("upload_header", header="Upload-Metadata")
    for pair in filter(None, (piece.strip() for piece in text.split(","))):
        key, _, value = pair.partition(" ")
        if key in found:
            raise MediaError("upload_header", header="Upload-Metadata")
        found[key] = _decoded(value.strip(), "Upload-Metadata")
    return found


def _word(metadata: Mapping[str, bytes], key: str) -> str:
    """A value that we read and keep; what else a client sends may be any bytes."""
    value = metadata.get(key, b"")
    if b"\0" in value:  # PostgreSQL keeps no such text
        raise MediaError("upload_header", header="Upload-Metadata")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MediaError("upload_header", header="Upload-Metadata") from error


def _decoded(text: str, header: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # no Base64, or not even ASCII
        raise MediaError("upload_header", header=header) from error
