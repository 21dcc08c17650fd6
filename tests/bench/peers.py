"""The three servers of the comparison behind one face: how each is started, asked and read.

Kinto runs as two processes of eight threads on PostgreSQL, express-pouchdb as one process on LevelDB, both as their
manuals set them up and without a check of passwords (Kinto believes any basic authentication, express-pouchdb asks
nobody). Ours is `mingcha serve` with everything on; where several workers are wanted, two processes.
"""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import psutil

from tests.bench import load
from tests.bench.load import Phone, uuid7
from tests.bench.site import PHONES, Site, county, sign_in
from tests.bench.wire import Answer, Wire, request
from tests.support.postgres import free_port
from tests.support.server import Server

HERE = Path(__file__).parent
KINTO = HERE / "kinto"
POUCHDB = HERE / "pouchdb"
RECORDS = "/v1/buckets/bench/collections/bench/records"
START_S = 90


class Page(NamedTuple):
    """Ids of a page, the place to go on from, and whether there is more at once."""

    ids: list[str]
    cursor: str
    more: bool


class Peer(Protocol):
    """A server under test. Phone `i` has its own connection `wires[i]`; requests are made before they are sent."""

    name: str
    wires: list[Wire]
    processes: list[psutil.Process]

    def push(self, i: int, size: int) -> tuple[bytes, list[str]]: ...

    def accepted(self, answer: Answer) -> int:
        """How many records of a push the server acknowledged."""
        ...

    def acknowledged(self, answer: Answer, ids: list[str]) -> list[str]:
        """Which of them."""
        ...

    def pull(self, i: int, cursor: str, limit: int, *, packed: bool = False) -> bytes: ...

    def page(self, answer: Answer) -> Page: ...

    def poll(self, i: int, cursor: str) -> bytes: ...

    def close(self) -> None: ...


def bodies(size: int) -> list[tuple[str, str]]:
    """Fresh ids with bodies of 1 KB, as JSON."""
    return [(uuid7(), load.finding(uuid7())) for _ in range(size)]


class Ours:
    """`mingcha serve`, signed in."""

    name = "mingcha"

    def __init__(self, site: Site, servers: list[Server], phones: list[Phone]) -> None:
        self.site = site
        self.servers = servers
        self.phones = phones
        self.wires = [phone.wire for phone in phones]
        self.processes = [psutil.Process(server.pid) for server in servers]

    def push(self, i: int, size: int) -> tuple[bytes, list[str]]:
        body = load.batch(self.phones[i], size)
        ids = [op["id"] for op in json.loads(body)["ops"]]
        return request("POST", "/api/v1/sync/push", self.phones[i].headers, body), ids

    def accepted(self, answer: Answer) -> int:
        return answer.body.count(b'"status":"applied"')

    def acknowledged(self, answer: Answer, ids: list[str]) -> list[str]:
        assert self.accepted(answer) == len(ids), answer.body[:300]
        return ids

    def pull(self, i: int, cursor: str, limit: int, *, packed: bool = False) -> bytes:
        path = f"/api/v1/sync/pull?schema=1&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        packing = {"Accept-Encoding": "zstd"} if packed else {}
        return request("GET", path, {**self.phones[i].headers, **packing})

    def page(self, answer: Answer) -> Page:
        if answer.status == 304:
            return Page([], "", more=False)
        page = json.loads(answer.body)
        ids = [change["id"] for change in page["changes"] if change.get("kind") == "finding"]
        return Page(ids, page["cursor"], page["more"])

    def poll(self, i: int, cursor: str) -> bytes:
        headers = {**self.phones[i].headers, "If-None-Match": f'"{cursor}"'}
        return request("GET", "/api/v1/sync/pull?schema=1", headers)

    def close(self) -> None:
        self.site.done(*self.servers)


class Kinto:
    """Two processes on PostgreSQL; a phone pushes by `/batch`, whose greatest size is 25."""

    name = "kinto"

    def __init__(self, ports: Sequence[int], running: list[subprocess.Popen[bytes]]) -> None:
        self.running = running
        self.processes = [psutil.Process(process.pid) for process in running]
        self.wires = [Wire(f"http://127.0.0.1:{ports[i % len(ports)]}") for i in range(PHONES)]
        sign = base64.b64encode(b"bench:bench").decode()
        self.headers = {"Authorization": f"Basic {sign}", "Content-Type": "application/json"}

    def push(self, i: int, size: int) -> tuple[bytes, list[str]]:
        made = bodies(size)
        requests = ",".join(
            f'{{"method":"PUT","path":"{RECORDS}/{id_}","body":{{"data":{body}}}}}' for id_, body in made
        )
        body = f'{{"requests":[{requests}]}}'.encode()
        return request("POST", "/v1/batch", self.headers, body), [id_ for id_, _ in made]

    def accepted(self, answer: Answer) -> int:
        """Beside other writers some of a batch are refused with 409 "please retry": they count as not pushed."""
        return answer.body.count(b'"status":201')

    def acknowledged(self, answer: Answer, ids: list[str]) -> list[str]:
        responses = json.loads(answer.body).get("responses", []) if answer.status == 200 else []
        return [id_ for id_, one in zip(ids, responses, strict=False) if one["status"] == 201]

    def pull(self, i: int, cursor: str, limit: int, *, packed: bool = False) -> bytes:
        since = f"&_since={cursor}" if cursor else ""
        return request("GET", f"{RECORDS}?_sort=last_modified&_limit={limit}{since}", self.headers)

    def page(self, answer: Answer) -> Page:
        if answer.status == 304:
            return Page([], "", more=False)
        found = json.loads(answer.body)["data"]
        more = bool(answer.header(b"next-page"))
        last = str(found[-1]["last_modified"]) if found else ""
        return Page([one["id"] for one in found], last, more)

    def poll(self, i: int, cursor: str) -> bytes:
        return request("GET", RECORDS, {**self.headers, "If-None-Match": f'"{cursor}"'})

    def close(self) -> None:
        _end(self.running)


