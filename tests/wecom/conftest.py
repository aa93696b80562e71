"""The platform as the client tests see it: it notes every call and answers as told."""

import collections
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from wecom.budget import MemoryBudget
from wecom.calls import App
from wecom.client import Client
from wecom.ids import AgentId, CorpId
from wecom.tokens import MemoryTokens

SECRET = "s3cr3t-of-the-app"
OK = {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True)
class Seen:
    """One call as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    content: bytes
    headers: httpx.Headers

    @property
    def body(self):
        return msgspec.json.decode(self.content)


class Platform(httpx.AsyncBaseTransport):
    """Answers each path with the replies given for it, the last one for ever; `ok` without any."""

    def __init__(self):
        self.seen = []
        self._replies = collections.defaultdict(collections.deque)
        self._granted = 0

    def reply(self, path, *replies):
        """JSON as a dict, a whole response, or an exception to raise."""
        self._replies[path].extend(replies)

    def calls(self, path):
        return [seen for seen in self.seen if seen.path == path]

    @property
    def last(self):
        return self.seen[-1]

    async def handle_async_request(self, request):
        path = request.url.path.removeprefix("/cgi-bin/")
        self.seen.append(Seen(request.method, path, dict(request.url.params), await request.aread(), request.headers))
        replies = self._replies[path]
        if not replies:
            return httpx.Response(200, json=self._grant() if path == "gettoken" else OK)
        reply = replies.popleft() if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx.Response) else httpx.Response(200, json=reply)

    def _grant(self):
        self._granted += 1
        return OK | {"access_token": f"token-{self._granted}", "expires_in": 7200}


class Clock:
    """A time that passes when told; both the wall clock and the monotonic one."""

    def __init__(self):
        self._start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.passed = 0.0

    def now(self):
        return self._start + timedelta(seconds=self.passed)

    def monotonic(self):
        return 1000.0 + self.passed

    def advance(self, seconds):
        self.passed += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def budget(clock):
    return MemoryBudget(monotonic=clock.monotonic)


@pytest.fixture
def make_client(platform, budget, clock):
    """Make clients of one app; they share the platform and the budget, and what is not given."""

    def make(*, tokens=None, transport=platform, api_base="https://qyapi.weixin.qq.com"):
        app = App("crm", AgentId(1000002), SECRET)
        stores = {"tokens": tokens or MemoryTokens(), "budget": budget}
        return Client(CorpId("ww1"), app, transport=transport, api_base=api_base, clock=clock.now, **stores)

    return make


@pytest.fixture
async def client(make_client):
    client = make_client()
    yield client
    await client.aclose()
