"""Every save of a draft and every published edition. The database itself refuses to change or remove one."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from backend.db import append_only

metadata = MetaData()

# `n` counts the saves of a part. `version` and `effective_from` (a day) stand in the saves that were published.
edition = Table(
    "edition",
    metadata,
    Column("org", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("version", Text),
    Column("effective_from", Text),
    Index("edition_effective", "org", "part", "effective_from"),
)
append_only(edition)
