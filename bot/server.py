"""The server: authenticate a callback, decrypt it, remember it durably, answer. It never runs a handler."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.wake import Bells
from handlers.router import Router
from storage.database import Database
from storage.engine.sql import Unit
from storage.errors import StorageError
from storage.inbox import Arrival, Claim, remember
from storage.scope import Hands
from wecom import callback
from wecom.crypto import Keyring
from wecom.errors import BadEnvelope, BadReceiver, BadSignature, CallbackError
from wecom.events import Unknown
from wecom.ids import CorpId

UNREADABLE = "unreadable"
PATIENCE = 4.0  # seconds to store a callback: WeCom hangs up after five, and then sends it again
Endpoints = Mapping[tuple[str, str], Keyring]
Ready = Callable[[], Awaitable[dict[str, str]]]
log = structlog.get_logger()


@dataclass(slots=True)
class Server:
    """What the callback URLs need: the keys of each app, where to write, and who is to be told of it."""

    endpoints: Endpoints
    database: Database
    router: Router
    bells: Bells
    now: Callable[[], datetime]
    hands: Hands[Claim] | None = None

    async def verify(self, request: web.Request) -> web.Response:
        """GET: WeCom checks the URL when an administrator saves it; answer the decrypted echo as raw bytes."""
        keyring = self._keyring(request)
        if keyring is None:
            return _answer(404, "no such corp or app")
        try:
            echo = _open(keyring, request, request.query.get("echostr", ""))
        except CallbackError as error:
            return self._refuse(request, error)
        return web.Response(body=echo, content_type="text/plain")

    async def receive(self, request: web.Request) -> web.Response:
        """POST: 200 only once the event is on disk; anything else makes WeCom send it again."""
        keyring = self._keyring(request)
        if keyring is None:
            return _answer(404, "no such corp or app")
        corp_id, app = request.match_info["corp_id"], request.match_info["app"]
        body = await request.read()
        try:
            plain = _open(keyring, request, callback.unwrap(body).encrypted)
        except CallbackError as error:
            return self._refuse(request, error)
        arrival = self._arrival(corp_id, app, plain)
        try:
            async with asyncio.timeout(PATIENCE):
                known = not await self._remember(arrival)
        except (StorageError, TimeoutError) as error:
            metrics.of(metrics.CALLBACKS, app, "not_stored").inc()
            metrics.trouble("server", error)
            return _answer(503, "not stored, send it again")
        metrics.recovered("server")
        metrics.of(metrics.CALLBACKS, app, "repeated" if known else "stored").inc()
        if not known:
            metrics.of(metrics.EVENTS, arrival.kind).inc()
        return web.Response(body=b"success", content_type="text/plain")

    async def _remember(self, arrival: Arrival) -> bool:
        """Store it durably, and have it begun; whether it is new."""
        unit = Unit()
        remember(unit, arrival, self.hands)
        (rows,) = await self.database.commit(unit)
        self.bells.stir(*unit.stirs)
        return bool(rows)

    def _arrival(self, corp_id: str, app: str, plain: bytes) -> Arrival:
        """What is remembered of an authentic body; one that cannot be read is kept, too, and shows as dead letter."""
        now = self.now()
        try:
            event = callback.parse(plain, CorpId(corp_id))
        except BadEnvelope:
            kind, lane, occurred = UNREADABLE, UNREADABLE, now
        else:
            kind, lane, occurred = event.kind, event.key, event.at
            if isinstance(event, Unknown):
                metrics.UNKNOWN.labels(event.event[:64], event.change_type[:64]).inc()
        return Arrival(
            corp_id=corp_id,
            app=app,
            kind=kind,
            lane=lane,
            body=plain.decode("utf-8", "backslashreplace").replace("\0", "\\0"),
            origin="callback",
            occurred_at=occurred,
            received_at=now,
            deadline_at=_deadline(occurred, now, self.router.deadline(kind)),
        )

    def _keyring(self, request: web.Request) -> Keyring | None:
        key = request.match_info["corp_id"], request.match_info["app"]
        keyring = self.endpoints.get(key)
        if keyring is None:
            metrics.of(metrics.CALLBACKS, "", "no_such_app").inc()
        return keyring

    def _refuse(self, request: web.Request, error: CallbackError) -> web.Response:
        """Say no without saying anything else; the reason stands in the log and the counter."""
        reason = type(error).__name__
        metrics.of(metrics.CALLBACKS, request.match_info["app"], reason).inc()
        log.warning("callback_refused", reason=reason, code=error.code, app=request.match_info["app"])
        if isinstance(error, BadSignature | BadReceiver):
            return _answer(403, "forbidden")
        return _answer(400, "not a callback")


def _open(keyring: Keyring, request: web.Request, encrypted: str) -> bytes:
    query = request.query
    return keyring.open(
        signature=query.get("msg_signature", ""),
        timestamp=query.get("timestamp", ""),
        nonce=query.get("nonce", ""),
        encrypted=encrypted,
    )


def _deadline(occurred: datetime, received: datetime, patience: timedelta) -> datetime:
    """Counted from the event's own moment, but never from one in our future."""
    return min(occurred, received) + patience


def _answer(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)


def application(server: Server | None, ready: Ready) -> web.Application:
    """The HTTP side of a process: callbacks if it has the role, and always health and metrics."""
    app = web.Application(client_max_size=callback.MAX_BODY)
    if server:
        path = "/callback/{corp_id}/{app}"
        app.router.add_get(path, server.verify, allow_head=False)
        app.router.add_post(path, server.receive)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        faults = await ready()
        return web.json_response(
            {"status": "unready" if faults else "ready", "faults": faults}, status=503 if faults else 200
        )

    async def scrape(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", scrape)
    return app
