"""What a reviewer's decisions and an author's answers must keep to, for all kinds that are reviewed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from backend.features.checks.model import FINDING
from backend.features.defects.service import event, hazard_submitted, infrared_submitted
from backend.features.infrared.model import INFRARED
from backend.features.meterbox.model import HAZARD
from backend.features.repair.model import REPAIR
from backend.features.review.rules import GRAVE, answer_issues, drawn, last, remark_issues, sample_size
from sync.kinds import Issue, Kind
from sync.push import Context, Entry, Op, Reaction, Refused, Row

REVIEWED: tuple[Kind, ...] = (FINDING, INFRARED, HAZARD, REPAIR)
# A repair's words stand in its steps.
_FIELDS = {kind.name: frozenset(kind.body.__struct_fields__) for kind in REVIEWED} | {
    "repair": frozenset({"cause", "measure", "note", "photos"})
}
HANDED_IN = {"repair": "restore"}


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
    if entry.by == row.author or (handed_in is not None and handed_in.by == entry.by):
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
    """Answers are to remarks of the last return."""
    answers = entry.data.get("answers", ())
    returned = last(row.log[:-1], "return")
    _invalid(answer_issues(answers, len(returned.data.get("remarks", ())) if returned else 0))
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
    """A second reviewer, neither the author nor the first, says whether he would have accepted too."""
    second_person(row, entry)
    if (row.facts.get("second") or {}).get("state") != "wanted":
        raise Refused("bad_transition", {"state": row.state})
    first = last(row.log, "accept")
    if first is not None and first.by == entry.by:
        raise Refused("second_person_needed", {"role": "reviewer"})
    agrees, reason = entry.data["agrees"], entry.data.get("reason")
    if not agrees and not reason:
        raise Refused("invalid", {"issues": [{"path": "reason", "code": "missing"}]})
    said = {"state": "agrees" if agrees else "differs", "by": entry.by, "by_name": entry.by_name}
    await ctx.set_facts(row.id, {"second": said})
    return ()


def accepting(share_pct: float, sample_pct: float) -> Reaction:
    """What an acceptance must keep to: many at once only after a sample one by one; a share is drawn for a second
    look.
    """

    async def on_accept(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
        bulk = entry.data.get("bulk")
        if bulk is not None:
            await _sampled(ctx, row, entry, bulk, sample_pct)
        wanted = {"state": "wanted"} if drawn(entry.id, share_pct) else None
        if wanted or row.facts.get("second"):
            await ctx.set_facts(row.id, {"second": wanted})
        return ()

    return on_accept


def _grade(row: Row) -> Any:
    return row.facts.get("grade") or (row.facts.get("judgement") or {}).get("grade") or row.body.get("grade")


async def _sampled(ctx: Context, row: Row, entry: Entry, bulk: dict[str, Any], sample_pct: float) -> None:
    """Refuses `sample_needed` when too few were looked at, and `one_by_one` for what is never accepted unseen."""
    if _grade(row) in GRAVE or row.kind == "finding":
        raise Refused("one_by_one", {"grade": _grade(row)})
    sample: Collection[str] = set(bulk["sample"])
    seen = 0
    for id_ in sample:
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
