"""A receiver of notices on the loopback: keeps what came, and answers what the test wants."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`statuses` by path, 200 where none is named; `slow_s` before each answer; `says` is the body of it."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    says: bytes = b'{"errcode":0,"errmsg":"ok"}'
    slow_s: float = 0


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listens on a free port while the context lasts."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(kept.slow_s)
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.got.append(Received(self.path, headers, body))
            try:
                self.send_response(kept.statuses.get(self.path, 200))
                self.send_header("Location", "/elsewhere")  # heeded beside a 3xx only
                self.send_header("Content-Length", str(len(kept.says)))
                self.end_headers()
                self.wfile.write(kept.says)
            except OSError:  # the caller has gone
                return

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
