"""What holds for every answer: headers, packing, limits, the app's files, health."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from tests.conftest import Pair, make_pair
from tests.support.client import PASSWORD
from tests.support.server import Server

APP = "<!doctype html><title>Mingcha</title>" + "x" * 2000


@pytest.fixture(scope="module")
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without people, with a small app of its own to serve."""
    dist = tmp_path_factory.mktemp("dist")
    (dist / "assets").mkdir()
    (dist / "index.html").write_text(APP)
    (dist / "sw.js").write_text("// worker" * 200)
    script = "console.log(1);" * 200
    (dist / "assets" / "main-1a2b.js").write_text(script)
    (dist / "assets" / "main-1a2b.js.br").write_bytes(brotli.compress(b"packed beforehand" * 200))
    (dist / ".secret").write_text("hidden")
    (dist.parent / "outside.txt").write_text("outside")
    (dist / "link.txt").symlink_to(dist.parent / "outside.txt")
    pair: Pair = make_pair("sqlite+files", request, tmp_path_factory.mktemp("shell"))
    server = pair.server(MINGCHA_PWA_DIR=str(dist), MINGCHA_METRICS_ALLOW="127.0.0.0/8").prepare()
    try:
        yield server.start()
    finally:
        server.kill()


@pytest.fixture
def http(shell: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shell.url, verify=False) as client:
        yield client


def test_every_answer_carries_the_security_headers(http: httpx.Client) -> None:
    paths = ("/", "/no/such/page", "/no.js", "/api/v1/session", "/api/v1/nothing", "/schema", "/healthz")
    for path in paths:
        headers = http.get(path).headers
        csp = headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "unsafe" not in csp.replace("'wasm-unsafe-eval'", "")  # it makes no program of a text
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=(self)" in headers["permissions-policy"]
        assert "microphone=(self)" in headers["permissions-policy"]  # voice notes
    assert http.post("/api/v1/session").headers["content-security-policy"]


def test_pages_of_the_app_are_the_index_and_missing_files_are_missing(http: httpx.Client) -> None:
    for path in ("/", "/r/infrared/01933333", "/desk/review", "/index.html"):
        answer = http.get(path)
        assert answer.status_code == 200
        assert answer.text == APP
        assert answer.headers["cache-control"] == "no-cache"
    for path in (
        "/assets/old-9f.js",
        "/favicon.ico",
        "/.secret",
        "/assets/../.secret",
        "/link.txt",
        "/a//b.js",
    ):
        answer = http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_a_path_cannot_leave_the_folder(shell: Server) -> None:
    import socket

    for path in (
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/assets/..%5c..%5coutside.txt",
    ):
        with socket.create_connection(("127.0.0.1", shell.port)) as raw:
            raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: raw.recv(65536), b""))
        assert b"404" in answer.split(b"\r\n")[0], path
        assert b"outside" not in answer.partition(b"\r\n\r\n")[2], path


