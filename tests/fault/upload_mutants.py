"""Uploads with one fault in the server each: what the fault tests count must find every one of them.

`python -m tests.fault.upload_mutants` plays all, or those named in UPLOAD, and prints a line for each; the exit code is
the number of faults that were not found. The functions here are hooks for a server.
"""

import asyncio
import os
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend import problems
from media.staging import Part
from media.stores.file import FileStore
from media.stores.s3 import S3Store
from tests.fault import uploads
from tests.support.company import found
from tests.support.minio import Minio
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.toxiproxy import Toxiproxy

SEED = 20261126
KILLS = 8
TRIES = 4
LIMIT_S = 300
GAP_S = 0.2  # so long does a mutant leave open what the product does at once
_tasks: set[asyncio.Task[None]] = set()


# --- a power cut ----------------------------------------------------------------------------------------------


def power_can_fail() -> None:
    """Notes of each regular file how long it was when it was last flushed to the disk: no fault by itself."""
    notes = Path(os.environ["MINGCHA_DATA_DIR"]) / "flushed"
    notes.mkdir(exist_ok=True)
    flush = os.fsync

    def noting(file: int) -> None:
        flush(file)
        now = os.fstat(file)
        if stat.S_ISREG(now.st_mode):
            note = notes / f".{now.st_ino}"
            note.write_text(str(now.st_size))
            note.replace(notes / str(now.st_ino))

    os.fsync = noting


class PowerCut(Server):
    """A server whose end takes from staging and store what was not flushed. A kill alone takes nothing of it."""

    def kill(self) -> None:
        super().kill()
        notes = self.folder / "flushed"
        for place in (self.folder / "staging", self.folder / "photos" / "originals"):
            for path in place.rglob("*"):
                if path.is_file() and path.suffix != ".lock":
                    note = notes / str(path.stat().st_ino)
                    flushed = int(note.read_text()) if note.exists() else 0
                    if path.stat().st_size > flushed:
                        path.chmod(0o600)
                        os.truncate(path, flushed)


# --- faults ---------------------------------------------------------------------------------------------------


def acknowledges_before_the_flush() -> None:
    """An offset is answered while its bytes are only in the kernel's memory."""

    async def sync(self: Part) -> None:
        return None

    power_can_fail()
    Part.sync = sync  # type: ignore[method-assign]


def writes_the_row_before_the_put() -> None:
    """The photo's row is committed and answered, and only then do its bytes go into the store."""

    def late(put: Callable[..., Any]) -> Callable[..., Any]:
        async def put_new(self: Any, key: str, source: Path | bytes, media_type: str) -> bool:
            copy = source if isinstance(source, bytes) else source.read_bytes()

            async def later() -> None:
                await asyncio.sleep(GAP_S)
                await put(self, key, copy, media_type)

            task = asyncio.create_task(later())
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)
            return True

        return put_new

    FileStore.put_new = late(FileStore.put_new)  # type: ignore[method-assign]
    S3Store.put_new = late(S3Store.put_new)  # type: ignore[method-assign]


def puts_without_asking_whether_it_is_there() -> None:
    """Who sends again what a killed server had put makes a second version."""

    def put_new(self: Any, key: str, source: Path | bytes, media_type: str) -> bool:
        data = source if isinstance(source, bytes) else source.read_bytes()
        self._put(key, data, media_type)
        time.sleep(GAP_S)
        return True

    S3Store._put_new = put_new  # type: ignore[method-assign]


def copies_beside_the_photo() -> None:
    """What is written lies among the photos until it is whole: a kill leaves it there, where no sweep looks."""

    def put_new(self: Any, target: Path, source: Path | bytes) -> bool:
        if target.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"{target.name}-{secrets.token_hex(6)}")
        beside.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
        time.sleep(GAP_S)
        beside.replace(target)
        return True

    FileStore._put_new = put_new  # type: ignore[method-assign,assignment]


