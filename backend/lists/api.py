"""The desk's list of records, a page at a time, and what each person keeps of it."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from litestar import Request, Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation
from litestar.response import File, Stream
from msgspec import Meta

from backend.db import Database
from backend.lists import exports, query
from backend.lists.later import FILES, Later, LongExport
from backend.lists.names import Named, names
from backend.lists.query import Asked, Line, ListMark, Wrong
from backend.lists.rows import GRADES
from backend.lists.tables import saved_view
from backend.problems import AppError
from backend.settings import Settings
from media.service import Media
from media.tables import insert_new
from sync.api import body
from sync.caller import Caller
from sync.tables import stamp

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]
Short = Annotated[str, QueryParameter(max_length=200)]
VIEWS = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VIEW_BYTES = 4096


class ListRow(msgspec.Struct, frozen=True):
    """A record in the list. `grade` is null where none is given; `thing` is its equipment or meter box; `person`
    whose it is: its author, the crew, the owner of a defect, the person concerned. Ids that are unknown are "".
    """

    id: str
    kind: str
    state: str
    grade: str | None
    unit: str
    person: str
    thing: str
    at: str
    changed: str
    title: str
    title_en: str


class ListPage(msgspec.Struct, frozen=True):
    """`next` begins the following page; null at the end. `names` are those of the ids in the rows."""

    rows: list[ListRow]
    names: dict[str, Named]
    next: str | None


class ListMarks(msgspec.Struct, frozen=True):
    """How many rows the list has, and the place after each two hundredth of them."""

    total: int
    marks: list[ListMark]


class SavedView(msgspec.Struct, frozen=True):
    """`query` is the part of the page's address after the question mark."""

    name: str
    query: str


class SavedViews(msgspec.Struct, frozen=True):
    views: list[SavedView]


class _View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    query: Annotated[str, Meta(max_length=2000)]


async def asked(
    clock: GivenClock,
    kind: Short = "",
    status: Short = "",
    grade: Short = "",
    unit: Short = "",
    person: Short = "",
    thing: Short = "",
    since: Short = "",
    until: Short = "",
    q: Short = "",
    ids: Annotated[str, QueryParameter(max_length=8000)] = "",
    zero: Short = "",
    unseen: Short = "",
    sort: Short = "-at",
) -> Asked:
    """The list that a call's address names."""
    return Asked(
        kind=kind,
        status=status,
        grade=grade,
        unit=unit,
        person=person,
        thing=thing,
        since=since,
        until=until,
        q=q,
        ids=ids,
        zero=zero,
        unseen=unseen,
        now=stamp(clock()),
        sort=sort,
    )


GivenAsked = NamedDependency[SkipValidation[Asked]]


def refused(error: Wrong) -> AppError:
    """A list that cannot be meant, as a problem that names the parameter."""
    return AppError("invalid", issues=[msgspec.to_builtins(error.issue)])


