"""A bundle defends its record on a machine that has never seen the server, and no bit of it can be changed unseen."""

import functools
import hashlib
import io
import random
import stat
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from backend import catalogue
from backend.clock import new_id
from backend.custody import bundle, keys, receipts
from backend.features.editions import service as editions
from backend.features.points import ledger
from backend.features.points.chain import Line
from media.stores import open_stores
from tests.conftest import ENGINES
from tests.integration.custody.conftest import County, Phone, found_county, picture
from tests.integration.custody.test_receipt_state import asked
from tests.support.client import signed_in, uuid7
from tests.support.device import DeviceKey
from tests.support.minio import Bucket
from tests.support.server import Server, migrated
from tools import verify_bundle

FACT = "到达现场 57 分钟"
SIGNED = {"name": "李四", "signed_at": "2026-11-26T10:00:00+08:00", "strokes": "M100 300L900 310"}


@pytest.fixture(params=ENGINES)
async def county(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[County]:
    """SQLite with files, and PostgreSQL with MinIO."""
    if request.param == "sqlite":
        made = await found_county(migrated(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"), tmp_path)
    else:
        bucket: Bucket = request.getfixturevalue("minio").fresh()
        stores = open_stores(bucket.url, access_key=bucket.access_key, secret_key=bucket.secret_key)
        made = await found_county(migrated(request.getfixturevalue("postgres").fresh()), tmp_path, stores)
    yield made
    made.rescue.close()
    await made.media.close()
    await made.db.close()


def whole(county: County, person: str | None = None) -> dict[str, Any]:
    return {
        "visit": "unannounced",
        "item": "QX-01",
        "catalogue": "2026.11",
        "happened_at": county.time[0].isoformat(),
        "fact": FACT,
        "person": person or county.people["crew"],
        "signature": SIGNED,
    }


async def send(phone: Phone) -> None:
    """All that is not sent yet; each is applied."""
    first = getattr(phone, "sent", 0) + 1
    for result in await phone.push(first, len(phone.ops)):
        assert result["status"] == "applied", result
    phone.sent = len(phone.ops)  # type: ignore[attr-defined]


async def act(phone: Phone, kind: str, id_: str, event: str, **data: Any) -> None:
    county, n = phone.county, len(phone.ops) + 1
    at = county.now().isoformat()
    op = {"n": n, "op": "event", "kind": kind, "id": new_id(county.now()), "subject": id_, "type": event}
    phone.ops.append({**op, "at": at, "data": data})
    await send(phone)


async def bundled(county: County, record: str) -> tuple[bytes, bundle.Bundled]:
    out = io.BytesIO()
    made = await bundle.write(county.db, county.media, county.now(), county.org, record, out)
    return out.getvalue(), made


async def row(county: County, id_: str) -> dict[str, Any]:
    async with county.db.read() as conn:
        query = sa.text("SELECT body, facts, state FROM record WHERE id = :id")
        found = (await conn.execute(query, {"id": id_})).one()
    return {"body": msgspec.json.decode(found.body), "facts": msgspec.json.decode(found.facts)}


class Verifier:
    """The verifier as its own program; in the same process where it is asked thousands of times."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bundle.zip"

    def __call__(self, content: bytes, *more: str) -> tuple[int, list[str]]:
        """Run as on a machine without the project: `-I` leaves its packages out."""
        self.file.write_bytes(content)
        program = [sys.executable, "-I", "-S", verify_bundle.__file__, str(self.file), *more]
        done = subprocess.run(program, cwd=self.file.parent, capture_output=True, text=True, timeout=300)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    def holds(self, content: bytes, *more: str) -> list[str]:
        code, said = self(content, *more)
        assert (code, said[-1]) == (0, "the bundle holds"), said
        return said

    def blames(self, content: bytes, *more: str) -> set[str]:
        """The members that it names as bad."""
        code, said = self(content, *more)
        assert code == 1, said
        assert said[-1].startswith("the bundle does NOT hold"), said
        return {line[4:].split(": ")[0] for line in said if line.startswith("BAD")}


@pytest.fixture
def verify(tmp_path: Path) -> Verifier:
    return Verifier(tmp_path)


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """A ZIP of these members by another program."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def manifest(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(members(content)["manifest.json"])
    return found


async def receipt(phone: Phone, login: str, photos: list[str]) -> None:
    county = phone.county
    caller = await county.caller(login, phone.device)
    question = asked(phone, len(phone.ops), photos)
    ids = {op.get("subject") or op["id"] for op in phone.ops}
    records = [receipts.Held(id_, 1) for id_ in sorted(ids)]
    question = msgspec.structs.replace(question, records=records)
    await receipts.give(county.db, county.media, caller, county.now(), question)


async def confirmed(county: County, **more: Any) -> tuple[str, str, Phone, Phone]:
    """A finding with a photo, accepted, and its violation, confirmed: the finding and the violation."""
    inspector, supervisor = await county.phone("inspector"), await county.phone("supervisor")
    content = picture(1)
    finding = inspector.note(content, **whole(county) | more)
    await send(inspector)
    await county.media.add(county.org, county.people["inspector"], content)
    await act(inspector, "finding", finding, "submit")
    await act(supervisor, "finding", finding, "accept", note="照片清楚")
    violation = (await row(county, finding))["facts"]["violation"]
    await act(supervisor, "violation", violation, "confirm", note="属实")
    return finding, violation, inspector, supervisor


async def test_a_bundle_holds_what_defends_the_record_and_verifies_elsewhere(
    county: County, verify: Verifier, tmp_path: Path
) -> None:
    finding, _, inspector, supervisor = await confirmed(county)
    content = picture(1)
    sha = hashlib.sha256(content).hexdigest()
    await receipt(inspector, "inspector", [sha])
    raw, made = await bundled(county, finding)
    parts, told = members(raw), manifest(raw)
    assert parts[f"photos/{sha}.jpg"] == content
    assert (made.kind, made.photos, made.absent, made.receipts, made.entries) == ("finding", 1, {}, 1, 1)
    phones = {inspector.device: inspector, supervisor.device: supervisor}
    sent = [one for one in told["operations"] if one["device"] in phones]
    assert [(one["device"], one["n"]) for one in sent] == [
        (inspector.device, 1),
        (inspector.device, 2),
        (supervisor.device, 1),
    ]
    for one in sent:  # byte for byte as the phone spelled it
        assert parts[one["member"]] == msgspec.json.encode(phones[one["device"]].ops[one["n"] - 1])
    assert [entry["type"] for entry in msgspec.json.decode(parts["log.json"])] == ["submit", "accept"]
    assert msgspec.json.decode(parts["record.json"])["body"]["signature"] == SIGNED
    assert {one["edition"] for one in told["rules"]} == {"2026.11"}
    assert "rules/2026.11/checklist.json" in parts
    known = {one["device"]: one["public"] for one in msgspec.json.decode(parts["keys.json"])["devices"]}
    assert known == {device: phone.key.public for device, phone in phones.items()}
    line = msgspec.json.decode(parts["ledger/000001.json"], type=Line)
    assert (line.n, msgspec.json.decode(line.entry)["finding"]) == (1, finding)
    photo = told["photos"][0]
    assert [sender["person"] for sender in photo["sent"]] == [county.people["inspector"]]
    assert photo["told"][0]["taken_at"]
    said = "\n".join(verify.holds(raw, "--key", made.key))
    assert "ok  that key is the one given by --key" in said
    assert f"photo {sha[:12]} (evidence): its bytes have the hash that names it" in said
    assert "receipts/001.jws: signed" in said
    assert "1 operations of phones have no receipt" in said  # the supervisor's
    assert "ledger entry 1 (+" in said
    assert "ok  judged by rules 2026.11: inside" in said
    assert " ?  that key is the one given by --key" in verify.holds(raw)
    assert verify.blames(raw, "--key", keys.b64(b"\4" + bytes(64))) == {"that key is the one given by --key"}
    again, _ = await bundled(county, finding)
    assert list(members(again)) == list(parts)
    first = ["seal.jws", "manifest.json"]
    assert list(parts) == first + sorted(parts.keys() - set(first))
    async with county.db.read() as conn:
        deeds = await conn.execute(sa.text("SELECT subject FROM audit WHERE action = 'record.bundled'"))
        assert [deed.subject for deed in deeds] == [finding, finding]


async def edited(county: County, part: str, body: dict[str, Any], days: int = 0) -> str:
    """The company's own edition of a part, from that day on."""
    caller = await county.caller("supervisor")
    async with county.db.write() as conn:
        saved = await editions.save(conn, caller, county.now(), part, 0, body)
        day = catalogue.day_of(county.time[0]) + timedelta(days=days)
        made = await editions.publish(conn, county.engine, caller, county.now(), part, saved.n, day)
    assert made.version is not None
    return made.version


async def test_the_companys_own_editions_go_with_what_was_judged_by_them(
    county: County, verify: Verifier
) -> None:
    shipped = editions.shipped("checklist", "2026.11")
    items = [
        {**one, "text": {"zh": "本公司的条款", "en": "Own item"}} if one["code"] == "QX-01" else one
        for one in shipped["items"]
    ]
    listed = await edited(county, "checklist", shipped | {"items": items})
    points = await edited(
        county, "points", editions.shipped("points", "2026.11") | {"items": {"QX-01": 5}}, 1
    )
    county.time[0] += timedelta(days=2)
    finding, violation, _, _ = await confirmed(county, catalogue=listed)

    content, _ = await bundled(county, violation)
    verify.holds(content)
    named = {(one["edition"], one.get("part")) for one in manifest(content)["rules"]}
    assert {(listed, "checklist"), (points, "points")} <= named
    inside = members(content)
    assert "本公司的条款" in inside[f"rules/{listed}/checklist.json"].decode()
    assert msgspec.json.decode(inside[f"rules/{points}/points.json"])["content"]["items"] == {"QX-01": 5}
    content, _ = await bundled(county, finding)
    said = verify.holds(content)
    assert (
        f"ok  judged by the company's own rules/{listed}/checklist.json: inside, and what it says it is"
        in said
    )


async def test_the_ledger_entry_is_found_in_an_export_and_missed_in_another(
    county: County, verify: Verifier, tmp_path: Path
) -> None:
    _, violation, _, _ = await confirmed(county)
    export, forged = tmp_path / "ledger.jsonl", tmp_path / "forged.jsonl"
    raw, _ = await bundled(county, violation)
    async with county.db.read() as conn:
        lines = await ledger.lines(conn)
    export.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    forged.write_bytes(export.read_bytes().replace(b"57", b"75"))
    assert "ok  ledger entry 1: in the exported ledger too" in verify.holds(raw, "--ledger", str(export))
    assert verify.blames(raw, "--ledger", str(forged)) == {"ledger entry 1"}
    export.write_bytes(b"")
    assert verify.blames(raw, "--ledger", str(export)) == {"ledger entry 1"}


async def test_a_correction_of_an_entry_goes_with_it_and_entries_of_others_do_not(
    county: County, verify: Verifier
) -> None:
    finding, violation, inspector, _ = await confirmed(county)
    other = inspector.note(**whole(county, county.people["inspector2"]))
    await send(inspector)
    async with county.db.write() as conn:
        first = msgspec.json.decode((await ledger.lines(conn, county.org))[0].entry)
        base = {name: first[name] for name in ("org", "person", "cycle", "item")}
        stranger = base | {"person": county.people["inspector2"], "fact": "别人的事"}
        await ledger.append(conn, stranger | {"id": new_id(county.now()), "points": 3, "finding": other})
        reversal = base | {"id": new_id(county.now()), "points": -first["points"], "reverses": first["id"]}
        await ledger.append(conn, reversal)
    for record in (finding, violation):
        raw, made = await bundled(county, record)
        assert made.entries == 2
        parts = members(raw)
        assert {name for name in parts if name.startswith("ledger/")} == {
            "ledger/000001.json",
            "ledger/000003.json",
            "ledger/chain.txt",
        }
        assert "别人的事".encode() not in raw
        said = "\n".join(verify.holds(raw))
        assert "ledger entry 3 (-" in said
        assert "in its place of a chain of 3" in said


async def test_an_amendment_and_a_photo_that_never_came_are_said(county: County, verify: Verifier) -> None:
    phone, here, never = await county.phone(), picture(2), picture(3)
    id_ = phone.note(here, never, **whole(county))
    await send(phone)
    await county.media.add(county.org, county.people["inspector"], here)
    await act(phone, "finding", id_, "submit")
    await act(phone, "finding", id_, "amend", reason="看错了表", changes={"fact": "到达现场 75 分钟"})
    raw, made = await bundled(county, id_)
    sha = hashlib.sha256(never).hexdigest()
    assert (made.photos, made.absent) == (1, {sha: "never came"})
    log = msgspec.json.decode(members(raw)["log.json"])
    assert (log[-1]["type"], log[-1]["data"]["before"]["fact"]) == ("amend", FACT)
    said = verify.holds(raw)
    assert f" ?  photo {sha[:12]} (evidence): not in this bundle: never came" in said
    assert f"ok  photo {sha[:12]} (evidence): named by an operation in this bundle" in said
    assert not any(never in data for data in members(raw).values())


async def test_bytes_that_only_a_stranger_sent_are_not_the_records(county: County, verify: Verifier) -> None:
    phone, content = await county.phone(), picture(4)
    await county.media.add(county.org, county.people["inspector2"], content)
    raw, made = await bundled(county, await noted(phone, content))
    assert (made.photos, list(made.absent.values())) == (0, ["never came"])
    assert county.people["inspector2"].encode() not in raw
    verify.holds(raw)


async def noted(phone: Phone, *photos: bytes, **more: Any) -> str:
    id_ = phone.note(*photos, **more)
    await send(phone)
    return id_


async def test_a_photo_that_the_store_lost_or_damaged_is_named(county: County, verify: Verifier) -> None:
    phone, content = await county.phone(), picture(5)
    id_ = await noted(phone, content)
    sha = await county.media.add(county.org, county.people["inspector"], content)
    real = county.media.read

    async def damaged(org: str, sha256: str) -> AsyncIterator[bytes]:
        async def pieces() -> AsyncIterator[bytes]:
            async for piece in await real(org, sha256):
                yield piece[:-1] + bytes([piece[-1] ^ 1])

        return pieces()

    county.media.read = damaged  # type: ignore[method-assign]
    raw, made = await bundled(county, id_)
    assert made.absent == {sha: "damaged in the store"}
    assert any(line.endswith("not in this bundle: damaged in the store") for line in verify.holds(raw))

    async def lost(org: str, sha256: str) -> AsyncIterator[bytes]:
        return await real(org, sha256[::-1])  # a key under which the store has nothing

    county.media.read = lost  # type: ignore[method-assign]
    raw, made = await bundled(county, id_)
    assert made.absent == {sha: "lost by the store"}
    assert any(line.endswith("not in this bundle: lost by the store") for line in verify.holds(raw))


async def test_a_record_without_photo_receipt_or_entry_verifies_too(county: County, verify: Verifier) -> None:
    phone = await county.phone()
    raw, made = await bundled(county, await noted(phone, fact="a"))
    assert (made.photos, made.operations, made.receipts, made.entries) == (0, 1, 0, 0)
    said = verify.holds(raw)
    assert " ?  no ledger entry names the record" in said
    assert "judged by" not in "".join(said)


async def test_what_was_refused_and_what_others_overwrote_is_in_it(county: County) -> None:
    phone, second = await county.phone(), await county.phone("inspector")
    id_ = await noted(phone, fact="a")
    phone._op("put", id_, {"fact": "b"})
    await phone.push(2, 2)
    second._op("put", id_, {"fact": "c"})
    second._op("put", id_, {"no_such_field": 1})
    second.ops[0]["base"] = second.ops[1]["base"] = 2
    await second.push(1, 2)
    raw, _ = await bundled(county, id_)
    told = manifest(raw)["operations"]
    assert [(one["device"], one["n"]) for one in told] == [
        (phone.device, 1),
        (phone.device, 2),
        (second.device, 1),
        (second.device, 2),
    ]
    assert told[-1]["answer"]["status"] == "rejected"


async def test_a_receipt_of_before_a_restore_says_nothing_of_what_came_after(
    county: County, verify: Verifier
) -> None:
    phone = await county.phone()
    id_ = await noted(phone, fact="a")
    await receipt(phone, "inspector", [])
    assert (await bundled(county, id_))[1].receipts == 1
    async with county.db.write() as conn:  # the same number, come anew
        await conn.execute(sa.text("UPDATE push SET received_at = '2027-01-01T00:00:00.000000Z'"))
    raw, made = await bundled(county, id_)
    assert made.receipts == 0
    assert " ?  1 operations of phones have no receipt" in verify.holds(raw)


# --- every bit ------------------------------------------------------------------------------------------------


def where(raw: bytes) -> Callable[[int], str]:
    """The member in whose bytes, header or line of the directory an offset lies, by the standard library."""
    spans = []
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        at = archive.start_dir
        for info in archive.infolist():
            spans.append((info.header_offset, info.header_offset + 30 + len(info.filename) + info.file_size))
            spans[-1] = (*spans[-1], info.filename)  # type: ignore[assignment]
            spans.append((at, at + 46 + len(info.filename), info.filename))  # type: ignore[arg-type]
            at += 46 + len(info.filename)
    spans.append((at, len(raw), "end of the file"))  # type: ignore[arg-type]
    return lambda offset: next(name for begin, stop, name in spans if begin <= offset < stop)  # type: ignore[misc]


def faults_of(raw: bytes) -> set[str]:
    return {name for name, _ in verify_bundle.opened(raw)[4]}


def flip(raw: bytes, offsets: list[int], rng: random.Random) -> None:
    """One bit at each offset is found, and laid to the member in which it is."""
    member = where(raw)
    assert faults_of(raw) == set()
    broken = bytearray(raw)
    for offset in offsets:
        broken[offset] ^= (bit := 1 << rng.randrange(8))
        assert faults_of(bytes(broken)) == {member(offset)}, (offset, bit)
        broken[offset] ^= bit


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each signature is reckoned once: a flip elsewhere asks for the same one."""
    monkeypatch.setattr(verify_bundle, "signed_by", functools.cache(verify_bundle.signed_by))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("county", ["sqlite"], indirect=True)  # the file knows nothing of its database
async def test_a_flip_of_any_byte_of_a_small_bundle_is_found_and_its_member_named(county: County) -> None:
    phone = await county.phone()
    raw, _ = await bundled(county, await noted(phone, fact="a"))
    flip(raw, list(range(len(raw))), random.Random(6))
    last = raw.index(b"\n", raw.index(b"seal.jws")) - 1  # base64 has bits there that say nothing
    for bit in range(8):
        broken = bytearray(raw)
        broken[last] ^= 1 << bit
        assert faults_of(bytes(broken)) == {"seal.jws"}, bit


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("county", ["sqlite"], indirect=True)
async def test_flips_in_a_large_bundle_are_found_and_their_members_named(county: County) -> None:
    finding, _, inspector, _ = await confirmed(county)
    await receipt(inspector, "inspector", [])
    raw, _ = await bundled(county, finding)
    rng = random.Random(66)
    flip(raw, rng.sample(range(len(raw)), 2500), rng)


async def test_members_removed_added_or_exchanged_are_named(county: County, verify: Verifier) -> None:
    finding, violation, _, _ = await confirmed(county)
    raw, _ = await bundled(county, finding)
    other, _ = await bundled(county, violation)
    parts = members(raw)
    anew = "the file"
    for name in parts:
        without = packed({key: data for key, data in parts.items() if key != name})
        blamed = {name} if name in ("seal.jws", "manifest.json") else {anew, name}
        assert verify.blames(without) == blamed, name
    assert verify.blames(packed(parts)) == {anew}
    assert verify.blames(packed({**parts, "photos/more.jpg": b"x"})) == {anew, "photos/more.jpg"}
    photo = next(name for name in parts if name.startswith("photos/"))
    swapped = {**parts, photo: parts["log.json"], "log.json": parts[photo]}
    assert verify.blames(packed(swapped)) == {anew, photo, "log.json"}
    said = verify(packed(swapped))[1]
    assert f"BAD log.json: holds the bytes of {photo}" in said
    foreign = members(other)
    assert verify.blames(packed({**parts, "manifest.json": foreign["manifest.json"]})) == {"manifest.json"}
    both = {**parts, "seal.jws": foreign["seal.jws"], "manifest.json": foreign["manifest.json"]}
    assert {"record.json", "log.json"} <= verify.blames(packed(both))
    assert "end of the file" in verify.blames(raw + b"\0")
    assert verify.blames(raw[:-1]) == {"end of the file"}
    assert verify.blames(b"") == verify.blames(b"no bundle\n") == {"seal.jws"}
    assert verify(raw, "--ledger", "not there")[0] == 2


async def test_a_bundle_made_with_another_key_is_told_from_ours(county: County, verify: Verifier) -> None:
    phone = await county.phone()
    id_ = await noted(phone, fact="a")
    _, ours = await bundled(county, id_)
    async with county.db.write() as conn:
        await keys.rotate(conn, county.now())
    forged, theirs = await bundled(county, id_)
    assert ours.key != theirs.key
    verify.holds(forged, "--key", theirs.key)
    assert verify.blames(forged, "--key", ours.key) == {"that key is the one given by --key"}


def test_the_verifier_reckons_signatures_as_the_library_does() -> None:
    rng, order = random.Random(256), verify_bundle.N
    for _ in range(12):
        key, message = DeviceKey(), rng.randbytes(40)
        public, signature = keys.unb64(key.public), key.sign(message)
        changed = bytearray(signature)
        changed[rng.randrange(64)] ^= 1 << rng.randrange(8)
        r, s = signature[:32], int.from_bytes(signature[32:], "big")
        for point, said, mark in (
            (public, message, signature),
            (public, message, r + (order - s).to_bytes(32, "big")),  # as good, for ECDSA
            (public, message + b".", signature),
            (public, message, bytes(changed)),
            (keys.unb64(DeviceKey().public), message, signature),
            (public[:-1] + bytes([public[-1] ^ 1]), message, signature),  # no point of the curve
            (public, message, r + bytes(32)),
            (public, message, bytes(32) + signature[32:]),
            (public, message, r + order.to_bytes(32, "big")),
            (public, message, signature[:-1]),
            (public[:-1], message, signature),
        ):
            assert verify_bundle.signed_by(point, said, mark) == keys.verify(point, mark, said)


# --- on the command line --------------------------------------------------------------------------------------


def test_the_command_writes_a_bundle_once_and_says_in_a_line_why_not(
    shared_server: Server, tmp_path: Path, verify: Verifier
) -> None:
    with signed_in(shared_server.url, "duchayuan") as phone:
        id_, photo = uuid7(), picture(7)
        phone.applied(phone.put("finding", id_, {"unit": phone.unit, "photos": [phone.photo(photo)]}))
        phone.upload(photo)
    file = tmp_path / "made.zip"
    done = shared_server.run("bundle", id_, str(file))
    key = done.stdout.strip().rsplit(" ", 1)[1]
    assert "finding with 1 photos, 1 operations" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    verify.holds(file.read_bytes(), "--key", key)
    for more, why, code in (
        ((id_, str(file)), "File exists", 1),
        ((uuid7(), str(tmp_path / "a")), "no such record", 2),
        ((id_, str(tmp_path / "a"), "--org", uuid7()), "no such record", 2),
        (("../x", str(tmp_path / "a")), "no such record", 2),
    ):
        refused = shared_server.run("bundle", *more, check=False)
        assert (refused.returncode, refused.stdout) == (code, "")
        assert len(refused.stderr.splitlines()) == 1
        assert why in refused.stderr
    assert not (tmp_path / "a").exists()
