"""Reading a request: address, query, headers and body, each within bounds and as its route declares."""

import hashlib
from typing import Any

from aiohttp import ClientPayloadError, web
from pydantic import ValidationError

from console.api.call import Call
from console.api.faults import read_faults, unknown
from console.api.problem import Fault, Problem, invalid
from console.api.routes import Route
from console.api.shapes import Query, Shape, Written
from console.api.sheets import CSV
from console.api.words import Words

LONGEST_KEY = 200
_ANYTHING = Words("对象", "thing")
_BAD_KEY = Words("应为 1 到 200 个可见 ASCII 字符", "has 1 to 200 visible ASCII characters")
_NO_KEY = Words("只用于写操作", "is for writing only")
_TWICE = Words("只能给出一次", "may be given only once")


def read_target(request: web.Request, route: Route) -> tuple[dict[str, Any], Query]:
    """The parameters in the path (404 where they cannot be of anything) and in the query."""
    places = {}
    for name, adapter in route.places.items():
        try:
            places[name] = adapter.validate_strings(request.match_info[name])
        except ValidationError:
            raise Problem("missing", what_zh=_ANYTHING.zh, what_en=_ANYTHING.en) from None
    return places, _read_query(request, route)


def name_corp(request: web.Request) -> str:
    """The corp that a request names in its query or in a header."""
    return request.query.get("corp", "") or request.headers.get("Siyu-Corp", "")


async def read_body(request: web.Request, route: Route) -> bytes:
    """The body, at most as large as the route allows; 413 otherwise, before the rest is read."""
    if not route.writes:
        return b""
    if (request.content_length or 0) > route.limit:
        raise Problem("too-large", limit=route.limit)
    body = bytearray()
    try:
        async for piece in request.content.iter_any():
            body += piece
            if len(body) > route.limit:
                raise Problem("too-large", limit=route.limit)
    except (web.RequestPayloadError, ClientPayloadError, ConnectionError):
        raise Problem("unreadable") from None
    if body and route.body is not None:
        _check_type(request, route)
    return bytes(body)


def parse(request: web.Request, route: Route, body: bytes) -> Shape | None:
    """The body as its route declares it."""
    if route.body is None or (not body and route.body_optional):
        return None
    if _is_table(request, route) and issubclass(route.body, Written):
        return route.body.read(body)
    try:
        return route.body.model_validate_json(body)
    except ValidationError as error:
        raise read_faults(error, route.body) from None


def arrange(route: Route, call: Call, query: Query, body: Shape | None) -> dict[str, Any]:
    """The arguments of an endpoint beside the path's, by the names its function gives them."""
    values = {"call": call, "query": query, "body": body}
    return {name: values[name] for name in values if name in route.parameters}


def read_key(request: web.Request, route: Route) -> str:
    """The idempotency key of a write, empty if there is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not route.writes:
        raise invalid("Idempotency-Key", _NO_KEY)
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise invalid("Idempotency-Key", _BAD_KEY)
    return key


def digest(request: web.Request, corp_id: str, body: bytes) -> str:
    """What makes two requests the same: method, address, corp and body."""
    parts = (request.method.encode(), request.raw_path.encode(), corp_id.encode(), body)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _is_table(request: web.Request, route: Route) -> bool:
    return request.content_type == CSV and route.body is not None and issubclass(route.body, Written)


def _check_type(request: web.Request, route: Route) -> None:
    if _is_table(request, route):
        return
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Problem("media-type")


def _read_query(request: web.Request, route: Route) -> Query:
    given = [(name, value) for name, value in request.query.items() if name != "corp"]
    values = dict(given)
    if len(values) < len(given):
        names = [name for name, _ in given]
        raise Problem("invalid", [Fault(name, _TWICE) for name in values if names.count(name) > 1])
    known = {field.alias or name for name, field in route.query.model_fields.items()}
    strange = [Fault(name, unknown(name, {*known, "corp"})) for name in values if name not in known]
    if strange:
        raise Problem("invalid", strange)
    try:
        return route.query.model_validate_strings(values)
    except ValidationError as error:
        raise read_faults(error, route.query) from None
