"""What a recording is by its bytes, whatever its name says; that no view is made of it."""

from pathlib import Path

import pytest

from media.derive import derive
from media.sniff import HEAD, RECORDING, agrees, extension, is_recording, sniff

SAMPLES = Path(__file__).parents[2] / "samples"
RECORDED = {
    "voice.webm": "audio/webm",
    "voice.mp4": "audio/mp4",
    "video.webm": "video/webm",
    "video.mp4": "video/mp4",
}


def _track(handler: bytes) -> bytes:
    return b"\0\0\0\x21hdlr" + bytes(8) + handler + bytes(13)


def _ftyp(*brands: bytes) -> bytes:
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(box) + 4).to_bytes(4, "big") + box


@pytest.mark.parametrize(("name", "kind"), RECORDED.items())
def test_a_recording_is_known_by_its_content_and_gets_no_view(name: str, kind: str, tmp_path: Path) -> None:
    path = SAMPLES / "recordings" / name
    assert sniff(path.read_bytes()[:HEAD]) == kind
    assert is_recording(kind)
    facts = derive(path, tmp_path, 50_000_000)
    assert (facts["reason"], facts["views"], list(tmp_path.iterdir())) == (RECORDING, [], [])


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"OggS" + bytes(24) + b"OpusHead", "audio/ogg"),
        (_ftyp(b"M4A ", b"isom"), "audio/mp4"),
        (_ftyp(b"qt  "), "video/quicktime"),
        (_ftyp(b"mp42", b"isom") + b"\0\0\0\x08mdat", "video/mp4"),  # a camera writes its tracks at the end
        (_ftyp(b"iso5", b"iso5") + _track(b"soun"), "audio/mp4"),
        (_ftyp(b"iso5", b"iso5") + _track(b"soun") + _track(b"vide"), "video/mp4"),
        (_ftyp(b"heic", b"mif1"), "image/heic"),
    ],
)
def test_containers_are_told_apart(head: bytes, kind: str) -> None:
    assert sniff(head) == kind
    assert extension(kind) != "bin"


@pytest.mark.parametrize(
    "head",
    [
        b"\x1a\x45\xdf\xa3" + bytes(60),  # no document type
        b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm" + bytes(60),  # no track
        b"OggS" + bytes(60),
        _ftyp(b"crx ", b"crx "),
        b"RIFF\0\0\0\0WAVEfmt ",
        b"ID3\x03",
        b"<html><script>",
    ],
)
def test_what_no_browser_plays_or_is_no_recording_is_refused(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("image/jpeg", "image/jpeg"),
        ("image/jpg", "image/jpeg"),
        ("IMAGE/HEIF", "image/heic"),
        ("image/x-ms-bmp", "image/bmp"),
        ("audio/webm;codecs=opus", "audio/webm"),
        ("audio/mp4", "video/mp4"),  # its tracks stand at the end: nobody can tell by the first bytes
        ("video/mp4", "video/quicktime"),
        ("application/octet-stream", "image/png"),
        ("", "image/x-flir-fff"),
    ],
)
def test_a_declared_type_agrees_under_its_other_names_and_within_its_container(
    declared: str, actual: str
) -> None:
    assert agrees(declared, actual)


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("image/jpeg", "image/png"),
        ("image/jpeg", "image/heic"),
        ("image/jpeg", "video/mp4"),
        ("video/webm", "video/mp4"),
        ("audio/ogg", "audio/webm"),
        ("text/html", "image/jpeg"),
        ("image", "image/jpeg"),
    ],
)
def test_a_declared_type_that_the_bytes_are_not_does_not_agree(declared: str, actual: str) -> None:
    assert not agrees(declared, actual)
