"""Two servers with equal data, equal clocks and equal chance; on one of them an inspector was there in secret."""

import asyncio
import base64
import hashlib
import io
import sys
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import urllib3
from PIL import Image

from backend.access import accounts
from backend.app import build
from backend.settings import load
from sync import store
from sync.push import Op
from tests.conftest import Pair
from tests.support.client import PASSWORD
from tests.support.passwords import CHEAP
from tests.support.receiver import receiver

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
STEP = timedelta(seconds=2)
UNHEARD = ("date", "server")  # written by the wall clock and the HTTP server, not by the product
CONTROL = ("inspector", "inspector2", "supervisor", "supervisor2")
INSPECTED = ("crew", "crew2", "manager", "head", "other_crew", "other_manager")
STRANGER = "nobody"


def an_id(name: str) -> str:
    """A UUIDv7 of its own for each name, always the same."""
    random = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10], "big")
    value = (int(START.timestamp() * 1000) << 80) | random
    value = (value & ~(0xF << 76) & ~(0x3 << 62)) | (0x7 << 76) | (0b10 << 62)
    return str(uuid.UUID(int=value))


@cache
def picture(name: str) -> bytes:
    """A small JPEG of its own for each name."""
    shades = hashlib.sha256(name.encode()).digest()
    image = Image.frombytes("RGB", (64, 64), bytes(shades[i % 32] for i in range(64 * 64 * 3)))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def sha(name: str) -> str:
    return hashlib.sha256(picture(name)).hexdigest()


def upload_id(org: str, person: str, sha256: str) -> str:
    """As docs/media.md derives it: anybody may reckon it for anybody."""
    digest = hashlib.sha256(f"{org}\n{person}\n{sha256}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


ORG = an_id("company")
COUNTY, STATION, OTHER = an_id("county"), an_id("station"), an_id("other station")
PEOPLE: Mapping[str, tuple[str, str]] = {  # login: unit, role
    "inspector": (COUNTY, "inspector"),
    "inspector2": (COUNTY, "inspector"),
    "supervisor": (COUNTY, "supervisor"),
    "supervisor2": (COUNTY, "supervisor"),
    "crew": (STATION, "crew"),
    "crew2": (STATION, "crew"),
    "manager": (STATION, "manager"),
    "head": (STATION, "leader"),  # the head of the inspected station: a leader, but of this station only
    "other_crew": (OTHER, "crew"),
    "other_manager": (OTHER, "manager"),
}
EQUIPMENT, METER_BOX, OTHER_BOX = an_id("equipment"), an_id("meter box"), an_id("other box")


async def found(env: Mapping[str, str]) -> None:
    """The company in a migrated database, the same each time."""
    parts = build(load(env))
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("unit", COUNTY, {"name": "县公司", "level": "county", "area": "urban"}),
        ("unit", STATION, {"name": "甲供电所", "level": "station", "area": "rural", "parent": COUNTY}),
        ("unit", OTHER, {"name": "乙供电所", "level": "station", "area": "rural", "parent": COUNTY}),
        *(
            ("person", an_id(login), {"name": login, "unit": unit, "post": role, "roles": [role]})
            for login, (unit, role) in PEOPLE.items()
        ),
        ("equipment", EQUIPMENT, equipment()),
        ("meter_box", METER_BOX, meter_box(STATION, "MX-1")),
        ("meter_box", OTHER_BOX, meter_box(OTHER, "MX-2")),
    ]
    hashed = CHEAP.hash(PASSWORD)
    try:
        async with parts.db.write() as conn:
            await store.create_org(conn, ORG)
            ops = [Op(op="put", kind=kind, id=id_, at=START, data=data) for kind, id_, data in bodies]
            results = await parts.engine.write(conn, ORG, an_id("founder"), START, ops, "test")
            assert all(result.status == "applied" for result in results), results
            for login, (_, role) in PEOPLE.items():
                await accounts.create(
                    conn,
                    START,
                    org=ORG,
                    person=an_id(login),
                    login=login,
                    password_hash=hashed,
                    roles=[role],
                )
    finally:
        parts.passwords.close()
        await parts.db.close()


def equipment() -> dict[str, Any]:
    return {
        "code": "EQ-1",
        "name": "1 号变压器",
        "unit": STATION,
        "line": "10 kV 甲线",
        "type": "transformer",
        "row": "C01",
        "voltage_kv": 10,
        "area_name": "甲台区",
    }


def meter_box(unit: str, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "unit": unit,
        "area_name": "甲台区",
        "address": "人民路 1 号",
        "material": "metal",
        "positions": 6,
        "ownership": "utility",
    }


