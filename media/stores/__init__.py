"""Where photos lie: in a folder, or in MinIO or any S3, by one line of configuration."""

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from media.stores.base import Missing, Store, Stores
from media.stores.file import FileStore
from media.stores.s3 import S3Store

__all__ = ["Missing", "Store", "Stores", "open_stores"]

_OPTIONS = {"secure", "region", "derivatives", "lock", "lock_mode", "retain_days", "reads"}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_DAYS = re.compile(r"[0-9]{1,5}")
_MODES = ("governance", "compliance")


def open_stores(url: str, *, access_key: str = "", secret_key: str = "") -> Stores:
    """Stores of `file:///folder` or `s3://host:port/bucket?secure=0&region=us-east-1&derivatives=bucket-views`.

    secure (1) is TLS; lock (1) wants the bucket of originals versioned and locked, retain_days (0) is its
    default retention, lock_mode its kind: governance, which the store's owner can shorten, or compliance, which
    nobody can (a stricter bucket is as good); reads is the origin, as https://photos.example.org, under which
    browsers reach the same store and read originals themselves, each by an address of five minutes. ValueError says
    what is wrong with the line.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        folder = Path(unquote(parts.path))
        return Stores(
            originals=FileStore(folder / "originals"), derivatives=FileStore(folder / "derivatives")
        )
    bucket = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.netloc or not bucket or "/" in bucket:
        raise ValueError("a store is file:///folder or s3://host:port/bucket")
    options = {
        name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
    }
    if unknown := set(options) - _OPTIONS:
        raise ValueError(f"unknown option of the store: {', '.join(sorted(unknown))}")
    for flag in ("secure", "lock"):
        if options.get(flag, "1") not in ("0", "1"):
            raise ValueError(f"{flag} of the store is 0 or 1")
    retain_days = options.get("retain_days", "0")
    if not _DAYS.fullmatch(retain_days):
        raise ValueError("retain_days of the store is a number of days")
    if options.get("lock") == "0" and int(retain_days):
        raise ValueError("retain_days of the store needs its lock: leave lock=0 out")
    if "lock_mode" in options and not int(retain_days):
        raise ValueError("lock_mode of the store says nothing without retain_days")
    mode = options.get("lock_mode", _MODES[0])
    if mode not in _MODES:
        raise ValueError(f"lock_mode of the store is one of: {', '.join(_MODES)}")

    reads = options.get("reads", "").rstrip("/")
    if reads and not _ORIGIN.fullmatch(reads):
        raise ValueError("reads of the store is an origin: https://host or https://host:port")

    def opened(name: str, *, locked: bool, reads: str = "") -> S3Store:
        return S3Store(
            parts.netloc,
            name,
            access_key,
            secret_key,
            secure=options.get("secure", "1") == "1",
            region=options.get("region", "us-east-1"),
            locked=locked,
            lock_mode=mode.upper(),
            retain_days=int(retain_days),
            reads=reads,
        )

    return Stores(
        originals=opened(bucket, locked=options.get("lock", "1") == "1", reads=reads),
        derivatives=opened(options.get("derivatives", f"{bucket}-views"), locked=False),
        reads=reads,
    )
