"""Compose file, image and secrets say what the documents promise, checked without a running Docker."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml  # type: ignore[import-untyped]

from backend.settings import Settings
from tests.deploy.tools import ROOT, ToolError, tool

# The first run may have to build a program (tools.py).
pytestmark = pytest.mark.timeout(1200)


def resolved() -> dict[str, Any]:
    """compose.yaml as Docker would run it: by `docker compose config`, or by its loader built from source."""
    docker = shutil.which("docker")
    if (
        docker
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    ):
        command = [docker, "compose", "-f", "compose.yaml", "config"]
    else:
        try:
            command = [str(tool("compose-config")), "compose.yaml"]
        except ToolError as missing:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no docker compose client, and its loader cannot be built: {missing}")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    loaded: dict[str, Any] = yaml.safe_load(done.stdout)
    return loaded


def adapted(**environment: str) -> dict[str, Any]:
    """deploy/Caddyfile as the configuration that Caddy would run."""
    command = [str(tool("caddy")), "adapt", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"]
    env = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = resolved()["services"]
    return found


def test_the_topology_is_one_door_two_api_processes_one_worker_and_two_stores(
    services: dict[str, dict[str, Any]],
) -> None:
    assert set(services) == {
        "caddy",
        "api1",
        "api2",
        "worker",
        "migrate",
        "buckets",
        "static",
        "postgres",
        "minio",
    }
    assert services["api1"]["command"] == services["api2"]["command"]
    assert services["worker"]["command"] == ["mingcha", "worker"]


def test_only_caddy_is_reachable_from_outside(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == ["caddy"]
    assert {str(port["published"]) for port in services["caddy"]["ports"]} == {"80", "443"}


def test_services_that_stay_restart_and_tell_their_health(services: dict[str, dict[str, Any]]) -> None:
    staying = {"caddy", "api1", "api2", "worker", "postgres", "minio"}
    assert {name for name, service in services.items() if service["restart"] == "unless-stopped"} == staying
    for name in staying:
        assert services[name]["healthcheck"]["test"], name


def test_the_processes_start_after_the_schema_and_the_buckets_are_ready(
    services: dict[str, dict[str, Any]],
) -> None:
    for name in ("api1", "api2", "worker"):
        conditions = {other: wait["condition"] for other, wait in services[name]["depends_on"].items()}
        done = "service_completed_successfully"
        assert conditions == {"migrate": done, "buckets": done}, name


def test_no_secret_stands_in_the_environment(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|ACCESS_KEY|ROOT_USER", key):
                assert key.endswith("_FILE"), (name, key)
                assert str(value).startswith("/run/secrets/"), (name, key)
                assert Path(str(value)).name in {mount["source"] for mount in service["secrets"]}, (name, key)


def test_minios_owner_is_known_to_minio_and_the_bucket_step_alone(
    services: dict[str, dict[str, Any]],
) -> None:
    holders = {
        name
        for name, service in services.items()
        if any("minio_root" in mount["source"] for mount in service.get("secrets") or [])
    }
    assert holders == {"minio", "buckets"}


def test_the_application_runs_without_rights_it_does_not_need(services: dict[str, dict[str, Any]]) -> None:
    for name in ("api1", "api2", "worker"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
    image = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", image, re.M) == ["mingcha"]


def test_a_certificate_of_your_own_is_one_setting(services: dict[str, dict[str, Any]]) -> None:
    assert "/run/tls" in {volume["target"] for volume in services["caddy"]["volumes"]}
    written = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["caddy"]["environment"]
    assert written["MINGCHA_TLS"] == "${MINGCHA_TLS:-internal}"
    loaded = adapted(MINGCHA_TLS="/run/tls/tls.crt /run/tls/tls.key")["apps"]["tls"]["certificates"][
        "load_files"
    ]
    assert [(each["certificate"], each["key"]) for each in loaded] == [
        ("/run/tls/tls.crt", "/run/tls/tls.key")
    ]


def test_without_one_caddy_is_its_own_authority() -> None:
    policies = adapted()["apps"]["tls"]["automation"]["policies"]
    assert [issuer["module"] for policy in policies for issuer in policy["issuers"]] == ["internal"]


def test_all_requests_on_one_upload_go_to_one_process_by_its_id() -> None:
    found: dict[tuple[str, ...], str] = {}

    def look(value: Any, paths: tuple[str, ...]) -> None:
        if isinstance(value, list):
            for each in value:
                look(each, paths)
        elif isinstance(value, dict):
            paths += tuple(path for match in value.get("match", ()) for path in match.get("path", ()))
            if value.get("handler") == "reverse_proxy":
                found[paths] = value["load_balancing"]["selection_policy"]["policy"]
            for each in value.values():
                look(each, paths)

    look(adapted()["apps"]["http"]["servers"], ())
    assert [policy for paths, policy in found.items() if "/api/v1/uploads/*" in paths] == ["uri_hash"], found
    assert "least_conn" in found.values()


def test_every_file_the_image_copies_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    for line in re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source == path or source.startswith(f"{path}/") for path in kept), source


def test_every_setting_of_the_compose_file_is_one_of_the_program(services: dict[str, dict[str, Any]]) -> None:
    known = {f"MINGCHA_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    for name in ("api1", "api2", "worker", "migrate"):
        given = {
            key.removesuffix("_FILE") for key in services[name]["environment"] if key.startswith("MINGCHA_")
        }
        assert given <= known, name


def test_secrets_are_made_once_and_never_overwritten(tmp_path: Path) -> None:
    def make() -> str:
        script = ROOT / "deploy" / "make-secrets.sh"
        return subprocess.run(
            ["bash", script, tmp_path / "s"], capture_output=True, text=True, check=True
        ).stdout

    assert "kept" not in make()
    first = {path.name: path.read_text() for path in (tmp_path / "s").iterdir()}
    assert "written" not in make()
    assert {path.name: path.read_text() for path in (tmp_path / "s").iterdir()} == first
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    assert all(
        len(first[name]) >= 48 for name in ("database_password", "minio_root_password", "store_secret_key")
    )


def test_every_secret_of_the_compose_file_is_made_and_explained(tmp_path: Path) -> None:
    subprocess.run(["bash", ROOT / "deploy" / "make-secrets.sh", tmp_path], capture_output=True, check=True)
    wanted = set(yaml.safe_load((ROOT / "compose.yaml").read_text())["secrets"])
    assert {path.name for path in tmp_path.iterdir()} == wanted
    explained = (ROOT / "deploy" / "secrets" / "README.md").read_text()
    assert all(f"`{name}`" in explained for name in wanted)
