"""A bad line between phone and server: a TCP proxy that cuts, truncates, stalls or slows what goes through it."""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType

PIECE = 16_384


@dataclass(frozen=True)
class Line:
    """What befalls one connection. Bytes are counted from its start; None: never.

    `lose_answer`: the request arrives, no byte of an answer comes back. `half_closed`: after `cut_up` bytes the
    server sees the end of the stream, but the phone's side stays open.
    """

    cut_up: int | None = None
    cut_down: int | None = None
    lose_answer: bool = False
    half_closed: bool = False
    stall_s: float = 0.0  # before the first byte of the answer
    bytes_s: float = float("inf")  # each way


GOOD = Line()


class Proxy:
    """Listens on a port of its own and passes on to `port`, or to several in turn, a connection each.

    `plan` says what befalls the n-th connection.
    """

    def __init__(self, port: int | Sequence[int], plan: Callable[[int], Line]) -> None:
        self._targets = itertools.cycle([port] if isinstance(port, int) else port)
        self._plan = plan
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        self._over = threading.Event()

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self._listener.close()
        for each in list(self._open):
            _close(each)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                phone, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", next(self._targets)), timeout=10)
            except OSError:
                if self._over.is_set():
                    return
                _close(phone)
                continue
            server.settimeout(None)
            line = self._plan(self.connections)
            self.connections += 1
            self._open |= {phone, server}
            for work in (self._up, self._down):
                threading.Thread(target=work, args=(phone, server, line), daemon=True).start()

    def _up(self, phone: socket.socket, server: socket.socket, line: Line) -> None:
        if self._pass_on(phone, server, line.cut_up, line.bytes_s):
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            return
        if line.half_closed:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
        else:
            self._end(phone, server)

    def _down(self, phone: socket.socket, server: socket.socket, line: Line) -> None:
        if line.stall_s or line.lose_answer:
            with contextlib.suppress(OSError):
                server.recv(1, socket.MSG_PEEK)
            self._over.wait(line.stall_s)
        if not line.lose_answer:
            self._pass_on(server, phone, line.cut_down, line.bytes_s)
        self._end(phone, server)

    def _end(self, *sockets: socket.socket) -> None:
        for each in sockets:
            self._open.discard(each)
            _close(each)

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, most: int | None, bytes_s: float) -> bool:
        """True when the source came to its end, False when `most` bytes were passed on or a side broke."""
        passed = 0
        piece = PIECE if bytes_s == float("inf") else max(1, int(bytes_s / 20))
        try:
            while most is None or passed < most:
                data = source.recv(piece if most is None else min(piece, most - passed))
                if not data:
                    return True
                if bytes_s != float("inf"):
                    time.sleep(len(data) / bytes_s)
                target.sendall(data)
                passed += len(data)
        except OSError:
            return False
        return False


def _close(each: socket.socket) -> None:
    """For both sides at once, also while a thread reads from it."""
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
