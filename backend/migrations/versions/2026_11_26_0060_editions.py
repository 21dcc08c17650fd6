"""Drafts and editions of checklists, rules of points and forms; the database refuses to change one."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0055"
branch_labels = None
depends_on = None

REFUSE = """
    CREATE FUNCTION edition_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'edition is append-only'; END $$
"""
CHANGE = """
    CREATE TRIGGER edition_no_change BEFORE UPDATE OR DELETE ON edition
    FOR EACH ROW EXECUTE FUNCTION edition_refuse()
"""
TRUNCATE = """
    CREATE TRIGGER edition_no_truncate BEFORE TRUNCATE ON edition
    FOR EACH STATEMENT EXECUTE FUNCTION edition_refuse()
"""
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER edition_no_{verb.lower()} BEFORE {verb} ON edition "
        f"BEGIN SELECT RAISE(ABORT, 'edition is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        REFUSE,
        CHANGE,
        TRUNCATE,
    ],
}


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("at", "by", "by_name", "body")),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("effective_from", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org", "part", "n"),
    )
    op.create_index("edition_effective", "edition", ["org", "part", "effective_from"])
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
