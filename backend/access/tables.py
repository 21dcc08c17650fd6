"""Accounts, sessions and failed sign-ins. Times are UTC text as in sync.tables."""

import sqlalchemy as sa

from sync.tables import Key

metadata = sa.MetaData()

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # the person's id
    sa.Column("org", sa.Text, nullable=False),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("grants", sa.JSON, nullable=False, server_default=sa.text("'[]'")),  # see backend.access.grants
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("password_at", sa.Text, nullable=False),
    sa.Index("account_org", "org"),
)

# Only hashes of tokens are kept. `next_hash` is a token that was handed out and not used yet; while it
# waits, the old one stays good, so that a lost answer never signs anybody out. `salt` makes the next token
# from the old one.
session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("org", sa.Text, nullable=False),
    sa.Column(
        "account", sa.Text, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    sa.Column("next_hash", sa.Text, index=True),
    sa.Column("salt", sa.Text),
    sa.Column("previous_hash", sa.Text, index=True),
    sa.Column("previous_until", sa.Text),
    sa.Column("device", sa.Text, index=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("rotated_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False, index=True),
)

# A code that signs one phone in; only its hash is kept.
enrolment = sa.Table(
    "enrolment",
    metadata,
    sa.Column("code_hash", Key, primary_key=True),
    *(sa.Column(name, Key, nullable=False) for name in ("org", "person", "made_by")),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("made_at", "ends_at")),
    sa.Column("used_at", sa.Text),
)

throttle = sa.Table(
    "throttle",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # account:<login> or address:<ip>
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", sa.Text),
    sa.Column("updated_at", sa.Text, nullable=False, index=True),
)
