"""A second look says in whose place the second reviewer decided."""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("second_look", sa.Column("second_instead_of", sa.Text(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
