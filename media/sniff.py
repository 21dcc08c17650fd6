"""What a file is by its first bytes. A name or a declared type proves nothing."""

from typing import Final

HEAD: Final = 64  # bytes that are enough to decide

_EXTENSIONS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/x-flir-fff": "fff",
}
_BITMAP_HEADERS: Final = (12, 40, 52, 56, 108, 124)
_HEIC: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF: Final = {b"avif", b"avis"}


def sniff(head: bytes) -> str | None:
    """The media type of an accepted picture, None for everything else."""
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
    return None


def extension(media_type: str) -> str:
    """The customary ending of a file name, without the dot."""
    return _EXTENSIONS.get(media_type, "bin")


def _brand(head: bytes) -> str | None:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if brands & _AVIF:
        return "image/avif"
    return "image/heic" if brands & _HEIC else None
