"""Work for later: a table, leases, a worker. A job is done at least once: its body must bear repeating.

A worker takes a job by writing a lease; PostgreSQL workers pass over each other's rows with SKIP LOCKED,
SQLite has one writer anyway. A worker that dies lets the lease run out and another one takes the job. A
failing job waits longer each time and is `dead` after MAX_ATTEMPTS: it stays in the table for a person to
look at.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit
from backend.clock import Clock, new_id
from backend.db import Database
from backend.trouble import DATABASE_ERRORS
from sync.caller import Caller
from sync.tables import stamp

log = structlog.get_logger("jobs")

MAX_ATTEMPTS: Final = 8
KEEP_DONE: Final = timedelta(days=7)
FIRST_WAIT_S: Final = 5
LONGEST_WAIT_S: Final = 3600

metadata = sa.MetaData()

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("org", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting, done, dead; a running job is waiting with a lease
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("not_before", sa.Text, nullable=False),
    sa.Column("lease", sa.Text),  # who holds it, anew for each attempt
    sa.Column("lease_until", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("done_at", sa.Text),
    sa.Index("job_next", "state", "not_before"),
)

Handler = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Body of a job: organisation and payload. It raises to be tried again."""


async def enqueue(
    conn: AsyncConnection,
    org: str,
    name: str,
    payload: dict[str, Any],
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Put a job into the queue, for now or for later; it exists if and only if the transaction of `conn` commits."""
    await enqueue_all(conn, org, name, [payload], now, not_before)


async def enqueue_all(
    conn: AsyncConnection,
    org: str,
    name: str,
    payloads: Sequence[dict[str, Any]],
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """The same for several, of which there is at least one."""
    rows = [
        {
            "id": new_id(now),
            "org": org,
            "name": name,
            "payload": msgspec.json.encode(payload).decode(),
            "state": "waiting",
            "attempts": 0,
            "not_before": stamp(not_before or now),
            "created_at": stamp(now),
        }
        for payload in payloads
    ]
    await conn.execute(job.insert(), rows)


@dataclass(frozen=True, slots=True)
class Taken:
    """A job under lease."""

    id: str
    org: str
    name: str
    payload: dict[str, Any]
    attempts: int
    lease: str


def wait_s(attempts: int, jitter: float) -> float:
    """Seconds before the next attempt: 5, 10, 20 … one hour, spread by ±25 % (`jitter` in 0..1)."""
    base: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempts - 1))
    return base * (0.75 + jitter / 2)


@dataclass
class Worker:
    """Takes jobs and runs them, `parallel` at a time, until `stop`; those of each name in `apart` one at a time beside
    them, for they take long or wait for others, and nobody's photo shall wait with them.
    """

    db: Database
    clock: Clock
    handlers: Mapping[str, Handler]
    lease_s: int = 60
    parallel: int = 1
    poll_s: float = 1.0
    apart: frozenset[str] = frozenset()
    hourly: tuple[Callable[[], Awaitable[Any]], ...] = ()
    beat: Callable[[], None] = lambda: None  # called at each turn, for a watcher outside
    _newest: bool = False
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run in this event loop, beside the server."""
        self._task = asyncio.create_task(self.run(), name="worker")

    async def stop(self, *, grace_s: float = 10) -> None:
        """Take no further job; wait for the running one, at most `grace_s`: then its lease runs out."""
        self._stop.set()
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=grace_s)
            if not done:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def run(self) -> None:
        """Work until `stop`."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.parallel):
                group.create_task(self._loop(job.c.name.not_in(self.apart)))
            for name in sorted(self.apart):
                group.create_task(self._loop(job.c.name == name))
            group.create_task(self._maintain())

    async def _loop(self, which: sa.ColumnElement[bool]) -> None:
        while not self._stop.is_set():
            self.beat()
            try:
                busy = await self.run_one(which)
            except DATABASE_ERRORS as error:  # the database is away: the queue waits with it
                log.error("job.queue_unreachable", error=type(error).__name__)
                busy = False
            if not busy:
                await self._idle(self.poll_s * (0.75 + random.random() / 2))  # noqa: S311 (spreads polls)

    async def _maintain(self) -> None:
        while not self._stop.is_set():
            for chore in (self.sweep, *self.hourly):
                try:
                    await chore()
                except Exception:  # a chore that fails is logged and comes round again
                    log.exception("job.chore_failed", chore=getattr(chore, "__qualname__", "?"))
            await self._idle(3600)

    async def _idle(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def run_one(self, which: sa.ColumnElement[bool] | None = None) -> bool:
        """Take the next job, of all or of some, and run it. False when there is none."""
        taken = await self.take(which)
        if taken is None:
            return False
        keeper = asyncio.create_task(self._keep(taken))
        try:
            handler = self.handlers.get(taken.name)
            if handler is None:
                raise LookupError(f"no handler for {taken.name!r}")
            await handler(taken.org, taken.payload)
        except Exception as error:  # whatever a job raises is kept with it and tried again
            await self._failed(taken, error)
        else:
            await self._finish(taken, state="done", done_at=stamp(self.clock()), error=None)
            log.debug("job.done", name=taken.name, job=taken.id, attempts=taken.attempts)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        return True

    async def take(self, which: sa.ColumnElement[bool] | None = None) -> Taken | None:
        """Lease a job: by turns the newest, which somebody waits for, and the one that has waited longest."""
        now = self.clock()
        free = sa.or_(job.c.lease_until.is_(None), job.c.lease_until < stamp(now))
        due = sa.and_(
            job.c.state == "waiting",
            job.c.not_before <= stamp(now),
            free,
            *([] if which is None else [which]),
        )
        async with self.db.read() as conn:  # an idle worker must not take the writer's lock each second
            if await conn.scalar(sa.select(job.c.id).where(due).limit(1)) is None:
                return None
        self._newest = not self._newest
        age = (job.c.not_before, job.c.id)
        async with self.db.write() as conn:
            found = (
                await conn.execute(
                    sa.select(job)
                    .where(due)
                    .order_by(*(column.desc() for column in age) if self._newest else age)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
            ).one_or_none()
            if found is None:
                return None
            lease = new_id(now)
            await conn.execute(
                job.update()
                .where(job.c.id == found.id)
                .values(lease=lease, lease_until=self._lease_end(), attempts=found.attempts + 1)
            )
        payload: dict[str, Any] = msgspec.json.decode(found.payload)
        return Taken(found.id, found.org, found.name, payload, found.attempts + 1, lease)

    def _lease_end(self) -> str:
        return stamp(self.clock() + timedelta(seconds=self.lease_s))

    async def _keep(self, taken: Taken) -> None:
        """Renew the lease while the job runs."""
        while True:
            await asyncio.sleep(self.lease_s / 3)
            self.beat()  # a long job is no dead worker
            try:
                async with self.db.write() as conn:
                    await conn.execute(
                        job.update()
                        .where(job.c.id == taken.id, job.c.lease == taken.lease)
                        .values(lease_until=self._lease_end())
                    )
            except DATABASE_ERRORS as error:
                log.warning("job.lease_not_renewed", job=taken.id, error=type(error).__name__)

    async def _failed(self, taken: Taken, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"[:500]
        if taken.attempts >= MAX_ATTEMPTS:
            log.error("job.dead", name=taken.name, job=taken.id, error=text, exc_info=error)
            await self._finish(taken, state="dead", error=text)
            return
        pause = wait_s(taken.attempts, random.random())  # noqa: S311 (spreads retries)
        log.warning("job.failed", name=taken.name, job=taken.id, attempts=taken.attempts, error=text)
        again = stamp(self.clock() + timedelta(seconds=pause))
        await self._finish(taken, state="waiting", not_before=again, error=text)

    async def _finish(self, taken: Taken, **values: Any) -> None:
        """Give the job back, unless the lease ran out and another worker has it."""
        async with self.db.write() as conn:
            await conn.execute(
                job.update()
                .where(job.c.id == taken.id, job.c.lease == taken.lease)
                .values(lease=None, lease_until=None, **values)
            )

    async def sweep(self) -> None:
        """Remove what was done a week ago. Dead jobs stay."""
        before = stamp(self.clock() - KEEP_DONE)
        async with self.db.write() as conn:
            await conn.execute(job.delete().where(job.c.state == "done", job.c.done_at < before))


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Jobs by state, for the metrics."""
    found = await conn.execute(
        sa.select(job.c.state, sa.func.count()).where(job.c.state != "done").group_by(job.c.state)
    )
    return {"waiting": 0, "dead": 0, **{state: int(count) for state, count in found}}


