"""`python -m tests.support.parts`: make ready, and name, the real parts that the tests run against."""

import shutil
import subprocess

from tests.deploy.tools import GO_TOOLS, tool

from . import minio, postgres, tusclients


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("no Chromium: install the system's package `chromium`")


def main() -> None:
    version = subprocess.run(
        [str(postgres.binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    print(f"  PostgreSQL  {version.stdout.strip()}")
    version = subprocess.run([str(minio.binary()), "--version"], capture_output=True, text=True, check=True)
    print(f"  MinIO       {version.stdout.splitlines()[0]}")
    print(f"  Chromium    {chromium()}")
    for name in GO_TOOLS:
        print(f"  {name:<15} {tool(name).name}")
    print(f"  {'tus clients':<15} {tusclients.ready().name}")


if __name__ == "__main__":
    main()
