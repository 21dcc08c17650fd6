"""One file that defends a record years later: what phones sent, what was decided, and what proves both.

The file is a ZIP without compression in one fixed spelling: the seal, the manifest, then the members by name. The
manifest holds the SHA-256 of every member, the seal is the server's signature under the manifest. It is checked by
`tools/verify_bundle.py`, which needs no server; docs/bundle.md says what each part proves.
"""

import hashlib
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
import sqlalchemy as sa
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit, catalogue, evidence
from backend.custody import captures, checkpoints, keys
from backend.custody.tables import device_key, receipt
from backend.db import Database
from backend.features.editions import service as editions
from backend.features.points import ledger
from media.service import Media
from media.sniff import extension
from media.stores.base import Missing
from media.tables import holder, photo
from sync import store
from sync.push import Row
from sync.tables import device, operation, push, record, stamp

FORMAT = "mingcha-bundle-1"
SEAL, MANIFEST = "seal.jws", "manifest.json"
LARGEST = 2**32 - 2**20  # bytes of all members: a plain ZIP counts them in 32 bits
NEVER_CAME = "never came"
_EDITIONS = {
    "catalogue": "checklist",
    "rule": "points",
    "rules": "points",
    "edition": "form",
}  # field: its part
_encode = msgspec.json.encode


class Unbundled(Exception):  # noqa: N818 (reads as what it says)
    """There is nothing to bundle; the text says why."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """What went into a bundle. `absent` names the photos whose bytes are not in it, with the reason."""

    kind: str
    photos: int
    absent: Mapping[str, str]
    operations: int
    receipts: int
    entries: int
    key: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database tells of a record, as parts of the manifest and as members by name."""

    kind: str
    facts: dict[str, Any]
    members: dict[str, bytes]
    photos: list[dict[str, Any]]


class _Member(NamedTuple):
    """A file of the bundle: what it is made from, its size in bytes, SHA-256 and CRC-32."""

    source: Path | bytes
    size: int
    sha256: str
    crc: int


async def write(
    db: Database, media: Media, now: datetime, org: str, record_id: str, out: BinaryIO
) -> Bundled:
    """Write the bundle of a record that is there. Unbundled when it is too large, MediaError when the store is away."""
    async with db.snapshot() as conn:
        found = await _gather(conn, org, record_id)
    with tempfile.TemporaryDirectory(prefix="mingcha-bundle-") as folder:
        held = {one["sha256"]: await _fetched(media, found, one, Path(folder)) for one in found.photos}
        sources: dict[str, Path | bytes] = dict(found.members)
        for one in found.photos:
            one["member"] = None
            if (path := held[one["sha256"]]) is not None:
                one["member"] = f"photos/{one['sha256']}.{extension(one['stored']['type'])}"
                sources[one["member"]] = path
        async with db.write() as conn:
            key = await keys.in_use(conn, "sign", now)
        members = {name: _member(source) for name, source in sorted(sources.items())}
        manifest, sealed = _sealed(found, members, key, now)
        _pack(out, {SEAL: _member(sealed), MANIFEST: _member(manifest), **members})
    async with db.write() as conn:
        facts = {"manifest": hashlib.sha256(manifest).hexdigest()}
        await audit.append(conn, now, org, "record.bundled", subject=record_id, facts=facts)
    return Bundled(
        found.kind,
        sum(path is not None for path in held.values()),
        {one["sha256"]: one["absent"] for one in found.photos if one["absent"]},
        len(found.facts["operations"]),
        len(found.facts["receipts"]),
        len(found.facts["ledger"]),
        keys.b64(key.public),
    )


def _sealed(
    found: _Found, members: Mapping[str, _Member], key: keys.ServerKey, now: datetime
) -> tuple[bytes, bytes]:
    """The manifest and the seal, a compact JWS (ES256) under its hash; the public key stands in the JWS itself."""
    about = {name: found.facts[name] for name in ("org", "record", "kind")} | {"at": stamp(now)}
    listed = [{"name": name, "size": one.size, "sha256": one.sha256} for name, one in members.items()]
    content = {"format": FORMAT, **about, "members": listed, "photos": found.photos}
    manifest = _text(content | {name: found.facts[name] for name in found.facts if name not in content})
    said = {
        "format": FORMAT,
        **about,
        "manifest": {"size": len(manifest), "sha256": hashlib.sha256(manifest).hexdigest()},
    }
    return manifest, f"{key.jws(FORMAT, _encode(said), key=keys.b64(key.public))}\n".encode()


