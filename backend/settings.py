"""Settings: one Struct. Each field has a default, a unit in its name where it has one, and a line of help.

Sources, the later wins: the defaults below, the TOML file named by MINGCHA_CONFIG, the environment
(`MINGCHA_<NAME>`), and for every setting a file that holds the value (`MINGCHA_<NAME>_FILE`, for secrets).
The table of docs/operations.md is made from here by `mingcha settings`.
"""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

PREFIX = "MINGCHA_"
ROOT = Path(__file__).resolve().parent.parent


DATABASES = ("sqlite+aiosqlite:///", "postgresql+asyncpg://")


class SettingsError(Exception):
    """A setting cannot be understood. The text names it and never shows a secret's value."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that an installation may set."""

    data_dir: Annotated[str, Meta(description="folder of the database, photos and staged uploads")] = "var"
    database_url: Annotated[
        str,
        Meta(
            description="database; empty: SQLite in the data folder; "
            "`postgresql+asyncpg://user:password@host/name` at scale"
        ),
    ] = ""
    database_password: Annotated[
        str, Meta(description="password put into database_url (better from a file)", extra={"secret": True})
    ] = ""
    database_pool: Annotated[int, Meta(ge=1, le=200, description="database connections of one process")] = 10
    database_wait_s: Annotated[
        int,
        Meta(
            ge=1,
            le=300,
            description="seconds that a request waits for a lock or a connection of the database "
            "before it is told to come again",
        ),
    ] = 10
    store_url: Annotated[
        str,
        Meta(
            description="photo store; empty: folder `photos` in the data folder; "
            "`s3://host:9000/bucket?retain_days=1095` for MinIO or any S3"
        ),
    ] = ""
    store_access_key: Annotated[
        str, Meta(description="access key of the S3 store", extra={"secret": True})
    ] = ""
    store_secret_key: Annotated[
        str, Meta(description="secret key of the S3 store", extra={"secret": True})
    ] = ""
    staging_dir: Annotated[
        str, Meta(description="folder of unfinished uploads; empty: `staging` in the data folder")
    ] = ""
    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="port to listen on")] = 8000
    public_url: Annotated[
        str,
        Meta(description="address that phones use; with `https://` cookies become Secure and HSTS is sent"),
    ] = ""
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(description="further origins (comma-separated) that may send changes, next to the own one"),
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(description="networks of proxies whose X-Forwarded-For and -Proto are believed"),
    ] = ("127.0.0.0/8", "::1/128")
    metrics_allow: Annotated[tuple[str, ...], Meta(description="networks that may read /metrics")] = (
        "127.0.0.0/8",
        "::1/128",
    )
    pwa_dir: Annotated[
        str, Meta(description="folder of the built app; empty: pwa/dist beside the program")
    ] = ""
    base_map: Annotated[
        str, Meta(description="PMTiles file (version 3, vector tiles) under the phones' maps; empty: none")
    ] = ""
    base_map_datum: Annotated[
        Literal["wgs84", "gcj02"],
        Meta(
            description="coordinates of that file's tiles; with gcj02 positions are shifted for display only"
        ),
    ] = "wgs84"
    worker: Annotated[
        Literal["embedded", "none"],
        Meta(description="embedded: background jobs run in `serve`; none: run `mingcha worker` beside it"),
    ] = "embedded"
    worker_jobs: Annotated[
        int, Meta(ge=1, le=32, description="background jobs that one worker runs at a time")
    ] = 1
    job_lease_s: Annotated[
        int, Meta(ge=1, le=3600, description="seconds after which a dead worker's job is taken over")
    ] = 60
    session_days: Annotated[
        int, Meta(ge=1, le=400, description="days that a sign-in lasts after its last use")
    ] = 45
    session_rotate_h: Annotated[
        int, Meta(ge=0, le=8760, description="hours after which a session gets a new token")
    ] = 24
    session_grace_s: Annotated[
        int,
        Meta(
            ge=0, le=86400, description="seconds that the old token is still good once the new one is in use"
        ),
    ] = 600
    lockout_failures: Annotated[
        int, Meta(ge=1, le=100, description="failed sign-ins in a row before an account is locked")
    ] = 5
    lockout_address_failures: Annotated[
        int, Meta(ge=1, le=10000, description="failed sign-ins in a row before an address is locked")
    ] = 30
    lockout_s: Annotated[
        int, Meta(ge=1, le=86400, description="seconds of the first lock; each further failure doubles it")
    ] = 30
    lockout_max_s: Annotated[int, Meta(ge=1, le=86400, description="seconds of the longest lock")] = 3600
    password_threads: Annotated[
        int, Meta(ge=1, le=16, description="passwords checked at the same time (64 MiB of memory each)")
    ] = 2
    clock_limit_s: Annotated[
        int,
        Meta(ge=1, le=86400, description="seconds that a device's clock may be off before people are told"),
    ] = 300
    return_open_hours: Annotated[
        int,
        Meta(ge=0, le=720, description="hours after which a return not opened yet is overdue at the desk"),
    ] = 24
    second_review_pct: Annotated[
        float,
        Meta(ge=0, le=100, description="% of decisions that a second supervisor takes too, blind; 0: none"),
    ] = 0
    second_hours: Annotated[
        int,
        Meta(
            ge=1, le=720, description="hours after which a decision that waits for a second one stands alone"
        ),
    ] = 24
    bulk_sample_pct: Annotated[
        float,
        Meta(gt=0, le=100, description="% to be accepted one by one before the rest is accepted at once"),
    ] = 10
    window_days: Annotated[
        int, Meta(ge=1, le=3650, description="days that a phone keeps records in which nothing is left to do")
    ] = 90
    phone_rows: Annotated[
        int,
        Meta(
            ge=500, le=200_000, description="records that a phone holds at most; open ones and its own first"
        ),
    ] = 20_000
    phone_mb: Annotated[
        int, Meta(ge=1, le=500, description="megabytes (MiB) of records on a phone, at most")
    ] = 30
    tombstone_days: Annotated[
        int,
        Meta(
            ge=30,
            le=3650,
            description="days that a deleted record's trace is kept; a phone away for longer reads all anew",
        ),
    ] = 180
    push_ops: Annotated[int, Meta(ge=1, le=5000, description="operations in one push")] = 500
    push_bytes: Annotated[int, Meta(ge=1024, description="bytes of one push, unpacked")] = 1048576
    request_idle_s: Annotated[
        int, Meta(ge=1, le=600, description="seconds that the body of a request may stand still on its way")
    ] = 30
    upload_chunk_bytes: Annotated[
        int, Meta(ge=65536, description="bytes that a phone sends in one piece of a photo, at most")
    ] = 2097152
    upload_max_mb: Annotated[
        int, Meta(ge=1, le=1024, description="megabytes (MiB) of one photo or recording")
    ] = 64
    voice_seconds: Annotated[
        int, Meta(ge=0, le=3600, description="seconds of one voice note, at most; 0: none are taken")
    ] = 120
    voice_max_mb: Annotated[
        int,
        Meta(ge=1, le=256, description="megabytes (MiB) of one voice note; never more than upload_max_mb"),
    ] = 8
    video_seconds: Annotated[
        int, Meta(ge=0, le=600, description="seconds of one video, at most; 0: none are taken")
    ] = 30
    video_max_mb: Annotated[
        int, Meta(ge=1, le=256, description="megabytes (MiB) of one video; never more than upload_max_mb")
    ] = 32
    rescue_max_mb: Annotated[int, Meta(ge=1, le=65536, description="megabytes (MiB) of one rescue file")] = (
        2048
    )
    notice_webhook_url: Annotated[
        str,
        Meta(
            description="where notices go out: a 企业微信 robot or an SMS gateway; empty: nowhere",
            extra={"secret": True},
        ),
    ] = ""
    notice_webhook_secret: Annotated[
        str, Meta(description="key that signs what goes out to the webhook", extra={"secret": True})
    ] = ""
    notice_webhook_style: Annotated[
        Literal["json", "wecom"],
        Meta(description="body of a webhook call: for a gateway of your own, or a 企业微信 robot's"),
    ] = "json"
    notice_push_key: Annotated[
        str,
        Meta(
            description="private key of web push (`mingcha keys push` makes one); empty: no web push",
            extra={"secret": True},
        ),
    ] = ""
    notice_push_contact: Annotated[
        str, Meta(description="`mailto:` or `https:` address that push services may turn to")
    ] = ""
    notice_push_hosts: Annotated[
        tuple[str, ...],
        Meta(description="push services that phones may name: these hosts and those below them"),
    ] = ("fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com")
    notice_networks: Annotated[
        tuple[str, ...],
        Meta(description="networks of one's own that notices may go out to; all public ones they may"),
    ] = ()
    notice_timeout_s: Annotated[
        int, Meta(ge=1, le=60, description="seconds that a receiver of notices has for its answer")
    ] = 10
    notice_quiet: Annotated[
        str,
        Meta(
            pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?$",
            description="hours in which notices wait and come as one at the end, unless a person chose others; "
            "empty: none",
        ),
    ] = "22:00-07:00"
    notice_urgent: Annotated[
        bool,
        Meta(description="a deadline within the hour is told in quiet hours too"),
    ] = True
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="lowest level logged")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"], Meta(description="auto: text on a terminal, JSON elsewhere")
    ] = "auto"

    @property
    def data(self) -> Path:
        return Path(self.data_dir).resolve()

    @property
    def database(self) -> str:
        """The full database address, password included: never log it."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data / 'mingcha.db'}"
        if self.database_password:
            from sqlalchemy.engine import make_url

            url = make_url(self.database_url).set(password=self.database_password)
            return url.render_as_string(hide_password=False)
        return self.database_url

    @property
    def store(self) -> str:
        return self.store_url or f"file://{self.data / 'photos'}"

    @property
    def staging(self) -> Path:
        return Path(self.staging_dir).resolve() if self.staging_dir else self.data / "staging"

    @property
    def pwa(self) -> Path:
        return Path(self.pwa_dir).resolve() if self.pwa_dir else ROOT / "pwa" / "dist"

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def upload_max(self) -> int:
        """Bytes of one photo."""
        return self.upload_max_mb * 2**20

    @property
    def rescue_max(self) -> int:
        """Bytes of one rescue file."""
        return self.rescue_max_mb * 2**20


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this process. Raises SettingsError naming what is wrong."""
    env = os.environ if environ is None else environ
    raw: dict[str, Any] = {}
    if path := env.get(PREFIX + "CONFIG"):
        try:
            raw.update(tomllib.loads(Path(path).read_text("utf-8")))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{PREFIX}CONFIG: {error}") from error
    for field in msgspec.structs.fields(Settings):
        name = PREFIX + field.name.upper()
        if secret_path := env.get(name + "_FILE"):
            try:
                raw[field.name] = Path(secret_path).read_text("utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{name}_FILE: {error}") from error
        if name in env:
            raw[field.name] = env[name]
        value = raw.get(field.name)
        if isinstance(value, str) and _is_list(field.type):
            raw[field.name] = [part.strip() for part in value.split(",") if part.strip()]
    try:
        settings = msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from None
    if settings.database_url and not settings.database_url.startswith(DATABASES):
        raise SettingsError(f"database_url: must begin with {' or '.join(DATABASES)}")
    for name in ("trusted_proxies", "metrics_allow", "notice_networks"):
        for network in getattr(settings, name):
            try:
                ip_network(network)
            except ValueError as error:
                raise SettingsError(f"{name}: {error}") from None
    return settings


def _is_list(type_: Any) -> bool:
    if get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    return get_origin(type_) is tuple


def table() -> str:
    """The settings as a Markdown table, in the order of the Struct."""
    lines = ["| setting | environment | default | meaning |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(Settings):
        meta = next(m for m in get_args(field.type)[1:] if isinstance(m, Meta))
        default = ", ".join(field.default) if isinstance(field.default, tuple) else str(field.default)
        shown = f"`{default}`" if default else "(empty)"
        kind = get_args(field.type)[0]
        choices = f" ({', '.join(get_args(kind))})" if get_origin(kind) is Literal else ""
        lines.append(
            f"| `{field.name}` | `{PREFIX}{field.name.upper()}` | {shown} | {meta.description}{choices} |"
        )
    return "\n".join(lines)
