"""What customers make of the moments they see, and of what is sent to many."""

from functools import partial

from simulator.actions import customers, moments
from simulator.behaviour.will import Will
from simulator.world.broadcasts import SINGLE, Broadcast, Outcome, Task
from simulator.world.corp import Corp
from simulator.world.moments import Moment, Publication


def react(will: Will, corp: Corp, moment: Moment, part: Publication) -> None:
    """Some of those who see a moment like it, some say something, in their own time."""
    pair = {"userid": part.userid, "moment_id": moment.moment_id}
    for external in part.audience:
        if will.happens(will.habits.likes):
            will.later(partial(moments.like, will.world, corp, external_userid=external, **pair), will.habits.errand)
        if will.happens(will.habits.comments):
            will.later(partial(moments.comment, will.world, corp, external_userid=external, **pair), will.habits.errand)


def answer(will: Will, corp: Corp, broadcast: Broadcast, task: Task) -> None:
    """Some of the customers whom a mass message has reached write back to the member, in their own time."""
    if broadcast.kind != SINGLE or not will.habits.answers:
        return
    for one in task.recipients:
        if one.outcome is Outcome.SENT and will.happens(will.habits.answers):
            pair = {"userid": task.userid, "external_userid": one.id}
            will.later(partial(customers.reply, will.world, corp, **pair), will.habits.errand)
