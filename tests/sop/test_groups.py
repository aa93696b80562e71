"""Who came and went, whatever callbacks say in whatever order; and where two ledgers differ."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop import groups
from sop.groups import LAG, Changes, Departure, Difference, Group, Stay, Turn

START = datetime(2025, 10, 9, 8, tzinfo=UTC)


def after(seconds):
    return START + timedelta(seconds=seconds)


def stay(member_id, at=0, **about):
    return Stay(member_id=member_id, kind="customer", joined_at=after(at), **about)


def left(member_id, at, scene="left", **versions):
    return Turn(what="left", at=after(at), scene=scene, members=(member_id,), **versions)


def test_what_callbacks_say_is_no_reason_to_believe_that_somebody_left():
    assert groups.settle([stay("wm1")], [stay("wm1")], [left("wm1", 5)], at=after(9)) == Changes()


def test_how_and_when_somebody_left_is_told_by_the_callback():
    changes = groups.settle([stay("wm1"), stay("wm2")], [], [left("wm1", 5, "removed")], at=after(9))
    assert changes.went == (
        Departure(stay=stay("wm1"), at=after(5), parting="removed"),
        Departure(stay=stay("wm2"), at=after(9), parting="unknown"),
    )


def test_who_comes_again_has_another_stay():
    changes = groups.settle([stay("wm1", 0)], [stay("wm1", 50)], [left("wm1", 20)], at=after(60))
    assert changes.came == (stay("wm1", 50),)
    assert changes.went == (Departure(stay=stay("wm1", 0), at=after(20), parting="left"),)
    assert groups.apply([stay("wm1", 0)], changes) == (stay("wm1", 50),)


def test_a_leaving_before_the_stay_began_is_another_one():
    changes = groups.settle([stay("wm1", 50)], [], [left("wm1", 20, "removed")], at=after(60))
    assert changes.went[0].parting == "unknown"


def test_the_last_callback_says_how_somebody_left():
    turns = [left("wm1", 5), left("wm1", 30, "removed"), left("wm1", 20)]
    (gone,) = groups.settle([stay("wm1")], [], turns, at=after(60)).went
    assert (gone.at, gone.parting) == (after(30), "removed")


def test_a_new_name_is_told():
    changes = groups.settle([stay("wm1", name="小周")], [stay("wm1", name="周周")], [], at=START)
    assert changes == Changes(told=(stay("wm1", name="周周"),))


@pytest.mark.parametrize(
    ("version", "chain", "old"),
    [
        ("v1", [("v1", "v2")], True),
        ("v2", [("v1", "v2")], False),
        ("v2", [("v2", "v3"), ("v1", "v2")], True),
        ("v3", [("v2", "v3"), ("v1", "v2")], False),
        ("v9", [("v1", "v2")], False),
        ("v1", [("v1", "v2"), ("v2", "v1")], False),
        ("v1", [("", "")], False),
        ("", [], False),
    ],
)
def test_a_list_is_old_when_callbacks_have_told_what_follows_it(version, chain, old):
    turns = [Turn(what="joined", at=START, last=last, version=next_) for last, next_ in chain]
    assert groups.is_old(version, turns) is old


def test_a_version_that_we_hold_need_not_be_asked_for():
    assert groups.is_known("v2", Turn(what="joined", at=START, last="v1", version="v2"))
    assert not groups.is_known("", Turn(what="changed", at=START))


def test_two_ledgers_are_compared():
    ours = Group(chat_id="wr1", name="甲", owner="chen", created_at=START, stays=(stay("wm1"), stay("wm2")))
    theirs = replace(ours, name="乙", stays=(stay("wm2"), stay("wm3")))
    assert groups.compare(ours, ours) == groups.compare(None, None) == ()
    assert groups.compare(ours, theirs) == (
        Difference(kind="different", chat_id="wr1", what="name", ours="甲", theirs="乙"),
        Difference(kind="missing_here", chat_id="wr1", what="member:wm3"),
        Difference(kind="missing_there", chat_id="wr1", what="member:wm1"),
    )
    assert groups.compare(None, theirs) == (Difference(kind="missing_here", chat_id="wr1"),)
    assert groups.compare(ours, None) == (Difference(kind="missing_there", chat_id="wr1"),)


class Platform:
    """A group whose changes the API shows two seconds late."""

    def __init__(self, deeds):
        self.past, self.turns = [(0.0, "v0", {})], []
        now = 10.0
        for gap, member, coming in deeds:
            now += gap
            _, last, members = self.past[-1]
            if coming == (member in members):
                continue
            version = f"v{len(self.past)}"
            changed = {**members, member: stay(member, int(now))} if coming else dict(members)
            if not coming:
                del changed[member]
            self.past.append((now, version, changed))
            what = "joined" if coming else "left"
            turn = Turn(what=what, at=after(int(now)), members=(member,), scene="left", last=last, version=version)
            self.turns.append((now, turn))

    def show(self, now):
        return next((version, members) for at, version, members in reversed(self.past) if at <= now - 2)


DEEDS = st.lists(
    st.tuples(st.floats(0, 3), st.sampled_from(["wm1", "wm2", "wm3"]), st.booleans()), min_size=1, max_size=12
)


@given(deeds=DEEDS, chance=st.randoms(use_true_random=False))
def test_callbacks_in_any_order_and_number_end_in_what_the_platform_shows(deeds, chance):
    platform = Platform(deeds)
    told = [(at + chance.uniform(0, 20), turn) for at, turn in platform.turns for _ in range(chance.randint(1, 3))]
    last = max(platform.turns, default=None, key=lambda one: one[0])
    told = [one for one in told if one[1] is (last and last[1]) or chance.random() < 0.7]  # the others may be lost
    held, version, pending = (), "v0", []
    for now, turn in sorted(told, key=lambda one: one[0]):
        if groups.is_known(version, turn):
            continue
        pending.append(turn)
        look = max(now, (turn.at + LAG - START).total_seconds())
        for pause in (0, *groups.PAUSES):
            look += pause
            shown, members = platform.show(look)
            if not groups.is_old(shown, pending):
                break
        changes = groups.settle(held, members.values(), pending, at=after(look))
        held, version = groups.apply(held, changes), shown
        assert {one.member_id for one in held} == set(members)
    _, _, end = platform.past[-1]
    assert {one.member_id: one for one in held} == end
