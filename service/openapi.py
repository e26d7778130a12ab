"""The description of the API (OpenAPI 3.1), made of the declarations that the requests are parsed by."""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from graph.parameters import Parameter
from service.negotiation import MEDIA_TYPES
from service.operation import Operation
from service.problems import MEDIA_TYPE, PROBLEMS
from service.representations import LICENCE

SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
PATH_PART: Final = re.compile(r"<(\w+)>")
ABOUT: Final = (
    "Every address answers in the first of its formats to those who accept anything, in another by the `Accept` "
    "header, and in a fixed one with a suffix: `/gaps.json`. A suffix beats the header. Answers carry strong ETags."
)


def document(operations: Sequence[Operation], base: str) -> dict[str, Any]:
    """The OpenAPI document of the operations, served at `base`."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(path(one), {}).update(_methods(one))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trivium",
            "summary": "A competency knowledge graph for archives, libraries and museums",
            "description": ABOUT,
            "version": version("trivium"),
            "license": {"name": "CC0 1.0", "url": LICENCE},
        },
        "servers": [{"url": base or "/"}],
        "paths": paths,
        "components": {"responses": {"Problem": _problem()}, "schemas": {"Problem": PROBLEM}},
    }


def path(operation: Operation) -> str:
    """The address of an operation as OpenAPI writes it: `/{kind}/{slug}`."""
    return PATH_PART.sub(r"{\1}", operation.path)


def _methods(operation: Operation) -> dict[str, Any]:
    described = _get(operation)
    if not operation.posted:
        return {"get": described}
    body = {"required": True, "content": {one: {} for one in operation.posted}}
    name = f"{described['operationId']}-post"
    if operation.method == "POST":
        return {"post": described | {"operationId": name, "requestBody": body}}
    posted = described | {"operationId": name, "parameters": [], "requestBody": body}
    if operation.reported:
        content: dict[str, Any] = {MEDIA_TYPES[one]: {} for one in operation.reported}
        answered = described["responses"] | {"200": {"description": operation.summary, "content": content}}
        del answered["304"]
        posted |= {"parameters": described["parameters"], "responses": answered}
    return {"get": described, "post": posted}


def _get(operation: Operation) -> dict[str, Any]:
    parts = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PATH_PART.findall(operation.path)
    ]
    return {
        "operationId": PATH_PART.sub(r"\1", operation.path).strip("/").replace("/", "-").replace(".", "-") or "home",
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*parts, *map(_parameter, operation.parameters)],
        "responses": {
            "200": {"description": operation.summary, "content": {MEDIA_TYPES[one]: {} for one in operation.formats}},
            "304": {"description": "The answer that `If-None-Match` names is still the same."},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(SCHEMAS.get(parameter.type, {"type": "string"}))
    if parameter.enumeration:
        schema["enum"] = list(parameter.enumeration)
    if parameter.default is not None:
        schema["default"] = _value(parameter, parameter.default)
    for name in ("minimum", "maximum"):
        if getattr(parameter, name) is not None:
            schema[name] = getattr(parameter, name)
    described = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": schema,
    }
    return described | ({"example": _value(parameter, parameter.example)} if parameter.example else {})


def _value(parameter: Parameter, text: str) -> Any:
    match parameter.type:
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "boolean":
            return text == "true"
    return text


def _problem() -> dict[str, Any]:
    return {
        "description": "A problem (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [one.type for one in PROBLEMS.values()]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string"},
        "value": {"type": "string"},
        "allowed": {"type": "array", "items": {"type": "string"}},
        "missing": {"type": "array", "items": {"type": "string"}},
        "kept": {"type": "array", "items": {"type": "integer"}},
        "suggestion": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
    },
}
