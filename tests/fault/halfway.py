"""A worker that ends in the middle of an export, as in a power cut: a hook for `mingcha worker`.

`DIES` says where: `told` after the second page, `named` when the file has its name and nobody has been told.
"""

import os
import signal
from typing import Any

from backend.lists import exports
from backend.lists.later import Later

PAGE = 5  # rows


def install() -> None:
    """Kills this process in the first export that it makes."""
    exports.PAGE = exports.PART = PAGE  # type: ignore[misc]
    inner, turns = Later._end, iter(range(10**6))

    async def told(self: Later, id_: str, **values: Any) -> bool:
        if os.environ["DIES"] == ("named" if "state" in values else "told" if next(turns) else ""):
            os.kill(os.getpid(), signal.SIGKILL)
        return await inner(self, id_, **values)

    Later._end = told  # type: ignore[method-assign]
