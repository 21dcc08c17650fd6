"""Uploads with one fault in the server each: what the fault tests count must find every one of them.

`python -m tests.fault.upload_mutants` plays all, or those named in UPLOAD, and prints a line for each; the exit code is
the number of faults that were not found. The functions here are hooks for a server.
"""

import asyncio
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from backend import problems
from media.staging import Part
from media.stores.file import FileStore
from media.stores.s3 import S3Store
from tests.fault import uploads
from tests.support.company import found
from tests.support.minio import Minio
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
    put = FileStore.put_new

    async def put_new(self: FileStore, key: str, source: Path | bytes, media_type: str) -> bool:
        copy = source if isinstance(source, bytes) else source.read_bytes()

        async def later() -> None:
            await asyncio.sleep(GAP_S)
            await put(self, key, copy, media_type)

        task = asyncio.create_task(later())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return True

    FileStore.put_new = put_new  # type: ignore[method-assign]


def puts_without_asking_whether_it_is_there() -> None:
    """Who sends again what a killed server had put makes a second version."""

    def put_new(self: Any, key: str, source: Path | bytes, media_type: str) -> bool:
        data = source if isinstance(source, bytes) else source.read_bytes()
        self._put(key, data, media_type)
        time.sleep(GAP_S)
        return True

    S3Store._put_new = put_new  # type: ignore[method-assign]


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
    tally.doubled = uploads.twice(prepared.env, prepared.folder)
    return tally


def under_power_cuts(folder: Path, hook: str) -> uploads.Tally:
    """One server on files that loses at each kill what was not flushed."""
    prepared = _prepared(folder, {})
    server = PowerCut(folder, {"MINGCHA_LOG_LEVEL": "error"}, hook=hook)
    try:
        return _counted(prepared, [server.start()])
    finally:
        server.kill()


def under_kills(folder: Path, hook: str, env: Mapping[str, str] = MappingProxyType({})) -> uploads.Tally:
    prepared = _prepared(folder, env)
    with prepared.others(hook=hook) as servers:
        return _counted(prepared, servers)


@contextmanager
def _bucket() -> Iterator[tuple[Minio, dict[str, str]]]:
    minio = Minio()
    try:
        yield minio, minio.start().fresh().env
    finally:
        minio.stop()


def under_kills_on_s3(folder: Path, hook: str) -> uploads.Tally:
    with _bucket() as (_, env):
        return under_kills(folder, hook, env)


def under_a_bad_store(folder: Path, hook: str) -> uploads.Tally:
    with _bucket() as (minio, env):
        line = Toxiproxy(minio.endpoint)
        try:
            line.start()
            env["MINGCHA_STORE_URL"] = env["MINGCHA_STORE_URL"].replace(minio.endpoint, line.endpoint)
            with _prepared(folder, env).others(1, hook) as [server]:
                return uploads.store_faults(server, line, rounds=1, seed=SEED, limit_s=LIMIT_S, bad_s=0.5)
        finally:
            line.stop()


def whole(folder: Path) -> uploads.Tally:
    """The product itself under power cuts."""
    return under_power_cuts(folder, f"{__name__}:{power_can_fail.__name__}")


Play = Callable[[Path, str], uploads.Tally]
#: fault → what is played with it, and what the tally must then show
MUTANTS: Mapping[str, tuple[Play, str]] = {
    acknowledges_before_the_flush.__name__: (under_power_cuts, "forgotten"),
    writes_the_row_before_the_put.__name__: (under_kills, "damaged"),
    puts_without_asking_whether_it_is_there.__name__: (under_kills_on_s3, "doubled"),
    takes_a_lost_store_for_a_defect.__name__: (under_a_bad_store, "broken"),
    says_no_time_to_come_again.__name__: (under_a_bad_store, "unsaid"),
}


def faults_of(name: str, folder: Path) -> dict[str, object]:
    """What was counted as a fault with this mutant in the server. Whether a kill meets an upload half done is chance on
    a busy machine: it is played again until the fault shows, at most `TRIES` times.
    """
    play, fault = MUTANTS[name]
    for i in range(TRIES):
        faults = play(folder / str(i), f"{__name__}:{name}").faults
        if fault in faults:
            break
    return faults


def main(only: str) -> int:
    names = only.split(",") if only else list(MUTANTS)
    alive = 0
    for name in names:
        with tempfile.TemporaryDirectory(prefix="mingcha-mutant-") as folder:
            faults = faults_of(name, Path(folder))
        caught = MUTANTS[name][1] in faults
        alive += not caught
        print(f"{name:<42} {'caught' if caught else 'LIVES'}: {faults}", flush=True)
    print(f"{len(names)} upload mutants, {len(names) - alive} caught, {alive} alive", flush=True)
    return alive


if __name__ == "__main__":
    from tests.fault import upload_mutants  # hooks are found under this name, not under __main__

    sys.exit(upload_mutants.main(os.environ.get("UPLOAD", "")))
