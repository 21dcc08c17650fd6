"""What calls of the desk ask for before anything else: a right, and a body of its type."""

from typing import TypeVar

import msgspec

from backend.problems import AppError
from sync.caller import Caller

T = TypeVar("T")


def administers(caller: Caller) -> None:
    """Raises AppError `forbidden` for everybody but an administrator."""
    if "admin" not in caller.roles:
        raise AppError("forbidden")


def decoded(body: bytes, type_: type[T]) -> T:
    """Raises AppError `malformed`. The body is read before a transaction begins: a slow line would hold up others."""
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AppError("malformed", reason=str(error)) from None
