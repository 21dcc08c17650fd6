"""The desk's list, filled from the records that are there, and each person's saved views."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from backend.lists.rows import KINDS, listed
from sync.records import Entry, Row

revision = "0040"
down_revision = "0034"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PART = 1000
KEYS = ("org", "id", "shelf", "scope", "kind", "state")
RECORD = "org, id, kind, scope, state, author, body, facts, log, created_at, updated_at"
COLUMNS = (*KEYS, "grade", "unit", "person", "subject", "at", "changed", "title", "title_en", "words")


def upgrade() -> None:
    op.create_table(
        "listing",
        *(sa.Column(name, KEY, nullable=False) for name in KEYS),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in ("unit", "person", "subject", "at", "changed")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "title_en", "words")),
        sa.PrimaryKeyConstraint("org", "id"),
    )
    op.create_table(
        "saved_view",
        *(sa.Column(name, KEY, nullable=False) for name in ("org", "person")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "query", "at")),
        sa.PrimaryKeyConstraint("org", "person", "name"),
        sqlite_with_rowid=False,
    )
    _backfill(op.get_bind())
    shelf = ["org", "shelf", "scope"]
    op.create_index("listing_at", "listing", [*shelf, "at", "id", "state", "grade"])
    op.create_index("listing_changed", "listing", [*shelf, "changed", "id", "state", "grade"])
    op.create_index("listing_grade", "listing", [*shelf, "grade", "at", "id", "state"])
    op.create_index("listing_kind", "listing", [*shelf, "kind", "at", "id", "state", "grade"])
    op.create_index("listing_person", "listing", [*shelf, "person", "at", "id"])
    op.create_index("listing_subject", "listing", [*shelf, "subject", "at", "id"])


def _backfill(conn: sa.Connection) -> None:
    table = sa.table("listing", *(sa.column(name) for name in COLUMNS))
    read = sa.text(
        f"SELECT {RECORD} FROM record WHERE (org, id) > (:org, :id) AND deleted = 0"  # noqa: S608 (our columns)
        " ORDER BY org, id LIMIT :part"
    )
    after = {"org": "", "id": ""}
    while found := conn.execute(read, after | {"part": PART}).all():
        after = {"org": found[-1][0], "id": found[-1][1]}
        lines = [listed(_row(each)) for each in found if each.kind in KINDS]
        if made := [{name: line[name] for name in COLUMNS} for line in lines if line is not None]:
            conn.execute(table.insert(), made)


def _row(stored: Any) -> Row:
    return Row(
        org=stored.org,
        id=stored.id,
        kind=stored.kind,
        scope=stored.scope,
        state=stored.state,
        author=stored.author,
        body=msgspec.json.decode(stored.body),
        facts=msgspec.json.decode(stored.facts),
        log=msgspec.json.decode(stored.log, type=tuple[Entry, ...]),
        created_at=datetime.fromisoformat(stored.created_at),
        updated_at=datetime.fromisoformat(stored.updated_at),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
