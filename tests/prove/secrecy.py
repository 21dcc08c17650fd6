"""Answers about secret records and photos take as long as answers about what does not exist, on both databases.

A crew asks for photos and records of secret findings, and for ids and hashes that nobody has, thousands of times in
random order. The figure is the AUC of the answer times: the chance that an answer about a secret took longer than one
about nothing. 0.5 is no difference; with 2,000 of each its own spread is 0.009.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

from tests.prove import Figure
from tests.support.client import Client, now, uuid7
from tests.support.postgres import Postgres
from tests.support.server import Server

GROUP = "sync"
SECRETS = 100
ASKED = 2000  # of each sort
SLACK = 0.05
Request = tuple[str, str, bytes, dict[str, str]]


def prove(folder: Path) -> Iterator[Figure]:
    cluster = Postgres()
    try:
        for name in ("sqlite", "postgresql"):
            env = {"MINGCHA_LOG_LEVEL": "error"}
            if name == "postgresql":
                env["MINGCHA_DATABASE_URL"] = cluster.start().fresh()
            server = Server(folder / name, env).prepare(demo=True).start()
            try:
                yield from _measured(name, server)
            finally:
                server.kill()
    finally:
        cluster.stop()


def auc(secret: list[int], nothing: list[int]) -> float:
    """Chance that one of the first is larger than one of the second, ties count half (Mann-Whitney)."""
    order = sorted([(value, 1) for value in secret] + [(value, 0) for value in nothing])
    ranks, place = 0.0, 0
    while place < len(order):
        end = place
        while end < len(order) and order[end][0] == order[place][0]:
            end += 1
        ranks += sum(sort for _, sort in order[place:end]) * (place + 1 + end) / 2
        place = end
    return (ranks - len(secret) * (len(secret) + 1) / 2) / (len(secret) * len(nothing))


def _measured(name: str, server: Server) -> Iterator[Figure]:
    with Client(server.url).sign_in("duchayuan") as inspector, Client(server.url).sign_in("qiangxiu") as crew:
        ids, hashes = _secrets(inspector)
        line = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        cookie = "; ".join(f"{key}={value}" for key, value in crew.http.cookies.items())
        headers = {"X-Mingcha": "1", "Cookie": cookie, "Content-Type": "application/json"}
        for what, ask in _questions(crew, headers, ids, hashes).items():
            value = _asked(line, ask)
            yield Figure(f"{name}: {what}, AUC", value, at_least=0.5 - SLACK, at_most=0.5 + SLACK)
        line.close()


def _secrets(inspector: Client) -> tuple[Mapping[bool, list[str]], Mapping[bool, list[str]]]:
    """Ids of records and hashes of photos: True those of secret findings, False such as nobody has."""
    ids: dict[bool, list[str]] = {True: [], False: []}
    hashes: dict[bool, list[str]] = {True: [], False: []}
    dice = random.Random(1)
    for _ in range(SECRETS):
        content = b"\xff\xd8\xff\xe0" + dice.randbytes(2000) + b"\xff\xd9"
        id_ = uuid7()
        body = {"unit": inspector.unit, "photos": [inspector.photo(content)]}
        inspector.applied(inspector.put("finding", id_, body))
        hashes[True].append(inspector.upload(content))
        hashes[False].append(dice.randbytes(32).hex())
        ids[True].append(id_)
        ids[False].append(uuid7())
    return ids, hashes


def _questions(
    crew: Client, headers: dict[str, str], ids: Mapping[bool, list[str]], hashes: Mapping[bool, list[str]]
) -> dict[str, Callable[[bool, int], Request]]:
    def photo(secret: bool, turn: int) -> Request:
        return "GET", f"/api/v1/photos/{hashes[secret][turn % SECRETS]}/original", b"", headers

    def missing(secret: bool, turn: int) -> Request:
        asked = {"photos": [{"sha256": hashes[secret][turn % SECRETS], "size": 2000}]}
        return "POST", "/api/v1/photos/missing", json.dumps(asked).encode(), headers

    def event(secret: bool, turn: int) -> Request:
        op = crew.event("finding", ids[secret][turn % SECRETS], "accept")
        body: dict[str, Any] = {"device": crew.device, "schema": 1, "sent_at": now(), "ops": [op]}
        return "POST", "/api/v1/sync/push", json.dumps(body).encode(), headers

    return {"photo by hash": photo, "check before sending": missing, "event on a record": event}


def _asked(line: HTTPConnection, ask: Callable[[bool, int], Request]) -> float:
    turns = [(secret, turn) for turn in range(ASKED) for secret in (True, False)]
    random.Random(2).shuffle(turns)
    times: dict[bool, list[int]] = {True: [], False: []}
    for warm, (secret, turn) in enumerate([*turns[:100], *turns]):
        method, path, body, headers = ask(secret, turn)
        began = perf_counter_ns()
        line.request(method, path, body, headers)
        answer = line.getresponse()
        answer.read()
        took = perf_counter_ns() - began
        assert answer.status in (200, 404), answer.status
        if warm >= 100:
            times[secret].append(took)
    return auc(times[True], times[False])
