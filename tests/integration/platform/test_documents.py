"""What is documented is what is there."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from backend import problems, settings
from backend.app import KINDS, create_app
from backend.problems import CATALOGUE
from backend.settings import Settings, SettingsError, load
from backend.web import openapi
from media.errors import CODES as MEDIA_CODES
from sync.errors import REQUEST_CODES, RESULT_CODES
from tests.support.server import mingcha

ROOT = Path(__file__).resolve().parents[3]


def test_every_setting_stands_in_the_operations_page() -> None:
    assert settings.table() in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_problem_stands_in_its_page() -> None:
    assert problems.table() in (ROOT / "docs" / "problems.md").read_text("utf-8")


def test_every_code_of_sync_and_media_has_a_problem() -> None:
    requests = {*REQUEST_CODES, *MEDIA_CODES}
    assert requests - CATALOGUE.keys() == set()
    assert [code for code in requests if CATALOGUE[code].status is None] == []
    assert set(RESULT_CODES) - CATALOGUE.keys() == set()


def test_every_code_that_the_program_raises_has_a_problem() -> None:
    raised = set()
    for folder in ("backend", "sync", "media"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                    continue
                first = node.args[0]
                errors = ("AppError", "SyncError", "MediaError", "Refused")
                if node.func.id in errors and isinstance(first, ast.Constant):
                    raised.add(first.value)
    assert len(raised) > 20
    assert raised - CATALOGUE.keys() == set()


def test_every_problem_is_told_in_both_languages() -> None:
    for code, problem in CATALOGUE.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert re.search(r"[\u4e00-\u9fff]", problem.zh), code
        assert not re.search(r"[\u4e00-\u9fff]", problem.en), code


@pytest.mark.parametrize(
    ("header", "english"),
    [("", False), ("zh-CN", False), ("en", True), ("de, en;q=0.5, zh;q=0.4", True), ("en;q=x, zh", False)],
)
def test_chinese_is_spoken_unless_english_is_preferred(header: str, english: bool) -> None:
    assert problems.prefers_english(header) is english


def test_the_later_source_of_a_setting_wins(tmp_path: Path) -> None:
    (tmp_path / "mingcha.toml").write_text('port = 1\nhost = "::"\nallowed_origins = ["https://a"]\n')
    (tmp_path / "key").write_text("from the file\n")
    found = load(
        {
            "MINGCHA_CONFIG": str(tmp_path / "mingcha.toml"),
            "MINGCHA_PORT": "2",
            "MINGCHA_STORE_SECRET_KEY_FILE": str(tmp_path / "key"),
            "MINGCHA_TRUSTED_PROXIES": "10.0.0.0/8, ::1/128",
            "PATH": "/bin",
        }
    )
    assert (found.port, found.host, found.allowed_origins) == (2, "::", ("https://a",))
    assert found.store_secret_key == "from the file"
    assert found.trusted_proxies == ("10.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    "env",
    [
        {"MINGCHA_PORT": "many"},
        {"MINGCHA_PORT": "99999"},
        {"MINGCHA_WORKER": "sometimes"},
        {"MINGCHA_METRICS_ALLOW": "here"},
        {"MINGCHA_CONFIG": "/no/such/file"},
        {"MINGCHA_STORE_ACCESS_KEY_FILE": "/no/such/file"},
    ],
)
def test_a_wrong_setting_is_named_and_stops_the_start(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        load(env)


def test_a_misspelt_key_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mingcha.toml").write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="prot"):
        load({"MINGCHA_CONFIG": str(tmp_path / "mingcha.toml")})


def test_the_openapi_document_leads_from_every_kind_to_its_body_and_events() -> None:
    document = openapi.document(create_app(Settings()), KINDS)
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    assert set(schemas["Bodies"]["properties"]) == set(KINDS)
    for kind in KINDS.values():
        body = schemas[kind.body.__name__]
        assert body["additionalProperties"] is False
        assert set(schemas["Events"]["properties"][kind.name]["properties"]) == {e.name for e in kind.events}

    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*(references(value) for value in part.values()))
        return set().union(*(references(item) for item in part)) if isinstance(part, list) else set()

    lost = {r for r in references(document) if r.removeprefix(openapi.REF) not in schemas}
    assert lost == set()
    operations = [o["operationId"] for item in document["paths"].values() for o in item.values()]
    assert len(operations) == len(set(operations))


@pytest.mark.parametrize("command", ["settings", "kinds", "openapi", "--help"])
def test_commands_that_only_print_need_no_database(command: str, tmp_path: Path) -> None:
    done = subprocess.run([*mingcha(), command], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout
    assert list(tmp_path.iterdir()) == []
