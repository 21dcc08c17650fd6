"""SQLite without a thread: `aiosqlite` does each statement in the loop's own next turn.

A visit to the connection's thread and back takes longer than most statements of a round do. Requests of one server
still take turns at each statement; that two statements run in the same moment is left to the two servers.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from aiosqlite.core import Connection


class _Turns:
    """In place of the queue to the connection's thread."""

    def put_nowait(self, asked: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, call = asked
        if future is None:
            call()
        else:
            future.get_loop().call_soon(_answer, future, call)


def _answer(future: asyncio.Future[Any], call: Callable[[], Any]) -> None:
    try:
        result = call()
    except BaseException as error:
        if not future.done():
            future.set_exception(error)
    else:
        if not future.done():
            future.set_result(result)


class _Unstarted:
    """In place of the thread."""

    daemon = True

    def start(self) -> None: ...


def patch() -> None:
    """For this process and those that it forks."""
    made = Connection.__init__

    def init(self: Any, *args: Any, **named: Any) -> None:
        made(self, *args, **named)
        self._tx = _Turns()
        self._thread = _Unstarted()

    Connection.__init__ = init  # type: ignore[method-assign]
