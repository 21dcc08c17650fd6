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
from pathlib import Path

SEAL, MANIFEST = "seal.jws", "manifest.json"
FORMAT, RECEIPT, CHECKPOINT = "mingcha-bundle-1", "mingcha-receipt-1", "mingcha-checkpoint-1"
CAPTURES, FIRST = ("mingcha-capture-1", "mingcha-capture-2"), "0" * 64

# --- ECDSA on P-256 (FIPS 186-4, RFC 6090): y² = x³ - 3x + B modulo P, base point G of order N -----------------
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    total = None
    for bit in bin(k)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def signed_by(public, message, signature):
    """Whether the holder of `public` (65 bytes) signed the message; `signature` is r and s, 64 bytes."""
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    if len(public) != 65 or public[0] != 4 or max(x, y) >= P or (y * y - x * x * x + 3 * x - B) % P:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < N and 0 < s < N):
        return False
    e, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N)
    point = add(times(e * w % N, G), times(r * w % N, (x, y)))
    return point is not None and point[0] % N == r


def unb64(text):
    """Base64url without padding (RFC 4648 5)."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jws(text, types, public=None):
    """What a compact JWS (RFC 7515, ES256) says, and its header; ValueError when its signature does not hold."""
    head, content, signature = text.split(".")
    header = json.loads(unb64(head))
    if header["alg"] != "ES256" or header["typ"] not in types:
        raise ValueError("of another kind")
    key = unb64(header["key"]) if public is None else public[header.get("kid")]
    if not signed_by(key, (head + "." + content).encode(), unb64(signature)):
        raise ValueError("the signature does not hold")
    return json.loads(unb64(content)), header


# --- the file: a ZIP in the one spelling that the server writes, so that no byte of it is without a meaning -------


def local(name, size, crc):
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, crc, size, size, len(name), 0) + name.encode()


def central(name, size, crc, at):
    fields = (20, 20, 0, 0, 0, 33, crc, size, size, len(name), 0, 0, 0, 0, 0, at)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name.encode()


def end(count, size, at):
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, at, 0)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def fault(data, name, names):
    """What is wrong with bytes that are not those of `name`."""
    other = [each for each, _, digest in names if digest == sha(data)]
    return name, f"holds the bytes of {other[0]}" if other else "was changed"


def by_place(raw, names):
    """The members where the server wrote them, and every place that is not as it was."""
    members, faults, directory, at = {}, [], [], 0
    for name, size, digest in names:
        start = at + len(local(name, 0, 0))
        data = members[name] = raw[start : start + size]
        if sha(data) != digest:
            faults.append(fault(data, name, names))
        elif raw[at:start] != local(name, size, zlib.crc32(data)):
            faults.append((name, "its header in the ZIP was changed"))
        directory.append((name, central(name, size, zlib.crc32(data), at)))
        at = start + size
    begun, wrong = at, {name for name, _ in faults}
    for name, line in directory:
        if raw[at : at + len(line)] != line and name not in wrong:
            faults.append((name, "its line in the ZIP's directory was changed"))
        at += len(line)
    if raw[at:] != end(len(names), at - begun, begun):
        faults.append(("end of the file", "was changed, cut off or lengthened"))
    return members, faults


def unpacked(raw):
    """Names and bytes as any ZIP program finds them, for a file that was packed anew; none where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:  # whatever zipfile makes of a damaged file
        return []


def by_name(found, names):
    """The members by their names, and what differs from what was sealed."""
    members, known = dict(found), {name for name, _, _ in names}
    faults = [("the file", "was packed anew after it was sealed")]
    faults += [(name, "was added") for name in members if name not in known]
    faults += [(name, "is there more than once") for name in members if [n for n, _ in found].count(name) > 1]
    for name, _, digest in names:
        if name not in members:
            faults.append((name, "is missing"))
        elif sha(members[name]) != digest:
            faults.append(fault(members[name], name, names))
    return members, faults


