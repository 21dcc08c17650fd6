"""Keys of the server and of phones, signed captures, receipts, rescue files. Times are UTC text as in sync.tables."""

import sqlalchemy as sa

metadata = sa.MetaData()

# The installation's own keys, shared by all its processes. At most one of a purpose is in use; retired ones
# stay, so that old receipts can be checked and old rescue files opened.
server_key = sa.Table(
    "server_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # UUID
    sa.Column("purpose", sa.Text, nullable=False),  # sign, seal
    sa.Column("private", sa.LargeBinary, nullable=False),  # PKCS #8, DER
    sa.Column("public", sa.LargeBinary, nullable=False),  # uncompressed point, 65 bytes
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("retired_at", sa.Text),
)
_in_use = server_key.c.retired_at.is_(None)
sa.Index(
    "server_key_in_use",
    server_key.c.purpose,
    unique=True,
    postgresql_where=_in_use,
    sqlite_where=_in_use,
)

# The public half of a phone's key. It is bound to the device id for good.
device_key = sa.Table(
    "device_key",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("public", sa.LargeBinary, nullable=False),  # uncompressed point, 65 bytes
    sa.Column("registered_at", sa.Text, nullable=False),
)

capture = sa.Table(  # what a phone signed of a photo, as it came
    "capture",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column(
        "n", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # counted by the phone, without gaps
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),  # SHA-256 of `jws`, which the next one names
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Index("capture_photo", "org", "sha256"),
)

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),  # the phone's own, YYYY-MM-DD; the last receipt of it
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("photos", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("signed", sa.Text, nullable=False),
)

checkpoint = sa.Table(  # the ledger as it stood at the end of a day, signed
    "ledger_checkpoint",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),  # UTC, YYYY-MM-DD
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("signed", sa.Text, nullable=False),
)

# `manifest` is what the file said, without its photos: operations that still wait lie in it.
rescue = sa.Table(
    "rescue",
    metadata,
    sa.Column("org", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, primary_key=True),  # SHA-256 of the file
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # done, waiting, forked
    sa.Column("first", sa.BigInteger, nullable=False),  # operation numbers; first = last + 1: none
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("photos", sa.Integer, nullable=False),
    sa.Column("refused_photos", sa.JSON, nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("brought_by", sa.Text, nullable=False),
    sa.Column("brought_at", sa.Text, nullable=False),
    sa.Column("settled_at", sa.Text),
    sa.Column("manifest", sa.LargeBinary, nullable=False),
    sa.Index("rescue_device", "org", "device"),
    sa.Index("rescue_state", "org", "state"),
)