@dataclass(frozen=True)
class Answer:
    """All of an answer that the one who asked can see."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes

    @property
    def sql(self) -> str:
        return dict(self.headers).get("x-twin-sql", "")

    def json(self) -> Any:
        return msgspec.json.decode(self.content)

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


class Line:
    """A person's connection with one server, and his cookies: as bare as can be, for the answers are many."""

    def __init__(self, port: int) -> None:
        # Once more when the server has hung up on an idle line: it read nothing of that request.
        again = urllib3.Retry(
            connect=1, read=1, other=0, allowed_methods=None, respect_retry_after_header=False
        )
        self.http = urllib3.HTTPConnectionPool("127.0.0.1", port, timeout=60, retries=again)
        self.cookies: dict[str, str] = {}

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
    ) -> Answer:
        sent = {"X-Mingcha": "1", "Accept-Encoding": "identity", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if json is not None:
            content, sent["Content-Type"] = msgspec.json.encode(json), "application/json"
        address = quote(path) + (f"?{urlencode(params)}" if params else "")
        answer = self.http.request(
            method, address, body=content, headers=sent, redirect=False, decode_content=False
        )
        for cookie in answer.headers.getlist("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        heard = [(k.lower(), v) for k, v in answer.headers.iteritems() if k.lower() not in UNHEARD]
        return Answer(answer.status, tuple(heard), answer.data)

    def close(self) -> None:
        self.http.close()


class Side:
    """One of the two servers, and everybody's phones on it. Phones count their operations by themselves."""

    def __init__(self, pair: Pair, fault: str = "") -> None:
        self.ended = ExitStack()
        self.notices = self.ended.enter_context(receiver())
        self.server = pair.server(
            MINGCHA_WORKER="none",
            MINGCHA_NOTICE_WEBHOOK_URL=f"{self.notices.url}/hook",
            MINGCHA_NOTICE_WEBHOOK_SECRET="known to both",
            MINGCHA_NOTICE_NETWORKS="127.0.0.0/8",
            MINGCHA_NOTICE_TIMEOUT_S="60",
            MINGCHA_METRICS_ALLOW="192.0.2.0/24",  # as behind a proxy: no reader's address is among them
            MINGCHA_LOG_LEVEL="error",
            MINGCHA_PWA_DIR=str(pair.folder / "no-app"),
        ).prepare()
        asyncio.run(found(self.server.env))
        program = [sys.executable, "-m", "tests.support.twin", *([fault] if fault else [])]
        self.server.program = program
        self.server.start()
        self.lines: dict[str, Line] = {}
        self.n: dict[str, int] = {}

    def ask(self, login: str, method: str, path: str, *, at: datetime, draw: str, **given: Any) -> Answer:
        if login not in self.lines:
            self.lines[login] = Line(self.server.port)
        headers = {**given.pop("headers", {}), "X-Twin-Now": at.isoformat(), "X-Twin-Draw": draw}
        return self.lines[login].ask(method, path, headers, **given)

    def close(self) -> None:
        for line in self.lines.values():
            line.close()
        self.server.kill()
        self.ended.close()


@dataclass
class Difference:
    """Where the two servers did not say the same."""

    login: str
    asked: str
    quiet: Answer
    secret: Answer

    def __str__(self) -> str:
        lines = [f"{self.login}: {self.asked}"]
        if self.quiet.status != self.secret.status:
            lines.append(f"  status {self.quiet.status} | {self.secret.status}")
        for header in sorted(set(self.quiet.headers) ^ set(self.secret.headers)):
            lines.append(f"  {'quiet ' if header in self.quiet.headers else 'secret'} {header}")
        if self.quiet.content != self.secret.content:
            lines += [f"  quiet  {self.quiet.content[:600]!r}", f"  secret {self.secret.content[:600]!r}"]
        return "\n".join(lines)


@dataclass
class Twins:
    """`quiet` knows nothing of the secret visit, `secret` does. What both are asked is compared."""

    quiet: Side
    secret: Side
    at: datetime = START
    steps: int = 0
    differences: list[Difference] = field(default_factory=list)
    asked: int = 0
    hidden: int = 0
    heard: list[Answer] = field(default_factory=list)  # by the inspected, on the server with the secret
    cursors: dict[str, list[str]] = field(default_factory=dict)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))  # both answer meanwhile

    def tick(self) -> None:
        self.at += STEP
        self.steps += 1

    def both(self, login: str, method: str, path: str, **given: Any) -> Answer:
        """Ask both servers the same; what differs for others than control is kept. Gives the quiet one's answer."""
        self.tick()
        self.asked += 1
        draw = f"both {self.steps}"
        quiet, secret = self.pool.map(
            lambda side: side.ask(login, method, path, at=self.at, draw=draw, **given),
            (self.quiet, self.secret),
        )
        if login in INSPECTED:
            self.heard.append(secret)
        if login not in CONTROL and quiet != secret:
            told = {name: value for name, value in given.items() if name != "content"}
            self.differences.append(Difference(login, f"{method} {path} {str(told)[:300]}", quiet, secret))
        return quiet

    def only(self, login: str, method: str, path: str, **given: Any) -> Answer:
        """Ask the server with the secret alone, between two common steps."""
        self.at += STEP / 4
        self.hidden += 1
        return self.secret.ask(login, method, path, at=self.at, draw=f"secret {self.hidden}", **given)

    def arrange(self, what: str) -> None:
        """Jobs or purge, on both."""
        self.tick()
        for side in (self.quiet, self.secret):
            answer = side.ask(STRANGER, "POST", f"/twin/{what}", at=self.at, draw=f"arrange {self.steps}")
            assert answer.status == 204, answer

    # --- operations ---------------------------------------------------------------------------------------

    def envelope(self, side: Side, device: str, ops: Iterable[dict[str, Any]]) -> dict[str, Any]:
        numbered = []
        for op in ops:
            side.n[device] = side.n.get(device, 0) + 1
            numbered.append({"n": side.n[device], "at": self.at.isoformat(), **op})
        return {
            "device": an_id(f"phone {device}"),
            "schema": 1,
            "sent_at": self.at.isoformat(),
            "ops": numbered,
        }

    def push(self, login: str, *ops: dict[str, Any], applied: bool = True) -> list[dict[str, Any]]:
        """The same operations on both servers, each with the number that its phone has come to."""
        self.tick()
        self.asked += 1
        answers = []
        for side in (self.quiet, self.secret):
            body = self.envelope(side, login, ops)
            draw = f"push {self.steps}"
            answers.append(side.ask(login, "POST", "/api/v1/sync/push", at=self.at, draw=draw, json=body))
            if login in CONTROL:  # only the inspected must not see a difference
                _check(answers[-1], applied)
        if login not in CONTROL and answers[0] != answers[1]:
            self.differences.append(Difference(login, f"push {str(ops)[:400]}", *answers))
        return _check(answers[0], applied)

    def push_secretly(
        self, login: str, *ops: dict[str, Any], applied: bool = True, device: str = ""
    ) -> list[dict[str, Any]]:
        body = self.envelope(self.secret, device or login, ops)
        return _check(self.only(login, "POST", "/api/v1/sync/push", json=body), applied)

    def register(self, login: str) -> None:
        given = {"id": an_id(f"phone {login}"), "name": "phone", "app_version": "1"}
        answer = self.both(login, "POST", "/api/v1/devices", json=given)
        assert answer.status == 200, answer

    def sign_in(self, login: str) -> None:
        answer = self.both(login, "POST", "/api/v1/session", json={"login": login, "password": PASSWORD})
        assert answer.status == 200, answer

    # --- photos -------------------------------------------------------------------------------------------

    def upload(self, login: str, name: str) -> None:
        """The whole photo in one request, on both."""
        answer = self.both(login, "POST", "/api/v1/uploads", **upload_request(name))
        assert answer.status == 201, answer

    def upload_secretly(self, login: str, name: str, *, part: float = 1) -> None:
        answer = self.only(login, "POST", "/api/v1/uploads", **upload_request(name, part))
        assert answer.status == 201, answer

    def close(self) -> None:
        self.pool.shutdown()
        self.quiet.close()
        self.secret.close()


