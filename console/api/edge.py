"""The HTTP edge: let in, read, run, commit, answer; every failure leaves here as a problem document."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote

import structlog
from aiohttp import web
from prometheus_client import Counter

from console.api import reading
from console.api.auth import Guard
from console.api.call import Call, Console, Corp
from console.api.faults import read_violations
from console.api.origin import trace
from console.api.problem import MEDIA_TYPE, Problem
from console.api.roles import PERSONAL, Principal, Role
from console.api.routes import Route
from console.api.shapes import Answer, Download
from console.api.words import Language, choose
from sop.errors import Invalid
from storage.errors import Conflict, LostLease, Unavailable
from storage.replies import Replies, Reply
from storage.scope import Scope
from storage.store import Store

REQUESTS = Counter("siyu_console_requests_total", "API requests by endpoint and status", ("endpoint", "status"))
_BODY = web.RequestKey("body", bytes)  # it comes once, and may be wanted twice
_RETRY_SECONDS = 5
_TRIES = 4  # of who meets others that write the same at once
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Language, Authorization"}
log = structlog.get_logger()


class Edge:
    """Turns the rows of the route table into answers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._guard = Guard(console.database, console.clock)

    def resource(self, routes: Sequence[Route]) -> Callable[[web.Request], Awaitable[web.Response]]:
        """The aiohttp handler of one path, whatever the method."""
        by_method = {route.method: route for route in routes}

        async def answer(request: web.Request) -> web.Response:
            language = choose(request.headers.get("Accept-Language", ""))
            route = by_method.get(request.method)
            name = f"{route.subject}.{route.name}" if route else "none"
            response = await self._answer(request, by_method, language)
            REQUESTS.labels(name, response.status).inc()
            return response

        return answer

    async def _answer(self, request: web.Request, routes: dict[str, Route], language: Language) -> web.Response:
        """The one broad `except` of the API: whatever goes wrong, nothing of it leaks."""
        try:
            return await self._try(request, _pick(routes, request.method), language)
        except Problem as problem:
            return _tell(problem, language)
        except Invalid as error:
            return _tell(read_violations(error.violations), language)
        except Unavailable as error:
            log.warning("console_unavailable", detail=str(error)[:200])
            return _tell(Problem("unavailable", headers={"Retry-After": str(_RETRY_SECONDS)}), language)
        except (Conflict, LostLease):
            return _tell(Problem("conflict"), language)
        except Exception:
            identity = secrets.token_hex(4)
            log.exception("console_failed", id=identity, method=request.method)
            return _tell(Problem("internal", id=identity), language)

    async def _try(self, request: web.Request, route: Route, language: Language) -> web.Response:
        """Where somebody was quicker nothing has happened: again, on what is there now."""
        for _ in range(_TRIES - 1):
            with suppress(Conflict):
                return await self._serve(request, route, language)
        return await self._serve(request, route, language)

    async def _serve(self, request: web.Request, route: Route, language: Language) -> web.Response:
        principal = await self._guard.admit(request.headers.get("Authorization", ""), trace(request))
        principal.require(route.needs)
        places, query = reading.read_target(request, route)
        corp = self._corp(reading.name_corp(request), route, principal)
        body = request[_BODY] = request[_BODY] if _BODY in request else await reading.read_body(request, route)
        call = await self._call(principal, corp, language)
        call.accept = request.headers.get("Accept", "")
        key, digest = reading.read_key(request, route), reading.digest(request, corp.id, body)
        replies = Replies(call.store.scope, principal.token_id)
        if key and (kept := await replies.find(key)):
            return _repeat(kept, digest)
        arguments = {**places, **reading.arrange(route, call, query, reading.parse(request, route, body))}
        answer = await route.run(**arguments)
        if key:
            replies.keep(key, Reply(digest, route.status, answer.keepsake() if answer is not None else ""))
        await call.store.hear()
        try:
            await call.store.commit()
        except (Conflict, LostLease):
            if key and (kept := await replies.find(key)):  # the same request came twice at once
                return _repeat(kept, digest)
            raise
        if call.store.scope.unit.steps:
            self._console.wake()
        if call.after:
            answer = await call.after()
        return _hand_over(answer) if isinstance(answer, Download) else _send(route.status, _write(answer))

    async def _call(self, principal: Principal, corp: Corp, language: Language) -> Call:
        """With the data scope of the caller in this corp; a leader's team is looked up once."""
        console = self._console
        scope = Scope(database=console.database, corp_id=corp.id, app=corp.app, now=console.clock(), handler="console")
        store = Store(scope)
        if principal.role is Role.LEADER:
            principal = replace(principal, staff=await store.staff.team(principal.user_id))
        return Call(console=console, store=store, principal=principal, corp=corp, language=language)

    def _corp(self, name: str, route: Route, principal: Principal) -> Corp:
        """The corp of a request: named, or the only one there is; for who speaks for a member, the member's."""
        corps = self._console.corps
        if principal.role in PERSONAL and (principal.corp_id or len(corps) > 1):
            corps = [corp for corp in corps if corp.id == principal.corp_id]
            if not corps or name not in {"", principal.corp_id}:
                raise Problem("forbidden", role=principal.role.value, permission=f"corp={name}")
        if not name and (len(corps) == 1 or not route.corp_matters):
            return corps[0]
        found = next((corp for corp in corps if corp.id == name), None)
        if found is None:
            raise Problem("corp-needed", corps=", ".join(f"{corp.id} ({corp.name})" for corp in corps))
        return found


async def answer_nothing(request: web.Request) -> web.Response:
    """Any address below /api that is no endpoint."""
    return _tell(Problem("no-endpoint"), choose(request.headers.get("Accept-Language", "")))


def _pick(routes: dict[str, Route], method: str) -> Route:
    if method not in routes:
        allowed = ", ".join(sorted(routes))
        raise Problem("method", allowed=allowed, headers={"Allow": allowed})
    return routes[method]


def _repeat(kept: Reply, digest: str) -> web.Response:
    if kept.request != digest:
        raise Problem("key-reused")
    return _send(kept.status, kept.body, headers={"Idempotency-Replayed": "true"})


def _write(answer: Answer | None) -> str:
    return answer.model_dump_json(by_alias=True) if answer is not None else ""


def _tell(problem: Problem, language: Language) -> web.Response:
    body = json.dumps(problem.document(language), ensure_ascii=False)
    headers = {"Content-Language": language, **problem.headers}
    return _send(problem.kind.status, body, MEDIA_TYPE, headers=headers)


def _hand_over(file: Download) -> web.Response:
    """A file, under a name that says nothing to a browser but what to call it."""
    name = f"attachment; filename*=UTF-8''{quote(file.filename, safe='')}"
    headers = {**_ALWAYS, "Content-Type": file.media_type, "Content-Disposition": name}
    return web.Response(body=file.content, headers=headers)


def _send(
    status: int, body: str, media_type: str = "application/json", *, headers: Mapping[str, str] | None = None
) -> web.Response:
    headers = {**_ALWAYS, **(headers or {})}
    if not body:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status, body=body.encode(errors="replace"), content_type=media_type, charset="utf-8", headers=headers
    )
