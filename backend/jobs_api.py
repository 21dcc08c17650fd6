"""Jobs that were given up, for the administrator: what failed, why, and another try."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from backend import jobs
from backend.db import Database
from backend.problems import AppError
from backend.web.asked import administers
from sync.caller import Caller

GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]


class DeadJobs(msgspec.Struct):
    jobs: list[jobs.DeadJob]


class Retried(msgspec.Struct):
    n: int


@get("/jobs", operation_id="ListDeadJobs", summary="Background jobs that were given up; for an admin")
async def list_dead(caller: GivenCaller, db: GivenDb) -> DeadJobs:
    administers(caller)
    async with db.read() as conn:
        return DeadJobs(await jobs.dead(conn, caller.org))


@post("/jobs/{job:str}/retry", status_code=200, operation_id="RetryJob", summary="Try a given-up job again")
async def retry_one(job: FromPath[str], caller: GivenCaller, db: GivenDb, clock: GivenClock) -> Retried:
    """404 when there is no such job, or it is not given up (any more)."""
    administers(caller)
    async with db.write() as conn:
        again = await jobs.retry(conn, clock(), job, caller)
    if not again:
        raise AppError("not_found")
    return Retried(again)


@post("/jobs/retry", status_code=200, operation_id="RetryJobs", summary="Try all given-up jobs again")
async def retry_all(caller: GivenCaller, db: GivenDb, clock: GivenClock) -> Retried:
    administers(caller)
    async with db.write() as conn:
        return Retried(await jobs.retry(conn, clock(), caller=caller))


def router() -> Router:
    """The routes under `/api/v1`."""
    return Router("/api/v1", route_handlers=[list_dead, retry_one, retry_all], tags=["jobs"])
