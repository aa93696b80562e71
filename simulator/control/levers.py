"""Changing the world: companies, apps, actions, faults, habits, limits, time."""

from dataclasses import asdict, fields

import msgspec

from simulator.actions import ACTIONS
from simulator.actions.errors import Impossible
from simulator.behaviour import RATES, Habits
from simulator.company import CORP_ID, found_company
from simulator.control.errors import BadControl
from simulator.control.order import Handler, Order, Said
from simulator.faults import Fault, Kind
from simulator.limits import HOUR, MINUTE, Quota
from simulator.views import view_app, view_group, view_relation
from simulator.world.broadcasts import Broadcast
from simulator.world.contacts import Relation
from simulator.world.corp import App
from simulator.world.groups import Group
from simulator.world.moments import Moment
from simulator.world.people import Scope
from simulator.world.tags import Tag
from wecom.errors import BadKey


def found(order: Order) -> Said:
    """Found the small company (corp_id?, callback_url?); answers what its app's owner must know."""
    world = order.simulator.world
    corp_id = order.get("corp_id", str, CORP_ID)
    if corp_id in world.corps:
        raise BadControl(f"{corp_id} exists already", 409)
    company = found_company(world, corp_id=corp_id, callback_url=order.get("callback_url", str, ""))
    return {
        "corp_id": corp_id,
        "app": company.app.name,
        "agent_id": company.app.agent_id,
        "secret": company.app.secret,
        "token": company.token,
        "encoding_aes_key": company.encoding_aes_key,
        "callback_url": order.get("callback_url", str, ""),
    }


def set_app(order: Order) -> Said:
    """Create or change an app by its name (`app`), with agent_id and secret when it is new.

    Then enabled, customer_contact, contact_events, users, departments, mini_programs, and trusted_ips: a list
    ([] trusts nobody) or "any".
    """
    corp, name = order.corp(), order.get("app", str)
    app = next((one for one in corp.apps.values() if one.name == name), None)
    if app is None:
        app = App(order.get("agent_id", int), name, order.get("secret", str))
        corp.apps[app.agent_id] = app
    app.secret = order.get("secret", str, app.secret)
    for switch in ("enabled", "customer_contact", "contact_events"):
        setattr(app, switch, order.get(switch, bool, getattr(app, switch)))
    if "trusted_ips" in order.values:
        trusted = order.values["trusted_ips"]
        app.trusted_ips = None if trusted == "any" else frozenset(order.get("trusted_ips", list[str]))
    app.mini_programs = frozenset(order.get("mini_programs", list[str], list(app.mini_programs)))
    app.scope = Scope(
        frozenset(order.get("users", list[str], list(app.scope.users))),
        frozenset(order.get("departments", list[int], list(app.scope.departments))),
    )
    return view_app(app)


async def set_receiver(order: Order) -> Said:
    """Set an app's callback (app?, url, token, encoding_aes_key); verified first unless verify is false."""
    corp, app = order.corp(), order.app()
    before = app.receiver
    try:
        receiver = corp.receive(
            app.agent_id,
            url=order.get("url", str),
            token=order.get("token", str),
            encoding_aes_key=order.get("encoding_aes_key", str),
        )
    except BadKey as error:
        raise BadControl(str(error)) from error
    verified = order.get("verify", bool, True) and await order.simulator.delivery.verify(receiver, corp, app)
    if order.get("verify", bool, True) and not verified:
        app.receiver = before
        raise BadControl("the URL did not give the echo back (openapi callback verification failed)", 409)
    return {"verified": verified, **view_app(app)}


def act(order: Order) -> Said:
    """Let somebody do something: `do` and its parameters; GET /_sim/ lists them."""
    name = order.get("do", str)
    action = ACTIONS.get(name)
    if action is None:
        raise BadControl(f"nobody can {name!r}: try {', '.join(ACTIONS)}", 404)
    try:
        done = action(order.simulator.world, order.corp(), **order.rest("do", "corp_id"))
    except Impossible as error:
        raise BadControl(str(error), 409) from error
    except TypeError as error:
        raise BadControl(str(error)) from error
    match done:
        case Relation():
            return view_relation(done)
        case Tag():
            return {"id": done.id, "group_id": done.group_id}
        case Group():
            return view_group(done)
        case Broadcast():
            return {"msgid": done.msgid}
        case Moment():
            return {"moment_id": done.moment_id}
        case _:
            return {} if done is None else {"result": done}


