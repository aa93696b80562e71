"""Endpoints of access: tokens, and the platform's own addresses (page 91039)."""

from simulator.api.call import Answer, Call, Door, Request, Response, Route
from simulator.errors import Refusal
from simulator.limits import HOUR, WRONG_SECRETS, Limits, Quota
from simulator.tokens import Tokens
from simulator.world import World

_WRONG = (Quota(WRONG_SECRETS, HOUR),)


def get_token(world: World, tokens: Tokens, limits: Limits, request: Request) -> Answer:
    """Answer gettoken; wrong secrets are counted and ban the address for an hour."""
    corp_id, secret = request.query.get("corpid", ""), request.query.get("corpsecret", "")
    if not corp_id:
        raise Refusal(41002)
    if not secret:
        raise Refusal(41004)
    now = world.now()
    key = ("secret", request.ip)
    if limits.blocked(key, _WRONG, now=now):
        raise Refusal(45009)
    corp = world.corps.get(corp_id)
    if corp is None:
        raise Refusal(40013)
    app = next((app for app in corp.apps.values() if app.secret == secret and app.enabled), None)
    if app is None:
        limits.count(key, _WRONG, now=now)
        foreign = any(app.secret == secret for other in world.corps.values() for app in other.apps.values())
        raise Refusal(40091 if foreign and all(app.secret != secret for app in corp.apps.values()) else 40001)
    token = tokens.issue(corp, app, now=now)
    return {"access_token": token.text, "expires_in": int(token.expires_at - now)}


def get_callback_ip(_: Call) -> Response:
    """Answer getcallbackip: where callbacks come from. This answer has no errcode when it is good."""
    return Response(200, b'{"ip_list":["127.0.0.1"]}')


def get_api_domain_ip(_: Call) -> Answer:
    """Answer get_api_domain_ip: where the API is."""
    return {"ip_list": ["127.0.0.1"]}


DOORS = {"gettoken": Door(get_token)}
ROUTES = {
    "getcallbackip": Route(get_callback_ip, "GET"),
    "get_api_domain_ip": Route(get_api_domain_ip, "GET"),
}
