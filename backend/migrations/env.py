"""Run by Alembic: the connection comes from backend.migrations.run, inside its transaction."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from backend.migrations.run import compared
from backend.schema import METADATA


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Migrations name the database's own types, so that they stay right when a class of ours changes."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(METADATA),
    render_item=render_item,
    render_as_batch=True,
    compare_type=True,
    include_name=compared,
    transaction_per_migration=False,
)
context.run_migrations()
