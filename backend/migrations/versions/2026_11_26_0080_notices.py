"""Notices, where they go out, what people chose, and browsers that take web push."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _keys(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, KEY, nullable=False) for name in names]


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def upgrade() -> None:
    op.create_table(
        "notice",
        *_keys("org", "id", "person", "kind", "record", "cause", "due_at"),
        *_texts("made_at"),
        *_texts("read_at", nullable=True),
        sa.PrimaryKeyConstraint("org", "id"),
    )
    op.create_index("notice_once", "notice", ["org", "record", "kind", "cause", "person"], unique=True)
    op.create_index("notice_of", "notice", ["org", "person", "due_at"])
    op.create_index("notice_old", "notice", ["due_at"])
    op.create_table(
        "notice_sending",
        *_keys("org", "notice", "way", "person", "state"),
        *_texts("due_at"),
        *_texts("at", nullable=True),
        sa.PrimaryKeyConstraint("org", "notice", "way"),
    )
    op.create_index("notice_sending_next", "notice_sending", ["org", "way", "state", "person"])
    op.create_table(
        "notice_choice",
        *_keys("org", "person"),
        *_texts("quiet", nullable=True),
        *_texts("language", "address"),
        sa.PrimaryKeyConstraint("org", "person"),
    )
    op.create_table(
        "push_subscription",
        *_keys("org", "device", "person"),
        *_texts("endpoint", "p256dh", "auth", "made_at"),
        sa.PrimaryKeyConstraint("org", "device", "person"),
    )
    op.create_index("push_subscription_person", "push_subscription", ["org", "person"])
    op.create_table(
        "notice_way",
        *_keys("org", "way"),
        *_texts("ok_at", "failed_since", "failed_at", nullable=True),
        *_texts("error"),
        sa.PrimaryKeyConstraint("org", "way"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