def _text(value: Any) -> bytes:
    """JSON for programs and eyes."""
    return msgspec.json.format(_encode(value), indent=1) + b"\n"


# --- reading ------------------------------------------------------------------------------------------------


async def find(db: Database, record_id: str, org: str | None) -> str:
    """The organisation whose record it is, of all or only `org`. Unbundled when there is none, or more than one."""
    query = sa.select(record.c.org).where(record.c.id == record_id)
    async with db.read() as conn:
        owners = list(await conn.scalars(query if org is None else query.where(record.c.org == org)))
    if not owners:
        raise Unbundled(f"{record_id}: no such record")
    if len(owners) > 1:
        raise Unbundled(f"{record_id}: several organisations have it, say which by --org")
    return str(owners[0])


async def _gather(conn: AsyncConnection, org: str, record_id: str) -> _Found:
    row = (await store.load(conn, org, [record_id]))[record_id]
    members = {"record.json": _text(_told(row)), "log.json": _text(row.log)}
    operations = await _operations(conn, org, record_id)
    for n, one in enumerate(operations, 1):
        one["member"] = f"operations/{n:05}.json"
        members[one["member"]] = one.pop("payload")
    receipts = await _receipts(conn, org, operations)
    members |= {f"receipts/{n:03}.jws": signed.encode() for n, signed in enumerate(receipts, 1)}
    lines = await _ledger(conn, org, row)
    numbers = [int(name[7:13]) for name in lines if name.endswith(".json")]
    proofs = checkpoints.wanted(await checkpoints.of_org(conn, org), numbers) if lines else []
    marked = {f"ledger/checkpoint-{one.day}.jws": one.signed.encode() for one in proofs}
    members |= lines | marked
    judged_by = list(_rules({"body": row.body, "facts": row.facts, "log": _plain(row.log)}, ""))
    judged_by += [rule for line in lines.values() for rule in _rules_of_entry(line)]
    texts, rules = await _texts_of_rules(conn, org, judged_by)
    members |= texts
    photos = await _photos(conn, org, row)
    signed = await captures.of_photos(conn, org, [one["sha256"] for one in photos])
    members |= {_capture(one): one.jws.encode() for one in signed}
    named = {one["device"] for one in operations} | {h["device"] for p in photos for h in p["sent"]}
    named |= {one.device for one in signed}
    members["keys.json"] = _text(
        {
            "server": [
                {
                    "id": key.id,
                    "purpose": key.purpose,
                    "public": keys.b64(key.public),
                    "created_at": key.created_at,
                    "retired_at": key.retired_at,
                }
                for key in await keys.listing(conn)
            ],
            "devices": await _devices(conn, org, named),
        }
    )
    people = {row.author, *(entry.by for entry in row.log), *(one["person"] for one in operations)}
    people |= {sent["person"] for one in photos for sent in one["sent"]}
    facts = {
        "org": org,
        "record": record_id,
        **({"practice": True} if row.body.get("practice") else {}),
        "kind": row.kind,
        "operations": operations,
        "captures": [{"member": _capture(one), **captures.told(one)} for one in signed],
        "receipts": [name for name in members if name.startswith("receipts/")],
        "ledger": [name for name in lines if name.endswith(".json")],
        "checkpoints": list(marked),
        "rules": rules,
        "people": await _names(conn, org, people),
    }
    return _Found(row.kind, facts, members, photos)


def _told(row: Row) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in (
            "org",
            "id",
            "kind",
            "scope",
            "state",
            "author",
            "rev",
            "created_at",
            "updated_at",
            "deleted",
            "body",
            "facts",
            "missing",
        )
    }


def _plain(value: Any) -> Any:
    return msgspec.json.decode(_encode(value))


async def _operations(conn: AsyncConnection, org: str, record_id: str) -> list[dict[str, Any]]:
    """Every operation on the record, in the order of receipt, `payload` as it was sent. What was refused too.

    All pushes of the organisation are looked through: only they hold plain changes that others overwrote since.
    """
    found: dict[tuple[str, int], dict[str, Any]] = {}
    mark = record_id.encode()
    pushes = await conn.stream(sa.select(push).where(push.c.org == org))
    async for sent in pushes:
        payloads = store.unpack(sent.payload)
        if not any(mark in bytes(raw) for raw in payloads):
            continue
        for n, (raw, answer) in enumerate(zip(payloads, store.unpack(sent.answers), strict=True), sent.n):
            if record_id in _means(bytes(raw)):
                found[sent.device, n] = _operation(sent, n, bytes(raw), bytes(answer))
    for made in await conn.execute(
        sa.select(operation).where(operation.c.org == org, operation.c.id == record_id)
    ):
        if (made.device, made.n) not in found:
            found[made.device, made.n] = _operation(made, made.n, bytes(made.payload), bytes(made.result))
    return sorted(found.values(), key=lambda one: (one["received_at"], one["device"], one["n"]))


