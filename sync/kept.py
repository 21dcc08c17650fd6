"""Is what the server once acknowledged still here? A phone asks when the server has begun anew.

A backup that was put back lacks the last operations of a device, and their numbers may have gone to others since: two
phones have one device id when somebody copied a phone's storage. So the phone names each operation that it keeps by
its number and by a mark of what it is. What came again in the meantime without its phone, in a rescue file or from a
copy, was judged anew: the phone is told what it has not heard.
"""

import hashlib
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from sync import store
from sync.caller import Caller
from sync.errors import SyncError

MOST = 20_000  # operations in one question
STRETCH = 500  # numbers that are read at once
_TOLD = ("conflict", "rejected")

Device = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Number = Annotated[int, Meta(ge=1, le=2**53)]
Mark = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]


class LackingRequest(msgspec.Struct, forbid_unknown_fields=True):
    """By device id and number, the marks of the operations that a phone keeps as acknowledged."""

    kept: dict[Device, dict[Number, Mark]]


class LackingAnswer(msgspec.Struct, frozen=True):
    """By device id, the numbers under which the server has nothing or another operation. A device id that is not the
    caller's has nothing. `judged` are the answers to those that are here and became a conflict or a refusal, as a push
    gives them.
    """

    lacking: dict[str, list[int]]
    judged: dict[str, list[Raw]]


class _Said(msgspec.Struct):
    op: str
    kind: str
    id: str
    at: str
    subject: str = ""
    type: str = ""


class _Answer(msgspec.Struct):
    status: str


_request = msgspec.json.Decoder(LackingRequest)
_said = msgspec.json.Decoder(_Said)
_answer = msgspec.json.Decoder(_Answer)


def mark(payload: bytes) -> str:
    """What tells an operation from another one: the first 16 hex digits of SHA-256 over `op kind id subject type at`.

    Only texts as they were sent, so that it is the same however the JSON is spelled and whatever app spells it.
    """
    try:
        said = _said.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return hashlib.sha256(payload).hexdigest()[:16]
    text = " ".join((said.op, said.kind, said.id, said.subject, said.type, said.at))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def lacking(conn: AsyncConnection, caller: Caller, raw: bytes) -> LackingAnswer:
    """What the caller's devices have lost here. Raises SyncError `malformed`, `too_large`."""
    try:
        kept = _request.decode(raw).kept
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SyncError("malformed", reason=str(error)) from None
    if sum(map(len, kept.values())) > MOST:
        raise SyncError("too_large", limit_ops=MOST)
    own = {device.id for device in await store.devices(conn, caller.org, person=caller.person)}
    answer = LackingAnswer({}, {})
    for device, marks in kept.items():
        here = await _here(conn, caller.org, device, marks) if device in own else {}
        if lost := sorted(marks.keys() - here.keys()):
            answer.lacking[device] = lost
        if judged := [Raw(one) for one in here.values() if _answer.decode(one).status in _TOLD]:
            answer.judged[device] = judged
    return answer


async def _here(conn: AsyncConnection, org: str, device: str, marks: dict[int, str]) -> dict[int, bytes]:
    """The answers to those of a device's operations that are here, by number."""
    found: dict[int, bytes] = {}
    for numbers in _stretches(sorted(marks)):
        here = await store.answers(conn, org, device, numbers[0], numbers[-1])
        found |= {n: here[n][1] for n in numbers if n in here and mark(here[n][0]) == marks[n]}
    return found


def _stretches(numbers: list[int]) -> Iterator[list[int]]:
    """Numbers that lie close enough to be read together."""
    stretch: list[int] = []
    for n in numbers:
        if stretch and n - stretch[0] >= STRETCH:
            yield stretch
            stretch = []
        stretch.append(n)
    if stretch:
        yield stretch
