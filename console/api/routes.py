"""The table of endpoints: a decorator writes a row and nothing else; a signature is read once."""

import inspect
import re
import types
import typing
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pydantic import BaseModel, TypeAdapter

from console.api.call import Call
from console.api.roles import Permission
from console.api.shapes import Answer, Download, Query, Shape
from console.api.words import Words

PREFIX = "/api/v1"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SMALL = 256 * 1024  # bytes of a body, unless a route allows more
_PLACEHOLDER = re.compile(r"{(\w+)}")

Endpoint = Callable[..., Awaitable[Answer | None]]


class RouteError(Exception):
    """An endpoint is declared wrongly: found at import, named by endpoint and parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row: what is asked for, by whom, in which shape, and who answers."""

    method: str
    path: str  # template, with the prefix
    subject: str
    name: str
    needs: Permission
    summary: Words
    status: int
    limit: int
    corp_matters: bool
    run: Endpoint
    parameters: tuple[str, ...]  # of the function
    places: Mapping[str, TypeAdapter[Any]]  # parameters inside the path
    query: type[Query]
    body: type[Shape] | None
    body_optional: bool
    answer: type[Answer] | None  # None as well where only files are answered
    files: tuple[str, ...]  # media types of the files that may be answered instead
    facts: str  # the docstring

    @property
    def writes(self) -> bool:
        """Whether an idempotency key makes sense."""
        return self.method in WRITES


class Routes:
    """Collects the endpoints of a subject, or of all of them."""

    def __init__(self) -> None:
        self._rows: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._rows)

    def include(self, *subjects: ModuleType) -> None:
        """Take over the rows of subjects, each a module with its `routes`."""
        for subject in subjects:
            self._rows.extend(subject.routes)

    def on(
        self,
        place: str,
        needs: Permission,
        *summary: str,
        status: int = 200,
        limit: int = SMALL,
        corp_matters: bool = True,
        files: tuple[str, ...] = (),
    ) -> Callable[[Endpoint], Endpoint]:
        """Answer `place`, such as "GET /channels/{id}", to those who have a permission.

        `summary` is one sentence in Chinese and one in English. The function takes `call`, the path's parameters
        by name, and if it wants them `body` (a `Shape`, or `Shape | None`) and `query` (a `Query`).
        One that may answer a `Download` tells in `files` of which media types.
        """
        method, _, path = place.partition(" ")
        zh, en = summary

        def register(function: Endpoint) -> Endpoint:
            hints = typing.get_type_hints(function, include_extras=True)
            parts = _take_apart(function, hints, set(_PLACEHOLDER.findall(path)))
            self._rows.append(
                Route(
                    method=method,
                    path=PREFIX + path,
                    subject=function.__module__.partition(".")[2],
                    name=function.__name__,
                    needs=needs,
                    summary=Words(zh, en),
                    status=status,
                    limit=limit,
                    corp_matters=corp_matters,
                    run=function,
                    answer=_name_answer(hints["return"]),
                    files=files,
                    facts=inspect.getdoc(function) or "",
                    **parts,
                )
            )
            return function

        return register


def _take_apart(function: Endpoint, hints: Mapping[str, Any], holders: set[str]) -> dict[str, Any]:
    """What the parameters of an endpoint say: path places, query, body."""
    names = tuple(inspect.signature(function).parameters)
    parts: dict[str, Any] = {
        "parameters": names, "places": {}, "query": Query, "body": None, "body_optional": False,
    }  # fmt: skip
    for name in names:
        hint: Any = hints.get(name)
        model = next((kind for kind in (hint, *typing.get_args(hint)) if _is_model(kind)), None)
        if name in holders:
            parts["places"][name] = TypeAdapter(hint)
        elif name == "query" and model is not None and issubclass(model, Query):
            parts["query"] = model
        elif name == "body" and model is not None and issubclass(model, Shape):
            parts |= {"body": model, "body_optional": model is not hint}
        elif name != "call" or hint is not Call:
            raise RouteError(f"{function.__module__}.{function.__name__}: what is the parameter {name}?")
    if set(parts["places"]) != holders:
        raise RouteError(f"{function.__module__}.{function.__name__}: the path names {sorted(holders)}")
    return parts


def _name_answer(hint: Any) -> type[Answer] | None:
    """The JSON document that is answered: None for nothing, or for a file and nothing else."""
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next((kind for kind in kinds if kind is not type(None) and kind is not Download), None)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
