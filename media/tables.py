"""Photos, who has proven to hold them, and unfinished uploads. SQLite and PostgreSQL."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert

metadata = sa.MetaData()


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; SQLite has no zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


photo = sa.Table(
    "photo",
    metadata,
    sa.Column("org", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes
    sa.Column("type", sa.String(40), nullable=False),  # by signature, not as declared
    sa.Column("stored_at", Instant, nullable=False),
    sa.Column("by", sa.String(36), nullable=False),
    sa.Column("device", sa.String(36)),
    sa.Column("derived", sa.String(10), nullable=False),  # pending, done, failed
    sa.Column("facts", sa.JSON, nullable=False),
)

holder = sa.Table(  # everyone who has sent all bytes of a photo may see it again
    "photo_holder",
    metadata,
    sa.Column("org", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(36), primary_key=True),
    sa.Column("device", sa.String(36)),
    sa.Column("at", Instant, nullable=False),
    sa.Column("upload", sa.String(36), nullable=False, unique=True),
    sa.Column("derived", sa.String(10)),  # as photo.derived, since this person's own upload; empty: as there
    sa.Column("metadata", sa.Text),  # as upload.metadata
)

upload = sa.Table(  # the offset is the length of the staged file, and stands nowhere else
    "upload",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("org", sa.String(36), nullable=False),
    sa.Column("person", sa.String(36), nullable=False),
    sa.Column("device", sa.String(36)),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),  # bytes
    sa.Column("type", sa.String(100), nullable=False),  # as declared
    sa.Column("name", sa.String(200)),  # shown only, never a path
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("metadata", sa.Text),  # Upload-Metadata as it came: tus wants it said back
    sa.Index("upload_owner", "org", "person", "device"),
)

likeness = sa.Table(  # a photo whose marks are known; the number stands for it in photo_mark
    "photo_likeness",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("org", sa.String(36), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.UniqueConstraint("org", "sha256", name="photo_likeness_of"),
)

mark = sa.Table(  # what photos look like, see media.likeness: 40 rows each, found by their word
    "photo_mark",
    metadata,
    sa.Column(
        "word", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # 32 bits of the organisation, 28 of it
    sa.Column("photo", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

twin = sa.Table(  # two photos with the same picture in them; each pair stands here from both sides
    "photo_twin",
    metadata,
    sa.Column("org", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("other", sa.String(64), primary_key=True),
    sa.Column("share", sa.Float, nullable=False),  # of the pieces that are the same, 0 to 1
    sa.Column("mirrored", sa.Boolean, nullable=False),
    sa.Column("at", Instant, nullable=False),
)


def insert_new(dialect: str, table: sa.Table) -> Insert:
    """An insert that leaves an existing row as it is."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
