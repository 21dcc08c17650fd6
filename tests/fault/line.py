"""Phones on a bad line: connections are cut, truncated, stalled and slowed at random, and what came of it."""

import random

from tests.fault.phones import Outcome, Phone, at_once
from tests.support.client import Client
from tests.support.proxy import GOOD, Line, Proxy
from tests.support.server import Server


def befalls(dice: random.Random) -> Line:
    """One connection's fate; a third of them are good, so that the work moves on."""
    return dice.choice(
        (
            GOOD,
            GOOD,
            GOOD,
            Line(lose_answer=True),
            Line(cut_up=dice.randint(1, 20_000)),
            Line(cut_up=dice.randint(1, 20_000), half_closed=True),
            Line(cut_down=dice.randint(1, 2_000)),
            Line(stall_s=dice.uniform(0.05, 0.5)),
            Line(bytes_s=dice.uniform(20_000, 200_000)),
        )
    )


def run(server: Server, *, pushes: int, seed: int, limit_s: float, phones: int = 3) -> tuple[Outcome, int]:
    """What came of it for all phones, and the number of connections. Each push has its own connection."""
    dice = random.Random(seed)
    clients = [Client(server.url, timeout_s=30).sign_in("inspector") for _ in range(phones)]
    connections = 0

    def plan(_: int) -> Line:
        nonlocal connections
        connections += 1
        return befalls(dice)

    def work(phone: Phone) -> None:
        for _ in range(pushes):
            phone.push(phone.dice.choice((1, 2, 3, 40)))
            phone.pull()

    try:
        with Proxy(server.port, plan) as proxy:
            made = [
                Phone(client, random.Random(dice.random()), limit_s, urls=[proxy.url]) for client in clients
            ]
            for client in clients:
                client.http.base_url = proxy.url
                client.http.headers["connection"] = "close"
            at_once(made, work)
        for client in clients:
            client.http.base_url = server.url
        return sum((phone.count() for phone in made), Outcome()), connections
    finally:
        for client in clients:
            client.http.close()
