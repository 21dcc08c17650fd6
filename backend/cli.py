"""`mingcha`: the command line."""

import argparse
import asyncio
import ctypes
import gc
import getpass
import json
import os
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend import logs
from backend.settings import Settings, SettingsError, load
from backend.settings import table as settings_table

if TYPE_CHECKING:
    from backend.app import Parts

# Touched by a worker that lives; compose.yaml looks at it.
HEARTBEAT = Path(tempfile.gettempdir()) / "mingcha-worker"
LARGEST_PICTURE = 256 * 2**20  # bytes; no upload may be larger either
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point. Ends the process with 0, or 1 for a failure, 2 for wrong use or input."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load()
    except SettingsError as error:
        sys.exit(f"mingcha: {error}")
    logs.configure(settings)
    run: Callable[[Settings, argparse.Namespace], int] = arguments.run
    try:
        sys.exit(run(settings, arguments))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader has seen enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        reason = _reason(error)
        if reason is None:
            raise
        sys.exit(f"mingcha: {reason}")


def _reason(error: Exception) -> str | None:
    """What the person at the terminal can mend, in one line; None for a fault of the program."""
    import asyncpg
    from sqlalchemy.exc import IntegrityError, SQLAlchemyError

    from backend.migrations.run import Unready
    from media.errors import CODES, MediaError, StoreUnfit

    match error:
        case Unready() | SettingsError() | StoreUnfit():
            return str(error)
        case MediaError():
            return CODES[error.code]
        case OSError():
            text = error.strerror or str(error)
            return f"{error.filename}: {text}" if error.filename else text
        case IntegrityError():
            return None
        case asyncpg.PostgresError() | SQLAlchemyError():
            text = str(getattr(error, "orig", error))  # what the driver said, without the statement
            return f"the database: {text.splitlines()[0]}"
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mingcha", description="Mingcha 明察, field service-quality control"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(
        name: str, run: Callable[[Settings, argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    serve = add("serve", _serve, "run the server")
    serve.add_argument("--host")
    serve.add_argument("--port", type=_port)
    add("worker", _worker, "run background jobs, beside `serve` with MINGCHA_WORKER=none")
    add("migrate", _migrate, "bring the database to this version")
    migration = add("migration", _migration, "write a new migration (for developers)")
    migration.add_argument("why")
    demo = add("demo", _demo, "fill an empty database with a demo company")
    demo.add_argument("--if-empty", action="store_true", help="do nothing when there is a company")

    user = add("user", _user_list, "accounts")
    users = user.add_subparsers(dest="user_command", required=True, metavar="ACTION")
    new = users.add_parser(
        "add", help="a person with an account; the password is asked for, or read from stdin"
    )
    new.add_argument("login")
    new.add_argument("--name", required=True)
    new.add_argument(
        "--unit", required=True, help="name or id of the unit; made as county unit in an empty database"
    )
    new.add_argument("--post", default="")
    new.add_argument("--roles", default="", help="comma-separated")
    new.set_defaults(run=_user_add)
    users.add_parser("list", help="all accounts").set_defaults(run=_user_list)
    passwd = users.add_parser("passwd", help="new password; ends the account's sessions")
    passwd.add_argument("login")
    passwd.set_defaults(run=_user_passwd)
    roles = users.add_parser("roles", help="new roles")
    roles.add_argument("login")
    roles.add_argument("roles", help="comma-separated, empty for none")
    roles.set_defaults(run=_user_roles)

    devices = users.add_parser("devices", help="the account's phones, with when each was last seen")
    devices.add_argument("login")
    devices.set_defaults(run=_user_devices)
    revoke = users.add_parser("revoke", help="refuse a lost phone from its next request on")
    revoke.add_argument("device")
    revoke.set_defaults(run=_user_revoke)

    ledger = add("ledger", _ledger_verify, "the violation ledger")
    actions = ledger.add_subparsers(dest="ledger_command", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="check the whole chain; exit 1 when it is broken")
    verify.add_argument("--file", type=Path, help="an exported ledger instead of the database")
    verify.add_argument("--checkpoints", type=Path, help="checkpoints kept elsewhere, which must hold too")
    verify.set_defaults(run=_ledger_verify)
    checkpoints = actions.add_parser(
        "checkpoints", help="sign the ledger as it stands; write all checkpoints"
    )
    checkpoints.set_defaults(run=_ledger_checkpoints)
    export = actions.add_parser("export", help="write the ledger as JSON lines")
    export.add_argument("file", type=Path)
    export.set_defaults(run=_ledger_export)

    key = add("keys", _keys_list, "the server's keys for receipts and rescue files")
    key_actions = key.add_subparsers(dest="keys_command", required=True, metavar="ACTION")
    key_actions.add_parser("list", help="all keys, without their private halves").set_defaults(run=_keys_list)
    key_actions.add_parser("rotate", help="new keys; old ones stay for reading").set_defaults(
        run=_keys_rotate
    )
    key_actions.add_parser("push", help="a new private key for notice_push_key").set_defaults(run=_keys_push)
    keys_out = key_actions.add_parser("export", help="write all keys into a new file, to be locked away")
    keys_out.add_argument("file", type=Path)
    keys_out.set_defaults(run=_keys_export)
    keys_in = key_actions.add_parser("import", help="add keys of such a file that the database lacks")
    keys_in.add_argument("file", type=Path)
    keys_in.set_defaults(run=_keys_import)

    receipt = add("receipt", _receipt_verify, "receipts at day's end")
    receipt_actions = receipt.add_subparsers(dest="receipt_command", required=True, metavar="ACTION")
    check = receipt_actions.add_parser(
        "verify", help="check a receipt's signature; exit 1 when it does not hold"
    )
    check.add_argument("file", type=Path)
    check.set_defaults(run=_receipt_verify)

    bundled = add(
        "bundle", _bundle, "write one file that defends a record: photos, operations, decisions, proofs"
    )
    bundled.add_argument("record", help="the record's id")
    bundled.add_argument("file", type=Path, nargs="?", help="mingcha-bundle-RECORD.zip if not given")
    bundled.add_argument("--org", help="only when several organisations have the record")

    job = add("jobs", _jobs_list, "background jobs that were given up")
    job_actions = job.add_subparsers(dest="jobs_command", required=True, metavar="ACTION")
    job_actions.add_parser(
        "list", help="all of them with their last error; exit 1 when there are any"
    ).set_defaults(run=_jobs_list)
    again = job_actions.add_parser("retry", help="try one again, or all")
    again.add_argument("job", nargs="?", help="all when not given")
    again.set_defaults(run=_jobs_retry)

    epoch = add("epoch", _epoch, "after restoring a backup: make every phone read anew")
    epoch.add_argument("--raise", dest="raise_", action="store_true", required=True)
    photos = add(
        "photos", _photos, "photos that the database names and the store has lost; exit 1 when there are any"
    )
    photos.add_argument(
        "--ask-again", action="store_true", help="let the phones that still have them send them again"
    )
    thermal = add("thermal", _thermal, "temperatures of a radiometric picture, as JSON")
    thermal.add_argument("file", type=Path)
    for tool, text in (("spot", "X,Y"), ("line", "X0,Y0,X1,Y1"), ("box", "X0,Y0,X1,Y1")):
        thermal.add_argument(
            f"--{tool}",
            type=_places(text),
            metavar=text,
            action="append",
            default=[],
            help=f"measure a {tool}",
        )
    thermal.add_argument(
        "--set",
        type=_condition,
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="emissivity, distance_m, reflected_c, atmospheric_c or humidity_pct; where the file holds raw counts",
    )
    add("settings", _settings, "print the table of settings")
    add("openapi", _openapi, "print the OpenAPI document")
    add("kinds", _kinds, "print the record kinds' state machines")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is no port: 1 to 65535")
    return int(text)


def _settings(_: Settings, __: argparse.Namespace) -> int:
    print(settings_table())
    return 0


def _openapi(settings: Settings, _: argparse.Namespace) -> int:
    from backend.app import KINDS, create_app
    from backend.web.openapi import document

    print(json.dumps(document(create_app(settings), KINDS), ensure_ascii=False, indent=2, sort_keys=True))
    return 0


def _kinds(_: Settings, __: argparse.Namespace) -> int:
    from backend.app import KINDS
    from sync.kinds import machine

    machines = {name: machine(kind) for name, kind in KINDS.items()}
    print(json.dumps(machines, ensure_ascii=False, indent=2, sort_keys=True))
    return 0


def _places(text: str) -> Callable[[str], tuple[int, ...]]:
    """Whole numbers with commas between, as many as the pattern has."""

    def read(given: str) -> tuple[int, ...]:
        numbers = tuple(int(part) for part in given.split(","))
        if len(numbers) != text.count(",") + 1:
            raise ValueError(text)
        return numbers

    read.__name__ = text  # what argparse calls it when it is wrong
    return read


def _condition(given: str) -> tuple[str, float]:
    from media.radiometry.measure import LIMITS

    name, _, value = given.partition("=")
    if name not in LIMITS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(LIMITS)}")
    return name, float(value)


_condition.__name__ = "NAME=VALUE"


def _thermal(_: Settings, arguments: argparse.Namespace) -> int:
    from media.radiometry import Unreadable, measure, read, thermal_json

    try:
        thermogram = read(_picture(arguments.file))
        if thermogram is None:
            return _no_temperatures(f"{arguments.file}: holds no temperatures")
        if arguments.set:
            thermogram = measure.adjusted(thermogram, dict(arguments.set))
        measured = {
            tool: [{"at": at} | asdict(how(thermogram.celsius, *at)) for at in getattr(arguments, tool)]
            for tool, how in (("spot", measure.spot), ("line", measure.line), ("box", measure.box))
        }
    except (OSError, ValueError) as error:
        return _no_temperatures(str(error))
    except Unreadable as error:
        return _no_temperatures(f"{arguments.file}: {error}")
    except measure.NotAdjustable:
        return _no_temperatures(
            f"{arguments.file}: holds finished temperatures, which cannot be changed afterwards"
        )
    summary = thermal_json(thermogram) | {tool: results for tool, results in measured.items() if results}
    print(json.dumps(summary, ensure_ascii=False, indent=2))
    return 0


def _no_temperatures(reason: str) -> int:
    print(f"mingcha thermal: {reason}", file=sys.stderr)
    return 2


def _picture(path: Path) -> bytes:
    """The file's bytes; ValueError for what is no picture: reading a pipe or a device might never end."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path}: is no regular file")
    if not status.st_size:
        raise ValueError(f"{path}: is empty")
    if status.st_size > LARGEST_PICTURE:
        raise ValueError(f"{path}: is larger than {LARGEST_PICTURE // 2**20} MiB")
    return path.read_bytes()


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    import msgspec

    given = {name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    return asyncio.run(_serve_until_told(msgspec.structs.replace(settings, **given)))


async def _serve_until_told(settings: Settings) -> int:
    """SIGTERM and SIGINT end it: requests under way are answered, the running job is finished."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from backend.app import create_app
    from backend.custody import keys
    from backend.web import ending

    # What is missing is said here, in words, before anything is served.
    async with _opened(settings) as parts:
        await keys.whole(parts.db, parts.clock())  # made now, so that the first receipt waits for none
    _free(settings.host, settings.port)
    server = Server(
        create_app(settings),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
        log_enabled=False,
        backlog=1024,
    )

    def stop() -> None:
        ending.tell()
        server.stop()  # type: ignore[no-untyped-call]

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    _greet(settings)
    _spare_the_collector()
    _keep_freed_memory()
    await server.serve()
    return 1 if server.interrupt_children else 0


def _spare_the_collector() -> None:
    """What start-up made stays; a push of 500 operations makes 10,000 objects that die by themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _keep_freed_memory() -> None:
    """What a push needed stays for the next one: to give it back and ask again costs glibc's user a page fault for
    every third record. Where there is no glibc, nothing is changed.
    """
    with suppress(OSError, AttributeError):
        tune = ctypes.CDLL(None).mallopt
        for option, most in ((M_TRIM_THRESHOLD, 256), (M_MMAP_THRESHOLD, 32)):
            tune(option, most * 1024 * 1024)


def _free(host: str, port: int) -> None:
    """OSError when nobody can listen there, so that it is said before the server's own start."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), f"{host}:{port}") from None


def _greet(settings: Settings) -> None:
    """Where it is, for a person at a terminal: the address, its QR code, and the demo's accounts."""
    url = settings.public_url or f"http://{_visible(settings.host)}:{settings.port}"
    import qrcode

    print(f"Mingcha 明察  {url}")
    code = qrcode.QRCode(border=2)
    code.add_data(url)
    code.print_ascii(invert=sys.stdout.isatty())
    if "//localhost" in url:
        print("on this machine only; phones come by https, see docs/operations.md (public_url)")
    sys.stdout.flush()


def _visible(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104 (only shown)


def _worker(settings: Settings, _: argparse.Namespace) -> int:
    async def work(parts: "Parts") -> int:
        worker = parts.worker()
        worker.beat = _beat
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        worker.start()
        await told.wait()
        await worker.stop(grace_s=60)
        return 0

    return _with_parts(settings, work)


def _beat() -> None:
    with suppress(OSError):  # the temporary folder may be full, or the file another user's: the work goes on
        HEARTBEAT.touch()


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    from backend.db import Database
    from backend.migrations.run import migrate

    async def run() -> str:
        db = Database(settings.database)
        try:
            return await migrate(db)
        finally:
            await db.close()

    print(f"database at {asyncio.run(run())}")
    return 0


def _migration(_: Settings, arguments: argparse.Namespace) -> int:
    from backend.clock import utc_now
    from backend.migrations.run import write_migration

    print(asyncio.run(write_migration(arguments.why, utc_now())))
    return 0


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator["Parts"]:
    """The open parts of the application, on a database that this version fits."""
    from backend.app import build
    from backend.migrations.run import check

    async with build(settings).running() as parts:
        await check(parts.db)
        yield parts


def _with_parts(settings: Settings, work: Callable[[Any], Coroutine[Any, Any, int]]) -> int:
    """Run a command on the open parts of the application."""

    async def run() -> int:
        async with _opened(settings) as parts:
            return await work(parts)

    return asyncio.run(run())


def _demo(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.demo import fill

    return _with_parts(settings, lambda parts: fill(parts, if_empty=arguments.if_empty))


def _roles(text: str) -> list[str]:
    from backend.access.roles import ROLES

    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if unknown := set(wanted) - set(ROLES):
        sys.exit(f"mingcha: unknown role {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}")
    return wanted


def _password() -> str:
    from backend.access.passwords import MAX_LENGTH, MIN_LENGTH

    if sys.stdin.isatty():
        password = getpass.getpass("password: ")
        if password != getpass.getpass("once more: "):
            sys.exit("mingcha: the two differ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        sys.exit(f"mingcha: a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
    return password


def _user_add(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.access import people

    roles, password = _roles(arguments.roles), _password()
    return _with_parts(
        settings,
        lambda parts: people.add(
            parts,
            login=arguments.login,
            password=password,
            name=arguments.name,
            unit=arguments.unit,
            post=arguments.post,
            roles=roles,
        ),
    )


def _user_list(settings: Settings, _: argparse.Namespace) -> int:
    from backend.access import people

    return _with_parts(settings, people.show)


def _user_passwd(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.access import people

    password = _password()
    return _with_parts(settings, lambda parts: people.set_password(parts, arguments.login, password))


def _user_roles(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.access import people

    roles = _roles(arguments.roles)
    return _with_parts(settings, lambda parts: people.set_roles(parts, arguments.login, roles))


def _user_devices(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.access import people

    return _with_parts(settings, lambda parts: people.devices(parts, arguments.login))


def _user_revoke(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.access import people

    return _with_parts(settings, lambda parts: people.revoke(parts, arguments.device))


def _ledger_verify(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.custody import checkpoints
    from backend.features.points import ledger

    if arguments.file:
        return ledger.verify_file(arguments.file)
    try:
        copies = arguments.checkpoints.read_text("ascii").split() if arguments.checkpoints else []
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"ledger: {arguments.checkpoints}: {error}\n")
        return 2
    return _with_parts(settings, lambda parts: checkpoints.verify(parts, copies))


def _ledger_checkpoints(settings: Settings, _: argparse.Namespace) -> int:
    from backend.custody import checkpoints

    return _with_parts(settings, checkpoints.show)


def _ledger_export(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.features.points import ledger

    return _with_parts(settings, lambda parts: ledger.export(parts, arguments.file))


def _keys_list(settings: Settings, _: argparse.Namespace) -> int:
    from backend.custody import commands

    return _with_parts(settings, commands.show)


def _keys_rotate(settings: Settings, _: argparse.Namespace) -> int:
    from backend.custody import commands

    return _with_parts(settings, commands.rotate)


def _keys_push(_: Settings, __: argparse.Namespace) -> int:
    from backend.notices.webpush import new_private_key

    print(new_private_key())
    return 0


def _keys_export(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.custody import commands

    return _with_parts(settings, lambda parts: commands.export(parts, arguments.file))


def _keys_import(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.custody import commands

    return _with_parts(settings, lambda parts: commands.take_back(parts, arguments.file))


def _receipt_verify(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.custody import commands

    async def work(parts: Any) -> int:
        return commands.verify(arguments.file, await commands.public_keys(parts))

    return _with_parts(settings, work)


def _bundle(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend.custody import commands

    return _with_parts(
        settings,
        lambda parts: commands.write_bundle(parts, arguments.record, arguments.org, arguments.file),
    )


def _epoch(settings: Settings, _: argparse.Namespace) -> int:
    import sqlalchemy as sa

    from backend import audit
    from sync import store
    from sync.tables import org

    async def work(parts: Any) -> int:
        async with parts.db.write() as conn:
            for id_ in list(await conn.scalars(sa.select(org.c.id))):
                await store.raise_epoch(conn, id_)
                await audit.append(conn, parts.clock(), id_, "org.epoch_raised")
                print(f"raised the epoch of {id_}")
        return 0

    return _with_parts(settings, work)


def _jobs_list(settings: Settings, _: argparse.Namespace) -> int:
    from backend import jobs

    async def work(parts: "Parts") -> int:
        async with parts.db.read() as conn:
            found = await jobs.dead(conn)
        for one in found:
            print(
                f"{one.id} {one.created_at} {one.name} {one.photo or '-'} {one.attempts} tries: {one.error}"
            )
        if not found:
            print("no job was given up")
        return 1 if found else 0

    return _with_parts(settings, work)


def _jobs_retry(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend import jobs

    async def work(parts: "Parts") -> int:
        async with parts.db.write() as conn:
            again = await jobs.retry(conn, parts.clock(), arguments.job)
        print(f"{again} jobs are tried again")
        return 0 if again or arguments.job is None else 1

    return _with_parts(settings, work)


def _photos(settings: Settings, arguments: argparse.Namespace) -> int:
    from backend import upkeep
    from backend.evidence import Evidence

    async def work(parts: "Parts") -> int:
        lost = await upkeep.lost_photos(parts.db, parts.media)
        for org, photos in lost.items():
            for sha256 in photos:
                print(f"{org} {sha256}")
        if not lost:
            print("every photo is in the store")
            return 0
        if not arguments.ask_again:
            return 1
        again = await upkeep.ask_again(parts.db, parts.clock, parts.media, Evidence(parts.engine), lost)
        print(f"{again} records ask for them again")
        return 0

    return _with_parts(settings, work)


if __name__ == "__main__":
    main()