def _check(answer: Answer, applied: bool) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    results: list[dict[str, Any]] = answer.json()["results"]
    if applied:
        assert all(result["status"] in ("applied", "merged") for result in results), results
    return results


def upload_request(name: str, part: float = 1) -> dict[str, Any]:
    """tus creation with the bytes, or with their first part."""
    content = picture(name)
    said = {"sha256": sha(name), "type": "image/jpeg", "name": "a.jpg"}
    text = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": text,
        "Content-Type": "application/offset+octet-stream",
    }
    return {"headers": headers, "content": content[: int(len(content) * part)]}


def photo(name: str, role: str = "visible") -> dict[str, Any]:
    """A reference as it stands in a record."""
    return {
        "sha256": sha(name),
        "size": len(picture(name)),
        "type": "image/jpeg",
        "role": role,
        "taken_at": START.isoformat(),
        "origin": "camera",
    }


def put(kind: str, name: str, data: dict[str, Any], base: int = 0) -> dict[str, Any]:
    return {"op": "put", "kind": kind, "id": an_id(name), "base": base, "data": data}


def event(
    kind: str, name: str, what: str, data: dict[str, Any] | None = None, *, id_: str = ""
) -> dict[str, Any]:
    subject = name if len(name) == 36 else an_id(name)
    made = an_id(id_ or f"event {kind} {name} {what}")
    return {"op": "event", "kind": kind, "id": made, "subject": subject, "type": what, "data": data or {}}


def delete(kind: str, name: str, base: int) -> dict[str, Any]:
    return {"op": "delete", "kind": kind, "id": an_id(name), "base": base}
