"""An upload remembers its metadata as they came: the tus protocol wants them said back."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "custody"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("upload", "photo_holder"):
        op.add_column(table, sa.Column("metadata", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("upload", "photo_holder"):
        op.drop_column(table, "metadata")
