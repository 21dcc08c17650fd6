"""The engine's tables.

JSON is kept as bytes, so that a feed page is put together without decoding. Times are UTC text of fixed width
(`2026-11-24T08:30:00.000000Z`), which sorts as it reads. `record.seq` is given by `sync.store` alone.

Tables of wide rows keep SQLite's row id: without it, a row of 1 KB costs a page of its own.
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
)
"""`seq` counts what the server itself wrote; locking this row is locking the organisation."""

scope_head = Table(
    "scope_head",
    metadata,
    Column("org", Key, primary_key=True),
    Column("scope", Key, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("moved", BigInteger, nullable=False),
    Column("horizon", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The counter of each scope: its readers alone see it move. `moved` is the number of the last notice that a
record left, `horizon` that of the last tombstone or notice that was purged.
"""

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
    Index(  # what the daily purge looks for
        "record_gone",
        "org",
        "updated_at",
        postgresql_where=text("deleted = 1"),
        sqlite_where=text("deleted = 1"),
    ),
    Index(  # what its author has to mend, wherever it lives
        "record_returned",
        "org",
        "updated_at",
        postgresql_where=text("state = 'returned'"),
        sqlite_where=text("state = 'returned'"),
    ),
)

moved = Table(
    "moved",
    metadata,
    Column("org", Key, primary_key=True),
    Column("scope", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("rev", BigInteger, nullable=False),
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

# Every push for good, as it came and with its answers: exactly-once answers and the audit trail. `n` is the
# number of its first new operation, `last` of its last; `payload` and `answers` are JSON arrays, packed.
push = Table(
    "push",
    metadata,
    Column("org", Key, primary_key=True),
    Column("device", Key, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("person", Key, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("skew_ms", BigInteger, nullable=False),
    Column("skew_error_ms", BigInteger),
    Column("payload", LargeBinary, nullable=False),
    Column("answers", LargeBinary, nullable=False),
)

# Operations that the record alone does not tell of: events, deletes, merges, conflicts, what was rejected; and what
# the server wrote itself: `device` is `server` and `n` counts the organisation's own operations.
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

# What an operation could not take over, until somebody settles it. `record` is empty when its sender has none.
exception = Table(
    "exception",
    metadata,
    Column("org", Key, primary_key=True),
    Column("device", Key, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("person", Key, nullable=False),
    Column("record", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("what", Key, nullable=False),
    Column("received_at", Key, nullable=False),
    Column("settled_at", Text),
    Column("settled_by", Key),
    Column("settled_name", Text),
    Column("how", Text),
    Column("reason", Text),
    Index("exception_at", "org", "received_at", "device", "n"),
    sqlite_with_rowid=False,
)
_open = text("settled_at IS NULL")
Index(
    "exception_open",
    exception.c.org,
    exception.c.device,
    exception.c.n,
    postgresql_where=_open,
    sqlite_where=_open,
)


def stamp(moment: datetime) -> str:
    """A moment as the tables keep it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def moment(stamped: str) -> datetime:
    """The moment of a stored text."""
    return datetime.fromisoformat(stamped)
