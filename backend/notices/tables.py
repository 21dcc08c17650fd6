"""Notices, on which ways they went out, what each person chose, and how each way is. Times are UTC text."""

import sqlalchemy as sa

from sync.tables import Key

metadata = sa.MetaData()

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("id", Key, primary_key=True),
    sa.Column("person", Key, nullable=False),
    sa.Column("kind", Key, nullable=False),  # job, return, deadline
    sa.Column("record", Key, nullable=False),
    sa.Column("cause", Key, nullable=False),  # what made it: tells a second return from the first
    sa.Column("due_at", Key, nullable=False),  # it exists for its person from then on
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("read_at", sa.Text),
    sa.Index("notice_once", "org", "record", "kind", "cause", "person", unique=True),
    sa.Index("notice_of", "org", "person", "due_at"),
    sa.Index("notice_old", "due_at"),
)

sending = sa.Table(
    "notice_sending",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("notice", Key, primary_key=True),
    sa.Column("way", Key, primary_key=True),  # webhook, push
    sa.Column("person", Key, nullable=False),
    sa.Column("state", Key, nullable=False),  # waiting, held, sent, void
    sa.Column("due_at", sa.Text, nullable=False),  # when held: the end of the quiet hours
    sa.Column("at", sa.Text),  # when it was sent or given up
    sa.Index("notice_sending_next", "org", "way", "state", "person"),
)

choice = sa.Table(
    "notice_choice",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("person", Key, primary_key=True),
    sa.Column("quiet", sa.Text),  # "22:00-07:00"; "" none; NULL as the company has it
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),  # his name at the webhook's receiver, "" unknown
)

subscription = sa.Table(
    "push_subscription",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("device", Key, primary_key=True),
    sa.Column("person", Key, primary_key=True),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("p256dh", sa.Text, nullable=False),
    sa.Column("auth", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Index("push_subscription_person", "org", "person"),
)


def way_row(name: str, hidden: bool) -> str:
    """The row of `way` for what everybody may know, or for what stays with the control group."""
    return f"{name}.control" if hidden else name


way = sa.Table(
    "notice_way",
    metadata,
    sa.Column("org", Key, primary_key=True),
    sa.Column("way", Key, primary_key=True),
    sa.Column("ok_at", sa.Text),
    sa.Column("failed_since", sa.Text),  # NULL while it works
    sa.Column("failed_at", sa.Text),
    sa.Column("error", sa.Text, nullable=False),  # a code, never an address
)
