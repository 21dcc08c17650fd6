"""The release that the servers of a round run: one after today's, so that an app of today is one of an older version.

Made as a release would make it, by what kinds declare: a box's `seal` was called `seal_no` and its `address` had no
mark of its place, the reason of a decision was called `why`, and phones knew no proposals of points. The oracle reads
the older form by itself, see `pwa/simulate/release.ts`.
"""

from dataclasses import replace

import sync.pull
from sync import upcast
from sync.kinds import Written
from sync.push import Engine

PLACE = "号"


def box(written: Written) -> Written:
    data = dict(written.data)
    if "seal_no" in data:
        data["seal"] = data.pop("seal_no")
    if isinstance(data.get("address"), str):
        data["address"] += PLACE
    return replace(written, data=data)


def finding(written: Written) -> Written:
    data = dict(written.data)
    if "why" in data:
        data["reason"] = data.pop("why")
    return replace(written, data=data)


def install(engine: Engine) -> int:
    """From here on the engine is of that release; its schema number."""
    old = upcast.current(engine.kinds)
    kinds = dict(engine.kinds)
    for name, lift in (("meter_box", box), ("finding", finding)):
        kinds[name] = replace(kinds[name], upcasts={**kinds[name].upcasts, old: lift})
    kinds["violation"] = replace(kinds["violation"], since=old + 1)
    engine.kinds = kinds
    engine._schema = upcast.current(kinds)
    return engine._schema


def follow(engine: Engine) -> None:
    """From here on this server is of the release after that one, which adds to the form and changes none of it: an app
    of before `install` is too old to receive, and may still send.
    """
    sync.pull.MIN_SCHEMA = engine._schema
    engine._schema += 1
