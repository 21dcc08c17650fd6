"""The ledger of points. The database itself refuses to change or remove a line."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from backend.db import append_only

metadata = MetaData()

# `entry` is the line as canonical JSON and the only original; the columns before it repeat it for lists.
ledger = Table(
    "ledger",
    metadata,
    Column("org", Text, primary_key=True),
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Integer, nullable=False),
    Column("entry", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ledger_person", "org", "person", "cycle"),
)
append_only(ledger)
