"""What customers make of the moments they see."""

from functools import partial

from simulator.actions import moments
from simulator.behaviour.will import Will
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
