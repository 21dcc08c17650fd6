"""What the phones send: real findings of 1 KB, made and encoded before the clock runs."""

import asyncio
import json
import random
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from tests.bench.wire import Wire, request
from tests.support.client import uuid7

RECORD_BYTES = 1024
JSON_HEADERS = {"Content-Type": "application/json", "X-Mingcha": "1"}

Turn = Callable[[int], Awaitable[int]]
"""One request of the phone with this number; gives how many things it moved."""


@dataclass
class Phone:
    """A signed-in device with its connection. `n` is the number of the last operation made."""

    wire: Wire
    cookie: str
    device: str
    unit: str
    n: int = 0
    ready: deque[bytes] = field(default_factory=deque)

    @property
    def headers(self) -> dict[str, str]:
        return {**JSON_HEADERS, "Cookie": self.cookie}


SEEN = (
    "现场查看时柜台无人值守，客户等候。",
    "工作人员未佩戴工号牌，未起身迎客。",
    "公示栏电价表为上年版本，未更换。",
    "抢修车到达现场，未放置围栏。",
    "计量箱封印缺失，箱门变形。",
    "客户反映停电未接到通知。",
    "值班记录缺少交接签名。",
    "台区负责人当日在外，电话接通。",
)


@cache
def _facts(size: int) -> list[str]:
    """Some hundred different texts of so many bytes."""
    made = []
    for _ in range(300):
        text = "".join(f"{random.choice(SEEN)}{random.randint(1, 999)}" for _ in range(size // 30 + 1))
        text = text.encode()[:size].decode(errors="ignore")
        made.append(text + "." * (size - len(text.encode())))
    return made


def finding(unit: str, *, photo: bool = False) -> str:
    """The body of a finding as JSON, RECORD_BYTES long."""
    body: dict[str, object] = {
        "unit": unit,
        "visit": "regular",
        "item": "SQ-04",
        "catalogue": "2026.01",
        "happened_at": datetime.now(UTC).isoformat(),
        "place": "城关供电所营业厅二号柜台",
        "fact": "",
    }
    if photo:
        sha = secrets.token_hex(32)
        reference = {"sha256": sha, "size": 734003, "type": "image/jpeg", "role": "visible"}
        body["photos"] = [{**reference, "taken_at": datetime.now(UTC).isoformat(), "origin": "camera"}]
    left = RECORD_BYTES - len(json.dumps(body, ensure_ascii=False).encode())
    body["fact"] = random.choice(_facts(left))
    return json.dumps(body, ensure_ascii=False)


def batch(phone: Phone, size: int, *, photo: bool = False) -> bytes:
    """The next push of a phone as JSON: `size` new records."""
    at = datetime.now(UTC).isoformat()
    ops = []
    for _ in range(size):
        phone.n += 1
        data = finding(phone.unit, photo=photo)
        ops.append(
            f'{{"n":{phone.n},"op":"put","kind":"finding","id":"{uuid7()}","base":0,"at":"{at}","data":{data}}}'
        )
    return f'{{"device":"{phone.device}","schema":1,"sent_at":"{at}","ops":[{",".join(ops)}]}}'.encode()


class Pushes:
    """Ready-made pushes of all phones, to `path`; an answer must say `applied` for every operation if `strict`."""

    def __init__(
        self, phones: list[Phone], path: str, size: int, *, strict: bool, photo: bool = False
    ) -> None:
        self.phones = phones
        self.path = path
        self.size = size
        self.strict = strict
        self.photo = photo

    def prepare(self, each: int) -> None:
        """Fill each phone's queue up to `each` requests."""
        for phone in self.phones:
            while len(phone.ready) < each:
                body = batch(phone, self.size, photo=self.photo)
                phone.ready.append(request("POST", self.path, phone.headers, body))

    def drop(self) -> None:
        """Forget what was made and not sent, and its numbers."""
        for phone in self.phones:
            phone.n -= len(phone.ready) * self.size
            phone.ready.clear()

    async def turn(self, number: int) -> int:
        phone = self.phones[number]
        answer = await phone.wire.send(phone.ready.popleft())
        assert answer.status == 200, (answer.status, answer.body[:500])
        if self.strict:
            assert answer.body.count(b'"status":"applied"') == self.size, answer.body[:500]
        return self.size


@dataclass(frozen=True)
class Rate:
    """What a round moved: things, in so many seconds, and the processor time of the client for it."""

    done: int
    seconds: float
    client_s: float
    slowest: list[float]

    @property
    def a_second(self) -> float:
        return self.done / self.seconds


async def one_round(turn: Turn, phones: int, seconds: float, more: Callable[[int], bool]) -> Rate:
    """All phones at work until time is up, or one has nothing left that was made before (`more`)."""
    took: list[float] = []
    began, spent = time.perf_counter(), time.process_time()
    over = False

    async def work(phone: int) -> int:
        nonlocal over
        done = 0
        while not over and more(phone):
            start = time.perf_counter()
            if start - began >= seconds:
                break
            done += await turn(phone)
            took.append(time.perf_counter() - start)
        over = over or not more(phone)
        return done

    done = await asyncio.gather(*(work(phone) for phone in range(phones)))
    return Rate(sum(done), time.perf_counter() - began, time.process_time() - spent, took)