def test_hashed_files_are_kept_for_ever_and_the_rest_is_asked_for_again(http: httpx.Client) -> None:
    asset = http.get("/assets/main-1a2b.js")
    assert "immutable" in asset.headers["cache-control"]
    worker = http.get("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-type"].startswith("text/javascript")
    again = http.get("/sw.js", headers={"If-None-Match": worker.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert http.head("/sw.js").headers["content-length"] == str(len("// worker" * 200))


def raw(http: httpx.Client, path: str, accept: str) -> tuple[str | None, bytes]:
    with http.stream("GET", path, headers={"Accept-Encoding": accept}) as answer:
        return answer.headers.get("content-encoding"), b"".join(answer.iter_raw())


def test_answers_over_1_kb_are_packed_as_the_client_likes(http: httpx.Client) -> None:
    plain = raw(http, "/schema", "identity")[1]
    document = json.loads(plain)
    unpack = {
        "zstd": lambda data: zstandard.ZstdDecompressor().decompress(data),
        "br": brotli.decompress,
        "gzip": gzip.decompress,
    }
    for name, opened in unpack.items():
        encoding, packed = raw(http, "/schema", name)
        assert encoding == name
        assert json.loads(opened(packed)) == document
        assert len(packed) < len(plain) / 3
    assert raw(http, "/schema", "gzip, br, zstd")[0] == "zstd"
    assert raw(http, "/schema", "zstd;q=0.1, gzip;q=0.8")[0] == "gzip"
    assert raw(http, "/schema", "gzip;q=0")[0] is None
    assert raw(http, "/healthz", "gzip")[0] is None
    assert "Accept-Encoding" in http.get("/schema").headers["vary"]


def test_a_file_packed_beforehand_goes_out_as_it_is(http: httpx.Client) -> None:
    encoding, packed = raw(http, "/assets/main-1a2b.js", "br, gzip")
    assert (encoding, brotli.decompress(packed)) == ("br", b"packed beforehand" * 200)
    encoding, packed = raw(http, "/assets/main-1a2b.js", "gzip")
    assert (encoding, gzip.decompress(packed).decode()) == ("gzip", "console.log(1);" * 200)


def test_a_body_over_the_limit_is_refused_declared_or_not(http: httpx.Client) -> None:
    headers = {"X-Mingcha": "1"}
    declared = http.post("/api/v1/session", content=b"x" * 70000, headers=headers)
    assert (declared.status_code, declared.json()["code"]) == (413, "too_large")

    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 1000

    streamed = http.post("/api/v1/session", content=endless(), headers=headers)
    assert (streamed.status_code, streamed.json()["code"]) == (413, "too_large")
    lie = {**headers, "Content-Length": "5"}
    assert http.post("/api/v1/session", content=b"{}{}{", headers=lie).status_code == 400
    assert http.get("/healthz").status_code == 200


def test_an_unknown_address_of_the_api_and_an_unknown_method_have_their_problem(http: httpx.Client) -> None:
    missing = http.get("/api/v1/nothing")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/not_found")
    assert missing.headers["content-type"] == "application/problem+json"
    wrong = http.put("/api/v1/session", headers={"X-Mingcha": "1"})
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


def test_metrics_are_for_the_neighbourhood_only(http: httpx.Client) -> None:
    near = http.get("/metrics")
    assert "mingcha_http_requests_total" in near.text
    assert "mingcha_jobs" in near.text
    far = http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (far.status_code, far.json()["code"]) == (404, "not_found")


def test_health_says_alive_and_ready(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"status": "ready"}


def test_a_mistake_of_ours_tells_the_caller_nothing(shell: Server) -> None:
    """The database vanishes under the running server: the answer names no table, path or program text."""
    home = Path(shell.env["MINGCHA_DATA_DIR"])
    from tests.support.postgres import free_port

    broken = Server(
        home / "broken", {**shell.env, "MINGCHA_DATA_DIR": str(home / "broken")}, port=free_port()
    )
    broken.prepare()
    broken.start()
    try:
        import sqlite3

        with sqlite3.connect(home / "broken" / "mingcha.db") as db:
            db.execute("DROP TABLE account")
        db.close()
        body = {"login": "x", "password": PASSWORD}
        headers = {"X-Mingcha": "1"}
        with httpx.Client(base_url=broken.url, verify=False) as client:
            answer = client.post("/api/v1/session", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert set(answer.json()) == {"type", "title", "status", "detail", "code"}
        for word in ("account", "sqlite", "Traceback", str(home)):
            assert word not in answer.text
        assert "no such table: account" in broken.log_tail(400)
    finally:
        broken.kill()


def test_the_server_ends_on_sigterm_with_connections_open(shell: Server) -> None:
    with httpx.Client(base_url=shell.url, verify=False) as client:
        assert client.get("/healthz").status_code == 200
        assert shell.stop(wait_s=15) == 0
    shell.start()


def test_a_server_behind_the_schema_refuses_to_start(shell: Server, tmp_path: Path) -> None:
    server = Server(tmp_path / "empty")
    server.folder.mkdir()
    done = server.run("serve", check=False, timeout=60)
    assert done.returncode == 1
    assert "mingcha migrate" in done.stderr


def test_gzip_of_a_push_is_unpacked_within_the_limit(http: httpx.Client) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 65536
    packed = {"X-Mingcha": "1", "Content-Encoding": "gzip"}
    answer = http.post("/api/v1/sync/push", content=bomb, headers=packed)
    assert answer.status_code == 401  # nothing is unpacked for a stranger
    assert zlib.decompress(gzip.compress(b"1"), 31) == b"1"
