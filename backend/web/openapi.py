"""OpenAPI 3.1: Litestar's document of the routes, with the record kinds' own schemas merged in.

The bodies of records travel inside a push as bytes, so Litestar does not see them; msgspec knows their
bounds, defaults and discriminators better than Litestar's generator anyway.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from litestar import Litestar, Request
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from backend.problems import CATALOGUE
from sync.kinds import Kind, components, data_type

VERSION: Final = "0.1.0"
REF: Final = "#/components/schemas/"


class Document(JsonRenderPlugin):
    """Serves the merged document at /schema and /schema/openapi.json."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        super().__init__(path=["/", "/openapi.json"])
        self.kinds = kinds

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, merge(openapi_schema, self._kind_schemas))

    @cached_property
    def _kind_schemas(self) -> dict[str, Any]:
        return kind_schemas(self.kinds)


def config(kinds: Mapping[str, Kind]) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Mingcha 明察",
        version=VERSION,
        description="Records by push and pull, photos by tus 1.0. Refusals are problem documents (RFC 9457).",
        path="/schema",
        render_plugins=[Document(kinds)],
        use_handler_docstrings=True,
    )


def document(app: Litestar, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The document without a request, for `mingcha openapi`."""
    return merge(app.openapi_schema.to_schema(), kind_schemas(kinds))


def kind_schemas(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Components: each body and event data, `Bodies` and `Events` that lead from a kind's name to them."""
    schemas = components(kinds.values())
    schemas["Bodies"] = _object({name: {"$ref": REF + kind.body.__name__} for name, kind in kinds.items()})
    schemas["Events"] = _object(
        {
            name: _object(
                {event.name: {"$ref": REF + data_type(kind, event).__name__} for event in kind.events}
            )
            for name, kind in kinds.items()
        }
    )
    schemas["Problem"] = {
        "title": "Problem",
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": [code for code, p in CATALOGUE.items() if p.status]},
        },
    }
    return schemas


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def merge(document: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """A new document; the kinds' schemas win over those of the same name. Refusals are problem documents.

    Paths are sorted: Litestar keeps the paths of a handler with several in a set, and each process had its own order.
    """
    known = document.get("components", {})
    return {
        **document,
        "components": {**known, "schemas": {**known.get("schemas", {}), **schemas}},
        "paths": {path: _with_problems(item) for path, item in sorted(document.get("paths", {}).items())},
    }


def _with_problems(item: Mapping[str, Any]) -> dict[str, Any]:
    problem = {
        "description": "refused, see docs/problems.md",
        "content": {"application/problem+json": {"schema": {"$ref": REF + "Problem"}}},
    }
    out: dict[str, Any] = {}
    for method, operation in item.items():
        if isinstance(operation, Mapping) and "responses" in operation:
            kept = {status: a for status, a in operation["responses"].items() if not status.startswith("4")}
            out[method] = {**operation, "responses": {**kept, "4XX": problem}}
        else:
            out[method] = operation
    return out
