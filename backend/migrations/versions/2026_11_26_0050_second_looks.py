"""second looks"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draw_key",
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org"),
    )
    op.create_table(
        "second_look",
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "unit", "home", "grade", "state")),
        sa.Column("first", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("first_by", "first_name", "first_said", "drawn_at")
        ),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in (
                "second_by",
                "second_name",
                "second_said",
                "second_reason",
                "done_at",
                "referee",
                "referee_name",
                "settled_by",
                "settled_name",
                "settled_at",
                "stands",
                "settled_reason",
            )
        ),
        sa.PrimaryKeyConstraint("org", "id"),
    )
    with op.batch_alter_table("second_look", schema=None) as batch_op:
        batch_op.create_index("second_look_record", ["org", "record", "round"], unique=True)
        batch_op.create_index("second_look_state", ["org", "state", "drawn_at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
