"""`mingcha keys`, `mingcha receipt` and `mingcha bundle`: what they do and say."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from backend.app import Parts
from backend.custody import bundle, keys, receipts


async def show(parts: Parts) -> int:
    """Id, purpose, since when, and whether it is retired; never a private half."""
    for key in await keys.whole(parts.db, parts.clock()):
        state = f"retired {key.retired_at}" if key.retired_at else "in use"
        sys.stdout.write(f"{key.id}\t{key.purpose}\t{key.created_at}\t{state}\t{keys.b64(key.public)}\n")
    return 0


async def rotate(parts: Parts) -> int:
    async with parts.db.write() as conn:
        for key in await keys.rotate(conn, parts.clock()):
            sys.stdout.write(f"{key.id}\t{key.purpose}\n")
    sys.stdout.write("old keys stay for reading; now make a new copy with `mingcha keys export`\n")
    return 0


async def export(parts: Parts, file: Path) -> int:
    """Write all keys into a new file that only its owner may read."""
    async with parts.db.read() as conn:
        text = keys.exported(await keys.listing(conn))
    with _new(file) as out:
        out.write(text)
    return 0


async def take_back(parts: Parts, file: Path) -> int:
    copy = await asyncio.to_thread(file.read_bytes)
    try:
        async with parts.db.write() as conn:
            added = await keys.taken_back(conn, copy)
    except ValueError as error:
        sys.stderr.write(f"mingcha keys import: {file}: {error}\n")
        return 2
    sys.stdout.write(f"{added} added\n")
    return 0


async def public_keys(parts: Parts) -> dict[str, bytes]:
    async with parts.db.read() as conn:
        return {key.id: key.public for key in await keys.listing(conn)}


def verify(file: Path, known: Mapping[str, bytes]) -> int:
    """Say what a receipt says; 1 when its signature does not hold, 2 when it is no receipt."""
    try:
        jws = file.read_text("ascii")
        public = known.get(receipts.key_id(jws))
        content = None if public is None else receipts.verified(jws, public)
    except ValueError as error:
        sys.stderr.write(f"mingcha receipt verify: {file}: {error}\n")
        return 2
    if content is None:
        why = "signed by a key that is not this server's" if public is None else "the signature does not hold"
        sys.stderr.write(f"mingcha receipt verify: {file}: {why}\n")
        return 1
    sys.stdout.write(
        f"good: {content.day} ({content.zone}), device {content.device}, person {content.person}: "
        f"{content.records} records, {content.photos} photos, {content.refused} refused, "
        f"operations up to {content.n}, given {content.at}\n"
    )
    return 0


async def write_bundle(parts: Parts, record: str, org: str | None, file: Path | None) -> int:
    """Write a record's bundle into a new file that only its owner may read; 1 when it lacks what should be there,
    2 when there is no such record.
    """
    file = file or Path(f"mingcha-bundle-{record}.zip")
    try:
        found = await bundle.find(parts.db, record, org)
        with _new(file) as out:
            made = await bundle.write(parts.db, parts.media, parts.clock(), found, record, out)
    except bundle.Unbundled as error:
        sys.stderr.write(f"mingcha bundle: {error}\n")
        return 2
    for sha256, why in made.absent.items():
        sys.stderr.write(f"mingcha bundle: photo {sha256}: {why}\n")
    sys.stdout.write(
        f"{file}: {made.kind} with {made.photos} photos, {made.operations} operations, {made.receipts} receipts, "
        f"{made.entries} ledger entries; sealed by key {made.key}\n"
    )
    return 1 if set(made.absent.values()) - {bundle.NEVER_CAME} else 0


@contextmanager
def _new(file: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner may read; nothing is left of one that could not be finished."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        try:
            yield out
        except BaseException:
            file.unlink()
            raise
