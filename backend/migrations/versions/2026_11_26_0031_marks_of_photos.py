"""What photos look like, so that the same picture in two records is found; photos that are here are queued."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_likeness",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("org", sa.String(36), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org", "sha256", name="photo_likeness_of"),
    )
    op.create_table(
        "photo_mark",
        sa.Column("word", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("photo", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "photo", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "photo_twin",
        sa.Column("org", sa.String(36), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("other", sa.String(64), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("mirrored", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org", "sha256", "other"),
    )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    conn = op.get_bind()
    for org in list(conn.scalars(sa.text("SELECT DISTINCT org FROM photo"))):
        conn.execute(
            sa.text(
                "INSERT INTO job (id, org, name, payload, state, attempts, not_before, created_at)"
                " VALUES (:id, :org, 'resemble', '{}', 'waiting', 0, :now, :now)"
            ),
            {"id": str(uuid.uuid4()), "org": org, "now": now},
        )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
