"""index what is deleted"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(
            "record_gone",
            ["org", "updated_at"],
            unique=False,
            postgresql_where=sa.text("deleted = 1"),
            sqlite_where=sa.text("deleted = 1"),
        )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
