"""A form's record is judged by the edition that it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from backend.features.checks.service import known, may_amend, registered_here
from backend.features.editions.model import FormContent
from backend.features.editions.rules import sheet_of
from backend.features.editions.service import form_named
from backend.sheets import evaluate
from sync.push import Context, Entry, Op, Refused, Row


async def on_submit(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The unit exists, the form is there and is for this person, and the answers and photos keep to it."""
    await known(ctx, row, {"unit": "unit"})
    content = await _content(ctx, row)
    if "system" not in ctx.caller.roles and not ctx.caller.roles & set(content.roles):
        raise Refused("forbidden")
    await _judge(ctx, row, content)
    return ()


async def on_amend(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """What was corrected keeps to the form as well."""
    await _judge(ctx, row, await _content(ctx, row))
    return await may_amend(ctx, row, entry)


async def _content(ctx: Context, row: Row) -> FormContent:
    content = await form_named(ctx.conn, ctx.org, row.body["form"], row.body["edition"])
    if content is None:
        raise Refused("invalid", {"issues": [{"path": "edition", "code": "unknown"}]})
    return content


async def _judge(ctx: Context, row: Row, content: FormContent) -> None:
    """Refuses `invalid` with what the answers and photos break; keeps what is calculated beside the record."""
    sheet = sheet_of(row.body["form"], 1, content)
    answers: dict[str, Any] = row.body.get("answers") or {}
    found = evaluate(sheet, answers)
    issues = [{"path": f"answers.{one.path}", "code": one.code} for one in found.wrong]
    issues += _photos(content, row)
    if not issues:
        issues += await registered_here(ctx, row, sheet, answers, "answers.")
    if issues:
        raise Refused("invalid", {"issues": issues})
    await ctx.set_facts(row.id, {"calculated": found.calculated})


def _photos(content: FormContent, row: Row) -> list[dict[str, str]]:
    """Enough photos of each role that the form asks for. Marked copies stand beside their originals."""
    there = Counter(photo["role"] for photo in row.body.get("photos", ()))
    return [
        {"path": "photos", "code": f"{photo.role}_photo_needed"}
        for photo in content.photos
        if there[photo.role] < photo.least
    ]
