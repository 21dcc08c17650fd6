"""Phones that push and pull while PostgreSQL is stopped without a word and started again."""

import random
import threading
import time

from tests.fault.phones import Outcome, Phone, at_once
from tests.support.client import signed_in
from tests.support.postgres import Postgres
from tests.support.server import Server


def stops(
    cluster: Postgres, server: Server, *, rounds: int, seed: int, phones: int = 3, login: str = "inspector"
) -> Outcome:
    """Phones push and pull while PostgreSQL is stopped and started `rounds` times."""
    dice, over = random.Random(seed), threading.Event()
    clients = [signed_in(server.url, login) for _ in range(phones)]
    made = [Phone(client, random.Random(dice.random()), 60 + rounds * 20) for client in clients]

    def work(phone: Phone) -> None:
        while not over.is_set():
            phone.push(phone.dice.choice((1, 2, 3, 40)))
            phone.pull()

    def stop_and_start() -> None:
        try:
            for _ in range(rounds):
                time.sleep(dice.uniform(0.3, 0.8))
                cluster.halt()
                time.sleep(dice.uniform(0.2, 0.6))
                cluster.start()
            time.sleep(0.5)
        finally:
            over.set()

    stopper = threading.Thread(target=stop_and_start)
    stopper.start()
    try:
        at_once(made, work)
    finally:
        over.set()
        stopper.join()
        counted = sum((phone.count() for phone in made), Outcome())
        for client in clients:
            client.http.close()
    return counted
