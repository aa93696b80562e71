"""Whom a code shows: on duty, not capped, in proportion, with as few changes as possible."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sop.channels import assignment
from sop.channels.assignment import (
    AHEAD,
    BACKUP,
    CAPPED,
    CODE_CAPPED,
    GONE,
    LAST,
    OFF_DUTY,
    ON_DUTY,
    SPARE,
    Candidate,
    Rules,
    Terms,
    assign,
    check,
    shares,
)


def crew(**adds: int) -> list[Candidate]:
    return [Candidate(user_id=name, today=count, lately=count) for name, count in adds.items()]


def test_everyone_on_duty_is_shown():
    made = assign(crew(a=0, b=7), Rules())
    assert (made.users, made.mode, made.reasons) == (("a", "b"), "staff", {"a": ON_DUTY, "b": ON_DUTY})


def test_who_is_off_duty_or_capped_is_not_shown_and_the_reason_is_told():
    a, b, c = crew(a=0, b=3, c=1)
    made = assign([replace(a, hindrance=OFF_DUTY), replace(b, cap=3), replace(c, cap=3)], Rules())
    assert made.users == ("c",)
    assert made.reasons == {"a": OFF_DUTY, "b": CAPPED, "c": ON_DUTY}


def test_backups_stand_in_when_all_are_capped_or_the_code_is():
    a, b = crew(a=3, b=0)
    spare = replace(b, backup=True)
    assert assign([replace(a, cap=4), spare], Rules()).reasons == {"a": ON_DUTY, "b": SPARE}
    made = assign([replace(a, cap=3), spare], Rules())
    assert (made.users, made.mode, made.reasons) == (("b",), "backup", {"a": CAPPED, "b": BACKUP})
    made = assign([a, spare], Rules(cap=3, taken=3))
    assert (made.users, made.reasons["a"]) == (("b",), CODE_CAPPED)


def test_without_a_backup_the_last_who_were_shown_stay():
    a, b, c = (replace(one, hindrance=OFF_DUTY) for one in crew(a=0, b=0, c=0))
    made = assign([a, b, c], Rules(), shown=frozenset({"b"}))
    assert (made.users, made.mode, made.reasons["b"]) == (("b",), "last", LAST)
    assert assign([a, replace(b, hindrance=GONE)], Rules(), shown=frozenset({"b"})).users == ("a",)
    capped = replace(b, cap=1, today=1, hindrance="")
    assert assign([a, capped], Rules(), shown=frozenset({"a", "b"})).users == ("a",), "rather off duty than capped"
    assert assign([replace(a, hindrance=GONE)], Rules()).users == ("a",), "a code cannot have nobody"


def test_at_most_a_hundred_are_shown():
    made = assign([Candidate(user_id=f"u{number}") for number in range(130)], Rules())
    assert len(made.users) == 100
    assert made.reasons["u129"] == assignment.CROWDED


def test_who_is_ahead_is_hidden_and_comes_back_when_level():
    even = Rules(strategy="even")
    everyone = frozenset({"a", "b"})
    assert assign(crew(a=4, b=0), even, shown=everyone).users == ("a", "b"), "two more than the share is tolerated"
    made = assign(crew(a=5, b=0), even, shown=everyone)
    assert (made.users, made.reasons["a"]) == (("b",), AHEAD)
    assert assign(crew(a=5, b=4), even, shown=frozenset({"b"})).users == ("b",), "still ahead"
    assert assign(crew(a=5, b=5), even, shown=frozenset({"b"})).users == ("a", "b")


def test_shares_follow_weights_or_what_is_left_of_the_caps():
    a, b = crew(a=0, b=0)
    assert shares([replace(a, weight=3), b], "weighted") == {"a": 0.75, "b": 0.25}
    assert shares([replace(a, weight=3), b], "even") == {"a": 0.5, "b": 0.5}
    left = [replace(a, cap=40, today=10, lately=0), replace(b, cap=20, today=15, lately=5)]
    assert shares(left, "capacity") == {"a": 0.75, "b": 0.25}


def simulate(members: list[Candidate], rules: Rules, scans: int) -> tuple[list[Candidate], int]:
    """WeCom takes turns among those who are shown; how many each had, and how often the code was updated."""
    shown: tuple[str, ...] = tuple(one.user_id for one in members)
    updates = 0
    for number in range(scans):
        taker = shown[number % len(shown)]
        members = [
            replace(one, today=one.today + 1, lately=one.lately + 1) if one.user_id == taker else one for one in members
        ]
        made = assign(members, replace(rules, taken=number + 1), shown=frozenset(shown))
        updates += made.users != shown
        shown = made.users
    return members, updates


def test_weights_are_kept_with_few_updates():
    members = [replace(one, weight=weight) for one, weight in zip(crew(a=0, b=0), (3, 1), strict=True)]
    after, updates = simulate(members, Rules(strategy="weighted"), 400)
    assert abs(after[0].today - 300) <= 12
    assert updates <= 60
    _, none = simulate(crew(a=0, b=0, c=0), Rules(strategy="even"), 400)
    assert none == 0, "where WeCom takes turns nothing is to be changed"


def test_by_capacity_all_are_full_together():
    members = [replace(one, cap=cap) for one, cap in zip(crew(a=0, b=0), (60, 20), strict=True)]
    after, _ = simulate(members, Rules(strategy="capacity"), 80)
    assert [one.today for one in after] == [60, 20]


candidates = st.lists(
    st.builds(
        Candidate,
        user_id=st.uuids().map(str),
        weight=st.integers(1, 5),
        cap=st.integers(0, 6),
        today=st.integers(0, 8),
        lately=st.integers(0, 8),
        hindrance=st.sampled_from(["", "", OFF_DUTY, GONE]),
        backup=st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one.user_id,
)
rules = st.builds(
    Rules,
    strategy=st.sampled_from(["any", "even", "weighted", "capacity"]),
    cap=st.integers(0, 10),
    taken=st.integers(0, 12),
)


@given(candidates, rules, st.data())
def test_nobody_capped_is_chosen_while_another_can_be_reached_and_somebody_always_is(people, how, data):
    shown = frozenset(one.user_id for one in people if data.draw(st.booleans()))
    made = assign(people, how, shown=shown)
    assert made.users
    assert set(made.reasons) == {one.user_id for one in people}
    chosen = [one for one in people if one.user_id in made.users]
    regulars = [one for one in people if one.open and not one.backup and not how.full]
    spare = [one for one in people if one.open and one.backup]
    if regulars or spare:
        assert all(one.open for one in chosen)
        assert all(one.backup != bool(regulars) for one in chosen)
    assert assign(people, how, shown=frozenset(made.users)).mode == made.mode


@given(candidates, st.integers(0, 6), st.sampled_from(["any", "even", "weighted", "capacity"]), st.data())
def test_no_cap_is_exceeded_while_somebody_else_could_take_the_customer(people, cap, strategy, data):
    """Whomever WeCom picks among those who are shown, as long as it has our update before the next scan."""
    people = [replace(one, today=0, lately=0) for one in people]
    shown: frozenset[str] = frozenset()
    for taken in range(data.draw(st.integers(1, 12))):
        made = assign(people, Rules(strategy=strategy, cap=cap, taken=taken), shown=shown)
        picked = data.draw(st.sampled_from(made.users))
        people = [
            replace(one, today=one.today + 1, lately=one.lately + 1) if one.user_id == picked else one for one in people
        ]
        shown = frozenset(made.users)
        if made.mode != "last":
            (taker,) = [one for one in people if one.user_id == picked]
            assert not taker.cap or taker.today <= taker.cap
            assert made.mode == "backup" or not cap or taken < cap


@given(candidates, rules)
def test_what_was_just_decided_stays(people, how):
    """Nothing has happened meanwhile, so nothing is to be told to WeCom."""
    once = assign(people, how, shown=frozenset(one.user_id for one in people))
    assert assign(people, how, shown=frozenset(once.users)).users == once.users


def test_what_is_wrong_with_terms_is_told():
    assert [each.field for each in check([Terms(user_id="a")] * 2, strategy="capacity", member_cap=0)] == [
        "roster", "member_cap",
    ]  # fmt: skip
    assert check([Terms(user_id="a")], strategy="capacity", member_cap=5) == []
