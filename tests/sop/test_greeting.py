"""The narrowest scope greets, in the words of the first open slot, within WeCom's limits."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop import greeting
from sop.greeting import Draft, Occasion, Rule, Scene, Slot
from sop.intents import Attachment, SendWelcome
from sop.reasons import NO_RULE, NOTHING_LEFT, Skip
from sop.texts import VARIABLES

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon of a Friday in Shanghai
PICTURE = Attachment(kind="image", material="7")
LINK = Attachment(kind="link", title="新人礼", url="https://example.com/g")
NAMES = {"customer": "林女士", "staff": "陈宇", "channel": "门店", "date": "2026-11-20"}
OCCASION = Occasion(code="wlc", user_id="chen.yu", external_user_id="wm1", names=NAMES)
SCOPES = [("channel", "5"), ("staff", "chen.yu"), ("department", "3"), ("department", "2"), ("corp", "")]


def rule(number: int, kind="corp", scope="", **more) -> Rule:
    return Rule(
        **{
            "id": number,
            "version": 1,
            "name": "r",
            "text": f"text {number}",
            "scope_kind": kind,
            "scope_id": scope,
            **more,
        }
    )


def scene(*rules: Rule, channel_id: int | None = 5) -> Scene:
    return Scene(user_id="chen.yu", departments=(3, 2, 1), channel_id=channel_id, rules=rules)


@given(st.permutations(range(5)), st.integers(0, 4))
def test_the_narrowest_scope_wins_in_whatever_order_rules_were_written(ids, widest):
    rules = [rule(number, *scope) for number, scope in zip(ids, SCOPES, strict=True)]
    assert greeting.choose(scene(*rules[widest:]), AT).rule == rules[widest]


def test_rules_of_others_do_not_greet():
    others = [rule(1, "channel", "6"), rule(2, "staff", "lin.qiao"), rule(3, "department", "9")]
    assert greeting.choose(scene(*others), AT) == Skip(NO_RULE)
    assert greeting.choose(scene(rule(4, "channel", "5"), channel_id=None), AT) == Skip(NO_RULE)


def test_the_newest_enabled_rule_of_a_scope_wins():
    rules = [rule(1), rule(3), rule(4, enabled=False), rule(2)]
    assert greeting.choose(scene(*rules), AT).rule.id == 3


def test_the_first_open_slot_speaks_else_the_rule_itself():
    slots = (
        Slot(start=time(0), end=time(6), text="night"),
        Slot(start=time(9), end=time(18), text="day"),
        Slot(weekdays=(5,), text="friday", attachments=(LINK,)),
    )
    chosen = [
        greeting.choose(scene(rule(1, slots=slots)), AT.replace(day=day, hour=hour))
        for day, hour in [(20, 4), (20, 12), (19, 12)]
    ]
    assert [(choice.slot, choice.text) for choice in chosen] == [(1, "day"), (2, "friday"), (None, "text 1")]
    assert chosen[1].attachments == (LINK,)


def test_names_are_cleaned_and_a_nameless_customer_is_still_addressed():
    here = Scene(user_id="chen.yu", staff="陈\n宇", channel="门店", customer="从前的名字")
    assert greeting.names(here, AT, customer=" 林\ud83d ") == {
        "customer": "林", "staff": "陈 宇", "channel": "门店", "date": "2026-11-20",
    }  # fmt: skip
    assert greeting.names(here, AT, customer="")["customer"] == "从前的名字"
    assert greeting.names(Scene(user_id="x"), AT, customer="\n")["customer"] == greeting.SOMEBODY


def test_the_date_is_that_of_the_corps_clocks():
    assert greeting.names(Scene(user_id="x"), AT.replace(hour=17), customer="")["date"] == "2026-11-21"


def test_media_are_filled_in_and_what_has_none_is_left_out():
    choice = greeting.choose(scene(rule(1, text="{customer}您好", attachments=(PICTURE, LINK))), AT)
    assert choice.materials == (7,)
    both = greeting.compose(choice, OCCASION, media={"7": "MEDIA"})
    assert isinstance(both, SendWelcome)
    assert both.text == "林女士您好"
    assert [(each.kind, each.media_id) for each in both.attachments] == [("image", "MEDIA"), ("link", "")]
    assert greeting.compose(choice, OCCASION, media={}).attachments == (LINK,)
    assert greeting.missing(choice, {}) == ("7",)


def test_nothing_is_sent_where_nothing_is_left():
    choice = greeting.choose(scene(rule(1, text="", attachments=(PICTURE,))), AT)
    assert greeting.compose(choice, OCCASION, media={}) == Skip(NOTHING_LEFT)


pieces = st.sampled_from([*("{" + name + "}" for name in VARIABLES), "您好", "🎉", "é", "x", "\n"])
texts = st.lists(pieces, max_size=40).map("".join)
values = st.fixed_dictionaries({name: st.text(st.characters(codec=None), max_size=60) for name in VARIABLES})


@given(texts, values, st.integers(0, 400))
def test_a_rendered_text_never_exceeds_the_limit_nor_breaks_a_character(text, given_values, most):
    assert len(greeting.render(text, given_values, most=most).encode("utf-8")) <= most


@given(texts, values)
def test_what_fits_is_rendered_whole(text, given_values):
    expected = text
    for name in VARIABLES:
        expected = expected.replace("{" + name + "}", f"\0{name}\0")
    for name, value in given_values.items():
        expected = expected.replace(f"\0{name}\0", value.encode(errors="ignore").decode())
    assert greeting.render(text, given_values, most=100_000) == expected


@given(st.integers(1, 5), st.integers(1, 300))
def test_the_name_is_shortened_before_anything_else_is(times, length):
    text = "{customer}！" * times + "再见"
    rendered = greeting.render(text, {"customer": "林" * length}, most=200)
    assert rendered.endswith("！再见")
    assert rendered.count("！") == times


@given(texts.filter(str.strip))
def test_what_passes_the_check_needs_no_cutting_whoever_comes(text):
    draft = Draft(name="r", scope_kind="corp", text=text * 10)
    longest = {name: "x" * room for name, room in VARIABLES.items()}
    if not greeting.check(draft):
        assert greeting.render(draft.text, longest) == greeting.render(draft.text, longest, most=10**9)


def test_everything_wrong_with_a_rule_is_told_at_once():
    draft = Draft(
        name="",
        scope_kind="staff",
        text="字" * 1334 + "{nickname}",
        attachments=(LINK,) * 10,
        slots=(Slot(weekdays=(8,)), Slot(text="ok", attachments=(Attachment(kind="link", title="字" * 43, url="x"),))),
    )
    fields = [violation.field for violation in greeting.check(draft)]
    assert fields == [
        "name",
        "scope.id",
        "text",
        "text",
        "attachments",
        "slots.0.weekdays",
        "slots.0.text",
        "slots.1.attachments.0.title",
        "slots.1.attachments.0.url",
    ]


@pytest.mark.parametrize(
    ("attachment", "fields"),
    [
        (PICTURE, []),
        (LINK, []),
        (Attachment(kind="miniprogram", material="7", title="商城", app_id="wx1", page="pages/index"), []),
        (Attachment(kind="miniprogram", title="字" * 22), ["title", "material", "app_id", "page"]),
        (Attachment(kind="file"), ["material"]),
        (Attachment(kind="video", material="seven"), ["material"]),
        (Attachment(kind="image", material="7", title="x"), ["title"]),
        (
            Attachment(kind="link", title="t", url="https://e.com/" + "x" * 2048, description="字" * 171),
            ["url", "description"],
        ),
    ],
)
def test_an_attachment_has_what_its_kind_needs_within_limits(attachment, fields):
    found = greeting.check(Draft(name="r", scope_kind="corp", attachments=(attachment,)))
    assert [violation.field for violation in found] == [f"attachments.0.{field}" for field in fields]


def test_4000_bytes_are_allowed_and_one_more_is_not():
    fits = Draft(name="r", scope_kind="corp", text="x" * 4000)
    assert greeting.check(fits) == []
    assert greeting.check(Draft(name="r", scope_kind="corp", text="x" * 4001))
    assert greeting.check(Draft(name="r", scope_kind="corp", text="x" * 3991 + "{date}")), "the date takes 10 bytes"