def show_faults(order: Order) -> Said:
    """The faults that are switched on."""
    return {"faults": [asdict(one) for one in order.simulator.faults.active.values()]}


def add_fault(order: Order) -> Said:
    """Switch on a fault: kind, path ("*" or a prefix*), app, probability, count, seconds, code."""
    try:
        fault = msgspec.convert(order.rest(), Fault)
    except msgspec.ValidationError as error:
        raise BadControl(f"{error}; kinds: {', '.join(Kind)}") from error
    unknown = order.values.keys() - {one.name for one in fields(Fault)}
    if unknown:
        raise BadControl(f"unknown: {', '.join(sorted(unknown))}")
    return asdict(order.simulator.faults.add(fault))


def remove_faults(order: Order) -> Said:
    """Switch off one fault (id), or all."""
    faults = order.simulator.faults
    if "id" not in order.values:
        faults.clear()
    elif faults.active.pop(order.get("id", int), None) is None:
        raise BadControl("no such fault", 404)
    return {}


def kill_tokens(order: Order) -> Said:
    """End every access token; the next call of each app answers 42001."""
    return {"killed": order.simulator.platform.tokens.kill_all(now=order.simulator.world.now())}


def show_habits(order: Order) -> Said:
    """How often people do something per virtual minute, and what they then do with which probability."""
    return asdict(order.simulator.behaviour.habits)


def set_habits(order: Order) -> Said:
    """Change habits: rates per virtual minute (`arrivals` of customers …; 0 stops), probabilities, times."""
    behaviour = order.simulator.behaviour
    try:
        habits = msgspec.convert({**asdict(behaviour.habits), **order.rest()}, Habits, strict=False)
    except msgspec.ValidationError as error:
        raise BadControl(str(error)) from error
    if any(getattr(habits, name) < 0 for name in RATES):
        raise BadControl("a rate is 0 or more")
    behaviour.live(habits)
    return asdict(habits)


def show_platform(order: Order) -> Said:
    """How the platform answers: latency, limits per corp and path, calls at once."""
    simulator = order.simulator
    return {
        "latency": simulator.platform.latency,
        "at_once": simulator.limits.at_once,
        "per_path": [asdict(one) for one in simulator.limits.per_path],
        "seed": simulator.seed,
    }


def set_platform(order: Order) -> Said:
    """Change latency (real seconds), at_once, per_minute and per_hour (calls per corp and path)."""
    simulator = order.simulator
    minute, hour = (one.calls for one in simulator.limits.per_path)
    simulator.platform.latency = order.get("latency", float, simulator.platform.latency)
    simulator.limits.at_once = order.get("at_once", int, simulator.limits.at_once)
    simulator.limits.per_path = (
        Quota(order.get("per_minute", int, minute), MINUTE),
        Quota(order.get("per_hour", int, hour), HOUR),
    )
    simulator.limits.per_ip = tuple(Quota(one.calls * 2, one.seconds) for one in simulator.limits.per_path)
    return show_platform(order)


def show_clock(order: Order) -> Said:
    """The virtual time in Unix seconds, and how fast it runs."""
    clock = order.simulator.clock
    return {"now": clock.now(), "speed": clock.speed}


def push_clock(order: Order) -> Said:
    """Advance the virtual time by `advance` seconds, letting people act at their moments; change its `speed`."""
    clock = order.simulator.clock
    seconds, speed = order.get("advance", float, 0.0), order.get("speed", float, clock.speed)
    if seconds < 0 or speed < 0:
        raise BadControl("time does not go back")
    clock.run(speed)
    happened = 0
    end = clock.now() + seconds
    while (at := order.simulator.behaviour.next_at) <= end:
        clock.advance(max(0.0, at - clock.now()))
        happened += order.simulator.behaviour.step()
    clock.advance(max(0.0, end - clock.now()))
    return {"happened": happened, **show_clock(order)}


LEVERS: dict[tuple[str, str], Handler] = {
    ("POST", "company"): found,
    ("POST", "app"): set_app,
    ("POST", "receiver"): set_receiver,
    ("POST", "act"): act,
    ("GET", "faults"): show_faults,
    ("POST", "faults"): add_fault,
    ("DELETE", "faults"): remove_faults,
    ("DELETE", "tokens"): kill_tokens,
    ("GET", "habits"): show_habits,
    ("POST", "habits"): set_habits,
    ("GET", "platform"): show_platform,
    ("POST", "platform"): set_platform,
    ("GET", "clock"): show_clock,
    ("POST", "clock"): push_clock,
}
