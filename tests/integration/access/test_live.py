"""The stream of server-sent events: each hears when his own feed moved, and of nothing else."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread

import httpx

from tests.support.client import Client, uuid7

from .conftest import World
from .test_lists import hazard

WAIT_S = 60
QUIET_S = 2.5  # the server looks each second


class Ear:
    """Who listens; `heard` counts the changes that he was told of."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.heard = 0
        self.open = Event()
        self.over = Event()
        self.thread = Thread(target=self._listen, daemon=True)
        self.thread.start()
        assert self.open.wait(WAIT_S)

    def _listen(self) -> None:
        cookies, url = dict(self.client.http.cookies), f"{self.client.url}/api/v1/live"
        with httpx.Client(cookies=cookies, headers={"X-Mingcha": "1"}, timeout=WAIT_S, verify=False) as http:
            while not self.over.is_set():
                with suppress(httpx.TransportError), http.stream("GET", url) as answer:  # killed in the end
                    assert answer.status_code == 200
                    for line in answer.iter_lines():
                        self.heard += line == "event: changed"
                        if line == "event: open":
                            self.open.set()
                        if self.over.is_set():
                            return


@contextmanager
def ears(world: World, *logins: str) -> Iterator[dict[str, Ear]]:
    with ExitStack() as stack:
        made = {login: Ear(stack.enter_context(world.client(login))) for login in logins}
        try:
            yield made
        finally:
            for ear in made.values():
                ear.over.set()


def until(condition: Callable[[], bool], again: Callable[[], object] = lambda: None) -> None:
    give_up = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < give_up
        again()
        time.sleep(QUIET_S)


def test_an_unannounced_check_is_heard_by_no_one_of_the_inspected_unit(world: World) -> None:
    with (
        world.client("inspector", register=True) as inspector,
        world.client("supervisor", register=True) as supervisor,
        ears(world, "crew", "manager", "crew2", "leader") as heard,
    ):
        photo = b"\xff\xd8\xff\xe0 of the visit \xff\xd9"
        finding = {
            "unit": world.ours.stations[0],
            "visit": "unannounced",
            "item": "YYT-01",
            "catalogue": "2026.11",
            "person": world.ours.people["crew"],
            "happened_at": "2026-11-25T08:00:00+00:00",
            "fact": "值班人员脱岗",
            "photos": [inspector.photo(photo)],
        }
        secret = uuid7()
        inspector.applied(inspector.put("finding", secret, finding))
        inspector.upload(photo)
        inspector.applied(inspector.event("finding", secret, "submit"))
        supervisor.applied(supervisor.event("finding", secret, "accept"))
        until(lambda: heard["leader"].heard > 0)
        time.sleep(QUIET_S)
        assert {login: ear.heard for login, ear in heard.items() if login != "leader"} == {
            "crew": 0,
            "manager": 0,
            "crew2": 0,
        }
        # They do listen: of a hazard of their station they hear at once; the other station hears nothing.
        until(
            lambda: heard["manager"].heard > 0 and heard["crew"].heard > 0,
            lambda: hazard(world, inspector),
        )
        assert heard["crew2"].heard == 0


def test_a_stranger_hears_nothing(world: World) -> None:
    with Client(world.url) as nobody:
        assert nobody.http.get("/api/v1/live").status_code == 401