def takes_a_lost_store_for_a_defect() -> None:
    """What the store's client raises goes up as it is."""

    async def run(self: Any, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    S3Store._run = run  # type: ignore[method-assign]


def says_no_time_to_come_again() -> None:
    """503 without Retry-After."""
    problems.RETRY_AFTER_S.clear()  # type: ignore[attr-defined]


# --- play -----------------------------------------------------------------------------------------------------


def _prepared(folder: Path, env: Mapping[str, str]) -> Server:
    server = Server(folder, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
    asyncio.run(found(server.env))
    return server


def _counted(prepared: Server, servers: Sequence[Server]) -> uploads.Tally:
    tally, _ = uploads.kills(servers, kills=KILLS, seed=SEED, limit_s=LIMIT_S)
    uploads.sweep(prepared.env)
    tally.doubled = uploads.doubled(prepared.env)
    return tally


def under_power_cuts(folder: Path, hook: str, env: Mapping[str, str]) -> uploads.Tally:
    """One server that loses at each kill what was not flushed."""
    prepared = _prepared(folder, env)
    server = PowerCut(folder, {"MINGCHA_LOG_LEVEL": "error", **env}, hook=hook)
    try:
        return _counted(prepared, [server.start()])
    finally:
        server.kill()


def under_kills(folder: Path, hook: str, env: Mapping[str, str]) -> uploads.Tally:
    prepared = _prepared(folder, env)
    with prepared.others(hook=hook) as servers:
        return _counted(prepared, servers)


def under_a_bad_store(folder: Path, hook: str, env: Mapping[str, str]) -> uploads.Tally:
    store = urlsplit(env["MINGCHA_STORE_URL"])
    line = Toxiproxy(store.netloc)
    try:
        line.start()
        through = {**env, "MINGCHA_STORE_URL": store._replace(netloc=line.endpoint).geturl()}
        with _prepared(folder, through).others(1, hook) as [server]:
            return uploads.store_faults(server, line, rounds=1, seed=SEED, limit_s=LIMIT_S, bad_s=0.5)
    finally:
        line.stop()


Play = Callable[[Path, str, Mapping[str, str]], uploads.Tally]
FILES, MINIO = "sqlite+files", "postgresql+minio"
PAIRS = (FILES, MINIO)
#: fault → what is played with it, what the tally must then show, and on which pairs there can be such a fault
MUTANTS: Mapping[str, tuple[Play, str, tuple[str, ...]]] = {
    acknowledges_before_the_flush.__name__: (under_power_cuts, "forgotten", PAIRS),
    writes_the_row_before_the_put.__name__: (under_kills, "damaged", PAIRS),
    copies_beside_the_photo.__name__: (under_kills, "doubled", (FILES,)),
    puts_without_asking_whether_it_is_there.__name__: (under_kills, "doubled", (MINIO,)),
    takes_a_lost_store_for_a_defect.__name__: (under_a_bad_store, "broken", (MINIO,)),
    says_no_time_to_come_again.__name__: (under_a_bad_store, "unsaid", (MINIO,)),
}


@contextmanager
def _settings(pair: str) -> Iterator[Callable[[], dict[str, str]]]:
    """What gives the settings of an empty database and store of the pair."""
    if pair == FILES:
        yield dict
        return
    cluster, minio = Postgres(), Minio()
    try:
        cluster.start()
        minio.start()
        yield lambda: {"MINGCHA_DATABASE_URL": cluster.fresh(), **minio.fresh().env}
    finally:
        minio.stop()
        cluster.stop()


def whole(folder: Path, pair: str = FILES) -> uploads.Tally:
    """The product itself under power cuts."""
    with _settings(pair) as fresh:
        return under_power_cuts(folder, f"{__name__}:{power_can_fail.__name__}", fresh())


def faults_of(name: str, folder: Path, pair: str = FILES) -> dict[str, object]:
    """What was counted as a fault with this mutant in the server. Whether a kill meets an upload half done is chance on
    a busy machine: it is played again until the fault shows, at most `TRIES` times.
    """
    play, fault, _ = MUTANTS[name]
    with _settings(pair) as fresh:
        for i in range(TRIES):
            faults = play(folder / str(i), f"{__name__}:{name}", fresh()).faults
            if fault in faults:
                break
    return faults


def main(only: str) -> int:
    names = only.split(",") if only else list(MUTANTS)
    played = alive = 0
    for name in names:
        _, fault, pairs = MUTANTS[name]
        for pair in pairs:
            with tempfile.TemporaryDirectory(prefix="mingcha-mutant-") as folder:
                faults = faults_of(name, Path(folder), pair)
            played += 1
            alive += fault not in faults
            print(f"{name:<42} {pair:<17} {'caught' if fault in faults else 'LIVES'}: {faults}", flush=True)
    print(f"{played} upload mutants, {played - alive} caught, {alive} alive", flush=True)
    return alive


if __name__ == "__main__":
    from tests.fault import upload_mutants  # hooks are found under this name, not under __main__

    sys.exit(upload_mutants.main(os.environ.get("UPLOAD", "")))
