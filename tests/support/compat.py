"""Would today's server decode what an app of an older schema may have written? JSON Schema against JSON Schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaches(old: Schema, new: Schema, olds: Schema, news: Schema, path: str = "") -> Iterator[str]:
    """What a value allowed by `old` may be refused for by `new`; `olds`, `news` are the components of each."""
    old, new = _resolved(old, olds), _resolved(new, news)
    choices = _choices(old, olds)
    for choice in choices:
        found = [list(_one(choice, other, olds, news, path)) for other in _choices(new, news)]
        if not any(each == [] for each in found):
            yield from min(found, key=len)


def _longer(old: str, new: str) -> bool:
    """Whether a pattern is the old one with something optional at its end, so that it takes all that it took."""
    rest = new.removeprefix(old.removesuffix("$"))
    return old.endswith("$") and rest != new and re.fullmatch(r"\([^()]*\)\?\$", rest) is not None


def _one(old: Schema, new: Schema, olds: Schema, news: Schema, path: str) -> Iterator[str]:
    kinds = (old.get("type"), new.get("type"))
    if kinds[1] is not None and kinds[0] != kinds[1] and kinds != ("integer", "number"):
        yield f"{path or '.'}: was {kinds[0]}, is {kinds[1]}"
        return
    if "enum" in new:
        gone = set(old.get("enum", ["anything"])) - set(new["enum"])
        if gone:
            yield f"{path}: {', '.join(sorted(map(str, gone)))} no longer allowed"
    pattern = new.get("pattern")
    if pattern not in (None, old.get("pattern")) and not _longer(old.get("pattern", ""), pattern):
        yield f"{path}: another pattern"
    for bound in LOWER:
        if bound in new and old.get(bound, float("-inf")) < new[bound]:
            yield f"{path}: {bound} raised to {new[bound]}"
    for bound in UPPER:
        if bound in new and old.get(bound, float("inf")) > new[bound]:
            yield f"{path}: {bound} lowered to {new[bound]}"
    if new.get("type") == "object":
        yield from _fields(old, new, olds, news, path)
    if new.get("type") == "array":
        yield from breaches(old.get("items", {}), new.get("items", {}), olds, news, f"{path}[]")


def _fields(old: Schema, new: Schema, olds: Schema, news: Schema, path: str) -> Iterator[str]:
    before, now = old.get("properties", {}), new.get("properties", {})
    if new.get("additionalProperties") is False:
        yield from (f"{path}.{name}: removed" for name in sorted(set(before) - set(now)))
    added = set(new.get("required", ())) - set(old.get("required", ()))
    yield from (f"{path}.{name}: now required" for name in sorted(added))
    for name in sorted(set(before) & set(now)):
        yield from breaches(before[name], now[name], olds, news, f"{path}.{name}")


def _resolved(schema: Schema, components: Schema) -> Schema:
    while "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _choices(schema: Schema, components: Schema) -> list[Schema]:
    """The ways in which a value may fit; `null` is one of them."""
    return [_resolved(each, components) for each in schema.get("anyOf", [schema])]
