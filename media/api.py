"""Skeleton, being filled: /uploads and /photos under /api/v1."""

from litestar import Router


def router() -> Router:
    """Handlers ask for the dependencies `caller` and `media`."""
    return Router(path="/api/v1", route_handlers=[])
