"""The step that prepares MinIO, run against a real one as compose runs it."""

import asyncio
import hashlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio as Client
from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import S3Error
from structlog.testing import capture_logs

from deploy.buckets import policy
from media.stores import open_stores
from tests.deploy.tools import ROOT
from tests.support.client import signed_in
from tests.support.company import found
from tests.support.minio import Minio
from tests.support.phone import VISIBLE
from tests.support.server import Server

KEY, SECRET = "mingcha-app", "a-secret-of-the-application"


@pytest.fixture(scope="module")
def server() -> Iterator[Minio]:
    minio = Minio().start()
    yield minio
    minio.stop()


def step(server: Minio, bucket: str, lock: str = "&retain_days=30") -> subprocess.CompletedProcess[str]:
    address = f"s3://{server.endpoint}/{bucket}?secure=0&derivatives={bucket}-views{lock}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MINGCHA_STORE_URL": address,
        "MINGCHA_STORE_ACCESS_KEY": KEY,
        "MINGCHA_STORE_SECRET_KEY": SECRET,
        "MINIO_ROOT_USER": server.access_key,
        "MINIO_ROOT_PASSWORD": server.secret_key,
    }
    command = [sys.executable, "deploy/buckets.py"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def client(server: Minio, key: str, secret: str) -> Client:
    return Client(endpoint=server.endpoint, access_key=key, secret_key=secret, secure=False)


def test_the_application_can_add_an_original_but_neither_remove_nor_unlock_it(server: Minio) -> None:
    for _ in range(2):  # the step runs at every start
        done = step(server, "mingcha")
        assert done.returncode == 0, done.stderr
    application = client(server, KEY, SECRET)
    stored = application.put_object(bucket_name="mingcha", object_name="a", data=io.BytesIO(b"1"), length=1)
    application.put_object(bucket_name="mingcha", object_name="a", data=io.BytesIO(b"22"), length=2)

    for removal in ({"version_id": stored.version_id}, {}):
        with pytest.raises(S3Error, match="AccessDenied"):
            application.remove_object(bucket_name="mingcha", object_name="a", **removal)
    with pytest.raises(S3Error, match="AccessDenied"):
        application.delete_object_lock_config(bucket_name="mingcha")

    owner = client(server, server.access_key, server.secret_key)
    first = owner.get_object(bucket_name="mingcha", object_name="a", version_id=stored.version_id)
    assert first.read() == b"1"
    first.close()
    first.release_conn()
    kept = owner.get_object_retention(bucket_name="mingcha", object_name="a", version_id=stored.version_id)
    assert kept is not None
    assert kept.mode == "GOVERNANCE"


def test_derivatives_can_be_made_anew(server: Minio) -> None:
    assert step(server, "again").returncode == 0
    application = client(server, KEY, SECRET)
    application.put_object(bucket_name="again-views", object_name="v", data=io.BytesIO(b"1"), length=1)
    application.remove_object(bucket_name="again-views", object_name="v")


def test_a_server_with_no_more_rights_than_these_takes_photos_in_and_shows_them(
    server: Minio, tmp_path: Path
) -> None:
    assert step(server, "served").returncode == 0
    env = {
        "MINGCHA_STORE_URL": f"s3://{server.endpoint}/served?secure=0&derivatives=served-views&retain_days=30",
        "MINGCHA_STORE_ACCESS_KEY": KEY,
        "MINGCHA_STORE_SECRET_KEY": SECRET,
    }
    mingcha = Server(tmp_path / "data", env).prepare()
    asyncio.run(found(mingcha.env))
    try:
        mingcha.start()
        with signed_in(mingcha.url, "inspector") as phone:
            small, large = VISIBLE.read_bytes(), b"\xff\xd8\xff\xe0" + os.urandom(20 * 2**20) + b"\xff\xd9"
            for content in (small, large):  # one object at once, one in several parts
                url = f"/api/v1/photos/{phone.upload(content, piece=8 * 2**20)}"
                assert phone.http.get(f"{url}/original").content == content
            url = f"/api/v1/photos/{hashlib.sha256(small).hexdigest()}/w320"
            until = time.monotonic() + 60
            while (answer := phone.http.get(url)).status_code != 200:  # made by a job
                assert time.monotonic() < until, (answer.text, mingcha.log_tail())
                time.sleep(0.1)
            assert answer.headers["content-type"].startswith("image/")
    finally:
        mingcha.kill()


def test_a_bucket_made_without_a_lock_is_refused_in_words(server: Minio) -> None:
    client(server, server.access_key, server.secret_key).make_bucket(bucket_name="plain")
    done = step(server, "plain")
    assert done.returncode == 1
    assert "without versions and lock" in done.stderr


def test_a_retention_set_higher_since_is_set_by_the_step_and_asked_for_by_the_application(
    server: Minio, tmp_path: Path
) -> None:
    owner = client(server, server.access_key, server.secret_key)
    assert "(GOVERNANCE, 30 days)" in step(server, "raised").stdout
    higher = "&retain_days=400&lock_mode=compliance"
    mingcha = Server(
        tmp_path / "data",
        {
            "MINGCHA_STORE_URL": f"s3://{server.endpoint}/raised?secure=0&derivatives=raised-views{higher}",
            "MINGCHA_STORE_ACCESS_KEY": KEY,
            "MINGCHA_STORE_SECRET_KEY": SECRET,
        },
    )
    mingcha.folder.mkdir()
    mingcha.run("migrate")
    refused = mingcha.run("user", "list", check=False)  # as `serve` and `worker`: nothing opens
    assert refused.returncode == 1
    for word in ("COMPLIANCE for 400 days", "retain_days", "GOVERNANCE for 30 days", "deploy/buckets.py"):
        assert word in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert owner.get_object_lock_config(bucket_name="raised").duration == 30

    assert "(COMPLIANCE, 400 days)" in step(server, "raised", higher).stdout
    assert "(COMPLIANCE, 400 days)" in step(server, "raised").stdout, "a stricter one stays"
    assert mingcha.run("user", "list").returncode == 0


async def test_a_key_that_may_not_read_the_lock_works_and_says_that_it_could_not_look(server: Minio) -> None:
    assert step(server, "unseen").returncode == 0
    rights = json.dumps(policy("unseen", "unseen-views"))
    for right in ("s3:GetBucketObjectLockConfiguration", "s3:GetBucketVersioning"):
        rights = rights.replace(f'"{right}", ', "")
    admin = MinioAdmin(
        endpoint=server.endpoint,
        credentials=StaticProvider(server.access_key, server.secret_key),
        secure=False,
    )
    admin.user_add(access_key="mingcha-blind", secret_key=SECRET)
    admin.policy_add(policy_name="mingcha-blind", policy=json.loads(rights))
    admin.policy_set(policy_name="mingcha-blind", user="mingcha-blind")
    said = {}
    for key in ("mingcha-blind", KEY):
        stores = open_stores(
            f"s3://{server.endpoint}/unseen?secure=0&retain_days=30", access_key=key, secret_key=SECRET
        )
        with capture_logs() as said[key]:
            await stores.originals.prepare()
        for store in (stores.originals, stores.derivatives):
            await store.close()
    assert said == {
        KEY: [],
        "mingcha-blind": [
            {
                "event": "store.lock_unchecked",
                "log_level": "warning",
                "bucket": "unseen",
                "wanted": "GOVERNANCE for 30 days",
            }
        ],
    }
