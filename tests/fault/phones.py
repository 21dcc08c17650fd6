"""Phones that push whatever happens to the server, and keep a count of what came of it.

A record is written twice in a row in each push, so that a push applied a second time shows in its revision.
"""

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.client import Client, now, uuid7

WAITING = (503, 507)  # the server refuses for now and says when to come again
PAGE = 480  # operations of one request when acknowledged ones are sent again


@dataclass
class Outcome:
    """What was counted.

    `cut`: requests left without an answer. `refused`: answers that told the phone to come again, by status and
    code; `unsaid`: those of them without Retry-After. `broken`: answers that no phone should get.
    """

    pushes: int = 0
    acknowledged: int = 0
    cut: int = 0
    lost: int = 0
    doubled: int = 0
    answered_otherwise: int = 0
    unsaid: int = 0
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    broken: Counter[tuple[int, str]] = field(default_factory=Counter)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def faults(self) -> dict[str, object]:
        """What must not be, empty when all is well."""
        names = ("lost", "doubled", "answered_otherwise", "unsaid", "broken")
        return {name: value for name in names if (value := getattr(self, name))}


class Phone:
    """Keeps what it sent, and sends it until it is answered. `given_up` ends its patience early.

    With several `urls` it goes to the next one whenever it got no answer.
    """

    def __init__(
        self,
        client: Client,
        dice: random.Random,
        limit_s: float,
        given_up: Callable[[], object] = lambda: None,
        urls: Sequence[str] = (),
    ) -> None:
        self.client = client
        self.dice = dice
        self.until = time.monotonic() + limit_s
        self.given_up = given_up
        self.urls = itertools.cycle(urls or [client.url])
        self.sent: list[dict[str, Any]] = []
        self.records: list[str] = []
        self.results: dict[int, dict[str, Any]] = {}
        self.outcome = Outcome()

    def push(self, records: int = 0) -> None:
        """The next operations, two for each record; then, now and then, the same once more."""
        first = len(self.sent)
        for _ in range(records or self.dice.randint(1, 3)):
            if not self.records or self.dice.random() < 0.6:
                self.records.append(uuid7())
            id_ = self.dice.choice(self.records[-100:])
            for text in ("first", "second"):
                data = {"unit": self.client.unit, "fact": f"{text} text of {len(self.sent)}"}
                self.sent.append(self.client.put("finding", id_, data))
        self._send(first)
        if self.dice.random() < 0.3:
            self._send(first)
        self.outcome.pushes += 1

    def pull(self) -> None:
        """All changes since the last pull."""
        while self._pull_page():
            pass

    def _pull_page(self) -> bool:
        params = {"schema": "1"} | ({"cursor": self.client.cursor} if self.client.cursor else {})
        answer = self._until_answered(lambda: self.client.http.get("/api/v1/sync/pull", params=params))
        if answer.status_code == 304:
            return False
        assert answer.status_code == 200, answer.text
        page = answer.json()
        self.client.cursor = page["cursor"]
        return bool(page["more"])

    def _send(self, first: int) -> None:
        answer = self._post(first)
        while (
            answer.status_code == 409
        ):  # acknowledged operations are gone: count them, and refill the server
            expected = int(answer.json()["expected"])
            self.outcome.lost += self.sent[first]["n"] - expected
            for refill in range(expected - 1, first, PAGE):
                if self._post(refill, min(first, refill + PAGE)).status_code != 200:
                    break  # it was killed again, and forgot again
            answer = self._post(first)
        assert answer.status_code == 200, answer.text
        assert answer.json()["acked"] == self.sent[-1]["n"]
        for op, result in zip(self.sent[first:], answer.json()["results"], strict=True):
            assert result["status"] == "applied", result
            if self.results.setdefault(op["n"], result) != result:
                self.outcome.answered_otherwise += 1

    def _post(self, first: int, end: int | None = None) -> httpx.Response:
        body = {"device": self.client.device, "schema": 1, "sent_at": now(), "ops": self.sent[first:end]}
        return self._until_answered(lambda: self.client.http.post("/api/v1/sync/push", json=body))

    def _until_answered(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        while time.monotonic() < self.until and not self.given_up():
            try:
                answer = ask()
            except httpx.ConnectError:  # it is being started again
                time.sleep(0.02)
                self.client.http.base_url = next(self.urls)
                continue
            except httpx.TransportError:
                self.outcome.cut += 1
                self.client.http.base_url = next(self.urls)
                continue
            if answer.status_code == 408:  # the line was cut on the way there, not on the way back
                self.outcome.cut += 1
                continue
            if answer.status_code < 500:
                return answer
            self._refused(answer)
        raise AssertionError(f"no answer: {self.given_up()} {self.outcome}")

    def _refused(self, answer: httpx.Response) -> None:
        code = answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else ""
        if answer.status_code not in WAITING:
            self.outcome.broken[answer.status_code, code] += 1
            time.sleep(0.05)
            return
        self.outcome.refused[answer.status_code, code] += 1
        if not answer.headers.get("retry-after", "").isdigit():
            self.outcome.unsaid += 1
        time.sleep(0.05)  # not as long as it is told to: the test has no time

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
        self.outcome.lost += self.sent[-1]["n"] - self.client.register()["n"] if self.sent else 0
        self.outcome.acknowledged = len(self.results)
        return self.outcome


def at_once(phones: Sequence[Phone], work: Callable[[Phone], object]) -> None:
    """`work` for each phone, all at the same time; what one raises ends it."""
    with ThreadPoolExecutor(len(phones)) as pool:
        for done in [pool.submit(work, phone) for phone in phones]:
            done.result()
