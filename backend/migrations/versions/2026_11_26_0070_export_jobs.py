"""Long exports are made by the worker; a unit's records have an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0062"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "export_job",
        *(sa.Column(name, KEY, nullable=False) for name in ("id", "org", "person", "device", "what")),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("asked", "language", "base", "scopes", "state")
        ),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "total")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "created_at", "ends_at")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("export_job_mine", "export_job", ["org", "person", "created_at"])
    op.create_index(
        "listing_unit", "listing", ["org", "shelf", "scope", "unit", "at", "id", "state", "grade"]
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
