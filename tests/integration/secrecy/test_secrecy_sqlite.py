"""A secret visit on SQLite with files: the tests stand in `promise`."""

from tests.integration.secrecy.promise import *  # noqa: F403

PAIR = "sqlite+files"
