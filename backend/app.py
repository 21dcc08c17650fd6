"""The application: all wiring on one screen."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from litestar import Litestar, Request
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.types import ASGIApp, ControllerRouterHandler

import backend.boards.api
import backend.custody.api
import backend.lists.api
import backend.notices.api
import media.api
import sync.api
import sync.exception_api
from backend import evidence, jobs, jobs_api, phones, problems, reused, upkeep, where
from backend.access import enrolments, sessions, throttle
from backend.access.api import cookie
from backend.access.api import router as access_router
from backend.access.passwords import Passwords
from backend.access.sessions import COOKIE, SignedIn
from backend.clock import Clock, utc_now
from backend.custody import checkpoints
from backend.custody.rescue import Rescue
from backend.db import Database
from backend.feature import reactions
from backend.features import FEATURES
from backend.features.org.service import show_due
from backend.features.review import as_set
from backend.features.review.service import release_overdue
from backend.lists import keep, later
from backend.lists.later import Later
from backend.notices import keep as notices
from backend.notices import ways
from backend.notices.send import Sender
from backend.settings import Settings, SettingsError
from backend.web import base_map, guard, health, openapi
from backend.web.asgi import App, Scope
from backend.web.compress import Compress
from backend.web.static import Static
from media.service import Media, MediaHooks, MediaSettings
from media.stores import open_stores
from sync.caller import Caller
from sync.group import Pushes
from sync.kinds import Kind
from sync.push import Engine
from sync.window import Window

KINDS: Mapping[str, Kind] = {kind.name: kind for feature in FEATURES for kind in feature.kinds}


@dataclass(frozen=True)
class Parts:
    """What the server, the worker and the commands are made of. Nothing is opened before `running`."""

    settings: Settings
    clock: Clock
    db: Database
    engine: Engine
    pushes: Pushes
    media: Media
    rescue: Rescue
    passwords: Passwords
    later: Later
    sender: Sender

    def worker(self) -> jobs.Worker:
        async def derive(org: str, payload: dict[str, Any]) -> None:
            await self.media.derive(org, payload["sha256"], payload.get("person"))

        async def resemble(org: str, payload: dict[str, Any]) -> None:
            await self.media.resemble(org, payload.get("sha256"))

        sends = self.sender.handlers()
        return jobs.Worker(
            self.db,
            self.clock,
            {"derive": derive, "resemble": resemble, later.JOB: self.later.make, **sends},
            apart=frozenset({later.JOB, *(notices.job_name(way.name) for way in self.sender.ways)}),
            lease_s=self.settings.job_lease_s,
            parallel=self.settings.worker_jobs,
            hourly=(
                self.media.sweep,
                self._sweep,
                self._show_roles,
                self._purge,
                self.rescue.retry_all,
                self._sign_ledgers,
                self._release,
                self._forget_notices,
                self.later.sweep,
            ),
        )

    async def _sweep(self) -> None:
        async with self.db.write() as conn:
            await sessions.sweep(conn, self.clock())
            await throttle.sweep(conn, self.clock())
            await enrolments.sweep(conn, self.clock())

    async def _show_roles(self) -> None:
        async with self.db.write() as conn:
            await show_due(conn, self.engine, self.clock())

    async def _purge(self) -> None:
        await upkeep.purge(self.db, self.clock, self.settings.tombstone_days)

    async def _sign_ledgers(self) -> None:
        await checkpoints.sign_day(self.db, self.clock())

    async def _release(self) -> None:
        await release_overdue(self.db, self.engine, self.clock(), self.settings.second_hours)

    async def _forget_notices(self) -> None:
        await notices.sweep(self.db, self.clock())

    @asynccontextmanager
    async def running(self, *, worker: bool = False) -> AsyncIterator["Parts"]:
        """Open what is to be open while the program runs, close it in the end."""
        await self.media.start()
        background = self.worker() if worker else None
        if background is not None:
            background.start()
        try:
            yield self
        finally:
            if background is not None:
                await background.stop()
            await self.media.close()
            self.rescue.close()
            self.passwords.close()
            await self.db.close()


def build(settings: Settings, clock: Clock = utc_now) -> Parts:
    """The parts, wired: sync and media know each other only through `evidence`. SettingsError for a
    photo store that cannot be understood, and for a way out that is set up by half.
    """
    out = ways.ways(settings, clock)
    db = Database(
        settings.database,
        pool=settings.database_pool,
        wait_s=settings.database_wait_s,
        bounded=True,
    )
    window = Window(settings.window_days, settings.phone_rows, settings.phone_mb * 2**20)
    features = (*FEATURES, as_set(settings.second_review_pct, settings.bulk_sample_pct))
    on_write = notices.beside(keep.on_write, [way.name for way in out])
    engine = Engine(kinds=KINDS, reactions=reactions(features), on_write=on_write, window=window)
    links = evidence.Evidence(engine)
    try:
        stores = open_stores(
            settings.store, access_key=settings.store_access_key, secret_key=settings.store_secret_key
        )
    except ValueError as error:
        raise SettingsError(f"store_url: {error}") from None
    hooks = MediaHooks(shown_by=links.shown_by, on_stored=links.on_stored, enqueue=jobs.enqueue_all)
    bounds = MediaSettings(staging_dir=settings.staging, upload_max=settings.upload_max)
    photos = Media(bounds, stores, db, clock, hooks)
    rescue = Rescue(db, engine, photos, clock, settings.staging, settings.rescue_max)
    return Parts(
        settings,
        clock,
        db,
        engine,
        Pushes(engine, db, clock),
        photos,
        rescue,
        Passwords(settings.password_threads),
        Later(db, photos, clock, settings.staging / "exports"),
        Sender(
            db, clock, out, settings.public_url.rstrip("/"), settings.notice_quiet, settings.notice_urgent
        ),
    )


def create_app(settings: Settings, *, clock: Clock = utc_now) -> Litestar:
    """The ASGI application."""
    parts = build(settings, clock)
    plan = base_map.BaseMap(settings)
    plan.check()
    metrics = guard.Metrics()
    directory = sessions.Directory(parts.db)

    async def signed_in(request: Request[Any, Any, Any]) -> SignedIn:
        token = request.cookies.get(COOKIE)
        if not token:
            raise problems.AppError("session_expired")
        found = await sessions.find(parts.db, settings, directory, token, clock())
        if found.new_token is not None:
            cast("Scope", request.scope)[guard.TOKEN_KEY] = found.new_token
        return found

    async def caller(signed_in: NamedDependency[SkipValidation[SignedIn]]) -> Caller:
        return signed_in.caller

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with parts.running(worker=settings.worker == "embedded"):
            yield

    feature_routers = [router for feature in FEATURES for router in feature.routers]
    routers: list[ControllerRouterHandler] = [
        access_router(),
        sync.api.router(parts.engine, parts.pushes, parts.db, clock),
        where.router(),
        reused.router(),
        sync.exception_api.router(),
        media.api.router(),
        backend.custody.api.router(),
        jobs_api.router(),
        phones.router(),
        backend.lists.api.router(),
        backend.boards.api.router(),
        backend.notices.api.router(),
        base_map.router(),
        *feature_routers,
        health.router(),
    ]
    app = Litestar(
        route_handlers=routers,
        dependencies={
            "settings": _given(settings),
            "clock": _given(clock),
            "db": _given(parts.db),
            "engine": _given(parts.engine),
            "directory": _given(directory),
            "media": _given(parts.media),
            "rescue": _given(parts.rescue),
            "later": _given(parts.later),
            "sender": _given(parts.sender),
            "passwords": _given(parts.passwords),
            "metrics": _given(metrics),
            "base_map": _given(plan),
            "signed_in": Provide(signed_in),
            "caller": Provide(caller),
        },
        exception_handlers=problems.HANDLERS,
        lifespan=[lifespan],
        openapi_config=openapi.config(KINDS),
        request_max_body_size=None,  # the guard bounds bodies, by what they are for
        debug=False,
        logging_config=None,
    )
    app.state.parts = parts
    inner = Static(cast("App", app.asgi_handler), settings.pwa)

    def new_cookie(token: str, secure: bool) -> str:
        return cookie(token, settings, secure=secure).to_header(header="")

    shell = guard.Guard(Compress(inner), settings, metrics, new_cookie, clock, pictures=parts.media.reads)
    app.asgi_handler = cast("ASGIApp", shell)
    return app


def _given(value: Any) -> Provide:
    return Provide(lambda: value, use_cache=False, sync_to_thread=False)