def opened(raw):
    """Seal, its header, manifest, members by name, and all that is not as it was sealed."""
    start = len(local(SEAL, 0, 0))
    text, packed = raw[start : raw.find(b"\n", start) + 1], None
    if raw[:4] + raw[30:start] != b"PK\3\4" + SEAL.encode() and len(packed := unpacked(raw)):
        text = dict(packed).get(SEAL, b"")
    try:
        seal, header = jws(text.decode("ascii").removesuffix("\n"), [FORMAT])
    except Exception as error:  # not even a JWS, or not signed
        return None, None, None, None, [(SEAL, f"cannot be trusted: {error}")]
    size, digest = seal["manifest"]["size"], seal["manifest"]["sha256"]
    start += len(text) + len(local(MANIFEST, 0, 0))
    manifest = raw[start : start + size]
    if sha(manifest) != digest:
        manifest = dict(unpacked(raw) if packed is None else packed).get(MANIFEST, b"")
    if sha(manifest) != digest:
        return seal, header, None, None, [(MANIFEST, "is not the one that was sealed")]
    listed = json.loads(manifest)
    names = [(SEAL, len(text), sha(text)), (MANIFEST, size, digest)]
    names += [(one["name"], one["size"], one["sha256"]) for one in listed["members"]]
    members, faults = by_place(raw, names)
    if len(faults) > 2 and (found := unpacked(raw)):
        members, faults = min((members, faults), by_name(found, names), key=lambda way: len(way[1]))
    return seal, header, listed, members, faults


# --- what the members say of each other --------------------------------------------------------------------------


