"""Moments: what may be written, which one at WeCom is ours, when one is looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.flows import document, lint
from sop.intents import Attachment
from sop.moments import LATE, LOST, WATCH, Draft, Seen, ask_again, next_look, reminders, same, search_again, span
from sop.moments.limits import check

THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
PICTURE = Attachment(kind="image", material="12")
LINK = Attachment(kind="link", material="13", url="https://a.cn", title="题")
DRAFT = Draft(name="上新", text="春季上新")


@pytest.mark.parametrize(
    "draft",
    [
        DRAFT,
        Draft(name="a", attachments=(PICTURE,) * 9),
        Draft(name="a", attachments=(LINK,)),
        Draft(name="a", attachments=(Attachment(kind="video", material="1"),)),
        replace(DRAFT, text="字" * 2000),
    ],
)
def test_a_moment_within_the_limits_is_right(draft: Draft):
    assert check(draft) == []


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(DRAFT, name=""), "name"),
        (replace(DRAFT, text=" "), "text"),
        (replace(DRAFT, text="字" * 2001), "text"),
        (replace(DRAFT, attachments=(PICTURE,) * 10), "attachments"),
        (replace(DRAFT, attachments=(PICTURE, LINK)), "attachments"),
        (replace(DRAFT, attachments=(LINK, LINK)), "attachments"),
        (replace(DRAFT, attachments=(Attachment(kind="file", material="1"),)), "attachments.0.kind"),
        (replace(DRAFT, attachments=(replace(LINK, material=""),)), "attachments.0.material"),
        (replace(DRAFT, attachments=(replace(LINK, title="题" * 65),)), "attachments.0.title"),
        (replace(DRAFT, attachments=(replace(LINK, url="a.cn"),)), "attachments.0.url"),
        (replace(DRAFT, attachments=(replace(PICTURE, title="t"),)), "attachments.0.title"),
        (replace(DRAFT, tags=("et",) * 101), "tags"),
        (replace(DRAFT, users=("u",) * 100_001), "users"),
    ],
)
def test_what_is_wrong_is_named_in_both_languages(draft: Draft, field: str):
    [found] = check(draft)
    assert found.field == field
    assert found.message_zh
    assert found.message_en.isascii()


def test_a_moment_is_known_again_by_its_content():
    shown = Draft(name="a", text="春季上新", attachments=(PICTURE, PICTURE), tags=("et1",))
    seen = Seen(moment_id="m", at=THEN, text="春季上新", pictures=2, partial=True)
    assert same(shown, seen)
    for other in (
        replace(seen, text="春季"),
        replace(seen, pictures=1),
        replace(seen, partial=False),
        replace(seen, url="https://a.cn"),
        replace(seen, videos=1),
    ):
        assert not same(shown, other)
    linked = Draft(name="a", attachments=(LINK,))
    assert same(linked, Seen(moment_id="m", at=THEN, url="https://a.cn"))
    assert not same(linked, Seen(moment_id="m", at=THEN, url="https://b.cn"))


def test_it_is_looked_at_often_then_hourly_then_daily_for_a_week():
    now, looks = THEN, []
    while (again := next_look(THEN, now)) is not None:
        assert again > now
        looks.append(again - THEN)
        now = again
    minutes = [look // timedelta(minutes=1) for look in looks]
    assert minutes[:6] == [5, 15, 30, 60, 120, 180]
    assert len(looks) == 4 + 23 + 6
    assert looks[-1] == WATCH


@given(st.timedeltas(timedelta(0), timedelta(days=30)))
def test_whenever_one_looks_the_next_look_is_later_and_never_after_the_week(age: timedelta):
    again = next_look(THEN, THEN + age)
    assert again is None if age >= WATCH else THEN + age < again <= THEN + WATCH


@given(st.timedeltas(timedelta(0), timedelta(days=2)))
def test_what_is_unknown_is_looked_for_until_wecom_would_show_it(age: timedelta):
    again = search_again(THEN, THEN + age)
    assert again is None if age >= LOST else THEN + age < again <= THEN + LOST


@given(st.timedeltas(timedelta(0), timedelta(days=40)))
def test_the_time_in_which_it_is_looked_for_holds_the_call_and_fits_into_one_list(age: timedelta):
    start, end = span(THEN, THEN + age)
    assert start < THEN < end
    assert end - start < timedelta(days=30)
    assert end >= min(THEN + age, THEN + LATE)


def test_a_job_is_asked_for_at_once_and_then_ever_more_seldom():
    assert ask_again(THEN, THEN) - THEN == timedelta(seconds=5)
    assert ask_again(THEN, THEN + timedelta(minutes=10)) - THEN == timedelta(minutes=15)
    assert ask_again(THEN, THEN + timedelta(hours=10)) - THEN == timedelta(hours=10, minutes=30)


def test_members_are_reminded_after_four_hours_and_after_a_day():
    hours = [reminders(THEN, THEN + timedelta(hours=hour)) for hour in (0, 3, 4, 23, 24, 100)]
    assert hours == [0, 0, 1, 1, 2, 2]


def test_a_flow_names_what_is_wrong_with_its_moment():
    post = {"kind": "moment", "attachments": [{"kind": "link", "url": "https://a.cn", "material": "1"}] * 2}
    whole = {"name": "a flow", "entries": [{"kind": "event", "event": "added"}], "start": "p", "nodes": {"p": post}}
    found = {(one.node, one.violation.field) for one in lint.check(document.parse(whole))}
    assert ("p", "nodes.p.attachments") in found
    assert not any(field == "nodes.p.text" for _, field in found)
