"""The list's rows say which zero they count against, when a thing was last seen, and where it is."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from backend.lists.keep import last_seen
from backend.lists.rows import KINDS, listed
from backend.lists.tables import listing
from sync.records import Row

revision = "0062"
down_revision = "0060"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PART = 1000
NEW = ("zero", "counts_at", "lat", "lon")
RECORD = "org, id, kind, scope, state, author, body, facts, created_at, updated_at"


def upgrade() -> None:
    for name in ("zero", "counts_at", "seen"):
        op.add_column("listing", sa.Column(name, KEY, nullable=False, server_default=""))
    for name in ("lat", "lon"):
        op.add_column("listing", sa.Column(name, sa.Double(), nullable=True))
    _backfill(op.get_bind())
    _index("listing_counts", ["org", "scope", "counts_at", "zero", "unit"], "counts_at <> ''")
    _index("listing_seen", ["org", "shelf", "scope", "kind", "unit", "seen"], "shelf = 'register'")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "listing", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _backfill(conn: sa.Connection) -> None:
    read = sa.text(
        f"SELECT {RECORD} FROM record WHERE (org, id) > (:org, :id) AND deleted = 0"  # noqa: S608 (our columns)
        " ORDER BY org, id LIMIT :part"
    )
    write = (
        listing.update()
        .where(listing.c.org == sa.bindparam("of_org"), listing.c.id == sa.bindparam("of_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in NEW})
    )
    after = {"org": "", "id": ""}
    while found := conn.execute(read, after | {"part": PART}).all():
        after = {"org": found[-1].org, "id": found[-1].id}
        lines = [line for each in found if each.kind in KINDS and (line := listed(_row(each)))]
        if lines:
            conn.execute(write, [_given(line) for line in lines])
    conn.execute(listing.update().where(listing.c.shelf == "register").values(seen=last_seen()))


def _given(line: dict[str, Any]) -> dict[str, Any]:
    return {"of_org": line["org"], "of_id": line["id"]} | {f"new_{name}": line[name] for name in NEW}


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
        created_at=datetime.fromisoformat(stored.created_at),
        updated_at=datetime.fromisoformat(stored.updated_at),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
