"""Prepare MinIO: a versioned, locked bucket for originals, one for derivatives, a user with few rights.

Run as often as you like: what is there stays. Retention in GOVERNANCE mode keeps every original for
``RETENTION_DAYS`` from its upload; only MinIO's owner can shorten it, which the application is not.
"""

import os
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED, GOVERNANCE
from minio.credentials import StaticProvider
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError

from media.stores.s3 import derivatives_bucket

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
                    "s3:GetObjectRetention",
                    "s3:PutObject",
                    "s3:PutObjectRetention",
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


def prepare(endpoint: str, bucket: str, *, secure: bool, retention_days: int) -> None:
    """Make buckets, retention, user, policy. S3Error, or ValueError for a bucket that cannot be locked."""
    root = StaticProvider(secret("MINIO_ROOT_USER"), secret("MINIO_ROOT_PASSWORD"))
    store = Minio(endpoint=endpoint, credentials=root, secure=secure)
    derivatives = derivatives_bucket(bucket)

    if not store.bucket_exists(bucket_name=bucket):
        store.make_bucket(bucket_name=bucket, object_lock=True)
    if not store.bucket_exists(bucket_name=derivatives):
        store.make_bucket(bucket_name=derivatives)
    try:
        store.set_object_lock_config(
            bucket_name=bucket,
            config=ObjectLockConfig(mode=GOVERNANCE, duration=retention_days, duration_unit=DAYS),
        )
    except S3Error as error:
        raise ValueError(
            f"bucket {bucket} was made without object lock and cannot get it: {error.code}"
        ) from error
    if store.get_bucket_versioning(bucket_name=bucket).status != ENABLED:
        store.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig(ENABLED))

    admin = MinioAdmin(endpoint=endpoint, credentials=root, secure=secure)
    user = secret("MINGCHA_STORE_ACCESS_KEY")
    admin.user_add(access_key=user, secret_key=secret("MINGCHA_STORE_SECRET_KEY"))
    admin.policy_add(policy_name=POLICY, policy=policy(bucket, derivatives))
    admin.policy_set(policy_name=POLICY, user=user)


def main() -> int:
    url = urlsplit(os.environ["MINGCHA_STORE_URL"])
    if url.scheme != "s3":
        sys.stderr.write("buckets: MINGCHA_STORE_URL is no s3:// address, nothing to prepare\n")
        return 0
    secure = parse_qs(url.query).get("secure", ["1"])[0] not in ("0", "false")
    for wait_s in (1, 2, 4, 8, 0):
        try:
            prepare(
                url.netloc,
                url.path.strip("/"),
                secure=secure,
                retention_days=int(os.environ.get("RETENTION_DAYS", "1095")),
            )
        except HTTPError as error:
            sys.stderr.write(f"buckets: {url.netloc} does not answer yet: {error}\n")
            if not wait_s:
                return 1
            time.sleep(wait_s)
        else:
            sys.stdout.write(f"buckets: {url.path.strip('/')} is versioned and locked\n")
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
