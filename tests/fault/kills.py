"""A phone that pushes while its server is killed again and again, and what came of it.

A record is written twice in a row in each push, so that a push applied a second time shows in its revision.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.client import Client, now, uuid7
from tests.support.server import Server


@dataclass
class Outcome:
    """What was counted. `cut`: requests that a kill left without an answer."""

    pushes: int = 0
    acknowledged: int = 0
    kills: int = 0
    cut: int = 0
    lost: int = 0
    doubled: int = 0
    answered_otherwise: int = 0


class Killer:
    """Kills the server at a random moment and starts it again, beside what the phone does."""

    def __init__(self, server: Server, dice: random.Random) -> None:
        self.server = server
        self.dice = dice
        self.kills = 0
        self.failure: BaseException | None = None

    @contextmanager
    def beside(self) -> Iterator[None]:
        """One kill; at the end the server runs again."""
        moment_s = self.dice.uniform(0, 0.06)  # a push takes 5 to 40 ms here
        thread = threading.Thread(target=self._kill, args=(moment_s,))
        thread.start()
        try:
            yield
        finally:
            thread.join()
        assert self.failure is None, self.failure

    def _kill(self, moment_s: float) -> None:
        try:
            time.sleep(moment_s)
            self.server.kill()
            self.kills += 1
            self.server.start()
        except BaseException as error:
            self.failure = error


class Pusher:
    """A phone that keeps what it sent, and sends it until it is answered."""

    def __init__(self, client: Client, killer: Killer, dice: random.Random, limit_s: float) -> None:
        self.client = client
        self.killer = killer
        self.dice = dice
        self.until = time.monotonic() + limit_s
        self.sent: list[dict[str, Any]] = []
        self.results: dict[int, dict[str, Any]] = {}
        self.outcome = Outcome()

    def push(self) -> None:
        """The next operations; then, now and then, the same once more, as when an answer was lost."""
        first = len(self.sent)
        written = list(dict.fromkeys(op["id"] for op in self.sent))
        for _ in range(self.dice.randint(1, 3)):
            id_ = self.dice.choice(written) if written and self.dice.random() < 0.4 else uuid7()
            for text in ("first", "second"):
                data = {"unit": self.client.unit, "fact": f"{text} text of {len(self.sent)}"}
                self.sent.append(self.client.put("finding", id_, data))
        self._send(first)
        if self.dice.random() < 0.3:
            self._send(first)
        self.outcome.pushes += 1

    def _send(self, first: int) -> None:
        answer = self._until_answered(first)
        if answer.status_code == 409:  # acknowledged operations are gone: count them, and refill the server
            expected = int(answer.json()["expected"])
            self.outcome.lost += self.sent[first]["n"] - expected
            for refill in range(expected - 1, first, 400):
                assert self._until_answered(refill, min(first, refill + 400)).status_code == 200
            answer = self._until_answered(first)
        assert answer.status_code == 200, answer.text
        assert answer.json()["acked"] == self.sent[-1]["n"]
        for op, result in zip(self.sent[first:], answer.json()["results"], strict=True):
            assert result["status"] == "applied", result
            if self.results.setdefault(op["n"], result) != result:
                self.outcome.answered_otherwise += 1

    def _until_answered(self, first: int, end: int | None = None) -> httpx.Response:
        device = self.client.device
        body = {"device": device, "schema": 1, "sent_at": now(), "ops": self.sent[first:end]}
        while time.monotonic() < self.until and self.killer.failure is None:
            try:
                answer = self.client.http.post("/api/v1/sync/push", json=body)
            except httpx.ConnectError:  # it is being started again
                time.sleep(0.05)
                continue
            except httpx.TransportError:
                self.outcome.cut += 1
                continue
            if answer.status_code != 503:
                return answer
        raise AssertionError(f"no answer: {self.killer.failure}")

    def count(self) -> Outcome:
        """Compares what the server holds with what it acknowledged."""
        found = self.client.records("finding")
        texts: dict[str, list[str]] = {}
        for op in self.sent:
            texts.setdefault(op["id"], []).append(op["data"]["fact"])
        for id_, written in texts.items():
            rev = found[id_]["rev"] if id_ in found else 0
            self.outcome.lost += max(0, len(written) - rev)
            self.outcome.doubled += max(0, rev - len(written))
            if rev >= len(written) and found[id_]["data"]["fact"] != written[-1]:
                self.outcome.lost += 1
        self.outcome.lost += self.sent[-1]["n"] - self.client.register()["n"]
        self.outcome.acknowledged = len(self.results)
        return self.outcome


def run(server: Server, *, pushes: int, seed: int, limit_s: float) -> Outcome:
    """`pushes` pushes to a running server with the demo company, and a kill for each."""
    dice = random.Random(seed)
    with Client(server.url, timeout_s=10) as client:
        client.sign_in("duchayuan")
        killer = Killer(server, dice)
        phone = Pusher(client, killer, dice, limit_s)
        for _ in range(pushes):
            with killer.beside():
                phone.push()
        phone.outcome.kills = killer.kills
        return phone.count()
