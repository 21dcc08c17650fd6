"""A phone, as the tests use it: signs in, registers a device, pushes, pulls, uploads. Over real HTTP."""

import base64
import hashlib
import itertools
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from media.sniff import HEAD, sniff

PASSWORD = "mingcha-demo"


def uuid7() -> str:
    value = (time.time_ns() // 1_000_000 << 80) | (7 << 76) | (secrets.randbits(12) << 64)
    value |= (2 << 62) | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def now() -> str:
    return datetime.now(UTC).isoformat()


class Client:
    """One signed-in device. `http` is the plain httpx client with the cookie and the header X-Mingcha."""

    def __init__(self, url: str, *, timeout_s: float = 30) -> None:
        self.url = url
        # verify=False: plain HTTP on the loopback, no certificates to load
        self.http = httpx.Client(base_url=url, headers={"X-Mingcha": "1"}, timeout=timeout_s, verify=False)
        self.me: dict[str, Any] = {}
        self.device = ""
        self.n = itertools.count(1)
        self.cursor: str | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def person(self) -> str:
        return str(self.me["person"]["id"])

    @property
    def unit(self) -> str:
        return str(self.me["person"]["unit"])

    def sign_in(self, login: str, password: str = PASSWORD, *, register: bool = True) -> "Client":
        answer = self.http.post("/api/v1/session", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        self.me = answer.json()
        if register:
            self.register()
        return self

    def register(self, device: str | None = None) -> dict[str, Any]:
        self.device = device or self.device or uuid7()
        body = {"id": self.device, "name": "test phone", "app_version": "0.1.0"}
        answer = self.http.post("/api/v1/devices", json=body)
        assert answer.status_code == 200, answer.text
        registered: dict[str, Any] = answer.json()
        self.n = itertools.count(registered["n"] + 1)
        return registered

    # --- operations -------------------------------------------------------------------------------------

    def put(self, kind: str, id_: str, data: dict[str, Any], base: int = 0) -> dict[str, Any]:
        """An operation with the next number; not sent yet."""
        return {
            "n": next(self.n),
            "op": "put",
            "kind": kind,
            "id": id_,
            "base": base,
            "at": now(),
            "data": data,
        }

    def event(
        self, kind: str, subject: str, type_: str, data: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {
            "n": next(self.n),
            "op": "event",
            "kind": kind,
            "id": uuid7(),
            "subject": subject,
            "type": type_,
            "at": now(),
            "data": data or {},
        }

    def send(self, *ops: dict[str, Any]) -> httpx.Response:
        body = {"device": self.device, "schema": 1, "sent_at": now(), "ops": list(ops)}
        return self.http.post("/api/v1/sync/push", json=body)

    def push(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        """Results of the operations; the request itself must be accepted."""
        answer = self.send(*ops)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def applied(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        """Like `push`, and every operation must be applied."""
        results = self.push(*ops)
        assert all(r["status"] in ("applied", "merged") for r in results), results
        return results

    def pull(self) -> list[dict[str, Any]]:
        """All changes since the last pull."""
        changes: list[dict[str, Any]] = []
        while True:
            params = {"schema": "1"} | ({"cursor": self.cursor} if self.cursor else {})
            answer = self.http.get("/api/v1/sync/pull", params=params)
            if answer.status_code == 304:
                return changes
            assert answer.status_code == 200, answer.text
            page = answer.json()
            self.cursor = page["cursor"]
            changes += page["changes"]
            if not page["more"]:
                return changes

    def records(self, kind: str | None = None) -> dict[str, dict[str, Any]]:
        """All living records of the caller's scopes as the feed gives them now, by id."""
        self.cursor = None
        found = {c["id"]: c for c in self.pull() if "gone" not in c}
        return {id_: c for id_, c in found.items() if kind in (None, c["kind"])}

    # --- photos -----------------------------------------------------------------------------------------

    def photo(self, data: bytes | Path, role: str = "visible", type_: str = "image/jpeg") -> dict[str, Any]:
        """A reference as it stands in a record. Nothing is sent."""
        content = data.read_bytes() if isinstance(data, Path) else data
        return {
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "type": type_,
            "role": role,
            "taken_at": now(),
            "origin": "import",
        }

    def create_upload(
        self,
        content: bytes,
        type_: str | None = None,
        sha256: str | None = None,
        size: int | None = None,
    ) -> httpx.Response:
        type_ = type_ or sniff(content[:HEAD]) or "image/jpeg"
        meta = {"sha256": sha256 or hashlib.sha256(content).hexdigest(), "type": type_}
        text = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in meta.items())
        return self.http.post(
            "/api/v1/uploads",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(len(content) if size is None else size),
                "Upload-Metadata": text,
            },
        )

    def patch(self, location: str, offset: int, piece: bytes, **headers: str) -> httpx.Response:
        return self.http.patch(
            location,
            content=piece,
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
                **headers,
            },
        )

    def upload(self, data: bytes | Path, type_: str | None = None, *, piece: int = 512 * 1024) -> str:
        """Send a photo in pieces; gives its SHA-256."""
        content = data.read_bytes() if isinstance(data, Path) else data
        created = self.create_upload(content, type_)
        assert created.status_code == 201, created.text
        offset = int(created.headers.get("Upload-Offset", "0"))
        while offset < len(content):
            answer = self.patch(created.headers["Location"], offset, content[offset : offset + piece])
            assert answer.status_code == 204, answer.text
            offset = int(answer.headers["Upload-Offset"])
        return hashlib.sha256(content).hexdigest()


def signed_in(url: str, login: str, *, register: bool = True) -> Client:
    """A client with a demo account."""
    return Client(url).sign_in(login, register=register)
