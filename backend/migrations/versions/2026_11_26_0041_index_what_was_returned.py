"""index what was returned"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(
            "record_returned",
            ["org", "updated_at"],
            unique=False,
            postgresql_where=sa.text("state = 'returned'"),
            sqlite_where=sa.text("state = 'returned'"),
        )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
