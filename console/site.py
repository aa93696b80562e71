"""The whole API on one screen: its subjects, and how they come into an aiohttp application."""

import json
from collections import defaultdict

from aiohttp import web

from console import (
    channels,
    customers,
    decisions,
    events,
    followups,
    groups,
    grouptags,
    intents,
    jobs,
    materials,
    overview,
    preview,
    reactions,
    settings,
    staff,
    tags,
    tasks,
    tokens,
    welcomes,
)
from console.call import Console
from console.edge import Edge, answer_nothing
from console.openapi import describe
from console.routes import Route, Routes

VERSION = "1"
SUBJECTS = (
    channels,
    customers,
    decisions,
    events,
    followups,
    groups,
    grouptags,
    intents,
    jobs,
    materials,
    overview,
    preview,
    reactions,
    settings,
    staff,
    tags,
    tasks,
    tokens,
    welcomes,
)


def collect() -> Routes:
    """Every endpoint of every subject."""
    routes = Routes()
    for subject in SUBJECTS:
        routes.include(subject.routes)
    return routes


def attach(app: web.Application, console: Console) -> None:
    """Serve `/api/v1/…` and `/api/openapi.json`; everything else below `/api` is a problem document."""
    routes = collect()
    edge = Edge(console)
    document = json.dumps(describe(routes, VERSION), ensure_ascii=False).encode()

    async def publish(_request: web.Request) -> web.Response:
        return web.Response(body=document, content_type="application/json", charset="utf-8")

    by_path: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        by_path[route.path].append(route)
    app.router.add_get("/api/openapi.json", publish)
    for path, rows in by_path.items():
        app.router.add_route("*", path, edge.resource(rows))
    app.router.add_route("*", "/api{rest:(/.*)?}", answer_nothing)
