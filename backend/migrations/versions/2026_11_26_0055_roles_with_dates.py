"""Roles get a start and an end; each account's roles of today are its first grants. Codes that sign a phone in."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from backend.clock import new_id

revision = "0055"
down_revision = "0050"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("account", sa.Column("grants", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    conn, now = op.get_bind(), datetime.now(UTC)
    table = sa.table(
        "account",
        sa.column("id"),
        sa.column("created_at"),
        sa.column("roles", sa.JSON),
        sa.column("grants", sa.JSON),
    )
    for row in conn.execute(sa.select(table)).all():
        grants = [{"id": new_id(now), "role": role, "since": row.created_at} for role in row.roles]
        conn.execute(table.update().where(table.c.id == row.id).values(grants=grants))
    op.drop_column("account", "roles")
    op.create_table(
        "enrolment",
        sa.Column("code_hash", KEY, nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in ("org", "person", "made_by")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("made_at", "ends_at")),
        sa.Column("used_at", sa.Text()),
        sa.PrimaryKeyConstraint("code_hash"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
