"""What phones sign of their photos."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capture",
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org", "device", "n"),
    )
    with op.batch_alter_table("capture", schema=None) as batch_op:
        batch_op.create_index("capture_photo", ["org", "sha256"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
