"""The thin HTTP side: tus under /uploads, photos and their facts under /photos."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import HttpMethod, Request, Response, Router, delete, get, head, patch, post, route
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException, MethodNotAllowedException
from litestar.params import FromPath, SkipValidation
from litestar.response import Stream
from msgspec import Meta

from media import tus
from media.errors import MediaError
from media.service import Caller, Media, Progress

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_LIST_LIMIT: Final = 256 * 1024  # bytes
_FOR_EVER: Final = "private, max-age=31536000, immutable"
_FOR_A_WHILE: Final = "private, max-age=600"
# What a browser fetches by itself. What a page's program fetches is sent by us: the store's origin is not its own.
_BY_ITSELF: Final = ("image", "audio", "video", "document")
_encode = msgspec.json.Encoder().encode

AnyRequest = Request[Any, Any, Any]
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenMedia = NamedDependency[SkipValidation[Media]]


class _Wanted(msgspec.Struct, forbid_unknown_fields=True):
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=0)]


class _Missing(msgspec.Struct, forbid_unknown_fields=True):
    photos: Annotated[list[_Wanted], Meta(max_length=500)]


@post("/photos/missing", status_code=200, operation_id="MissingPhotos", summary="Which photos are to be sent")
async def missing(request: AnyRequest, caller: GivenCaller, media: GivenMedia) -> Response[bytes]:
    """{"photos": [{sha256, size}]}, up to 500; answers have, partial with its offset, or new for each."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > _LIST_LIMIT:
            raise MediaError("photo_list")
    try:
        asked = msgspec.json.decode(bytes(raw), type=_Missing)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MediaError("photo_list", reason=str(error)) from None
    answers = await media.missing(caller, [wanted.sha256 for wanted in asked.photos])
    return _json({"photos": answers})


@get("/photos/{sha256:str}/facts", operation_id="PhotoFacts", summary="What is known of a photo")
async def facts(sha256: FromPath[str], caller: GivenCaller, media: GivenMedia) -> Response[bytes]:
    """Size, time and place as the file claims, temperatures, and why something could not be read."""
    return _json(await media.facts(caller, sha256))


@get("/photos/{sha256:str}/{view:str}", operation_id="PhotoView", summary="A photo or a view of it")
async def view(
    request: AnyRequest, sha256: FromPath[str], view: FromPath[str], caller: GivenCaller, media: GivenMedia
) -> Response[Any]:
    """original (with Range), w320, w1600, thermal.

    The original never changes under its address. A view may be made anew, so it is asked for again after a
    while, by its ETag. A browser that shows or keeps an original is sent on (307) to the store where that is set up,
    by an address that is good for five minutes.
    """
    found = await media.view(caller, sha256, view)
    if request.headers.get("sec-fetch-dest") in _BY_ITSELF and (place := found.address()):
        elsewhere = {"Location": place, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return Response(None, status_code=307, headers=elsewhere)
    etag = f'"{found.tag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": _FOR_EVER if view == "original" else _FOR_A_WHILE,
        "Vary": "Cookie",  # on a shared phone, what one person has looked at is not the next one's to see
        "Accept-Ranges": "bytes",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=found.type)
    start, length, status = 0, found.size, 200
    wanted = asked_range(request.headers.get("range", ""), found.size)
    if wanted is not None and request.headers.get("if-range", etag) == etag:
        start, length = wanted
        status = 206
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
    headers["Content-Length"] = str(length)
    pieces = await found.open(start, length)
    return Stream(pieces, status_code=status, headers=headers, media_type=found.type)


@route(
    ["/uploads", "/uploads/{upload:str}"],
    http_method=[HttpMethod.OPTIONS],
    operation_id="UploadOptions",
    include_in_schema=False,
)
async def options(media: GivenMedia) -> Response[None]:
    """What this tus server can do."""
    return Response(None, status_code=204, headers=tus.option_headers(media.settings.upload_max))