class DeadJob(msgspec.Struct):
    """A job that was given up. `photo` is the SHA-256 that it was about, where it was about one."""

    id: str
    org: str
    name: str
    photo: str | None
    attempts: int
    error: str
    created_at: str


async def dead(conn: AsyncConnection, org: str | None = None, *, most: int = 500) -> list[DeadJob]:
    """Jobs that were given up, the newest first; of one organisation or of all."""
    wanted = sa.select(job).where(job.c.state == "dead").order_by(job.c.id.desc()).limit(most)
    if org is not None:
        wanted = wanted.where(job.c.org == org)
    return [
        DeadJob(
            row.id,
            row.org,
            row.name,
            msgspec.json.decode(row.payload).get("sha256"),
            row.attempts,
            row.error or "",
            row.created_at,
        )
        for row in await conn.execute(wanted)
    ]


async def retry(
    conn: AsyncConnection, now: datetime, id_: str | None = None, caller: Caller | None = None
) -> int:
    """A dead job begins anew with all its attempts, or all of them do, of the caller's organisation or of all; how
    many. The audit log says which, and who asked.
    """
    wanted = job.update().where(job.c.state == "dead")
    if id_ is not None:
        wanted = wanted.where(job.c.id == id_)
    if caller is not None:
        wanted = wanted.where(job.c.org == caller.org)
    again = (
        await conn.execute(
            wanted.values(state="waiting", attempts=0, not_before=stamp(now)).returning(job.c.id, job.c.org)
        )
    ).all()
    person, device = (caller.person, caller.device) if caller else (None, None)
    for row in again:
        await audit.append(conn, now, row.org, "job.retried", person=person, device=device, subject=row.id)
    return len(again)
