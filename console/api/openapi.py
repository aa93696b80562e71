"""The OpenAPI 3.1 document, made from the table of endpoints."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from console.api.problem import KINDS, MEDIA_TYPE
from console.api.reading import LONGEST_KEY
from console.api.routes import Route
from console.api.shapes import Written

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]
References = Mapping[Any, Json]  # by model and mode

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:siyu:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_ALWAYS_POSSIBLE = (400, 401, 403, 404, 409, 422, 429, 500, 503)
_WITH_BODY = (413, 415)
_CORP: Json = {
    "name": "corp",
    "in": "query",
    "description": "企业 ID，也可用请求头 Siyu-Corp；只有一个企业时可省略。 "
    "The corp, also as header Siyu-Corp; needed where there are several.",
    "schema": {"type": "string"},
}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "24 小时内以同一键重发同一请求，得到同一回答。 Repeating a request under its key within a day gets the same answer.",  # noqa: E501
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}


def describe(routes: Iterable[Route], version: str) -> Json:
    """The document of all endpoints."""
    rows = tuple(routes)
    references, definitions = models_json_schema(list(_models(rows)), ref_template=_REFERENCE)
    paths: dict[str, Json] = {}
    for route in rows:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "私域 Siyu",
            "version": version,
            "description": "企业微信客户运营服务的接口。 The API of an open WeCom SCRM service.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Problem": _PROBLEM},
            "responses": {str(status): _problem(status) for status in {kind.status for kind in KINDS.values()}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "siyu_…"}},
        },
    }


def _models(routes: Iterable[Route]) -> Iterator[tuple[type[BaseModel], Mode]]:
    for route in routes:
        yield route.query, "validation"
        if route.body is not None:
            yield route.body, "validation"
        if route.answer is not None:
            yield route.answer, "serialization"


def _operation(route: Route, references: References) -> Json:
    operation: Json = {
        "operationId": f"{route.subject}.{route.name}",
        "tags": [route.subject],
        "summary": f"{route.summary.zh} · {route.summary.en}",
        "description": f"{route.facts}\n\n权限 permission: `{route.needs.value}`",
        "parameters": [*_parameters(route)],
        "responses": {
            str(route.status): _success(route, references),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _failures(route)},
        },
    }
    if route.body is not None:
        schema = references[route.body, "validation"]
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": {"schema": schema}},
        }
        if issubclass(route.body, Written):
            operation["requestBody"]["content"]["text/csv"] = {"schema": {"type": "string"}}
    return operation


def _parameters(route: Route) -> Iterator[Json]:
    for name, adapter in route.places.items():
        yield {"name": name, "in": "path", "required": True, "schema": adapter.json_schema()}
    for name, schema in route.query.model_json_schema().get("properties", {}).items():
        yield {
            "name": name,
            "in": "query",
            "required": route.query.model_fields[name].is_required(),
            "description": schema.pop("description", name),
            "schema": schema,
        }
    yield _CORP
    if route.writes:
        yield _KEY


def _success(route: Route, references: References) -> Json:
    content: Json = {kind: {} for kind in route.files}
    if route.answer is not None:
        content["application/json"] = {"schema": references[route.answer, "serialization"]}
    if not content:
        return {"description": "完成，无内容 · Done, no content"}
    return {"description": "成功 · Done", "content": content}


def _failures(route: Route) -> tuple[int, ...]:
    return (*_ALWAYS_POSSIBLE, *_WITH_BODY) if route.writes else _ALWAYS_POSSIBLE


def _problem(status: int) -> Json:
    titles = [kind.title for kind in KINDS.values() if kind.status == status]
    return {
        "description": "；".join(f"{title.zh} · {title.en}" for title in titles),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
