# ruff: noqa: S608 (statements are put together from names that stand here, never from values)
"""The list's words are found by an index, and its rows say where they stand on the map."""

import sqlalchemy as sa
from alembic import op

from backend.lists.keep import on_the_map
from backend.lists.tables import listing

revision = "0100"
down_revision = "0090"
branch_labels = None
depends_on = None

DELETE = "INSERT INTO listing_words(listing_words, rowid, words) VALUES ('delete', old.n, old.words || '  ')"
SQLITE = (
    (
        "CREATE VIRTUAL TABLE listing_words USING fts5(words, content='', columnsize=0, detail='none',"
        " tokenize='trigram case_sensitive 1')"
    ),
    "CREATE VIRTUAL TABLE listing_letters USING fts5vocab(listing_words, instance)",
    (
        "CREATE TRIGGER listing_words_new AFTER INSERT ON listing BEGIN"
        " UPDATE listing SET n = (SELECT coalesce(max(n), 0) + 1 FROM listing) WHERE org = new.org AND id = new.id;"
        " INSERT INTO listing_words(rowid, words) SELECT n, words || '  ' FROM listing"
        " WHERE org = new.org AND id = new.id; END"
    ),
    (
        "CREATE TRIGGER listing_words_changed AFTER UPDATE OF words ON listing WHEN old.words <> new.words BEGIN"
        f" {DELETE}; INSERT INTO listing_words(rowid, words) VALUES (new.n, new.words || '  '); END"
    ),
    f"CREATE TRIGGER listing_words_gone AFTER DELETE ON listing BEGIN {DELETE}; END",
)
POSTGRESQL = (
    (
        "CREATE FUNCTION listing_letters(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
        " SELECT coalesce(array_agg(part), '{}') FROM ("
        "SELECT one || next AS part"
        " FROM unnest(string_to_array(said, NULL), string_to_array(substr(said, 2), NULL)) AS letters(one, next)"
        " WHERE next IS NOT NULL UNION ALL"
        " SELECT one FROM unnest(string_to_array(said, NULL)) AS one WHERE one > '~' COLLATE \"C\""
        ") AS parts $$"
    ),
    "CREATE INDEX listing_words ON listing USING gin (listing_letters(words))",
)


def upgrade() -> None:
    for name in ("map_lat", "map_lon"):
        op.add_column("listing", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("listing", sa.Column("n", sa.BigInteger(), nullable=True))
    conn = op.get_bind()
    conn.execute(listing.update().where(listing.c.shelf == "work").values(on_the_map()))
    placed = sa.text("map_lat IS NOT NULL")
    columns = ["org", "shelf", "scope", "subject", "map_lat", "map_lon", "grade", "id"]
    op.create_index("listing_place", "listing", columns, sqlite_where=placed, postgresql_where=placed)
    sqlite = conn.dialect.name == "sqlite"
    if sqlite:
        op.execute("UPDATE listing SET n = rowid")
    op.create_index("listing_n", "listing", ["n", "shelf"])
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)
    if sqlite:
        op.execute("INSERT INTO listing_words(rowid, words) SELECT n, words || '  ' FROM listing")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: evidence is never dropped")
