"""An index on the photos that records name and the server has not."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "evidence_missing",
        "evidence",
        ["org", "record"],
        postgresql_where=sa.text("NOT stored"),
        sqlite_where=sa.text("stored = 0"),
    )


def downgrade() -> None:
    op.drop_index("evidence_missing", "evidence")