def _operation(sent: Any, n: int, payload: bytes, answer: bytes) -> dict[str, Any]:
    return {
        "device": sent.device,
        "n": n,
        "person": sent.person,
        "received_at": sent.received_at,
        "skew_ms": sent.skew_ms,
        "skew_error_ms": sent.skew_error_ms,
        "answer": Raw(answer),
        "payload": payload,
    }


def _means(payload: bytes) -> set[str]:
    """The ids that an operation is about; none where it cannot be read."""
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return set()
    return {str(said.get(name)) for name in ("id", "subject")} if isinstance(said, dict) else set()


async def _receipts(conn: AsyncConnection, org: str, operations: Iterable[Mapping[str, Any]]) -> list[str]:
    """For each operation of a phone the first receipt that says it had come, each once."""
    found: dict[str, None] = {}
    for one in operations:
        query = (
            sa.select(receipt.c.signed)
            .where(
                receipt.c.org == org,
                receipt.c.device == one["device"],
                receipt.c.n >= one["n"],
                receipt.c.at >= one["received_at"],  # not of before a restore, when the number was another's
            )
            .order_by(receipt.c.at)
            .limit(1)
        )
        if (signed := await conn.scalar(query)) is not None:
            found[signed] = None
    return list(found)


async def _ledger(conn: AsyncConnection, org: str, row: Row) -> dict[str, bytes]:
    """The lines that name the record, or an entry that does, and the hashes of the whole chain, one a line.

    Other lines tell of other people: their hashes are enough to compare with any export of the ledger.
    """
    lines = await ledger.lines(conn, org)
    wanted, before = {row.id}, 0
    entries = [(line, msgspec.json.decode(line.entry)) for line in lines]
    while len(wanted) != before:  # a correction names the entry that it corrects
        before = len(wanted)
        wanted |= {entry["id"] for _, entry in entries if wanted & set(map(str, entry.values()))}
    named = {
        f"ledger/{line.n:06}.json": _encode(line) + b"\n"
        for line, entry in entries
        if wanted & set(map(str, entry.values()))
    }
    chain = "".join(f"{line.hash}\n" for line in lines).encode()
    return named | {"ledger/chain.txt": chain} if named else {}


