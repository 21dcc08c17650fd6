"""Serves the built app: files of one folder, packed beforehand where `file.br` and the like stand beside
them.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend import problems
from backend.web.address import header
from backend.web.asgi import App, Receive, Scope, Send
from backend.web.compress import SMALLEST, choose

NOT_OURS: Final = ("/api/", "/schema", "/healthz", "/readyz", "/metrics")
PACKED: Final = {"zstd": ".zst", "br": ".br", "gzip": ".gz"}
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}
NOT_BUILT: Final = (
    "<!doctype html><meta charset=utf-8><title>Mingcha</title><p>The app is not built yet: run make setup."
)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it goes out. `packed` has the encodings that stand beside it."""

    content: bytes
    packed: dict[str, bytes]
    type: str
    etag: str
    changed: tuple[int, int]


class Static:
    """GET and HEAD outside of the API. An unknown path without a file ending is a page of the app:
    index.html.

    Files with a hash in their name (`/assets/`) may be kept for ever; all else is asked for again each time
    and answered 304 while it is the same, so that a new version is seen at once.
    """

    def __init__(self, app: App, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self._files: dict[str, File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] not in ("GET", "HEAD")
            or scope["path"].startswith(NOT_OURS)
        ):
            await self.app(scope, receive, send)
            return
        path = scope["path"].lstrip("/") or "index.html"
        file = await asyncio.to_thread(self._load, path)
        if file is None and "." not in path.rsplit("/", 1)[-1]:
            path = "index.html"
            file = await asyncio.to_thread(self._load, path)
            if file is None:
                file = File(NOT_BUILT.encode(), {}, TYPES[".html"], "", (0, 0))
        if file is None:
            status, headers, content = problems.answer("not_found", {}, header(scope, b"accept-language"))
            await _answer(scope, send, status, headers, content)
            return
        headers = {
            "content-type": file.type,
            "cache-control": "public, max-age=31536000, immutable"
            if path.startswith("assets/")
            else "no-cache",
            "vary": "Accept-Encoding",
        }
        if file.etag:
            headers["etag"] = file.etag
            if file.etag in header(scope, b"if-none-match"):
                await _answer(scope, send, 304, headers, b"")
                return
        content = file.content
        encoding = choose(header(scope, b"accept-encoding"), tuple(file.packed)) if file.packed else None
        if encoding is not None:
            headers["content-encoding"] = encoding
            content = file.packed[encoding]
        await _answer(scope, send, 200, headers, content)

    def _load(self, path: str) -> File | None:
        """The file, read again when it changed on disk. Nothing outside the folder and nothing hidden."""
        parts = path.split("/")
        if any(
            part in ("", ".", "..") or part.startswith(".") or "\0" in part or "\\" in part for part in parts
        ):
            return None
        place = self.folder.joinpath(*parts)
        try:
            stat = place.stat()
            if not place.is_file() or not place.resolve().is_relative_to(self.folder.resolve()):
                return None
        except OSError:
            return None
        changed = (stat.st_mtime_ns, stat.st_size)
        known = self._files.get(path)
        if known is not None and known.changed == changed:
            return known
        content = place.read_bytes()
        packed = {}
        for encoding, ending in PACKED.items():
            beside = place.with_name(place.name + ending)
            if (
                beside.is_file()
                and beside.stat().st_mtime_ns >= stat.st_mtime_ns
                and len(content) >= SMALLEST
            ):
                packed[encoding] = beside.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        file = File(content, packed, TYPES.get(place.suffix, "application/octet-stream"), etag, changed)
        self._files[path] = file
        return file


async def _answer(scope: Scope, send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    if status != 304:
        raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send(
        {
            "type": "http.response.body",
            "body": b"" if scope["method"] == "HEAD" else content,
            "more_body": False,
        }
    )
