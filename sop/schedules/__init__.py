"""Schedules: when something is to happen once, again and again, or around a date of each customer.

    next_after(Cron(expression="0 7 * * 1", zone="Asia/Shanghai"), moment)
    next_after(Dated(field="birthday", offset=-3, at=time(9), every="year"), moment, zone=zone, day=birthday)

Every schedule is a value, every question about it a pure function; moments are aware, answers in UTC. What is meant by
the clock on the wall is reckoned on the clocks of the day it falls on: a time that the clocks leave out in spring is
the first minute after the gap, one that they show twice in autumn is the first of the two.
"""

from sop.schedules.checks import check, check_zone
from sop.schedules.documents import parse, plain
from sop.schedules.misfires import MISSED, OVERTAKEN, Catchup, Fire, Misfire, catch_up, judge
from sop.schedules.moments import between, next_after, origins, waves
from sop.schedules.sentences import describe
from sop.schedules.values import CUSTOMER, FAR, Cron, Dated, Every, Leap, Once, Origins, Schedule, clocks
from sop.schedules.walls import instant

__all__ = [
    "CUSTOMER",
    "FAR",
    "MISSED",
    "OVERTAKEN",
    "Catchup",
    "Cron",
    "Dated",
    "Every",
    "Fire",
    "Leap",
    "Misfire",
    "Once",
    "Origins",
    "Schedule",
    "between",
    "catch_up",
    "check",
    "check_zone",
    "clocks",
    "describe",
    "instant",
    "judge",
    "next_after",
    "origins",
    "parse",
    "plain",
    "waves",
]
