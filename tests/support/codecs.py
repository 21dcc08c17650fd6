"""Read by the process from which the servers are forked: what each kind takes is worked out there, once for all.

It is a third of what a server does before it listens.
"""

from backend.app import KINDS
from sync import push
from sync.kinds import Codec, Kind

_MADE = {id(kind): Codec(kind) for kind in KINDS.values()}


def _once(kind: Kind) -> Codec:
    return _MADE.get(id(kind)) or Codec(kind)


push.Codec = _once  # type: ignore[assignment, misc]