class Pouchdb:
    """express-pouchdb as the CouchDB protocol has it: `_bulk_docs` in, `_changes` out."""

    name = "express-pouchdb"

    def __init__(self, port: int, running: subprocess.Popen[bytes]) -> None:
        self.running = running
        self.processes = [psutil.Process(running.pid)]
        self.wires = [Wire(f"http://127.0.0.1:{port}") for _ in range(PHONES)]
        self.headers = {"Content-Type": "application/json"}

    def push(self, i: int, size: int) -> tuple[bytes, list[str]]:
        made = bodies(size)
        docs = ",".join(f'{{"_id":"{id_}",{body[1:]}' for id_, body in made)
        body = f'{{"docs":[{docs}]}}'.encode()
        return request("POST", "/bench/_bulk_docs", self.headers, body), [id_ for id_, _ in made]

    def accepted(self, answer: Answer) -> int:
        return answer.body.count(b'"ok":true')

    def acknowledged(self, answer: Answer, ids: list[str]) -> list[str]:
        assert self.accepted(answer) == len(ids), answer.body[:300]
        return ids

    def pull(self, i: int, cursor: str, limit: int, *, packed: bool = False) -> bytes:
        path = f"/bench/_changes?include_docs=true&limit={limit}&since={cursor or 0}"
        return request("GET", path, {**self.headers, **({"Accept-Encoding": "gzip"} if packed else {})})

    def page(self, answer: Answer) -> Page:
        found = json.loads(answer.body)
        return Page([one["id"] for one in found["results"]], str(found["last_seq"]), bool(found["results"]))

    def poll(self, i: int, cursor: str) -> bytes:
        return request("GET", f"/bench/_changes?since={cursor}", self.headers)

    def close(self) -> None:
        _end([self.running])


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """With their children: the one that was started may only have started the server."""
    for process in processes:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.terminate()
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


async def ours(site: Site, *, processes: int = 1) -> Ours:
    env = site.env("postgresql")
    servers = [site.prepare(env)]
    await county(env)
    for number in range(1, processes):
        servers.append(Server(site.folder / f"{servers[0].folder.name}-{number}", env))
    phones: list[list[Phone]] = []
    for server in servers:
        site.start(server)
        phones.append(await sign_in(server, "inspector", PHONES // processes))
    return Ours(site, servers, [phone for pair in zip(*phones, strict=True) for phone in pair])


def _kinto_program() -> Path:
    """Kinto in an environment of its own, made once from the locked list."""
    folder = KINTO / ".venv"
    wanted = (KINTO / "requirements.txt").read_text("utf-8")
    done = folder / "done"
    if not done.exists() or done.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        print("  packages of Kinto (locked), once", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
        subprocess.run([*install, "-r", str(KINTO / "requirements.txt")], check=True)
        done.write_text(wanted, "utf-8")
    return folder / "bin" / "kinto"


async def kinto(site: Site) -> Kinto:
    program = await asyncio.to_thread(_kinto_program)
    url = site.postgres.fresh().replace("+asyncpg", "")
    ini = site.folder / "kinto.ini"
    ini.write_text((KINTO / "kinto.ini").read_text("utf-8").replace("DATABASE", url), "utf-8")
    subprocess.run([str(program), "migrate", "--ini", str(ini)], check=True, capture_output=True)
    ports = [free_port(), free_port()]
    with (site.folder / "kinto.log").open("ab") as log:
        running = [
            subprocess.Popen(
                [str(program), "start", "--ini", str(ini), "--port", str(port)], stdout=log, stderr=log
            )
            for port in ports
        ]
    peer = Kinto(ports, running)
    for wire in peer.wires[:2]:
        await _answers(wire, request("GET", "/v1/", peer.headers))
    for path in ("/v1/buckets/bench", "/v1/buckets/bench/collections/bench"):
        made = await peer.wires[0].send(request("PUT", path, peer.headers, b"{}"))
        assert made.status == 201, made
    return peer


async def pouchdb(site: Site) -> Pouchdb:
    if not (POUCHDB / "node_modules" / "express-pouchdb").exists():
        print("  packages of express-pouchdb (locked), once", flush=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=POUCHDB, check=True)
    folder, port = site.folder / "pouchdb", free_port()
    folder.mkdir()
    with (site.folder / "pouchdb.log").open("ab") as log:
        command = ["node", "server.js", str(port), str(folder)]
        running = subprocess.Popen(command, cwd=POUCHDB, stdout=log, stderr=log, env=dict(os.environ))
    peer = Pouchdb(port, running)
    await _answers(peer.wires[0], request("GET", "/", {}))
    made = await peer.wires[0].send(request("PUT", "/bench", peer.headers))
    assert made.status == 201, made
    return peer


async def _answers(wire: Wire, raw: bytes) -> None:
    """Waits until the server is there."""
    end = time.monotonic() + START_S
    while True:
        try:
            await wire.send(raw)
            return
        except (OSError, EOFError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)
