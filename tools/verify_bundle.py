#!/usr/bin/env python3
"""Check a bundle of `mingcha bundle` with nothing but Python 3.9: no server, no network, no other package.

    python3 verify_bundle.py BUNDLE [--key KEY] [--ledger EXPORT]

Says in plain words what was checked. Ends with 0 when everything holds, 1 when something does not, 2 when there is
no such file. What each step proves, and what none of them does, stands in docs/bundle.md.
"""

import argparse
import base64
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from collections import namedtuple
from pathlib import Path

SEAL, MANIFEST, END = "seal.jws", "manifest.json", "end of the file"
FORMAT, RECEIPT, CHECKPOINT = "mingcha-bundle-1", "mingcha-receipt-1", "mingcha-checkpoint-1"
CAPTURES, FIRST = ("mingcha-capture-1", "mingcha-capture-2"), "0" * 64
Opened = namedtuple("Opened", "seal header listed members faults")  # `listed`: what the manifest says


def sha(data):
    return hashlib.sha256(data).hexdigest()


# --- signatures: ECDSA on P-256 (FIPS 186-4, RFC 6090): y² = x³ - 3x + B modulo P, base point G of order N ----------
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and a != b:
        return None
    rise, run = (3 * a[0] * a[0] - 3, 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = rise * pow(run, -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    """The sum of k times the point: half as often its double, and once more when k is odd."""
    return add(times(k // 2, add(point, point)), point if k % 2 else None) if k else None


def signed_by(public, message, signature):
    """Whether the holder of `public` (65 bytes) signed the message; `signature` is r and s, 64 bytes."""
    halves = public[1:33], public[33:], signature[:32], signature[32:]
    x, y, r, s = (int.from_bytes(half, "big") for half in halves)
    if len(public) != 65 or public[0] != 4 or max(x, y) >= P or (y * y - x * x * x + 3 * x - B) % P:
        return False
    if len(signature) != 64 or not (0 < r < N and 0 < s < N):
        return False
    e, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N)
    point = add(times(e * w % N, (GX, GY)), times(r * w % N, (x, y)))
    return point is not None and point[0] % N == r


def unb64(text):
    """Base64url without padding (RFC 4648 5)."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jws(data, types, public=None):
    """What a compact JWS (RFC 7515, ES256) says, and its header; ValueError when its signature does not hold.

    The key is that of `public` which the header names by `kid`; for the seal it stands in the header itself.
    """
    head, content, signature = data.decode("ascii").split(".")
    header = json.loads(unb64(head))
    if header["alg"] != "ES256" or header["typ"] not in types:
        raise ValueError("of another kind")
    key = unb64(header["key"]) if public is None else public[header.get("kid")]
    if not signed_by(key, f"{head}.{content}".encode(), unb64(signature)):
        raise ValueError("the signature does not hold")
    return json.loads(unb64(content)), header


# --- the file: a ZIP in the one spelling that the server writes, so that no byte of it is without a meaning ----------


def spelled(members):
    """The ZIP of these members as the server spells it, in pieces, each with the member to which it belongs."""
    directory, at = [], 0
    for name, data in members.items():
        about = struct.pack("<5H3L2H", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory.append((name, b"PK\1\2\x14\0" + about + bytes(10) + struct.pack("<L", at) + name.encode()))
        yield from ((name, b"PK\3\4" + about + name.encode()), (name, data))
        at += 30 + len(name) + len(data)
    yield from directory
    count, size = len(members), sum(len(line) for _, line in directory)
    yield END, struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, at, 0)


def examined(read):
    """What `read` finds in the file, and by its name each member that is not as it was sealed."""
    members = {SEAL: read(SEAL)}
    try:
        seal, header = jws(members[SEAL].removesuffix(b"\n"), [FORMAT])
    except Exception as error:  # not even a JWS, or not signed
        return Opened(None, None, None, members, {SEAL: f"cannot be trusted: {error}"})
    members[MANIFEST] = read(MANIFEST, seal["manifest"]["size"])
    if sha(members[MANIFEST]) != seal["manifest"]["sha256"]:
        return Opened(seal, header, None, members, {MANIFEST: "is not the one that was sealed"})
    listed, faults = json.loads(members[MANIFEST]), {}
    names = {one["sha256"]: one["name"] for one in listed["members"]}
    for one in listed["members"]:
        name, data = one["name"], read(one["name"], one["size"])
        members[name], digest = data, sha(data)
        if digest != one["sha256"]:
            faults[name] = f"holds the bytes of {names[digest]}" if digest in names else "was changed"
    return Opened(seal, header, listed, members, faults)


def as_written(raw):
    """What is in the file as the server wrote it, and every place that is not as it was."""
    file, at = io.BytesIO(raw), 0

    def read(name, size=None):
        file.seek(30 + len(name), io.SEEK_CUR)
        return file.readline() if size is None else file.read(size)

    found = examined(read)
    for name, piece in spelled(found.members) if found.listed else ():
        stop = len(raw) if name == END else at + len(piece)
        if raw[at:stop] != piece:
            found.faults.setdefault(name, "its place in the ZIP was changed, cut off or lengthened")
        at = stop
    return found


def packed_anew(raw):
    """What is in the file as any ZIP program finds it, and what differs from what was sealed."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            packed = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:  # whatever zipfile makes of a damaged file
        packed = []
    names, by_name = [name for name, _ in packed], dict(packed)
    found = examined(lambda name, size=None: by_name.get(name, b""))
    for name in by_name.keys() ^ found.members.keys():
        found.faults[name] = "was added" if name in by_name else "is missing"
    found.faults.update({name: "is there more than once" for name in names if names.count(name) > 1})
    found.faults["the file"] = "was packed anew after it was sealed"
    return found


def opened(raw):
    """The file as it was written or, where that explains more, as it was packed anew; its faults in pairs."""
    found = as_written(raw)
    if found.faults:
        ways = (found, packed_anew(raw))
        found = min(ways, key=lambda one: (one.seal is None, one.listed is None, len(one.faults)))
    return found._replace(faults=list(found.faults.items()))


# --- what the members say of each other ------------------------------------------------------------------------------


def signed(members, name, types, public, say):
    """What the member says; None, and that is said, where it is no JWS, of an unknown key, or not signed."""
    try:
        return jws(members[name], types, public)[0]
    except Exception as error:
        say(False, f"{name}: cannot be trusted: {error}")


def check_operations(listed, members, public, say):
    bare = [one for one in listed["operations"] if one["device"] != "server"]
    about = all(listed["record"].encode() in members[one["member"]] for one in listed["operations"])
    servers = len(listed["operations"]) - len(bare)
    say(about, f"{len(bare)} operations of phones and {servers} of the server: each names the record")
    for name in listed["receipts"]:
        if (said := signed(members, name, [RECEIPT], public, say)) is not None:
            at, device, last = said["at"], said["device"], said["n"]
            bare = [o for o in bare if o["device"] != device or o["n"] > last or o["received_at"] > at]
            say(True, f"{name}: signed {at}: operations up to {last} of {device} had come")
    if bare:
        say(None, f"{len(bare)} operations of phones have no receipt")


def check_photos(listed, members, say):
    sent = [members[one["member"]] for one in listed["operations"]]
    for one in listed["photos"]:
        photo, member = f"photo {one['sha256'][:12]} ({one['role']})", one["member"]
        if member is None:
            say(None, f"{photo}: not in this bundle: {one['absent']}")
        else:
            say(sha(members[member]) == one["sha256"], f"{photo}: its bytes have the hash that names it")
        named = any(f'"{one["sha256"]}"'.encode() in operation for operation in sent)
        say(named, f"{photo}: named by an operation in this bundle")


def where(said):
    """The place that a capture tells, with what is known of its worth."""
    names = ("lat", "lon", "accuracy_m", "place_age_ms", "heading_deg")
    lat, lon, accuracy_m, age_ms, heading_deg = map(said.get, names)
    if lat is None or lon is None:
        return ""
    told = f", at {lat:.6f}, {lon:.6f}"
    told += "" if accuracy_m is None else f", within {accuracy_m:.0f} m"
    told += "" if age_ms is None else f", read {age_ms / 1000:.0f} s from it"
    return told + ("" if heading_deg is None else f", looking {heading_deg:.0f} degrees from north")


def check_captures(listed, members, keys, say):
    public = {one["device"]: one["public"] or "" for one in keys["devices"]}
    sizes = {one["sha256"]: one["stored"]["size"] for one in listed["photos"] if one["stored"]}
    links, proven = {}, set()
    for one in listed.get("captures", []):
        photo, n, key = f"photo {one['sha256'][:12]}", one["n"], unb64(public.get(one["device"], ""))
        said = signed(members, one["member"], CAPTURES, {None: key}, say)
        if said is None:
            continue
        links[one["device"], n] = sha(members[one["member"]])
        before = FIRST if n == 1 else links.get((one["device"], n - 1), said["prev"])
        same = all(said[name] == one[name] for name in ("device", "n", "sha256")) and said["prev"] == before
        same = same and said["size"] == sizes.get(one["sha256"], said["size"])
        proven.update([one["sha256"]] if said["record"] == listed["record"] else [])
        told = f"signed by phone {one['device']} as its number {n} at {said['signed_at']} by its clock"
        say(same, f"{photo}: {told}, taken {said['taken_at']}{where(said)}")
        if said.get("copy_of"):
            say(None, f"{photo}: a marked copy of photo {said['copy_of'][:12]}, no proof by itself")
    for one in listed["photos"]:
        if one["sha256"] not in proven:
            say(None, f"photo {one['sha256'][:12]}: no phone signed it for this record")


def exported(text, org):
    """The hashes of an exported ledger by number, up to the first that does not hold."""
    found, before = {}, FIRST
    for line in map(json.loads, text.splitlines()):
        if line["org"] == org:
            if line["prev_hash"] != before or line["hash"] != sha(f"{before}\n{line['entry']}".encode()):
                break
            before = found[line["n"]] = line["hash"]
    return found


def check_ledger(listed, members, public, export, say):
    chain = [FIRST, *members.get("ledger/chain.txt", b"").decode().split()]
    others = None if export is None else exported(export, listed["org"])
    for name in listed["ledger"]:
        line = json.loads(members[name])
        n, entry = line["n"], json.loads(line["entry"])
        digest = sha(f"{line['prev_hash']}\n{line['entry']}".encode())
        holds = digest == line["hash"] and [line["prev_hash"], digest] == chain[n - 1 : n + 1]
        holds = holds and all(entry[each] == line[each] for each in ("org", "n", "person", "points"))
        told = f"ledger entry {n} ({line['points']:+d} points)"
        say(holds, f"{told}: in its place of a chain of {len(chain) - 1}")
        if others is not None:
            say(others.get(n) == digest, f"ledger entry {n}: in the exported ledger too")
    for name in listed.get("checkpoints", []):
        if (said := signed(members, name, [CHECKPOINT], public, say)) is not None:
            n, told = said["n"], f"{name}: signed {said['at']}: the ledger had {said['n']} lines"
            holds = said["org"] == listed["org"] and n > 0 and chain[n : n + 1] == [said["hash"]]
            say(holds, f"{told}, and they stand in this chain")
    if not listed["ledger"]:
        say(None, "no ledger entry names the record")
    elif not listed.get("checkpoints"):
        say(None, "no checkpoint of the ledger: whether its last lines were removed cannot be told")


def check_rules(listed, members, say):
    for edition in sorted({one["edition"] for one in listed["rules"]}):
        inside = any(name.startswith(f"rules/{edition}/") for name in members)
        say(inside, f"judged by rules {edition}: inside")
    for name in sorted({one["member"] for one in listed["rules"] if "member" in one}):
        said = json.loads(members.get(name, b"{}"))
        same = name == f"rules/{said.get('version')}/{said.get('part')}.json"
        say(same, f"judged by the company's own {name}: inside, and what it says it is")


def check(raw, key, export, say):
    seal, header, listed, members, faults = opened(raw)
    for name, why in faults:
        say(False, f"{name}: {why}")
    if seal:
        say(True, f"sealed {seal['at']} by key {header['key']}")
        say(None if key is None else key.strip() == header["key"], "that key is the one given by --key")
    if faults:
        return
    say(True, f"{len(members)} members: every byte is as it was sealed")
    same = all(seal[name] == listed[name] for name in ("org", "record", "kind", "at"))
    say(same, f"the seal is that of {listed['kind']} {listed['record']}")
    keys = json.loads(members["keys.json"])
    public = {one["id"]: unb64(one["public"]) for one in keys["server"]}
    check_operations(listed, members, public, say)
    check_photos(listed, members, say)
    check_captures(listed, members, keys, say)
    check_ledger(listed, members, public, export, say)
    check_rules(listed, members, say)


def main():
    parser = argparse.ArgumentParser(description="Check a bundle; exit 1 when it does not hold.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", help="the company's public key, as it came to you by another way")
    parser.add_argument("--ledger", type=Path, help="an exported ledger in which the entries must stand too")
    given, bad = parser.parse_args(), []

    def say(holds, text):
        print({True: "ok ", False: "BAD", None: " ? "}[holds], text)
        bad.extend([text] if holds is False else [])

    try:
        export = None if given.ledger is None else given.ledger.read_bytes()
        check(given.bundle.read_bytes(), given.key, export, say)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}")
        return 2
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        say(False, f"what was sealed, or the ledger given, cannot be read: {error!r}")
    print(f"the bundle does NOT hold: {len(bad)} faults" if bad else "the bundle holds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
