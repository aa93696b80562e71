"""The line of one app to the platform: admission, token, exchange, and what the answer means."""

import asyncio
import re
from datetime import timedelta
from http import HTTPStatus
from time import monotonic
from typing import Final, NoReturn
from urllib.parse import quote

import httpx
import msgspec

from wecom import limits
from wecom.answers import Status, judge, leave_open, read
from wecom.budget import Budget, Charge
from wecom.calls import PROMPT, App, Call, Pace
from wecom.codes import Kind, explain
from wecom.errors import Refused, Throttled, TryLater
from wecom.exchange import Exchange, Outgoing
from wecom.ids import CorpId
from wecom.lanes import Lane
from wecom.reader import Answer
from wecom.tokens import Clock, Token, Tokens, TokenStore

TOO_OFTEN: Final = 45009
TOO_MANY: Final = 45033
SLOWEST: Final = 128 * 1024  # bytes per second that an upload may be expected to make
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_QUERY = re.compile(r"\?\S*")
_OK = Status()
_decode_status = msgspec.json.Decoder(Status, strict=False).decode


class _Grant(Status):
    """The answer of gettoken."""

    access_token: str = ""
    expires_in: int = 7200


class Line:
    """Everything that the calls of one (corp, app) share."""

    def __init__(
        self, corp_id: CorpId, app: App, *, exchange: Exchange, tokens: TokenStore, budget: Budget, clock: Clock
    ) -> None:
        self.corp_id = corp_id
        self.app = app
        self._exchange = exchange
        self._budget = budget
        self._clock = clock
        self._tokens = Tokens(f"{corp_id}:{app.name}", tokens, self._fetch_token, clock=clock)
        self._lanes: dict[str, Lane] = {}
        self._charges: dict[str, Charge] = {}

    async def send(self, call: Call, pace: Pace) -> Answer:
        """Perform the call as soon as it is admitted; raises Refused, TryLater or NoAnswer."""
        until = monotonic() + pace.within
        await self._admit(call, until, urgent=pace.urgent)
        lane = self._lane(call.path)
        if not await lane.enter(urgent=pace.urgent, within=until - monotonic()):
            raise TryLater(call.path, "too many calls under way")
        try:
            answer, status = await self._perform(call, pace)
            if status.errcode == TOO_MANY:
                lane.shrink()
        finally:
            lane.leave()
        if status.errcode:
            await self._fail(call, status)
        return answer

    async def aclose(self) -> None:
        """Stop what runs beside the calls."""
        await self._tokens.aclose()

    async def _admit(self, call: Call, until: float, *, urgent: bool) -> None:
        charges = (self._charge(call.path), *call.charges)
        while (wait := await self._budget.reserve(charges, urgent=urgent)) > 0:
            if monotonic() + wait > until:
                raise Throttled(call.path, "our own budget for this API is used up", after=wait)
            await asyncio.sleep(wait)

    async def _perform(self, call: Call, pace: Pace) -> tuple[Answer, Status]:
        token = await self._tokens.current()
        answer, status = await self._try(call, pace, (("access_token", token), *call.query))
        if status.errcode and explain(status.errcode).kind is Kind.TOKEN:
            token = await self._tokens.renew(token)
            answer, status = await self._try(call, pace, (("access_token", token), *call.query))
        return answer, status

    async def _try(self, call: Call, pace: Pace, query: tuple[tuple[str, str], ...]) -> tuple[Answer, Status]:
        target = call.path + "?" + "&".join([f"{name}={quote(value, safe='')}" for name, value in query])
        timeout = pace.timeout + len(call.body) / SLOWEST
        try:
            answer = await self._exchange(Outgoing(call.method, target, call.body, call.kind, timeout))
        except _UNSENT as error:
            raise TryLater(call.path, _describe(error)) from None
        except httpx.RequestError as error:
            leave_open(call, _describe(error))
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            leave_open(call, f"HTTP {answer.status}")
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(call.path, f"HTTP {answer.status}", code=answer.status)
        if call.binary and answer.header(b"content-disposition"):
            return answer, _OK
        try:
            return answer, _decode_status(answer.body)
        except msgspec.MsgspecError:
            leave_open(call, "the answer is not JSON")

    async def _fail(self, call: Call, status: Status) -> NoReturn:
        error = judge(call.path, status)
        if status.errcode == TOO_OFTEN:
            after = await self._budget.block(self._charge(call.path).key)
            raise Throttled(call.path, error.message, code=TOO_OFTEN, hint=error.hint, after=after)
        raise error

    async def _fetch_token(self) -> Token:
        call = Call("gettoken", "GET", writes=False)
        secret = (("corpid", self.corp_id), ("corpsecret", self.app.secret))
        answer, status = await self._try(call, PROMPT, secret)
        if status.errcode == TOO_OFTEN:  # too many wrong secrets: the whole IP is banned
            raise Throttled(call.path, status.errmsg or "", code=TOO_OFTEN, after=limits.HOUR_BLOCK)
        if status.errcode:
            raise judge(call.path, status)
        grant = read(call, answer, _Grant)
        if not grant.access_token:
            leave_open(call, "the answer holds no token")
        return Token(grant.access_token, self._clock() + timedelta(seconds=grant.expires_in))

    def _charge(self, path: str) -> Charge:
        charge = self._charges.get(path)
        if charge is None:
            rates = limits.RATES.get(path, limits.BASIC)
            charge = self._charges[path] = Charge(f"{self.corp_id}:{path}", rates, bulk=path in limits.BULK)
        return charge

    def _lane(self, path: str) -> Lane:
        lane = self._lanes.get(path)
        if lane is None:
            lane = self._lanes[path] = Lane(limits.LANES.get(path, limits.LANE), monotonic=monotonic)
        return lane


def _describe(error: httpx.RequestError) -> str:
    return f"{type(error).__name__}: {_QUERY.sub('', str(error))}"
