"""The whole API on one screen: its subjects, and how they come into an aiohttp application."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator

from aiohttp import web

from console import (
    acquisition,
    broadcasts,
    channels,
    clock,
    conditions,
    customers,
    decisions,
    deliveries,
    events,
    feed,
    fields,
    flows,
    groups,
    intents,
    intercepts,
    jobs,
    linknumbers,
    materials,
    moments,
    overview,
    policy,
    preview,
    quotas,
    reactions,
    schedules,
    segments,
    settings,
    staff,
    strategies,
    sync,
    tags,
    tasks,
    timeline,
    tokens,
    transfers,
    webhooks,
    welcomes,
)
from console.api.call import Console
from console.api.edge import Edge, answer_nothing
from console.api.openapi import describe
from console.api.routes import Route, Routes
from console.pages.landing import Landing, find_group_code
from console.pages.visits import Counter

VERSION = "1"
SUBJECTS = (
    acquisition,
    broadcasts,
    channels,
    clock,
    conditions,
    customers,
    decisions,
    deliveries,
    events,
    feed,
    fields,
    flows,
    groups,
    intents,
    intercepts,
    jobs,
    linknumbers,
    materials,
    moments,
    overview,
    policy,
    preview,
    quotas,
    reactions,
    schedules,
    segments,
    settings,
    staff,
    strategies,
    sync,
    tags,
    tasks,
    timeline,
    tokens,
    transfers,
    webhooks,
    welcomes,
)


def collect() -> Routes:
    """Every endpoint of every subject."""
    routes = Routes()
    routes.include(*SUBJECTS)
    return routes


def attach(app: web.Application, console: Console) -> Counter:
    """Serve `/api/v1/…`, `/api/openapi.json` and `/c/…`; everything else below `/api` is a problem document.

    Gives what counts the visits to `/c/…`.
    """
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
    return _open_pages(app, console)


def _open_pages(app: web.Application, console: Console) -> Counter:
    """Serve the public pages of codes, and count visits for as long as the application runs."""
    counter = Counter(console.database)
    landing = Landing(console, counter)

    async def count(_app: web.Application) -> AsyncIterator[None]:
        running = asyncio.create_task(counter.run(), name="visits")
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await counter.close()

    app.cleanup_ctx.append(count)
    app.router.add_get("/c/{code}", landing.show)
    app.router.add_get("/c/{code}/picture", landing.picture)
    groups = Landing(console, counter, find_group_code)
    app.router.add_get("/g/{code}", groups.show)
    app.router.add_get("/g/{code}/picture", groups.picture)
    return counter