@get("/list", operation_id="ListRecords", summary="Records in the caller's scopes: filtered, sorted, paged")
async def list_records(
    caller: GivenCaller,
    db: GivenDb,
    asked: GivenAsked,
    after: Annotated[str, QueryParameter(max_length=400)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ListPage:
    """Work, or with `kind=equipment,meter_box` the register. Drafts are on their author's phone only. `after` is
    the `next` of the page before, or a mark's place.
    """
    async with db.read() as conn:
        try:
            lines, following = await query.page(conn, caller, asked, after, limit)
        except Wrong as error:
            raise refused(error) from None
        called = await names(conn, caller, lines)
    return ListPage([_row(line) for line in lines], called, following)


@get("/list/marks", operation_id="ListMarks", summary="How long the list is, and places to jump to in it")
async def list_marks(caller: GivenCaller, db: GivenDb, asked: GivenAsked) -> ListMarks:
    async with db.read() as conn:
        try:
            return ListMarks(*await query.marks(conn, caller, asked))
        except Wrong as error:
            raise refused(error) from None


def _row(line: Line) -> ListRow:
    return ListRow(
        id=line.id,
        kind=line.kind,
        state=line.state,
        grade=GRADES[line.grade] or None,
        unit=line.unit,
        person=line.person,
        thing=line.subject,
        at=line.at,
        changed=line.changed,
        title=line.title,
        title_en=line.title_en,
    )


@get(
    "/exports/records.csv",
    operation_id="ExportCsv",
    summary="The list as CSV, for Excel",
    media_type="text/csv",
)
async def export_csv(caller: GivenCaller, db: GivenDb, asked: GivenAsked, lang: Short = "zh") -> Stream:
    """All rows, with words in `lang` (zh, en) and times with the offset of the company's zone."""
    export = await _export(db, caller, asked, lang)
    return _download(export.csv(), "records.csv", "text/csv; charset=utf-8")


@get("/exports/records.xlsx", operation_id="ExportXlsx", summary="The list as a workbook", media_type=XLSX)
async def export_xlsx(
    caller: GivenCaller,
    db: GivenDb,
    asked: GivenAsked,
    clock: GivenClock,
    settings: NamedDependency[SkipValidation[Settings]],
    lang: Short = "zh",
) -> Stream:
    export = await _export(db, caller, asked, lang)
    return _download(export.xlsx(clock(), settings.staging), "records.xlsx", XLSX)


@get(
    "/exports/photos.zip",
    operation_id="ExportPhotos",
    summary="The list's photos",
    media_type="application/zip",
)
async def export_photos(
    caller: GivenCaller,
    db: GivenDb,
    asked: GivenAsked,
    clock: GivenClock,
    media: NamedDependency[SkipValidation[Media]],
    lang: Short = "zh",
) -> Stream:
    """Originals of up to 2,000 records with telling names, `index.csv` and `SHA256SUMS`. 413 `export_too_large`."""
    export = await _export(db, caller, asked, lang, most=exports.PHOTO_RECORDS)
    return _download(export.photos(media, clock()), "photos.zip", "application/zip")


@get(
    "/exports/dossier.pdf",
    operation_id="ExportDossier",
    summary="The list's records, each as a dossier",
    media_type="application/pdf",
)
async def export_dossier(
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    asked: GivenAsked,
    clock: GivenClock,
    settings: NamedDependency[SkipValidation[Settings]],
    media: NamedDependency[SkipValidation[Media]],
    lang: Short = "zh",
) -> Response[bytes]:
    """A4 with bookmarks, of up to 20 records; more by `POST /exports`. The same state gives the same bytes. 404
    `not_found` when there are none, 413 `export_too_large`.
    """
    export = await _export(db, caller, asked, lang, most=exports.DOSSIERS_AT_ONCE)
    made = await export.dossier(media, address(settings, request), clock())
    if not made:
        raise AppError("not_found")
    return Response(made, media_type="application/pdf", headers=_headers("dossier.pdf"))


class LongExports(msgspec.Struct, frozen=True):
    """Mine of the last 24 hours, the newest first."""

    exports: list[LongExport]


GivenLater = NamedDependency[SkipValidation[Later]]


@post("/exports", status_code=202, operation_id="StartExport", summary="Make a long export in the background")
async def start_export(
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    asked: GivenAsked,
    later: GivenLater,
    settings: NamedDependency[SkipValidation[Settings]],
    what: Annotated[Literal["csv", "xlsx", "photos", "dossier"], QueryParameter()] = "csv",
    lang: Short = "zh",
) -> LongExport:
    """As the direct ones; dossiers of up to 200 records. 413 `export_too_large`, 409 `too_many_exports`."""
    try:
        return await later.begin(
            caller, asked, what, "en" if lang == "en" else "zh", address(settings, request)
        )
    except Wrong as error:
        raise refused(error) from None


@get("/exports", operation_id="ListExports", summary="My long exports, with links to those that are made")
async def list_exports(caller: GivenCaller, later: GivenLater) -> LongExports:
    return LongExports(await later.mine(caller))


@delete("/exports/{export:str}", status_code=204, operation_id="CancelExport", summary="End a long export")
async def cancel_export(export: FromPath[str], caller: GivenCaller, later: GivenLater) -> None:
    """Its file goes too. 404 when it is none of mine."""
    await later.cancel(caller, export)


@get("/exports/made/{token:str}", operation_id="FetchExport", summary="A long export, by its link")
async def fetch_export(token: FromPath[str], later: GivenLater) -> File:
    """For who has the link, without a sign-in. 404 once it ended: after 24 hours, when its person's rights shrank or he
    is signed out everywhere.
    """
    what, path = await later.fetch(token)
    name, type_ = FILES[what]
    return File(path, filename=name, media_type=type_, headers={"Cache-Control": "no-store"})


def address(settings: Settings, request: Request[Any, Any, Any]) -> str:
    """Where this server is reached, without a slash at its end."""
    return (settings.public_url or f"{request.base_url}").rstrip("/")


async def _export(
    db: Database, caller: Caller, asked: Asked, lang: str, most: int | None = None
) -> exports.Export:
    """Refuses before the first byte what cannot be meant or would be too much."""
    try:
        async with db.read() as conn:
            lines, _ = await query.page(conn, caller, asked, "", (most or 0) + 1)
    except Wrong as error:
        raise refused(error) from None
    if most is not None and len(lines) > most:
        raise AppError("export_too_large", most=most)
    return exports.Export(db, caller, asked, "en" if lang == "en" else "zh")


def _download(pieces: AsyncIterator[bytes], name: str, type_: str) -> Stream:
    return Stream(pieces, headers=_headers(name), media_type=type_)


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def _mine(caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(saved_view.c.org == caller.org, saved_view.c.person == caller.person)


@get("/list-views", operation_id="ListViews", summary="My saved views of the list")
async def list_views(caller: GivenCaller, db: GivenDb) -> SavedViews:
    async with db.read() as conn:
        found = await conn.execute(sa.select(saved_view).where(_mine(caller)).order_by(saved_view.c.name))
        return SavedViews([SavedView(row.name, row.query) for row in found])


@put("/list-views", status_code=204, operation_id="SaveView", summary="Keep a view under a name")
async def save_view(
    request: Request[Any, Any, Any],
    caller: GivenCaller,
    db: GivenDb,
    clock: GivenClock,
) -> None:
    """In place of the one of that name; each person has at most 50."""
    try:
        said = msgspec.json.decode(await body(request, VIEW_BYTES), type=_View)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError("malformed", reason=str(error)) from None
    row = {"org": caller.org, "person": caller.person, "at": stamp(clock())} | msgspec.structs.asdict(said)
    async with db.write() as conn:
        known = (await conn.scalars(sa.select(saved_view.c.name).where(_mine(caller)))).all()
        if said.name not in known and len(known) >= VIEWS:
            raise AppError("too_many_views", most=VIEWS)
        await conn.execute(insert_new(conn.dialect.name, saved_view).values(row))
        await conn.execute(
            saved_view.update().where(_mine(caller), saved_view.c.name == said.name).values(query=said.query)
        )


@delete("/list-views", status_code=204, operation_id="ForgetView", summary="Forget a saved view")
async def forget_view(caller: GivenCaller, db: GivenDb, name: Short = "") -> None:
    async with db.write() as conn:
        gone = await conn.execute(saved_view.delete().where(_mine(caller), saved_view.c.name == name))
    if not gone.rowcount:
        raise AppError("not_found")


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router(
        "/api/v1",
        route_handlers=[
            list_records,
            list_marks,
            export_csv,
            export_xlsx,
            export_photos,
            export_dossier,
            start_export,
            list_exports,
            cancel_export,
            fetch_export,
            list_views,
            save_view,
            forget_view,
        ],
        dependencies={"asked": asked},
        tags=["lists"],
    )
