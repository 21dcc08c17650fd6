"""The compose topology as processes: Caddy with the project's own file, two servers, a worker, both stores."""

import os
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.deploy.tools import ROOT, tool
from tests.support.client import Client, uuid7
from tests.support.minio import Bucket
from tests.support.postgres import free_port
from tests.support.server import Server, mingcha

PHOTO = ROOT / "tests" / "samples" / "state-grid-synthetic" / "sg_full.jpg"

# The first run may have to build a program (tools.py).
pytestmark = pytest.mark.timeout(1200)


def until(what: str, seconds: float, happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.2)


class Site:
    """Address of the door, what its certificate is checked against, and the two servers behind it."""

    def __init__(self, url: str, authority: Path, servers: tuple[Server, Server]) -> None:
        self.url, self.authority, self.servers = url, authority, servers

    def client(self, login: str) -> Client:
        client = Client(self.url)
        client.http = httpx.Client(
            base_url=self.url,
            headers={"X-Mingcha": "1"},
            timeout=30,
            verify=ssl.create_default_context(cafile=str(self.authority)),
        )
        return client.sign_in(login)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    bucket: Bucket = request.getfixturevalue("minio").fresh()
    https = free_port()
    url = f"https://localhost:{https}"
    environment = {
        "MINGCHA_DATABASE_URL": request.getfixturevalue("postgres").fresh(),
        "MINGCHA_STAGING_DIR": str(folder / "staging"),
        "MINGCHA_PUBLIC_URL": url,
        "MINGCHA_WORKER": "none",
        **bucket.env,
    }
    first, second = (Server(folder / name, environment) for name in ("one", "two"))
    with ExitStack() as stack:
        first.prepare(demo=True)
        for server in (first, second):
            stack.callback(server.kill)
            server.start()
        worker = subprocess.Popen(
            [*mingcha(), "worker"],
            env=first.env,
            cwd=ROOT,
            stdout=stack.enter_context((folder / "worker.log").open("wb")),
        )
        stack.callback(worker.wait, 20)
        stack.callback(worker.terminate)
        caddy = subprocess.Popen(
            [str(tool("caddy")), "run", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"],
            cwd=ROOT,
            env={
                **os.environ,
                "XDG_DATA_HOME": str(folder / "caddy"),
                "XDG_CONFIG_HOME": str(folder / "caddy"),
                "MINGCHA_HTTP_PORT": str(free_port()),
                "MINGCHA_HTTPS_PORT": str(https),
                "MINGCHA_SITE": "localhost",
                "MINGCHA_STATIC": str(ROOT / "pwa" / "dist"),
                "MINGCHA_UPSTREAMS": f"127.0.0.1:{first.port} 127.0.0.1:{second.port}",
            },
            stderr=stack.enter_context((folder / "caddy.log").open("wb")),
        )
        stack.callback(caddy.wait, 20)
        stack.callback(caddy.terminate)
        authority = folder / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        until("Caddy made its authority", 30, authority.exists)

        def answers() -> bool:
            try:
                context = ssl.create_default_context(cafile=str(authority))
                return httpx.get(f"{url}/readyz", verify=context).status_code == 200
            except httpx.TransportError:
                return False

        until("the site answers over TLS", 30, answers)
        yield Site(url, authority, (first, second))


def test_what_one_process_took_the_other_gives_and_the_worker_makes_the_pictures(site: Site) -> None:
    with site.client("duchayuan") as inspector:
        assert all(cookie.secure for cookie in inspector.http.cookies.jar)
        token = {cookie.name: cookie.value or "" for cookie in inspector.http.cookies.jar}
        sha256 = inspector.upload(PHOTO, piece=128 * 1024)

        def derived() -> bool:
            facts = inspector.http.get(f"/api/v1/photos/{sha256}/facts")
            return bool(facts.status_code == 200 and facts.json()["derived"] == "done")

        until("the worker made the views", 60, derived)
        thermal = inspector.http.get(f"/api/v1/photos/{sha256}/thermal")
        assert thermal.headers["content-type"] == "image/webp"
    for server in site.servers:
        with httpx.Client(base_url=server.url, cookies=token, verify=False) as direct:
            assert direct.get(f"/api/v1/photos/{sha256}/original").content == PHOTO.read_bytes()


def test_a_record_pushed_through_one_process_is_pulled_through_the_other(site: Site) -> None:
    first, second = site.servers
    with Client(first.url) as writer, Client(second.url) as reader:
        for client in (writer, reader):  # a Secure cookie does not travel over plain HTTP by itself
            client.http.headers["Origin"] = site.url
            answer = client.http.post(
                "/api/v1/session", json={"login": "duchayuan", "password": "mingcha-demo"}
            )
            assert answer.status_code == 200, answer.text
            client.me = answer.json()
            client.http.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
            client.register()
        id_ = uuid7()
        writer.applied(writer.put("finding", id_, {"unit": writer.unit, "fact": "seen"}))
        assert reader.records("finding")[id_]["data"]["fact"] == "seen"


def test_hashed_files_come_compressed_from_the_door_and_the_figures_do_not(site: Site) -> None:
    script = next((ROOT / "pwa" / "dist" / "assets").glob("*.js.br")).name.removesuffix(".br")
    with site.client("duchayuan") as client:
        answer = client.http.get(f"/assets/{script}", headers={"Accept-Encoding": "br"})
        gone = client.http.get("/assets/gone.js")
        figures = client.http.get("/metrics")
        page = client.http.get("/")
    assert answer.headers["content-encoding"] == "br"
    assert "immutable" in answer.headers["cache-control"]
    assert gone.status_code == 404
    assert "immutable" not in gone.headers.get("cache-control", "")
    assert figures.status_code == 404
    assert "content-security-policy" in page.headers
    assert page.headers["strict-transport-security"]


def test_a_process_that_dies_is_not_noticed_at_the_door(site: Site) -> None:
    with site.client("duchayuan") as inspector:
        site.servers[1].kill()
        answers = [inspector.http.get("/api/v1/session").status_code for _ in range(20)]
    assert answers == [200] * 20
