"""Prepare MinIO: a versioned, locked bucket for originals, one for derivatives, a user with few rights.

Run as often as you like: what is there stays, and a retention that was set higher since is set in the bucket.
Retention in GOVERNANCE mode (`retain_days` of the store's address) keeps every original from its upload on; only
MinIO's owner can shorten it, which the application is not.
"""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED
from minio.credentials.providers import StaticProvider

from media.errors import StoreUnfit
from media.stores import open_stores

POLICY = "mingcha-app"


def policy(originals: str, derivatives: str) -> dict[str, object]:
    """What the application may do: add and read originals, all with derivatives; no version, no lock."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "s3:GetBucketLocation",
                    "s3:GetBucketObjectLockConfiguration",
                    "s3:GetBucketVersioning",
                    "s3:ListBucket",
                    "s3:ListBucketMultipartUploads",
                ],
                "Resource": [f"arn:aws:s3:::{originals}", f"arn:aws:s3:::{derivatives}"],
            },
            {
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": [f"arn:aws:s3:::{originals}/*"],
            },
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                "Resource": [f"arn:aws:s3:::{derivatives}/*"],
            },
        ],
    }


def secret(name: str) -> str:
    """Value of ``NAME``, or the content of the file that ``NAME_FILE`` names."""
    if value := os.environ.get(name):
        return value
    return Path(os.environ[f"{name}_FILE"]).read_text().strip()


async def make_buckets(url: str, access_key: str, secret_key: str) -> None:
    """Both buckets, as the application itself would make them."""
    stores = open_stores(url, access_key=access_key, secret_key=secret_key)
    try:
        await stores.originals.prepare()
        await stores.derivatives.prepare()
    finally:
        await stores.originals.close()
        await stores.derivatives.close()


def make_user(endpoint: str, root: StaticProvider, *, secure: bool, originals: str, derivatives: str) -> None:
    """The application's user with its policy; a changed key or policy replaces the old one."""
    admin = MinioAdmin(endpoint=endpoint, credentials=root, secure=secure)
    user = secret("MINGCHA_STORE_ACCESS_KEY")
    admin.user_add(access_key=user, secret_key=secret("MINGCHA_STORE_SECRET_KEY"))
    admin.policy_add(policy_name=POLICY, policy=policy(originals, derivatives))
    admin.policy_set(policy_name=POLICY, user=user)


def main() -> int:
    url = os.environ["MINGCHA_STORE_URL"]
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    bucket, secure = parts.path.strip("/"), options.get("secure", "1") == "1"
    key, password = secret("MINIO_ROOT_USER"), secret("MINIO_ROOT_PASSWORD")

    try:
        asyncio.run(make_buckets(url, key, password))
    except StoreUnfit as error:
        sys.stderr.write(f"buckets: {error}\n")
        return 1
    root = StaticProvider(key, password)
    store = Minio(endpoint=parts.netloc, credentials=root, secure=secure)
    if store.get_bucket_versioning(bucket_name=bucket).status != ENABLED:  # lock=0: not with this step
        sys.stderr.write(f"buckets: {bucket} is not versioned; leave lock=0 out and name a new bucket\n")
        return 1
    lock = store.get_object_lock_config(bucket_name=bucket)
    kept = (
        f"keeps each original ({lock.mode}, {lock.duration} {str(lock.duration_unit).lower()})"
        if lock.mode
        else "keeps the versions of each original, but against no owner: set retain_days"
    )
    derivatives = options.get("derivatives", f"{bucket}-views")
    make_user(parts.netloc, root, secure=secure, originals=bucket, derivatives=derivatives)
    sys.stdout.write(f"buckets: {bucket} is versioned and {kept}; {derivatives} is not\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
