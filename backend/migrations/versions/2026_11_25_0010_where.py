"""How well a device's clock was known; operations are found by their record and by an event's own id."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NAMED = sa.text("event IS NOT NULL")
PART = 1000


def upgrade() -> None:
    op.add_column("device", sa.Column("skew_error_ms", sa.BigInteger(), nullable=True))
    op.add_column("operation", sa.Column("skew_error_ms", sa.BigInteger(), nullable=True))
    op.add_column("operation", sa.Column("event", KEY, nullable=True))
    _backfill(op.get_bind())
    op.create_index("operation_record", "operation", ["org", "id"])
    op.create_index(
        "operation_event", "operation", ["org", "event"], postgresql_where=NAMED, sqlite_where=NAMED
    )


def _backfill(conn: sa.Connection) -> None:
    """Events' own ids stand in the payload, as they were sent."""
    after = ("", "", 0)
    read = sa.text(
        "SELECT org, device, n, payload FROM operation WHERE op = 'event'"
        " AND (org, device, n) > (:org, :device, :n) ORDER BY org, device, n LIMIT :part"
    )
    write = sa.text("UPDATE operation SET event = :event WHERE org = :org AND device = :device AND n = :n")
    while True:
        given = dict(zip(("org", "device", "n"), after, strict=True))
        found = conn.execute(read, given | {"part": PART}).all()
        if not found:
            return
        conn.execute(
            write,
            [
                {"org": org, "device": device, "n": n, "event": json.loads(payload)["id"]}
                for org, device, n, payload in found
            ],
        )
        after = tuple(found[-1][:3])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
