"""The engine's tables.

JSON is kept as bytes, so that a feed page is put together without decoding. Times are UTC text of fixed width
(`2026-11-24T08:30:00.000000Z`), which sorts as it reads. `record.seq` is given by `sync.store` alone.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata = MetaData()

# Ids and scopes are compared bytewise: a locale's collation makes each index step several times dearer.
Key = Text().with_variant(Text(collation="C"), "postgresql")

org = Table(
    "org",
    metadata,
    Column("id", Key, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("horizon", BigInteger, nullable=False),
)

record = Table(
    "record",
    metadata,
    Column("org", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("scope", Key, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("rev", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("author", Key),
    Column("body", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("log", LargeBinary, nullable=False),
    Column("missing", LargeBinary, nullable=False),
    Column("fv", LargeBinary, nullable=False),
    Column("deleted", SmallInteger, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("record_feed", "org", "scope", "seq"),
    sqlite_with_rowid=False,
)

moved = Table(
    "moved",
    metadata,
    Column("org", Key, primary_key=True),
    Column("scope", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Index("moved_feed", "org", "scope", "seq"),
    sqlite_with_rowid=False,
)

device = Table(
    "device",
    metadata,
    Column("org", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("person", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("app_version", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("registered_at", Text, nullable=False),
    Column("last_seen", Text),
    Column("revoked_at", Text),
    Column("skew_ms", BigInteger),
    Column("skew_error_ms", BigInteger),
)

# Every operation for good, with its payload and its answer: exactly-once answers, exceptions, audit trail.
# `device` is `server` and `n` the first number of its changes for what the server wrote itself.
operation = Table(
    "operation",
    metadata,
    Column("org", Key, primary_key=True),
    Column("device", Key, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("person", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("op", Text, nullable=False),
    Column("at", Text),
    Column("received_at", Text, nullable=False),
    Column("skew_ms", BigInteger, nullable=False),
    Column("skew_error_ms", BigInteger),
    Column("payload", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("event", Key),  # an event's own id; `id` is its record's
    Index("operation_record", "org", "id"),
    sqlite_with_rowid=False,
)
_named = text("event IS NOT NULL")
Index("operation_event", operation.c.org, operation.c.event, postgresql_where=_named, sqlite_where=_named)
_exceptional = text("status IN ('rejected', 'conflict')")
Index(
    "operation_exception",
    operation.c.org,
    operation.c.received_at,
    postgresql_where=_exceptional,
    sqlite_where=_exceptional,
)


def stamp(moment: datetime) -> str:
    """A moment as the tables keep it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stamped: str) -> datetime:
    """The moment of a stored text."""
    return datetime.fromisoformat(stamped)