def _rules(value: Any, path: str) -> Iterator[dict[str, str]]:
    """Where the record says which edition of the rules judged it."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name in _EDITIONS and isinstance(each, str):
                part = f"form.{value.get('form')}" if name == "edition" else _EDITIONS[name]
                yield {"at": f"{path}/{name}", "edition": each, "part": part}
            yield from _rules(each, f"{path}/{name}")
    if isinstance(value, list):
        for i, each in enumerate(value):
            yield from _rules(each, f"{path}/{i}")


def _rules_of_entry(line: bytes) -> Iterator[dict[str, str]]:
    if line.startswith(b"{"):
        found = msgspec.json.decode(line)
        yield from _rules(msgspec.json.decode(found["entry"]), f"ledger/{found['n']}")


async def _texts_of_rules(
    conn: AsyncConnection, org: str, named: Iterable[Mapping[str, str]]
) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """The text of each edition as members, and where it is named: of a shipped one the whole catalogue, of the
    company's own the part that is meant. What names no edition is left out.
    """
    members: dict[str, bytes] = {}
    rules: list[dict[str, str]] = []
    for one in named:
        edition, part = one["edition"], one["part"]
        if edition in catalogue.versions():
            members |= _catalogue(edition)
            rules.append({"at": one["at"], "edition": edition})
            continue
        member = f"rules/{edition}/{part}.json"
        if member not in members:
            body = await editions.body_of(conn, org, part, edition)
            if body is None:
                continue
            members[member] = _text({"part": part, "version": edition, "content": body})
        rules.append({**one, "member": member})
    return members, rules


def _catalogue(edition: str) -> dict[str, bytes]:
    folder = files("backend.data") / "catalogue" / edition
    return {f"rules/{edition}/{each.name}": each.read_bytes() for each in folder.iterdir() if each.is_file()}


async def _photos(conn: AsyncConnection, org: str, row: Row) -> list[dict[str, Any]]:
    """Every photo that the record shows: what was said of it, who sent its bytes, and when they came."""
    claims = evidence.photos_of(row)
    told: dict[str, list[dict[str, Any]]] = {}
    for ref, by in evidence.mentions(row):
        if {**ref, "by": by} not in told.setdefault(ref["sha256"], []):
            told[ref["sha256"]].append({**ref, "by": by})
    links = sa.select(evidence.evidence.c.sha256).where(
        evidence.evidence.c.org == org, evidence.evidence.c.record == row.id, evidence.evidence.c.stored
    )
    here = set(await conn.scalars(links))
    stored = {
        each.sha256: {"size": each.size, "type": each.type, "at": stamp(each.stored_at)}
        for each in await conn.execute(
            sa.select(photo).where(photo.c.org == org, photo.c.sha256.in_(list(here)))
        )
    }
    sent: dict[str, list[dict[str, Any]]] = {}
    for each in await conn.execute(
        sa.select(holder)
        .where(holder.c.org == org, holder.c.sha256.in_(list(here)))
        .order_by(holder.c.at, holder.c.person)
    ):
        if claims[each.sha256].sent_by([each.person]):
            sender = {"person": each.person, "device": each.device, "at": stamp(each.at)}
            sent.setdefault(each.sha256, []).append(sender)
    return [
        {
            "sha256": sha256,
            "role": claim.role,
            "told": told[sha256],
            "stored": stored.get(sha256),
            "sent": sent.get(sha256, []),
            "absent": None if sha256 in stored else NEVER_CAME,
        }
        for sha256, claim in claims.items()
    ]


def _capture(one: captures.Kept) -> str:
    return f"captures/{one.device}-{one.n:06}.jws"


async def _devices(conn: AsyncConnection, org: str, named: set[str | None]) -> list[dict[str, Any]]:
    wanted = [id_ for id_ in named if id_ is not None]
    known = (device_key.c.org == device.c.org) & (device_key.c.device == device.c.id)
    return [
        {
            "device": each.id,
            "name": each.name,
            "person": each.person,
            "registered_at": each.registered_at,
            "public": None if each.public is None else keys.b64(bytes(each.public)),
        }
        for each in await conn.execute(
            sa.select(device, device_key.c.public)
            .select_from(device.outerjoin(device_key, known))
            .where(device.c.org == org, device.c.id.in_(wanted))
            .order_by(device.c.id)
        )
    ]


async def _names(conn: AsyncConnection, org: str, people: Iterable[str | None]) -> dict[str, str]:
    """What the people in it are called now."""
    rows = await store.load(conn, org, sorted({person for person in people if person}))
    return {id_: str(row.body.get("name", "")) for id_, row in sorted(rows.items()) if row.kind == "person"}


# --- photos and the file ------------------------------------------------------------------------------------


async def _fetched(media: Media, found: _Found, one: dict[str, Any], folder: Path) -> Path | None:
    """The original in a file of `folder`; None, and why in `absent`, when it cannot be had whole."""
    if one["absent"]:
        return None
    path, digest = folder / str(one["sha256"]), hashlib.sha256()
    try:
        pieces = await media.read(found.facts["org"], one["sha256"])
        with path.open("wb") as out:
            async for piece in pieces:
                digest.update(piece)
                out.write(piece)
    except Missing:
        one["absent"] = "lost by the store"
        return None
    if digest.hexdigest() != one["sha256"]:
        one["absent"] = "damaged in the store"
        return None
    return path


def _pieces(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while piece := file.read(2**20):
            yield piece


def _member(source: Path | bytes) -> _Member:
    size, digest, crc = 0, hashlib.sha256(), 0
    for piece in _pieces(source):
        size, crc = size + len(piece), zlib.crc32(piece, crc)
        digest.update(piece)
    return _Member(source, size, digest.hexdigest(), crc)


def _pack(out: BinaryIO, members: Mapping[str, _Member]) -> None:
    """A ZIP (APPNOTE 6.3.2) of stored members, all of 1 January 1980. Unbundled when it would be too large."""
    directory, at = b"", 0
    for name, one in members.items():
        common = struct.pack("<5H3L2H", 20, 0, 0, 0, 33, one.crc, one.size, one.size, len(name), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<3H2L", 0, 0, 0, 0, at)
        directory += name.encode()
        at += 30 + len(name) + one.size
        if at > LARGEST:
            raise Unbundled("its photos are too large for one file")
        out.write(b"PK\3\4" + common + name.encode())
        for piece in _pieces(one.source):
            out.write(piece)
    count = len(members)
    out.write(directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), at, 0))
