"""Numbers of each scope, and pushes kept whole: no reader sees another scope's counter move.

Numbers given so far stay. Every cursor starts again (a new epoch), so old notices have no reader left. On SQLite
the tables of wide rows are written anew with a row id: without it each row of 1 KB took pages of its own.
"""

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_A_TIME = 1000


def upgrade() -> None:
    """Expand, fill, remove what is no longer read."""
    op.create_table(
        "scope_head",
        sa.Column("org", KEY, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "scope"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "push",
        sa.Column("org", KEY, nullable=False),
        sa.Column("device", KEY, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("skew_ms", sa.BigInteger(), nullable=False),
        sa.Column("skew_error_ms", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", "device", "n"),
    )
    op.execute(
        "INSERT INTO scope_head (org, scope, seq, moved, horizon)"
        " SELECT org, scope, max(seq), 0, 0 FROM record GROUP BY org, scope"
    )
    op.drop_table("moved")
    op.create_table(
        "moved",
        sa.Column("org", KEY, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org", "scope", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("moved_feed", "moved", ["org", "scope", "seq"])
    _keep_pushes()
    op.execute("DELETE FROM operation WHERE device <> 'server' AND op = 'put' AND status = 'applied'")
    op.execute("UPDATE org SET epoch = epoch + 1")
    with op.batch_alter_table("org") as batch:
        batch.drop_column("horizon")
    if op.get_bind().dialect.name == "sqlite":
        for table in ("record", "operation"):
            _with_row_id(table)


def _keep_pushes() -> None:
    """Each operation that a device sent, as a push of its own."""
    connection = op.get_bind()
    pack = zstandard.ZstdCompressor(level=1).compress
    found = connection.execute(
        sa.text(
            "SELECT org, device, n, person, received_at, skew_ms, payload, result FROM operation"
            " WHERE device <> 'server' ORDER BY org, device, n"
        ).execution_options(yield_per=AT_A_TIME)
    )
    insert = sa.text(
        "INSERT INTO push (org, device, n, last, person, schema, received_at, skew_ms, payload, answers)"
        " VALUES (:org, :device, :n, :n, :person, 1, :received_at, :skew_ms, :payload, :answers)"
    )
    for part in found.mappings().partitions(AT_A_TIME):
        connection.execute(
            insert,
            [
                {
                    **{
                        name: row[name] for name in ("org", "device", "n", "person", "received_at", "skew_ms")
                    },
                    "payload": pack(b"[" + bytes(row["payload"]) + b"]"),
                    "answers": pack(b"[" + bytes(row["result"]) + b"]"),
                }
                for row in part
            ],
        )


def _with_row_id(table: str) -> None:
    """SQLite keeps the text of a table: the new one is the same without WITHOUT ROWID."""
    connection = op.get_bind()
    made = connection.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
    ).scalar_one()
    indexes = connection.execute(
        sa.text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL"
        ),
        {"name": table},
    ).all()
    plain = made.replace("WITHOUT ROWID", "").replace(f"CREATE TABLE {table}", f"CREATE TABLE {table}_new", 1)
    plain = plain.replace(f'CREATE TABLE "{table}"', f"CREATE TABLE {table}_new", 1)
    op.execute(plain)
    op.execute(f"INSERT INTO {table}_new SELECT * FROM {table}")  # noqa: S608
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_new RENAME TO {table}")
    for _, sql in indexes:
        op.execute(sql)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
