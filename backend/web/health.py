"""Is it alive, is it ready, what does it count."""

from typing import Any

import sqlalchemy as sa
import structlog
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from prometheus_client.registry import CollectorRegistry

from backend import jobs
from backend.db import Database
from backend.problems import AppError
from backend.settings import Settings
from backend.trouble import DATABASE_ERRORS
from backend.web.address import client_address, within
from backend.web.guard import Metrics
from media.errors import MediaError
from media.service import Media

log = structlog.get_logger("health")


@get("/healthz", operation_id="Alive", summary="The process answers")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@get("/readyz", operation_id="Ready", summary="Database and photo store answer")
async def readyz(
    db: NamedDependency[SkipValidation[Database]], media: NamedDependency[SkipValidation[Media]]
) -> dict[str, str]:
    """503 while the database, its tables or the photo store are not there.

    `full` when there is no room for photos: the server is not taken out for it, records can be read and phones
    are told why nothing is taken.
    """
    try:
        async with db.read() as conn:
            await conn.execute(sa.select(jobs.job.c.id).limit(1))
        await media.health()
    except (*DATABASE_ERRORS, MediaError) as error:
        if isinstance(error, MediaError) and error.code == "storage_full":
            log.error("ready.full")
            return {"status": "full"}
        log.error("ready.not", error=type(error).__name__)
        raise AppError("unavailable") from None
    return {"status": "ready"}


@get("/metrics", include_in_schema=False)
async def metrics_page(
    request: Request[Any, Any, Any],
    settings: NamedDependency[SkipValidation[Settings]],
    metrics: NamedDependency[SkipValidation[Metrics]],
    db: NamedDependency[SkipValidation[Database]],
) -> Response[bytes]:
    """For Prometheus, from the networks of `metrics_allow` only; nobody else learns that it exists."""
    if not within(client_address(request.scope, settings), settings.metrics_allow):
        raise AppError("not_found")
    now = CollectorRegistry()
    gauge = Gauge("mingcha_jobs", "jobs not done", ("state",), registry=now)
    async with db.read() as conn:
        for state, count in (await jobs.counts(conn)).items():
            gauge.labels(state).set(count)
    content = generate_latest(metrics.registry) + generate_latest(now)
    return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST})


def router() -> Router:
    return Router("/", route_handlers=[healthz, readyz, metrics_page], tags=["operation"])
