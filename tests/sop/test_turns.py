"""What a code shows at a moment, and when to look again."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sop.channels import Draft
from sop.channels.assignment import AHEAD, GONE, LAST, OFF_DUTY, OFF_ROTA, Terms
from sop.channels.duty import Presence, Shift
from sop.channels.turns import Adds, Balance, Scene, Turn, View, begin_day, turn
from sop.slots import SHANGHAI, Window
from sop.staff import Member

NOON = datetime(2026, 9, 25, 12, tzinfo=SHANGHAI).astimezone(UTC)  # a Friday
DRAFT = Draft(name="门店" * 15, staff=("a", "b"))


def scene(at: datetime = NOON, **more) -> Scene:
    values = {"members": {}, "presences": {}, "adds": {}, "balance": Balance(since=NOON), **more}
    return Scene(at=at, zone=SHANGHAI, **values)


def look(draft: Draft = DRAFT, **more) -> Turn:
    return turn(draft, scene(**more))


def test_as_long_as_nobody_is_left_out_the_code_is_as_it_was_written():
    draft = replace(DRAFT, departments=(3, 4))
    made = look(draft, below=("c", "d"))
    assert made.view == View(users=("a", "b"), departments=(3, 4), remark=("门店" * 15)[:30])
    assert made.next_at is None
    off = {"d": Presence(user_id="d", on=False)}
    assert look(draft, below=("c", "d"), presences=off).view.users == ("a", "b", "c")
    assert look(draft, below=("c", "d"), presences=off).view.departments == ()


def test_departments_of_which_we_know_nobody_are_shown_as_they_are():
    assert look(Draft(name="x", departments=(9,), backup=("z",))).view.departments == (9,)


def test_who_has_left_or_gone_off_duty_or_is_not_on_the_rota_is_left_out():
    draft = Draft(name="x", staff=("a", "b", "c", "d"), rota=(Shift(end=time(18), staff=("a", "b", "d")),))
    made = look(
        draft,
        members={"a": Member(user_id="a", active=False), "d": Member(user_id="d", contactable=True)},
        presences={"b": Presence(user_id="b", on=False)},
    )
    assert made.assignment.reasons == {"a": GONE, "b": OFF_DUTY, "c": OFF_ROTA, "d": "on_duty"}
    assert made.view.users == ("d",)


def test_a_backup_stands_under_no_rota():
    draft = Draft(name="x", staff=("a",), backup=("z",), rota=(Shift(start=time(13), end=time(18)),))
    assert look(draft).view.users == ("z",)
    assert look(draft).next_at == NOON + timedelta(hours=1)


def test_automatic_acceptance_is_a_matter_of_the_hour():
    draft = replace(DRAFT, accept=(Window(start=time(9), end=time(13)),))
    assert look(draft).view.skip_verify
    assert look(draft).next_at == NOON + timedelta(hours=1)
    assert not look(draft, at=NOON + timedelta(hours=1)).view.skip_verify
    assert not look(replace(draft, skip_verify=False)).view.skip_verify


def test_the_next_look_is_at_the_nearest_of_edges_midnight_leave_and_expiry():
    draft = replace(DRAFT, member_cap=5)
    assert look(draft).next_at is None, "without adds midnight changes nothing"
    assert look(draft, adds={"a": Adds(today=1)}).next_at == begin_day(NOON, SHANGHAI, days=1)
    leave = {"a": Presence(user_id="a", on=False, until=NOON + timedelta(hours=2))}
    assert look(draft, adds={"a": Adds(today=1)}, presences=leave).next_at == NOON + timedelta(hours=2)
    assert look(replace(DRAFT, expires_at=NOON + timedelta(days=30))).next_at == NOON + timedelta(days=30)
    dated = replace(DRAFT, rota=(Shift(), Shift(since=date(2026, 9, 27), closed=True)))
    assert look(dated).next_at == begin_day(NOON, SHANGHAI, days=2)


def test_the_balance_begins_anew_when_others_can_be_reached():
    draft = replace(DRAFT, strategy="even")
    adds = {"a": Adds(today=9, lately=9), "b": Adds(today=0, lately=0)}
    both = Balance(crew=frozenset({"a", "b"}), since=NOON - timedelta(hours=1))
    made = look(draft, adds=adds, balance=both, shown=View(users=("a", "b")))
    assert (made.view.users, made.assignment.reasons["a"], made.balance) == (("b",), AHEAD, both)
    alone = Balance(crew=frozenset({"a"}), since=NOON - timedelta(hours=1))
    made = look(draft, adds=adds, balance=alone, shown=View(users=("a",)))
    assert (made.view.users, made.balance) == (("a", "b"), Balance(crew=frozenset({"a", "b"}), since=NOON))


def test_the_caps_of_the_roster_come_before_the_cap_for_everyone():
    draft = replace(DRAFT, member_cap=2, roster=(Terms(user_id="a", cap=5),))
    adds = {"a": Adds(today=4), "b": Adds(today=2)}
    assert look(draft, adds=adds).view.users == ("a",)


def test_the_adds_of_those_who_are_no_longer_there_count_into_the_cap_of_the_code():
    draft = replace(DRAFT, cap=3, backup=("z",))
    assert look(draft, adds={"gone": Adds(today=2), "a": Adds(today=1)}).view.users == ("z",)


def test_what_departments_show_counts_as_shown():
    draft = Draft(name="x", staff=("a",), departments=(3,), rota=(Shift(start=time(13), end=time(18)),))
    made = look(draft, below=("c", "d"), shown=View(users=("a",), departments=(3,)))
    assert (made.view.users, made.view.departments) == (("a",), (3,))
    assert made.assignment.reasons == {"a": LAST, "c": LAST, "d": LAST}


def test_the_balance_begins_with_a_second_because_adds_are_told_by_the_second():
    made = look(replace(DRAFT, strategy="even"), at=NOON + timedelta(milliseconds=700))
    assert made.balance.since == NOON


presences = st.dictionaries(
    st.sampled_from("abcz"),
    st.booleans().map(lambda on: Presence(user_id="?", on=on)),
)
adds = st.dictionaries(st.sampled_from("abcz"), st.integers(0, 5).map(lambda count: Adds(today=count, lately=count)))
drafts = st.builds(
    Draft,
    name=st.just("x"),
    staff=st.sampled_from([("a",), ("a", "b"), ("a", "b", "c")]),
    strategy=st.sampled_from(["any", "even", "weighted", "capacity"]),
    cap=st.integers(0, 6),
    member_cap=st.integers(0, 4),
    backup=st.sampled_from([(), ("z",)]),
)


@given(drafts, presences, adds)
def test_a_code_shows_somebody_and_nobody_beyond_a_cap_while_another_is_free(draft, said, had):
    made = turn(draft, scene(presences=said, adds=had))
    shown = [one for one in made.candidates if one.user_id in made.view.users]
    assert shown
    full = 0 < draft.cap <= sum(each.today for each in had.values())
    free = [one for one in made.candidates if one.open and (one.backup or not full)]
    if free:
        assert all(one.open for one in shown)


@given(drafts, presences, adds)
def test_looking_again_changes_nothing(draft, said, had):
    once = turn(draft, scene(presences=said, adds=had))
    again = turn(draft, scene(presences=said, adds=had, shown=once.view, balance=once.balance))
    third = turn(draft, scene(presences=said, adds=had, shown=again.view, balance=again.balance))
    assert third.view == again.view
