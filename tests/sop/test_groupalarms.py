"""What is an alarm about a group, and when it may be one again."""

from datetime import UTC, datetime, timedelta

from sop.groups import alarms as groupalarms
from sop.groups import welcomes as groupwelcomes
from sop.groups.alarms import Thresholds
from sop.groups.welcomes import Draft
from sop.intents import Attachment

START = datetime(2025, 10, 9, 8, tzinfo=UTC)


def test_a_group_is_near_the_seats_of_its_codes_and_near_all_its_seats():
    usual = Thresholds()
    assert groupalarms.near(179, usual) == {}
    assert groupalarms.near(180, usual) == {"near_scan": 200}
    assert groupalarms.near(450, usual) == {"near_scan": 200, "near_full": 500}


def test_the_alarm_rings_again_only_after_the_group_has_become_emptier():
    usual = Thresholds()
    assert groupalarms.relieved(160, usual) == ("near_full",)
    assert groupalarms.relieved(159, usual) == ("near_scan", "near_full")


def test_a_rush_is_counted_to_its_end():
    moments = [START + timedelta(seconds=count) for count in range(6)]
    assert groupalarms.rush(moments, most=6, within=timedelta(seconds=5)) == 6
    assert groupalarms.rush(moments, most=6, within=timedelta(seconds=4)) == 0
    assert groupalarms.rush([], most=1, within=timedelta(seconds=4)) == 0


def test_a_group_welcome_says_something_and_names_people_as_wecom_does():
    def wrong(**about):
        return {one.field for one in groupwelcomes.check(Draft(**{"name": "通用", **about}))}

    assert wrong(text="%NICKNAME% 你好") == set()
    assert wrong() == {"text"}
    assert wrong(text="%nickname%") == wrong(text="{customer}") == {"text"}
    assert wrong(text="字" * 1001) == {"text"}
    assert wrong(attachment=Attachment(kind="link", title="a")) == {"attachment.url"}
