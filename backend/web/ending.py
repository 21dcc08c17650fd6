"""Whether this process has been asked to end: what lasts, such as a stream of events, then ends by itself.

The server waits for answers that are under way; one that never ends would keep it.
"""

from threading import Event

_told = Event()


def tell() -> None:
    """The process is about to end."""
    _told.set()


def told() -> bool:
    return _told.is_set()
