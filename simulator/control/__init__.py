"""The control API under /_sim/: what a test or an operator does to the virtual world, in JSON."""

import inspect

import msgspec

from simulator.actions import ACTIONS
from simulator.api.call import Request, Response
from simulator.control.errors import BadControl
from simulator.control.levers import LEVERS
from simulator.control.looks import LOOKS
from simulator.control.order import Handler, Order, Said
from simulator.control.outreach import OUTREACH
from simulator.faults import Kind
from simulator.simulation import Simulator

PREFIX = "/_sim/"
_ROUTES: dict[tuple[str, str], Handler] = {**LOOKS, **OUTREACH, **LEVERS}


async def control(simulator: Simulator, request: Request) -> Response:
    """Answer a request to the control API; errors are HTTP errors here, with `error` in the JSON."""
    try:
        said = await _say(simulator, request)
    except BadControl as error:
        return _json({"error": str(error)}, error.status)
    return _json(said)


async def _say(simulator: Simulator, request: Request) -> Said:
    name = request.path.removeprefix(PREFIX).strip("/")
    if not name:
        return describe()
    handler = _ROUTES.get((request.method, name))
    if handler is None:
        raise BadControl(f"no {request.method} {PREFIX}{name}: GET {PREFIX} lists what there is", 404)
    try:
        body = msgspec.json.decode(request.body, type=dict[str, object]) if request.body else {}
    except msgspec.DecodeError as error:
        raise BadControl(f"the body is no JSON object: {error}") from error
    said = handler(Order(simulator, {**request.query, **body}))
    return await said if inspect.isawaitable(said) else said


def describe() -> Said:
    """List the routes, the actions with their parameters, and the kinds of faults."""
    return {
        "routes": {f"{method} {PREFIX}{name}": _say_what(handler) for (method, name), handler in _ROUTES.items()},
        "actions": {
            name: {
                "what": _say_what(action),
                "parameters": {
                    one.name: "required" if one.default is one.empty else one.default
                    for one in inspect.signature(action).parameters.values()
                    if one.kind is one.KEYWORD_ONLY
                },
            }
            for name, action in ACTIONS.items()
        },
        "faults": list(Kind),
    }


def _say_what(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())


def _json(said: Said, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(said))
