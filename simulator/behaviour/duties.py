"""What members do besides: cards, mass messages, going on and off duty, leaving the corp."""

from collections.abc import Callable
from functools import partial

from simulator.actions import broadcasts, moments, staff
from simulator.actions.errors import Impossible
from simulator.behaviour.will import Will
from simulator.world.corp import Corp
from simulator.world.errands import Errand, Kind
from simulator.world.inbox import Message

FEWEST = 20  # members who stay with the corp
FIRST = 0.7  # how often the first button it is
OFF, ON = "下班", "上班"


def rest(will: Will) -> None:
    """Somebody whom a code shows tells the bot that they are off duty, and after a rest that they are back."""
    corp = will.corp(lambda corp: corp.ways)
    userid = will.pick(corp.expand(will.pick(list(corp.ways.values())))).userid
    will.write(corp, userid, OFF)
    will.later(lambda: will.write(corp, userid, ON), will.habits.rest)


def resign(will: Will) -> None:
    """Somebody who leads nobody leaves, as long as enough remain."""
    corp = will.corp()
    serving = [member for member in corp.directory if member.serves]
    if len(serving) <= FEWEST:
        raise Impossible("the others stay")
    staff.resign(will.world, corp, userid=will.pick([one for one in serving if not one.leads]).userid)


def click(will: Will, corp: Corp, userid: str) -> None:
    """Press one of the buttons of the newest card that has any: most of the time the first."""
    for message in reversed(list(corp.mail.of(userid))):
        keys = _button_keys(message, userid)
        if keys and not message.recalled:
            app = corp.apps[message.agent_id].name
            key = keys[0] if will.happens(FIRST) else will.pick(keys)
            staff.click(will.world, corp, userid=userid, app=app, task_id=message.task_id, key=key)
            return


def confirm(will: Will, corp: Corp, userid: str) -> None:
    """Confirm what mass messages wait for it."""
    for broadcast in list(corp.broadcasts.by_id.values()):
        task = broadcast.tasks.get(userid)
        if task is not None and not task.confirmed_at and not broadcast.cancelled:
            broadcasts.confirm(will.world, corp, userid=userid, msgid=broadcast.msgid)


def undertake(will: Will, corp: Corp, errand: Errand) -> None:
    """A member who is asked to confirm something does so in their own time, or leaves it."""
    act: Callable[[], object]
    match errand.kind:
        case Kind.BROADCAST:
            chance = will.habits.sends
            act = partial(broadcasts.confirm, will.world, corp, userid=errand.userid, msgid=errand.id)
        case Kind.MOMENT:
            chance = will.habits.publishes
            act = partial(moments.publish, will.world, corp, userid=errand.userid, moment_id=errand.id)
    if will.happens(chance):
        will.later(act, will.habits.errand)


def _button_keys(message: Message, userid: str) -> list[str]:
    """The keys of the buttons that can still be pressed, in their order."""
    buttons, live = message.content.get("button_list"), message.keys(userid)
    return [one["key"] for one in buttons if one.get("key") in live] if isinstance(buttons, list) else []
