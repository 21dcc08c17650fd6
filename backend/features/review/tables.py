"""Second looks: who decided what before the other had said anything. No record tells of it while it is sealed."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

# One secret for each company, made at its first draw: nobody who decides can reckon what will be drawn.
draw_key = Table(
    "draw_key",
    metadata,
    Column("org", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

# `round` counts how often the record had been handed in or reopened; `first` is the first decision as an event.
# `state`: sealed until a second person has decided; then agrees, differs, or missed when nobody did in time.
# `grade` and `home` (the scope) are the record's at the draw. `referee` is asked where the two differ.
second_look = Table(
    "second_look",
    metadata,
    Column("org", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("record", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("first", LargeBinary, nullable=False),
    Column("first_by", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("first_said", Text, nullable=False),
    Column("drawn_at", Text, nullable=False),
    Column("second_by", Text),
    Column("second_name", Text),
    Column("second_instead_of", Text),  # in whose place; that of the first stands in `first`
    Column("second_said", Text),
    Column("second_reason", Text),
    Column("done_at", Text),
    Column("referee", Text),
    Column("referee_name", Text),
    Column("settled_by", Text),
    Column("settled_name", Text),
    Column("settled_at", Text),
    Column("stands", Text),
    Column("settled_reason", Text),
    Index("second_look_record", "org", "record", "round", unique=True),
    Index("second_look_state", "org", "state", "drawn_at"),
)
