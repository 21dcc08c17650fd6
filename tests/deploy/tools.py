"""Programs that the deployment needs beside Python, each found or built once into ``build/bin``."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build" / "bin"

#: name -> (Go package, version); the versions are those the compose file was written against
GO_TOOLS = {
    "caddy": ("github.com/caddyserver/caddy/v2/cmd/caddy", "v2.11.9"),
    # The loader inside `docker compose` as a program of its own: reads and checks a compose file.
    "compose-config": ("github.com/compose-spec/compose-go/v2/cmd", "v2.16.2"),
    # The reference server of the tus protocol: our answers are laid beside its.
    "tusd": ("github.com/tus/tusd/v2/cmd/tusd", "v2.9.1"),
    # A bad line between the server and its store.
    "toxiproxy": ("github.com/Shopify/toxiproxy/v2/cmd/server", "v2.5.0"),
    # An S3 server that is not MinIO.
    "versitygw": ("github.com/versity/versitygw/cmd/versitygw", "v1.8.0"),
}


class ToolError(RuntimeError):
    """Neither found nor buildable; says what was tried."""


def tool(name: str) -> Path:
    """Path of a program of GO_TOOLS: on PATH, built before, or built now (a minute, at low priority)."""
    if found := shutil.which(name):
        return Path(found)
    built = BIN / name
    if built.exists():
        return built
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise ToolError(f"{name} is not on PATH and there is no Go to build it")
    package, version = GO_TOOLS[name]
    BIN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BIN) as folder:
        environment = {**os.environ, "GOBIN": folder, "CGO_ENABLED": "0"}
        made = subprocess.run(
            ["nice", "-n", "10", go, "install", f"{package}@{version}"],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        if made.returncode:
            raise ToolError(f"go install {package}@{version} failed: {made.stderr[-500:]}")
        (Path(folder) / package.rsplit("/", 1)[1]).rename(built)
    return built
