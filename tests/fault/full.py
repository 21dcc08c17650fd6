"""A phone that pushes into a server whose disk is full, and the person who makes room."""

import random
import threading
import time
from collections.abc import Callable

from tests.fault.phones import Outcome, Phone
from tests.support.client import signed_in
from tests.support.disk import SmallDisk
from tests.support.server import Server

REFUSALS = 3  # of one push before there is room again


def fills(
    server: Server,
    disk: SmallDisk,
    *,
    rounds: int,
    leave: int,
    seed: int,
    mend: Callable[[], None] = lambda: None,
) -> Outcome:
    """What came of it when the disk was filled but for `leave` bytes, `rounds` times, while a phone pushed.

    `mend` is what an administrator does beside making room; it is called until the phone has its answers.
    """
    with signed_in(server.url, "inspector") as client:
        phone = Phone(client, random.Random(seed), 60 + rounds * 60)
        phone.push()
        for _ in range(rounds):
            disk.fill(leave)
            over = threading.Event()
            tidying = threading.Thread(target=_tidy, args=(phone, disk, over, mend))
            tidying.start()
            try:
                while tidying.is_alive():
                    phone.push(100)
            finally:
                over.set()
                tidying.join()
            mend()
            phone.push(100)
        return phone.count()


def _tidy(phone: Phone, disk: SmallDisk, over: threading.Event, mend: Callable[[], None]) -> None:
    before, until = phone.outcome.refused.total(), time.monotonic() + 60
    while (
        phone.outcome.refused.total() < before + REFUSALS and time.monotonic() < until and not over.is_set()
    ):
        time.sleep(0.02)
    disk.room()
    answered = phone.outcome.pushes
    while phone.outcome.pushes == answered and not over.is_set():  # a database may give up a little later
        mend()
        time.sleep(0.2)
