"""A bad line between our server and what stands behind it (its photo store), by toxiproxy."""

import subprocess
from typing import Any

import httpx

from tests.deploy.tools import tool

from .postgres import free_port
from .waiting import until_it_answers


class Toxiproxy:
    """Listens on `port` and passes on to `target`, until told to be slow, to cut, or to be away."""

    def __init__(self, target: str) -> None:
        self.port, self._target = free_port(), target
        self._control = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{self._control}", timeout=10)

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Toxiproxy":
        self._process = subprocess.Popen(
            [str(tool("toxiproxy")), "-host", "127.0.0.1", "-port", str(self._control)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_it_answers("toxiproxy", self._process, self._answers, limit_s=30)
        return self

    def _answers(self) -> bool:
        proxy = {"name": "store", "listen": self.endpoint, "upstream": self._target, "enabled": True}
        try:
            self._http.post("/proxies", json=proxy).raise_for_status()
        except httpx.TransportError:
            return False
        return True

    def away(self) -> None:
        """Nobody listens any more, and what was open is cut."""
        self._http.post("/proxies/store", json={"enabled": False}).raise_for_status()

    def bad(self, kind: str, stream: str = "upstream", **attributes: Any) -> None:
        """One toxic more, of toxiproxy's kinds: latency, bandwidth, timeout, reset_peer, limit_data …"""
        toxic = {"type": kind, "stream": stream, "attributes": attributes}
        self._http.post("/proxies/store/toxics", json=toxic).raise_for_status()

    def well(self) -> None:
        """As if nothing had been."""
        self._http.post("/reset").raise_for_status()

    def stop(self) -> None:
        self._http.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
