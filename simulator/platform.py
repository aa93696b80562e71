"""The virtual WeCom as one function from request to answer: what HTTP and the httpx transport share."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from simulator import pictures
from simulator.api import DOORS, ROUTES
from simulator.api.call import Call, Request, Response, Route, respond
from simulator.api.fields import INVALID, Fields
from simulator.errors import Refusal
from simulator.faults import Fault, Faults, Kind
from simulator.limits import Limits
from simulator.tokens import Token, Tokens
from simulator.transcript import CALL, Entry, Transcript
from simulator.world import World
from simulator.world.mint import Mint

PREFIX = "/cgi-bin/"
_SECRETS = ("access_token", "corpsecret")
_decode = msgspec.json.Decoder(dict).decode
_encode = msgspec.json.Encoder().encode


class Ending(StrEnum):
    """How a request ends for the caller."""

    ANSWER = "answer"
    SILENCE = "silence"  # the caller's time-out ends it
    UNREACHABLE = "unreachable"
    RESET = "reset"


_ENDINGS = {
    Kind.UNREACHABLE: Ending.UNREACHABLE,
    Kind.RESET_BEFORE: Ending.RESET,
    Kind.RESET_AFTER: Ending.RESET,
    Kind.SILENCE: Ending.SILENCE,
}
_UNPERFORMED = (Kind.UNREACHABLE, Kind.RESET_BEFORE, Kind.REFUSE, Kind.TOKEN_DEATH, Kind.GATEWAY)


@dataclass(slots=True)
class Exchange:
    """A request that was performed (or not), whose answer is on its way until `Platform.close`."""

    request: Request
    at: float
    response: Response = field(default_factory=lambda: Response(200, b""))
    latency: float = 0.0  # real seconds until the answer
    ending: Ending = Ending.ANSWER
    corp_id: str = ""
    app: str = ""
    note: str = ""
    holds: list[Hashable] = field(default_factory=list)


class Platform:
    """One virtual WeCom: the world behind its API, its limits and its faults.

    `latency` is how long (in real seconds) an answer takes when no fault says otherwise.
    """

    def __init__(self, world: World, *, limits: Limits, faults: Faults, transcript: Transcript) -> None:
        self.world = world
        self.limits = limits
        self.faults = faults
        self.transcript = transcript
        self.tokens = Tokens(Mint(f"{world.seed}/tokens"))
        self.latency = 0.0

    def answer(self, request: Request) -> Response:
        """Return the answer to a request as if nothing ever took time; faults that end it are ignored."""
        exchange = self.open(request)
        self.close(exchange)
        return exchange.response

    async def serve(self, request: Request) -> Exchange:
        """Perform a request, and return when the answer (or its absence) is due."""
        exchange = self.open(request)
        try:
            if exchange.latency:
                await asyncio.sleep(exchange.latency)
        finally:
            self.close(exchange)
        return exchange

    def open(self, request: Request) -> Exchange:
        """Perform a request; others see it as under way until it is closed."""
        exchange = Exchange(request, self.world.now(), latency=self.latency)
        try:
            exchange.response = self._perform(exchange)
        except Refusal as refusal:
            exchange.response = self._refuse(refusal, request)
        return exchange

    def close(self, exchange: Exchange) -> None:
        """End what was under way, and note it down."""
        for key in exchange.holds:
            self.limits.leave(key)
        request = exchange.request
        upload = request.headers.get("content-type", "").startswith("multipart/")
        answered = exchange.ending is Ending.ANSWER
        self.transcript.add(
            Entry(
                number=self.transcript.number(),
                at=exchange.at,
                kind=CALL,
                path=request.endpoint,
                corp_id=exchange.corp_id,
                app=exchange.app,
                sent=b"" if upload else request.body,
                query={key: value for key, value in request.query.items() if key not in _SECRETS},
                code=exchange.response.code if answered else None,
                latency=exchange.latency,
                note=exchange.note,
            )
        )

    def _perform(self, exchange: Exchange) -> Response:
        request, path = exchange.request, exchange.request.endpoint
        if request.path.startswith(pictures.PREFIX):
            return pictures.show(request)
        if not request.path.startswith(PREFIX):
            return _missing(request)
        if (door := DOORS.get(path)) is not None:
            struck = self._strike(exchange, None)
            return struck or respond(door.run(self.world, self.tokens, self.limits, request))
        if (route := ROUTES.get(path)) is not None:
            token = self.tokens.check(request.query.get("access_token", ""), now=exchange.at)
            exchange.corp_id, exchange.app = token.corp.id, token.app.name
            return self._strike(exchange, token) or self._call(exchange, route, token)
        return _missing(request)

    def _strike(self, exchange: Exchange, token: Token | None) -> Response | None:
        """Let faults strike; returns a response when one of them keeps the call from being performed."""
        instead: Response | None = None
        for fault in self.faults.of_call(exchange.request.endpoint, exchange.app):
            exchange.note = f"{exchange.note} {fault.kind}".strip()
            exchange.latency += fault.seconds
            exchange.ending = _ENDINGS.get(fault.kind, exchange.ending)
            if fault.kind in _UNPERFORMED:
                instead = self._prevent(fault, exchange.request, token)
        return instead

    def _prevent(self, fault: Fault, request: Request, token: Token | None) -> Response:
        if fault.kind is Kind.GATEWAY:
            return Response(fault.code, b"<html>Bad Gateway</html>", "text/html", code=fault.code)
        if fault.kind is Kind.TOKEN_DEATH:
            if token is not None:
                self.tokens.kill(token, now=self.world.now())
            return self._refuse(Refusal(42001), request)
        return self._refuse(Refusal(fault.code, "on purpose"), request)

    def _call(self, exchange: Exchange, route: Route, token: Token) -> Response:
        request, corp, app = exchange.request, token.corp, token.app
        if not app.enabled:
            raise Refusal(50003)
        if app.trusted_ips is not None and request.ip not in app.trusted_ips:
            raise Refusal(60020)
        call = Call(self.world, self.limits, corp, app, request, Fields({}), exchange.at, exchange.holds)
        self._limit(call, route)
        if route.contact and not app.customer_contact:
            raise Refusal(48002)
        if request.method != route.method:
            raise Refusal(INVALID, f"{request.method} used instead of {route.method}")
        if route.method == "POST" and not route.upload:
            call.body = Fields(_read_json(request.body))
        answer = route.run(call)
        return answer if isinstance(answer, Response) else respond(answer)

    def _limit(self, call: Call, route: Route) -> None:
        limits, path, now = self.limits, call.request.endpoint, call.now
        if call.request.query.get("debug") == "1":
            limits.count((call.corp.id, path, "debug"), limits.debug, now=now)
        if route.counted:
            limits.count((call.corp.id, path), limits.own.get(path, limits.per_path), now=now)
            limits.count((call.request.ip, path), limits.per_ip, now=now)
        key = ("at once", call.corp.id, path)
        limits.enter(key, most=limits.at_once, code=45033)
        call.holds.append(key)

    def _refuse(self, refusal: Refusal, request: Request) -> Response:
        hint = f"{int(self.world.now())}_{self.transcript.total}"
        body = {"errcode": refusal.code, "errmsg": refusal.describe(ip=request.ip, hint=hint)}
        return Response(200, _encode(body), code=refusal.code)


def _missing(request: Request) -> Response:
    """Answer a path the virtual WeCom does not have, so that nobody takes it for a refusal of the platform."""
    body = {"errcode": 404, "errmsg": f"the virtual WeCom has no {request.method} {request.path}"}
    return Response(404, _encode(body), code=404)


def _read_json(body: bytes) -> dict[str, object]:
    try:
        return _decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(INVALID, "Warning: wrong json format.") from error
