"""Walking through a JPEG without decoding it."""

import re
from collections.abc import Iterator

_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # neither stuffing nor restart


def segments(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Marker and payload of each segment up to the start of scan; stops quietly where the file is cut."""
    view, at = memoryview(data), 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in (0xD9, 0xDA):
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            return
        yield marker, view[at + 4 : at + 2 + length]
        at += 2 + length


def end(data: bytes, start: int = 0) -> int | None:
    """Position just after the end mark of the JPEG that begins at `start`; None when it is cut."""
    at = start + 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return at + 2
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            found = _NEXT_MARKER.search(data, at)
            if found is None:
                return None
            at = found.start()
    return at + 2 if data[at : at + 2] == b"\xff\xd9" else None
