"""Whose bytes a record shows, and views for each who sent a photo: what one office holds tells another nothing."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("evidence", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("person", sa.Text()))
    with op.batch_alter_table("photo_holder", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("derived", sa.String(10)))
    # Links made before go on resting on whoever sent the photo first: nothing that was shown disappears.
    op.execute(
        "UPDATE evidence SET person = (SELECT h.person FROM photo_holder AS h WHERE h.org = evidence.org"
        " AND h.sha256 = evidence.sha256 ORDER BY h.at, h.person LIMIT 1) WHERE stored"
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
