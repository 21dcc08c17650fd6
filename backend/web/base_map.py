"""The company's base map: one PMTiles file that the administrator put beside the server, handed to signed-in people."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Stream

from backend.problems import AppError
from backend.settings import Settings, SettingsError
from media.api import asked_range
from sync.caller import Caller

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenBaseMap = NamedDependency[SkipValidation["BaseMap"]]

TYPE = "application/vnd.pmtiles"
HEADER_BYTES = 127
PIECE = 256 * 1024
MVT = 1
UNPACKED_OR_GZIP = (1, 2)


class NotAMapError(Exception):
    """The file cannot serve as a base map. The text says why."""


class BaseMapAbout(msgspec.Struct):
    """`etag` as in the header of the file; `datum` of its tiles."""

    etag: str
    size: int
    datum: Literal["wgs84", "gcj02"]


class _Known(NamedTuple):
    changed: tuple[int, int]
    about: BaseMapAbout


class BaseMap:
    """The file behind `base_map`. A file that replaces it is seen without a restart; put it there by a rename,
    so that nobody reads half of one.
    """

    def __init__(self, settings: Settings) -> None:
        self.path = Path(settings.base_map) if settings.base_map else None
        self._datum = settings.base_map_datum
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def check(self) -> None:
        """SettingsError when a file is named and cannot be used."""
        try:
            self.about()
        except (OSError, NotAMapError) as error:
            raise SettingsError(f"base_map: {self.path}: {error}") from None

    def about(self) -> BaseMapAbout | None:
        """None when the company has no map. OSError or NotAMapError when the file is no longer what it was."""
        if self.path is None:
            return None
        with self._lock:
            stat = self.path.stat()
            changed = (stat.st_mtime_ns, stat.st_size)
            if self._known is None or self._known.changed != changed:
                self._known = _Known(changed, BaseMapAbout(_read(self.path), stat.st_size, self._datum))
            return self._known.about


def _read(path: Path) -> str:
    """ETag of a usable file: its content's, so that several servers say the same."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or header[:7] != b"PMTiles":
            raise NotAMapError("not a PMTiles file")
        if header[7] != 3:
            raise NotAMapError(f"PMTiles version {header[7]}; version 3 is needed")
        if header[99] != MVT:
            raise NotAMapError("its tiles are pictures; vector tiles (MVT) are needed")
        if header[97] not in UNPACKED_OR_GZIP or header[98] not in UNPACKED_OR_GZIP:
            raise NotAMapError("packed in a way that phones do not unpack; gzip or nothing is needed")
        file.seek(0)
        return f'"{hashlib.file_digest(file, "sha256").hexdigest()[:32]}"'


async def _current(base_map: BaseMap) -> BaseMapAbout | None:
    try:
        return await asyncio.to_thread(base_map.about)
    except (OSError, NotAMapError):
        raise AppError("unavailable") from None


@get("/base-map", operation_id="BaseMapAbout", summary="Whether the company has a base map, and which")
async def about_map(caller: GivenCaller, base_map: GivenBaseMap) -> Response[BaseMapAbout | None]:
    """204 when it has none."""
    about = await _current(base_map)
    return Response(about, status_code=204 if about is None else 200)


@get("/base-map/file", operation_id="BaseMapFile", summary="The base map: a PMTiles v3 file, with Range")
async def map_file(
    request: Request[Any, Any, Any], caller: GivenCaller, base_map: GivenBaseMap
) -> Response[Any]:
    """With `If-Range` a piece is of the file that the ETag names; the whole of the new one comes when it changed."""
    about = await _current(base_map)
    if about is None:
        raise AppError("not_found")
    headers = {
        "ETag": about.etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
        "Accept-Ranges": "bytes",
    }
    if about.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=TYPE)
    start, length, status = 0, about.size, 200
    wanted = asked_range(request.headers.get("range", ""), about.size)
    if wanted is not None and request.headers.get("if-range", about.etag) == about.etag:
        start, length = wanted
        status = 206
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{about.size}"
    headers["Content-Length"] = str(length)
    assert base_map.path is not None
    return Stream(_pieces(base_map.path, start, length), status_code=status, headers=headers, media_type=TYPE)


async def _pieces(path: Path, start: int, length: int) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        await asyncio.to_thread(file.seek, start)
        while length > 0:
            piece = await asyncio.to_thread(file.read, min(PIECE, length))
            if not piece:
                return  # cut short on disk: the length does not fit, and the reader asks again
            length -= len(piece)
            yield piece
    finally:
        file.close()


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[about_map, map_file], tags=["map"])
