"""Background jobs as a test puts them into a server's database."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from backend.jobs import job
from sync.tables import stamp
from tests.support.client import uuid7
from tests.support.server import Server
from tests.support.stored import change

GIVEN_UP = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def give_up(
    server: Server,
    org: str,
    payload: Mapping[str, str],
    *,
    name: str = "derive",
    error: str = "DecoderLost: crashed",
) -> str:
    """A job of the organisation that failed for good; gives its id."""
    id_ = uuid7()
    values = {
        "id": id_,
        "org": org,
        "name": name,
        "payload": json.dumps(dict(payload)),
        "state": "dead",
        "attempts": 8,
        "error": error,
        "not_before": stamp(GIVEN_UP),
        "created_at": stamp(GIVEN_UP),
    }
    change(server, job.insert().values(**values))
    return id_
