"""Exceptions get a table of their own: they are settled by a person, while the operation table never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What was refused before is listed from now on as well. Of the codes here the sender has no record.
BACKFILL = """
    INSERT INTO exception (org, device, n, person, record, kind, what, received_at)
    SELECT org, device, n, person,
        CASE WHEN code IN ('malformed', 'bad_id', 'unknown_kind', 'too_big', 'not_found') THEN '' ELSE id END,
        kind, status, received_at
    FROM operation WHERE status IN ('rejected', 'conflict') AND device <> 'server'
"""


def key() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "exception",
        sa.Column("org", key(), nullable=False),
        sa.Column("device", key(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("person", key(), nullable=False),
        sa.Column("record", key(), nullable=False),
        sa.Column("kind", key(), nullable=False),
        sa.Column("what", key(), nullable=False),
        sa.Column("received_at", key(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.Column("settled_by", key(), nullable=True),
        sa.Column("settled_name", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org", "device", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index("exception_at", "exception", ["org", "received_at", "device", "n"])
    opened = sa.text("settled_at IS NULL")
    op.create_index(
        "exception_open",
        "exception",
        ["org", "device", "n"],
        postgresql_where=opened,
        sqlite_where=opened,
    )
    op.execute(BACKFILL)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: exceptions are never dropped")
