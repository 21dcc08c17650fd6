"""Phones that run the app's own TypeScript sync in Node (pwa/scripts/phones.mjs), against a real server."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.client import PASSWORD
from tests.support.server import ROOT

NODE = ROOT / ".venv" / "bin" / "node"
COMMAND_S = 120


class Refused(Exception):  # noqa: N818 (an outcome of the phone's own code)
    """The phone's code threw; its code or its words."""


class Phones:
    """One Node process with any number of phones, each with a database of its own."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            [str(NODE), "scripts/phones.mjs"],
            cwd=ROOT / "pwa",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, what: str, **given: Any) -> Any:
        """One command. Refused for what the phone's code threw; a phone that hangs is killed."""
        assert self._node.stdin
        assert self._node.stdout
        alarm = threading.Timer(COMMAND_S, self._node.kill)
        alarm.start()
        try:
            self._node.stdin.write(json.dumps({"do": what, **given}) + "\n")
            self._node.stdin.flush()
            line = self._node.stdout.readline()
        finally:
            alarm.cancel()
        assert line, f"{what}: the phone has ended"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["value"]

    def open(self, name: str, url: str, login: str) -> "NodePhone":
        """A phone fresh from the shop, signed in."""
        me = self.do("open", name=name, url=url, login=login, password=PASSWORD)
        return NodePhone(self, name, me)

    def close(self) -> None:
        assert self._node.stdin
        self._node.stdin.close()
        try:
            self._node.wait(10)
        except subprocess.TimeoutExpired:
            self._node.kill()
            self._node.wait()
        assert self._node.stdout
        self._node.stdout.close()


class NodePhone:
    """One phone. Dicts are what the app's own code keeps: rows of its tables, records as a screen shows them."""

    def __init__(self, phones: Phones, name: str, me: dict[str, Any]) -> None:
        self._phones = phones
        self.name = name
        self.me = me

    def _do(self, what: str, **given: Any) -> Any:
        return self._phones.do(what, name=self.name, **given)

    @property
    def person(self) -> str:
        return str(self.me["person"]["id"])

    @property
    def unit(self) -> str:
        return str(self.me["person"]["unit"])

    def save(
        self,
        kind: str,
        patch: dict[str, Any],
        *,
        record: str | None = None,
        event: str | None = None,
        photos: list[dict[str, Any]] | None = None,
    ) -> str:
        """Saves a record, new or not; gives its id."""
        given = {"type": event} if event else None
        id_: str = self._do("save", kind=kind, patch=patch, record=record, event=given, photos=photos)
        return id_

    def act(
        self, kind: str, record: str, event: str, data: dict[str, Any] | None = None, **more: Any
    ) -> None:
        self._do("act", kind=kind, record=record, type=event, data=data or {}, **more)

    def audit(self) -> None:
        """The person asks for a check; the next sync does it."""
        self._do("audit")

    def remove(self, kind: str, record: str) -> None:
        self._do("remove", kind=kind, record=record)

    def attach(self, content: bytes, role: str) -> dict[str, Any]:
        ref: dict[str, Any] = self._do("attach", base64=base64.b64encode(content).decode(), role=role)
        return ref

    def sync(self) -> dict[str, Any]:
        """One turn of the sync loop; the leader's last word."""
        said: dict[str, Any] = self._do("sync")
        return said

    def record(self, kind: str, record: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._do("record", kind=kind, record=record)
        return found

    def table(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._do("table", table=table)
        return rows

    def base(self, kind: str | None = None) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.table("base") if kind in (None, row["kind"])}

    def change(self, table: str, key: Any, to: dict[str, Any] | None) -> None:
        """Tampers with a row, as a fault of the phone would; None removes it."""
        self._do("change", table=table, key=key, to=to)

    def requests(self) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = self._do("requests")
        return asked

    def net(self, *, down: tuple[str, ...] = (), cut: tuple[str, ...] = ()) -> None:
        """Paths that do not get through from now on, and those whose next answer is lost."""
        self._do("net", down=list(down), cut=list(cut))

    def copy(self, name: str) -> "NodePhone":
        """Another phone with the same database, as a restored backup of this one."""
        self._do("copy", to=name)
        return NodePhone(self._phones, name, self.me)


@contextmanager
def phones() -> Iterator[Phones]:
    running = Phones()
    try:
        yield running
    finally:
        running.close()
