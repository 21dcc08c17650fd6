"""What a file is by its first bytes. A name or a declared type proves nothing."""

import re
from collections.abc import Iterator
from typing import Final

RECORDING: Final = "recording"  # why sound and moving pictures have no views
HEAD: Final = 4096  # bytes that are enough to decide; a recording names its tracks in them

_EXTENSIONS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/x-flir-fff": "fff",
    "audio/webm": "weba",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "video/webm": "webm",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}
_ANY: Final = "application/octet-stream"
_OTHER_NAMES: Final = {
    "": _ANY,
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/mpo": "image/jpeg",
    "image/heif": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heic",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "audio/x-m4a": "audio/mp4",
    "audio/aac": "audio/mp4",
    "video/x-m4v": "video/mp4",
    "video/3gpp": "video/mp4",
    "video/x-matroska": "video/webm",
    "audio/opus": "audio/ogg",
}
_CONTAINERS: Final = {
    "audio/mp4": "mp4",
    "video/mp4": "mp4",
    "video/quicktime": "mp4",
    "audio/webm": "webm",
    "video/webm": "webm",
}
_BITMAP_HEADERS: Final = (12, 40, 52, 56, 108, 124)
_HEIC: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF: Final = {b"avif", b"avis"}
_MOVIE: Final = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"avc1", b"mp41", b"mp42", b"M4V ", b"dash"}
_MATROSKA: Final = b"\x1a\x45\xdf\xa3"
_TRACK: Final = re.compile(
    rb"\x86[\x81-\xff]([AV])_"
)  # CodecID: its length in one byte, then A_OPUS, V_VP8 …


def is_recording(media_type: str) -> bool:
    """Sound or moving pictures: kept and played as they came, no view is made of them."""
    return media_type.startswith(("audio/", "video/"))


def agrees(declared: str, actual: str) -> bool:
    """Whether bytes of `actual` may be declared so. Sound and film of one container are told apart by their tracks,
    which a declaration need not know; who declares `application/octet-stream` declares nothing.
    """
    said = declared.split(";")[0].strip().lower()
    said = _OTHER_NAMES.get(said, said)
    return said in (actual, _ANY) or _CONTAINERS.get(said, said) == _CONTAINERS.get(actual, actual)


def sniff(head: bytes) -> str | None:
    """The media type of an accepted picture or recording, None for everything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"FFF\0", b"AFF\0")):
        return "image/x-flir-fff"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS:
        return "image/bmp"
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head.startswith(_MATROSKA):
        return _webm(head)
    if head.startswith(b"OggS") and head[28:36] == b"OpusHead":
        return "audio/ogg"
    return None


def extension(media_type: str) -> str:
    """The customary ending of a file name, without the dot."""
    return _EXTENSIONS.get(media_type, "bin")


def _brand(head: bytes) -> str | None:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if brands & _AVIF:
        return "image/avif"
    if brands & _HEIC:
        return "image/heic"
    if head[8:12] == b"qt  ":
        return "video/quicktime"
    if head[8:11] == b"M4A":
        return "audio/mp4"
    return _movie(head) if brands & _MOVIE else None


def _movie(head: bytes) -> str:
    """By the handlers of its tracks (ISO 14496-12, 8.4.3) where they stand in front, as those of MediaRecorder do."""
    handlers = {head[at + 12 : at + 16] for at in _places(head, b"hdlr")}
    return "audio/mp4" if b"soun" in handlers and b"vide" not in handlers else "video/mp4"


def _webm(head: bytes) -> str | None:
    """By the codecs of its tracks; both stand before the first sound."""
    if b"\x42\x82\x84webm" not in head[:64] and b"\x42\x82\x88matroska" not in head[:64]:
        return None
    tracks = {match[1] for match in _TRACK.finditer(head)}
    return "video/webm" if b"V" in tracks else "audio/webm" if b"A" in tracks else None


def _places(head: bytes, word: bytes) -> Iterator[int]:
    at = head.find(word)
    while at >= 0:
        yield at
        at = head.find(word, at + 1)
