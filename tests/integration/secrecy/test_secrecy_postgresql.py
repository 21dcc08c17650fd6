"""A secret visit on PostgreSQL with MinIO: the tests stand in `promise`."""

from tests.integration.secrecy.promise import *  # noqa: F403

PAIR = "postgresql+minio"
