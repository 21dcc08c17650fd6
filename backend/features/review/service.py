"""What a reviewer's decisions and an author's answers must keep to, for all kinds that are reviewed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from backend.db import Database
from backend.features.checks.model import FINDING
from backend.features.defects.service import event, hazard_submitted, infrared_submitted
from backend.features.forms.model import FORM
from backend.features.infrared.model import INFRARED
from backend.features.meterbox.model import HAZARD
from backend.features.repair.model import REPAIR
from backend.features.review.looks import hand_of, missed, overdue, released, sealed_accepts, sealing
from backend.features.review.rules import GRAVE, answer_issues, last, remark_issues, sample_size
from sync.kinds import Issue, Kind
from sync.push import Context, Engine, Entry, Op, Reaction, Refused, Row

REVIEWED: tuple[Kind, ...] = (FINDING, INFRARED, HAZARD, FORM, REPAIR)
# A repair's words stand in its steps.
_FIELDS = {kind.name: frozenset(kind.body.__struct_fields__) for kind in REVIEWED} | {
    "repair": frozenset({"cause", "measure", "note", "photos"})
}
HANDED_IN = {"repair": "restore"}
_HOME = {kind.name: kind.home for kind in REVIEWED}


def _invalid(issues: list[Issue]) -> None:
    if issues:
        raise Refused("invalid", {"issues": [{"path": one.path, "code": one.code} for one in issues]})


def _photos(row: Row) -> set[str]:
    """Every photo that the record or one of its events names."""
    named = [*row.body.get("photos", ()), *(ref for one in row.log for ref in one.data.get("photos") or ())]
    return {ref["sha256"] for ref in named}


def second_person(row: Row, entry: Entry) -> None:
    """Refuses `second_person_needed` for the author, and for whoever of the crew handed the repair in."""
    handed_in = last(row.log, HANDED_IN.get(row.kind, "submit"))
    if row.author in entry.hands or (handed_in is not None and handed_in.hands & entry.hands):
        raise Refused("second_person_needed", {"role": "author"})


async def on_return(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Nobody returns his own record; each remark has its place."""
    second_person(row, entry)
    _invalid(remark_issues(entry.data.get("remarks", ()), _FIELDS[row.kind], _photos(row)))
    return ()


async def on_reject(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Nobody rejects his own record."""
    second_person(row, entry)
    return ()


async def on_handed_in(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Answers are to remarks of the last return; what two said of it before is past."""
    answers = entry.data.get("answers", ())
    returned = last(row.log[:-1], "return")
    _invalid(answer_issues(answers, len(returned.data.get("remarks", ())) if returned else 0))
    if row.facts.get("second"):
        await ctx.set_facts(row.id, {"second": None})
    return ()


async def on_reopen(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A decision is taken back: what it caused goes with it, what stands in the ledger does not."""
    second_person(row, entry)
    await ctx.set_facts(row.id, {"second": None})
    if row.kind == "finding":
        return await _unproposed(ctx, row, entry)
    if row.kind == "infrared":
        await ctx.set_facts(row.id, {"decided": None})
        return await infrared_submitted(ctx, row, entry)
    return await hazard_submitted(ctx, row, entry) if row.kind == "hazard" else ()


async def _unproposed(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    proposed = row.facts.get("violation")
    violation = await ctx.get("violation", proposed) if proposed else None
    if violation is None or violation.state == "dismissed":
        return ()
    if violation.state != "proposed":
        raise Refused("points_entered", {"violation": violation.id})
    return [event(ctx, violation, "dismiss", {"reason": entry.data["reason"]})]


async def on_second(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """What the second reviewer said stands with the record, once both have spoken."""
    data = entry.data
    said = {
        "state": "agrees" if data["agrees"] else "differs",
        "by": entry.by,
        "by_name": entry.by_name,
        "said": data["said"],
    }
    await ctx.set_facts(row.id, {"second": said})
    return ()


def deciding(share_pct: float, sample_pct: float) -> Reaction:
    """What a decision must keep to: many accepted at once only after a sample one by one; a share is decided twice.
    The last of all reactions, so that only a decision that holds is sealed.
    """
    seal = sealing(share_pct)

    async def on_decided(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
        bulk = entry.data.get("bulk")
        if bulk is not None:
            await _sampled(ctx, row, entry, bulk, sample_pct)
        home = _HOME[row.kind](row.body)
        return await seal(ctx, row, entry, home or row.scope, str(_grade(row) or ""))

    return on_decided


async def release_overdue(db: Database, engine: Engine, now: datetime, hours: int) -> int:
    """Carries out the decisions that waited `hours` for a second one in vain; answers how many."""
    async with db.write() as conn:
        looks = await overdue(conn, now - timedelta(hours=hours))
        for look in looks:
            await missed(conn, look, now, "missed")
            op, by = released(look, look["kind"]), hand_of(look)
            (result,) = await engine.write(
                conn, look["org"], by.person, now, [op], by.name, instead_of=by.instead_of
            )
            if result.status == "rejected":  # the record has changed since: it waits as before
                await missed(conn, look, now, "void")
    return len(looks)


def _grade(row: Row) -> Any:
    return row.facts.get("grade") or (row.facts.get("judgement") or {}).get("grade") or row.body.get("grade")


async def _sampled(ctx: Context, row: Row, entry: Entry, bulk: dict[str, Any], sample_pct: float) -> None:
    """Refuses `sample_needed` when too few were looked at, and `one_by_one` for what is never accepted unseen."""
    if _grade(row) in GRAVE or row.kind == "finding":
        raise Refused("one_by_one", {"grade": _grade(row)})
    sample: Collection[str] = set(bulk["sample"])
    seen = 0
    sealed = await sealed_accepts(ctx.conn, ctx.org, entry.by, sample)
    for id_ in sample:
        if id_ in sealed:
            seen += 1
            continue
        other = await ctx.get(row.kind, id_)
        decision = last(other.log, "accept", "return", "reject") if other else None
        if (
            decision
            and decision.type == "accept"
            and decision.by == entry.by
            and not decision.data.get("bulk")
        ):
            seen += 1
    needed = sample_size(bulk["records"], sample_pct)
    if seen < needed:
        raise Refused("sample_needed", {"seen": seen, "needed": needed})
