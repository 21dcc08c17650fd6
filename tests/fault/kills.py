"""Phones that push while their servers are killed again and again, and what came of it."""

import random
import threading
import time
from collections.abc import Sequence

from tests.fault.phones import Outcome, Phone, at_once
from tests.support.client import Client
from tests.support.server import Server

RECORDS = (1, 2, 3, 3, 20, 200)  # of one push; each is two operations


class Killer:
    """Kills one server after the other, each at a random moment, and starts it again at once."""

    def __init__(self, servers: Sequence[Server], dice: random.Random, kills: int) -> None:
        self.servers = servers
        self.dice = dice
        self.wanted = kills
        self.kills = 0
        self.failure: BaseException | None = None
        self.over = threading.Event()

    def run(self) -> None:
        """All kills; in the end every server runs."""
        try:
            while self.kills < self.wanted:
                time.sleep(self.dice.uniform(0, 0.15))  # a small push takes 5 to 40 ms here
                victim = self.servers[self.kills % len(self.servers)]
                victim.kill()
                self.kills += 1
                victim.start()
        except BaseException as error:
            self.failure = error
        finally:
            self.over.set()


def run(
    servers: Sequence[Server],
    *,
    kills: int,
    seed: int,
    limit_s: float,
    phones: int = 4,
    login: str = "duchayuan",
) -> tuple[Outcome, int]:
    """What came of it for all phones, and the number of kills.

    The servers run on one database and are killed in turn; a phone that was cut asks the next one.
    """
    dice = random.Random(seed)
    killer = Killer(servers, dice, kills)
    urls = [server.url for server in servers]
    clients = [Client(urls[i % len(urls)], timeout_s=30).sign_in(login) for i in range(phones)]
    made = [
        Phone(client, random.Random(dice.random()), limit_s, lambda: killer.failure, urls=urls)
        for client in clients
    ]

    def work(phone: Phone) -> None:
        while not killer.over.is_set():
            phone.push(phone.dice.choice(RECORDS))

    killing = threading.Thread(target=killer.run)
    killing.start()
    try:
        at_once(made, work)
        killing.join()
        assert killer.failure is None, killer.failure
        return sum((phone.count() for phone in made), Outcome()), killer.kills
    finally:
        killing.join()
        for client in clients:
            client.http.close()
