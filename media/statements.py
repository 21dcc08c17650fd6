"""What an upload asks of the database, built once: building a statement anew costs more than running it."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from media.tables import holder, insert_new, photo, upload

DIALECTS: Final = ("sqlite", "postgresql")
_id: Final = sa.bindparam("the_id", type_=sa.String)
_org: Final = sa.bindparam("the_org", type_=sa.String)
_person: Final = sa.bindparam("the_person", type_=sa.String)
_device: Final = sa.bindparam("the_device", type_=sa.String)

# Whether the upload has become a photo, and what the device's other uploads take. Parameters: the_id, the_org,
# the_person, the_device.
STANDING: Final = sa.select(
    sa.exists().where(holder.c.upload == _id).label("held"),
    sa.func.count().label("uploads"),
    sa.func.coalesce(sa.func.sum(upload.c.length), 0).label("bytes"),
).where(
    upload.c.org == _org,
    upload.c.person == _person,
    upload.c.device.is_not_distinct_from(_device),
    upload.c.id != _id,
)

UNFINISHED: Final = sa.select(upload).where(
    upload.c.id == _id, upload.c.org == _org, upload.c.person == _person
)

# The photo that an upload became.
STORED: Final = (
    sa.select(photo.c.size, holder.c.metadata)
    .join(holder, (holder.c.org == photo.c.org) & (holder.c.sha256 == photo.c.sha256))
    .where(holder.c.upload == _id, holder.c.org == _org, holder.c.person == _person)
)

FORGET: Final = upload.delete().where(upload.c.id == _id)


def _by_dialect(make: Callable[[str], Insert]) -> dict[str, Insert]:
    return {dialect: make(dialect) for dialect in DIALECTS}


def _begin(dialect: str) -> Insert:
    """Created again with another length or type (the first was a mistake): the hash decides, so they follow."""
    new = sqlite.insert(upload) if dialect == "sqlite" else postgresql.insert(upload)
    follows = ("length", "type", "expires_at", "metadata")
    return new.on_conflict_do_update(
        index_elements=[upload.c.id], set_={name: new.excluded[name] for name in follows}
    )


# By the dialect's name; the parameters are the columns.
BEGIN: Final = _by_dialect(_begin)
ENTER: Final = _by_dialect(lambda dialect: insert_new(dialect, photo))
# Gives those that are new.
HOLD: Final = _by_dialect(
    lambda dialect: insert_new(dialect, holder).returning(holder.c.sha256, holder.c.person)
)
