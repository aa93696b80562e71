"""One API call on its way: what came in, who calls, and what every endpoint asks first."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec

from simulator.api.fields import Fields
from simulator.errors import Refusal
from simulator.limits import Limits
from simulator.tokens import Tokens
from simulator.world import World
from simulator.world.contacts import Relation
from simulator.world.corp import App, Corp
from simulator.world.people import Member

Answer = dict[str, object]
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as far as the platform looks at it; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    ip: str = "127.0.0.1"

    @property
    def endpoint(self) -> str:
        """The path without /cgi-bin/."""
        return self.path.removeprefix("/cgi-bin/")


def read_query(text: str) -> dict[str, str]:
    """Return the parameters of a raw query string."""
    return dict(parse_qsl(text, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer; `code` is the errcode that is inside."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int = 0


def respond(answer: Answer) -> Response:
    """Make the response of a call that succeeded."""
    return Response(200, _encode({"errcode": 0, "errmsg": "ok", **answer}))


@dataclass(slots=True)
class Call:
    """A call by an app whose token was good."""

    world: World
    limits: Limits
    corp: Corp
    app: App
    request: Request
    body: Fields
    now: float
    holds: list[Hashable] = field(default_factory=list)  # what is under way until the answer is out

    @property
    def query(self) -> Fields:
        """The query as fields, all of them texts."""
        return Fields(dict(self.request.query))

    def hold(self, key: Hashable, *, code: int) -> None:
        """Keep others off something until the answer is out, or refuse when they keep us off."""
        self.limits.enter(key, code=code)
        self.holds.append(key)

    def sees(self, member: Member) -> bool:
        """Whether the member is in the app's visible range."""
        return self.app.scope.covers(member, self.corp.directory)

    def member(self, userid: str, *, hidden: int = 60011, unknown: int = 60111) -> Member:
        """Return a member whom the app may see: 41009 missing, 60111 unknown, 60011 hidden unless told otherwise."""
        if not userid:
            raise Refusal(41009)
        member = self.corp.directory.find(userid)
        if member is None:
            raise Refusal(unknown, userid)
        if not self.sees(member):
            raise Refusal(hidden, userid)
        return member

    def department(self, number: int) -> int:
        """Return a department that the app may see: 40066 unknown, 60011 hidden."""
        if number not in self.corp.directory.departments:
            raise Refusal(40066, str(number))
        if not self.app.scope.reaches(number, self.corp.directory):
            raise Refusal(60011, str(number))
        return number

    def server(self, userid: str) -> Member:
        """Return a member who may serve customers; 84074 without the customer-contact function."""
        member = self.member(userid)
        if not member.customer_contact:
            raise Refusal(84074, userid)
        return member

    def relation(self, userid: str, external_userid: str) -> Relation:
        """Return a relation that stands: 41035 missing, 40096 unknown customer, 84061 no relation."""
        member = self.server(userid)
        if not external_userid:
            raise Refusal(41035)
        if external_userid not in self.corp.contacts.customers:
            raise Refusal(40096, external_userid)
        relation = self.corp.contacts.between(member.userid, external_userid)
        if relation is None or not relation.visible:
            raise Refusal(84061)
        return relation


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint and what must hold before it is called."""

    run: Callable[[Call], Answer | Response]
    method: str = "POST"
    contact: bool = False  # only for apps on the customer-contact list, else 48002
    counted: bool = True  # against the basic limits
    upload: bool = False  # the body is multipart, not JSON


@dataclass(frozen=True, slots=True)
class Door:
    """An endpoint that needs no token."""

    run: Callable[[World, Tokens, Limits, Request], Answer]
    method: str = "GET"


def contact(run: Callable[[Call], Answer], method: str = "POST") -> Route:
    """Make the route of a customer-contact endpoint."""
    return Route(run, method, contact=True)