@post("/uploads", status_code=201, operation_id="CreateUpload", summary="Begin (or find again) an upload")
async def create(request: AnyRequest, caller: GivenCaller, media: GivenMedia) -> Response[None]:
    """tus creation; with a body also creation-with-upload. Repeating it is harmless."""
    tus.check_version(request.headers)
    length = tus.body_length(request.headers) or 0
    chunked = "transfer-encoding" in request.headers
    stream = _body(request) if length or chunked else None
    if stream is not None:
        tus.check_body_type(request.headers)
    progress = await media.create(caller, request.headers, stream)
    return _progress(progress, 201, {"Location": f"/api/v1/uploads/{progress.id}"})


@head("/uploads/{upload:str}", operation_id="UploadOffset", summary="Where an upload stands")
async def offset(
    request: AnyRequest, upload: FromPath[str], caller: GivenCaller, media: GivenMedia
) -> Response[None]:
    """Upload-Offset is durable: the phone goes on from there."""
    tus.check_version(request.headers)
    found = await media.progress(caller, upload)
    return _progress(found, 200, {"Upload-Metadata": found.metadata} if found.metadata else None)


@patch("/uploads/{upload:str}", status_code=204, operation_id="AppendUpload", summary="Send the next bytes")
async def append(
    request: AnyRequest, upload: FromPath[str], caller: GivenCaller, media: GivenMedia
) -> Response[None]:
    """The newest request owns the upload; an older one on it ends at once."""
    return await _append(request, upload, caller, media)


@delete("/uploads/{upload:str}", status_code=204, operation_id="TerminateUpload", summary="Forget an upload")
async def terminate(
    request: AnyRequest, upload: FromPath[str], caller: GivenCaller, media: GivenMedia
) -> Response[None]:
    """Only an unfinished one: a stored photo is evidence and stays."""
    return await _terminate(request, upload, caller, media)


@post("/uploads/{upload:str}", status_code=204, operation_id="OverriddenUpload", include_in_schema=False)
async def overridden(
    request: AnyRequest, upload: FromPath[str], caller: GivenCaller, media: GivenMedia
) -> Response[None]:
    """X-HTTP-Method-Override, for networks that let no PATCH or DELETE pass."""
    match tus.method(request.headers):
        case "PATCH":
            return await _append(request, upload, caller, media)
        case "DELETE":
            return await _terminate(request, upload, caller, media)
    raise MethodNotAllowedException(headers={"Allow": "DELETE, HEAD, OPTIONS, PATCH"})


async def _append(request: AnyRequest, upload: str, caller: Caller, media: Media) -> Response[None]:
    tus.check_version(request.headers)
    return _progress(await media.append(caller, upload, request.headers, _body(request)), 204)


async def _terminate(request: AnyRequest, upload: str, caller: Caller, media: Media) -> Response[None]:
    tus.check_version(request.headers)
    await media.terminate(caller, upload)
    return Response(None, status_code=204, headers={"Tus-Resumable": tus.VERSION})


async def _body(request: AnyRequest) -> AsyncIterator[bytes]:
    """The body as far as it came: a phone that drives into a tunnel is no error of the server."""
    try:
        async for piece in request.stream():
            yield piece
    except InternalServerException:  # what Litestar makes of a cut line
        return


def _progress(progress: Progress, status: int, more: dict[str, str] | None = None) -> Response[None]:
    return Response(None, status_code=status, headers={**progress.headers(), **(more or {})})


def _json(content: object) -> Response[bytes]:
    return Response(_encode(content), media_type="application/json", headers={"Cache-Control": "no-store"})


def asked_range(text: str, size: int) -> tuple[int, int] | None:
    """First byte and length of a single range; None for what RFC 9110 lets a server ignore: the whole then."""
    match = _RANGE.fullmatch(text.strip())
    first, last = match.groups() if match else ("", "")
    if not first and not last:
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        raise MediaError("range", size=size, headers={"Content-Range": f"bytes */{size}"})
    return start, end - start + 1


def router() -> Router:
    """The routes under `/api/v1`."""
    handlers = [missing, facts, view, options, create, offset, append, terminate, overridden]
    return Router("/api/v1", route_handlers=handlers, tags=["photos"])
