"""The desk's list: one narrow row for each record that was handed in, each person's saved views and long exports.

The rows are derived from the records, in the same transaction. Every index begins with the scope, so that a list
costs its reader's own rows and tells nothing of anybody else's.
"""

import sqlalchemy as sa

from backend.lists import wording
from sync.tables import Key

metadata = sa.MetaData()

listing = sa.Table(
    "listing",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("id", Key, primary_key=True),
    sa.Column("shelf", Key, nullable=False),  # work, register
    sa.Column("scope", Key, nullable=False),
    sa.Column("kind", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("grade", sa.SmallInteger, nullable=False),  # place in rows.GRADES; 0: none
    sa.Column("unit", Key, nullable=False),  # "" unknown, as in the two below
    sa.Column("person", Key, nullable=False),
    sa.Column("subject", Key, nullable=False),  # the equipment or meter box
    sa.Column("at", Key, nullable=False),  # when it happened, UTC text as in `record`
    sa.Column("changed", Key, nullable=False),  # when the server last wrote it
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # what free text is looked for in, lower case
    sa.Column("zero", Key, nullable=False, server_default=""),  # the one of the seven that it bears on
    sa.Column("counts_at", Key, nullable=False, server_default=""),  # from when it counts there; "" never
    sa.Column("seen", Key, nullable=False, server_default=""),  # register: when it was last looked at
    sa.Column("lat", sa.Double, nullable=True),  # degrees WGS 84
    sa.Column("lon", sa.Double, nullable=True),
    sa.Column("map_lat", sa.Double, nullable=True),  # work: where its thing stands, else the same
    sa.Column("map_lon", sa.Double, nullable=True),
    sa.Column("n", sa.BigInteger, nullable=True),  # SQLite: the row's number in `listing_words`
    sa.Index("listing_at", "org", "shelf", "scope", "at", "id", "state", "grade"),
    sa.Index("listing_changed", "org", "shelf", "scope", "changed", "id", "state", "grade"),
    sa.Index("listing_grade", "org", "shelf", "scope", "grade", "at", "id", "state"),
    sa.Index("listing_kind", "org", "shelf", "scope", "kind", "at", "id", "state", "grade"),
    sa.Index("listing_unit", "org", "shelf", "scope", "unit", "at", "id", "state", "grade"),
    sa.Index("listing_person", "org", "shelf", "scope", "person", "at", "id"),
    sa.Index("listing_subject", "org", "shelf", "scope", "subject", "at", "id"),
    sa.Index(
        "listing_counts",
        *("org", "scope", "counts_at", "zero", "unit"),
        sqlite_where=sa.text("counts_at <> ''"),
        postgresql_where=sa.text("counts_at <> ''"),
    ),
    sa.Index(
        "listing_seen",
        *("org", "shelf", "scope", "kind", "unit", "seen"),
        sqlite_where=sa.text("shelf = 'register'"),
        postgresql_where=sa.text("shelf = 'register'"),
    ),
    sa.Index(
        "listing_place",
        *("org", "shelf", "scope", "subject", "map_lat", "map_lon", "grade", "id"),
        sqlite_where=sa.text("map_lat IS NOT NULL"),
        postgresql_where=sa.text("map_lat IS NOT NULL"),
    ),
    sa.Index("listing_n", "n", "shelf"),
)
for dialect, statements in (("sqlite", wording.SQLITE), ("postgresql", wording.POSTGRESQL)):
    for statement in statements:
        ddl = sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        sa.event.listen(listing, "after_create", ddl)

saved_view = sa.Table(
    "saved_view",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("person", Key, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("query", sa.Text, nullable=False),  # the part of the address after the question mark
    sa.Column("at", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

export_job = sa.Table(
    "export_job",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("org", Key, nullable=False),
    sa.Column("person", Key, nullable=False),
    sa.Column("device", Key, nullable=False),  # "" unknown
    sa.Column("what", Key, nullable=False),  # csv, xlsx, photos, dossier
    sa.Column("asked", sa.Text, nullable=False),  # the list, JSON of query.Asked
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("base", sa.Text, nullable=False),  # where the server is reached
    sa.Column("scopes", sa.Text, nullable=False),  # the person's when he asked, JSON
    sa.Column("state", sa.Text, nullable=False),  # waiting, done, failed, cancelled
    sa.Column("done", sa.Integer, nullable=False),  # records so far
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes, once it is done
    sa.Column("reason", sa.Text, nullable=False),  # why it failed, a code
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("ends_at", sa.Text, nullable=False),
    sa.Index("export_job_mine", "org", "person", "created_at"),
)
