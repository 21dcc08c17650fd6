"""What the command line says when something outside of it is wrong: one line, no traceback, exit 1 or 2."""

import socket
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.cli import main
from tests.support.client import signed_in, uuid7
from tests.support.postgres import free_port
from tests.support.server import Server

NEEDS_TABLES = (
    ("serve",),
    ("worker",),
    ("demo",),
    ("user", "list"),
    ("user", "roles", "duchayuan", "inspector"),
    ("epoch", "--raise"),
    ("ledger", "verify"),
    ("ledger", "export", "ledger.jsonl"),
    ("bundle", "0197b6a2-0000-7000-8000-000000000000"),
)


@pytest.fixture
def company(tmp_path: Path) -> Server:
    """An empty database at the newest schema, in a folder of its own."""
    return Server(tmp_path / "data").prepare()


def said(server: Server, *args: str, code: int = 1) -> str:
    """The one line on standard error."""
    done = server.run(*args, check=False, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("usage:")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("mingcha")
    return lines[0]


def set_revision(server: Server, revision: str) -> None:
    engine = sa.create_engine(f"sqlite:///{server.folder / 'mingcha.db'}")
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    engine.dispose()


@pytest.mark.parametrize("args", NEEDS_TABLES, ids=" ".join)
def test_a_database_without_tables_is_named(args: tuple[str, ...], tmp_path: Path) -> None:
    assert "no tables yet: run `mingcha migrate`" in said(Server(tmp_path), *args)


def test_a_postgresql_without_tables_is_named(postgres_url: str, tmp_path: Path) -> None:
    server = Server(tmp_path, {"MINGCHA_DATABASE_URL": postgres_url})
    assert "no tables yet: run `mingcha migrate`" in said(server, "serve")


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_newer_database_is_left_alone(command: str, company: Server) -> None:
    set_revision(company, "9999")
    line = said(company, command)
    assert "9999" in line
    assert "a newer Mingcha has used it" in line


@pytest.mark.parametrize("port", ["0", "-1", "99999", "http", "80 00"])
def test_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--port={port}"])
    assert ended.value.code == 2
    assert f"{port} is no port" in capsys.readouterr().err


def test_a_port_in_use(company: Server) -> None:
    with socket.create_server(("127.0.0.1", company.port)):
        assert f"127.0.0.1:{company.port}" in said(company, "serve")


def test_a_host_that_is_not_here(company: Server) -> None:
    assert "nowhere.invalid" in said(company, "serve", "--host", "nowhere.invalid")


@pytest.mark.parametrize(
    "url",
    [
        "junk",
        "mysql://127.0.0.1/mingcha",
        "sqlite+aiosqlite://",
        f"postgresql+asyncpg://mingcha@127.0.0.1:{free_port()}/mingcha",
    ],
    ids=["junk", "mysql", "no file", "nobody there"],
)
def test_a_database_that_cannot_be_had(url: str, tmp_path: Path) -> None:
    said(Server(tmp_path / "data", {"MINGCHA_DATABASE_URL": url}), "serve")


def test_a_database_that_the_server_does_not_have(postgres_url: str, tmp_path: Path) -> None:
    url = postgres_url.rsplit("/", 1)[0] + "/none"
    assert '"none" does not exist' in said(Server(tmp_path, {"MINGCHA_DATABASE_URL": url}), "migrate")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "mingcha.db").write_bytes(b"hello" * 1000)
    assert "file is not a database" in said(Server(tmp_path), "migrate")


@pytest.mark.parametrize(
    "store",
    ["junk", "s3://127.0.0.1:9/", f"s3://127.0.0.1:{free_port()}/mingcha?secure=false"],
    ids=["junk", "no bucket", "nobody there"],
)
def test_a_store_that_cannot_be_had(store: str, company: Server) -> None:
    company.env |= {
        "MINGCHA_STORE_URL": store,
        "MINGCHA_STORE_ACCESS_KEY": "mingcha",
        "MINGCHA_STORE_SECRET_KEY": "not-a-secret",
    }
    said(company, "serve")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "file" in said(Server(tmp_path / "file" / "data"), "migrate")


def test_an_export_to_nowhere(company: Server, tmp_path: Path) -> None:
    line = said(company, "ledger", "export", str(tmp_path / "none" / "ledger.jsonl"))
    assert line.endswith("none/ledger.jsonl: No such file or directory")


def test_a_lost_phone_is_listed_and_revoked(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with signed_in(server.url, "duchayuan") as phone:
            assert phone.device in server.run("user", "devices", "duchayuan").stdout
            server.run("user", "revoke", phone.device)
            assert "revoked" in server.run("user", "devices", "duchayuan").stdout
            refused = phone.send(phone.put("finding", uuid7(), {"unit": phone.unit, "fact": "x"}))
            assert (refused.status_code, refused.json()["code"]) == (403, "device_revoked")
        assert "no account nobody" in said(server, "user", "devices", "nobody")
        assert "no device lost" in said(server, "user", "revoke", "lost")
    finally:
        server.kill()


def test_an_exported_ledger_that_is_not_there(company: Server, tmp_path: Path) -> None:
    done = company.run("ledger", "verify", "--file", str(tmp_path / "none"), check=False)
    assert done.returncode == 2
    assert "No such file" in done.stderr