def strings(value):
    """Every text in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def check_operations(listed, members, say):
    phones = [one for one in listed["operations"] if one["device"] != "server"]
    about = all(listed["record"].encode() in members[one["member"]] for one in listed["operations"])
    servers = len(listed["operations"]) - len(phones)
    say(about, f"{len(phones)} operations of phones and {servers} of the server: each names the record")


def check_photos(listed, members, say):
    told = set()
    for one in listed["operations"]:
        try:
            told.update(strings(json.loads(members[one["member"]])))
        except ValueError:  # it could not be read, and so was refused
            continue
    for one in listed["photos"]:
        photo = f"photo {one['sha256'][:12]} ({one['role']})"
        if one["member"] is None:
            say(None, f"{photo}: not in this bundle: {one['absent']}")
        else:
            say(
                sha(members[one["member"]]) == one["sha256"],
                f"{photo}: its bytes have the hash that names it",
            )
        say(one["sha256"] in told, f"{photo}: named by an operation in this bundle")


def where(said):
    """The place that a capture tells, with what is known of its worth."""
    if said.get("lat") is None or said.get("lon") is None:
        return ""
    parts = [f"at {said['lat']:.6f}, {said['lon']:.6f}"]
    if said.get("accuracy_m") is not None:
        parts.append(f"within {said['accuracy_m']:.0f} m")
    if said.get("place_age_ms") is not None:
        parts.append(f"read {said['place_age_ms'] / 1000:.0f} s from it")
    if said.get("heading_deg") is not None:
        parts.append(f"looking {said['heading_deg']:.0f} degrees from north")
    return ", " + ", ".join(parts)


def check_captures(listed, members, say):
    public = {one["device"]: one["public"] for one in json.loads(members["keys.json"])["devices"]}
    sizes = {one["sha256"]: one["stored"]["size"] for one in listed["photos"] if one["stored"]}
    links, signed = {}, set()
    for one in listed.get("captures", []):
        text, photo = members[one["member"]].decode("ascii"), f"photo {one['sha256'][:12]}"
        try:
            said, _ = jws(text, CAPTURES, {None: unb64(public[one["device"]] or "")})
        except Exception:  # not a JWS, of an unknown key, or not signed
            say(False, f"{one['member']}: the phone's signature does not hold")
            continue
        links[one["device"], one["n"]] = sha(text.encode())
        before = FIRST if one["n"] == 1 else links.get((one["device"], one["n"] - 1), said["prev"])
        same = all(said[name] == one[name] for name in ("device", "n", "sha256")) and said["prev"] == before
        same = same and said["size"] == sizes.get(one["sha256"], said["size"])
        signed.update([one["sha256"]] if said["record"] == listed["record"] else [])
        told = f"signed by phone {one['device']} as its number {one['n']} at {said['signed_at']} by its clock"
        say(same, f"{photo}: {told}, taken {said['taken_at']}{where(said)}")
        if said.get("copy_of"):
            say(None, f"{photo}: a marked copy of photo {said['copy_of'][:12]}, no proof by itself")
    for one in listed["photos"]:
        if one["sha256"] not in signed:
            say(None, f"photo {one['sha256'][:12]}: no phone signed it for this record")


def check_receipts(listed, members, say):
    public = {key["id"]: unb64(key["public"]) for key in json.loads(members["keys.json"])["server"]}
    bare = [one for one in listed["operations"] if one["device"] != "server"]
    for name in listed["receipts"]:
        try:
            said, _ = jws(members[name].decode("ascii"), [RECEIPT], public)
        except Exception:  # not a JWS, of an unknown key, or not signed
            say(False, f"{name}: the server's signature does not hold")
            continue
        own = [o for o in bare if o["device"] == said["device"] and o["n"] <= said["n"]]
        bare = [o for o in bare if o not in own or o["received_at"] > said["at"]]
        say(True, f"{name}: signed {said['at']}: operations up to {said['n']} of {said['device']} had come")
    if bare:
        say(None, f"{len(bare)} operations of phones have no receipt")


def exported(text, org):
    """The hashes of an exported ledger by number, up to the first that does not hold."""
    found, before = {}, FIRST
    for line in map(json.loads, text.splitlines()):
        if line["org"] == org:
            if line["prev_hash"] != before or line["hash"] != sha(f"{before}\n{line['entry']}".encode()):
                break
            before = found[line["n"]] = line["hash"]
    return found


def check_ledger(listed, members, say, export):
    for name in listed["ledger"]:
        line, chain = json.loads(members[name]), [FIRST, *members["ledger/chain.txt"].decode().split()]
        n, entry, digest = (
            line["n"],
            json.loads(line["entry"]),
            sha(f"{line['prev_hash']}\n{line['entry']}".encode()),
        )
        holds = [line["prev_hash"], line["hash"]] == chain[n - 1 : n + 1] and digest == line["hash"]
        holds = holds and all(entry[each] == line[each] for each in ("org", "n", "person", "points"))
        say(
            holds,
            f"ledger entry {n} ({line['points']:+d} points): in its place of a chain of {len(chain) - 1}",
        )
        if export is not None:
            say(
                exported(export, listed["org"]).get(n) == digest,
                f"ledger entry {n}: in the exported ledger too",
            )
    if not listed["ledger"]:
        say(None, "no ledger entry names the record")


def check_checkpoints(listed, members, say):
    public = {key["id"]: unb64(key["public"]) for key in json.loads(members["keys.json"])["server"]}
    names = listed.get("checkpoints", [])
    for name in names:
        chain = members["ledger/chain.txt"].decode().split()
        try:
            said, _ = jws(members[name].decode("ascii"), [CHECKPOINT], public)
        except Exception:  # not a JWS, of an unknown key, or not signed
            say(False, f"{name}: the server's signature does not hold")
            continue
        holds = said["org"] == listed["org"] and chain[said["n"] - 1 : said["n"]] == [said["hash"]]
        say(
            holds,
            f"{name}: signed {said['at']}: the ledger had {said['n']} lines, and they stand in this chain",
        )
    if listed["ledger"] and not names:
        say(None, "no checkpoint of the ledger: whether its last lines were removed cannot be told")


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
    check_operations(listed, members, say)
    check_photos(listed, members, say)
    check_captures(listed, members, say)
    check_receipts(listed, members, say)
    check_ledger(listed, members, say, export)
    check_checkpoints(listed, members, say)
    for edition in sorted({one["edition"] for one in listed["rules"]}):
        say(
            any(name.startswith(f"rules/{edition}/") for name in members),
            f"judged by rules {edition}: inside",
        )
    for name in sorted({one["member"] for one in listed["rules"] if "member" in one}):
        said = json.loads(members[name]) if name in members else {}
        say(
            name == f"rules/{said.get('version')}/{said.get('part')}.json",
            f"judged by the company's own {name}: inside, and what it says it is",
        )


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
