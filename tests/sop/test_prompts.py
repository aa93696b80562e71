import string
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sop import prompts, sources
from sop.phrases import PHRASES, say
from sop.prompts import Visit, Voice

START = datetime(2025, 10, 9, 18, tzinfo=UTC)
ZH, EN = Voice(zone=ZoneInfo("Asia/Shanghai")), Voice(language="en", zone=ZoneInfo("UTC"))


def card(visit: Visit, voice: Voice = ZH):
    return prompts.compose(visit, voice, users=("chen",), url="http://siyu/c", cause="added:1")


def facts(visit: Visit, voice: Voice = ZH) -> dict[str, str]:
    return {fact.name: fact.value for fact in card(visit, voice).facts}


def test_a_card_tells_who_came_and_from_where():
    visit = Visit(customer="小周", channel="上海门店", add_way=1, tags=("VIP", "新客"), at=START)
    assert card(visit).title == "新客户：小周"
    assert facts(visit) == {"客户": "小周", "来源": "上海门店", "时间": "2025-10-10 02:00", "标签": "VIP、新客"}


def test_without_a_channel_the_way_of_adding_is_the_source():
    assert facts(Visit(customer="小周", add_way=4, at=START))["来源"] == "群聊"
    assert facts(Visit(customer="Zhou", add_way=4, at=START), EN)["From"] == "Group chat"
    assert facts(Visit(customer="小周", add_way=999, at=START))["来源"] == "未知"


def test_a_customer_who_returns_is_not_new():
    assert card(Visit(customer="小周", returning=True, at=START)).title == "客户回来了：小周"


def test_a_card_about_somebody_unknown_still_goes_out():
    assert card(Visit(customer=" \n", at=START)).title == "新客户：未知客户"
    assert "标签" not in facts(Visit(at=START))


def test_every_phrase_has_the_same_places_in_both_languages():
    for name, phrase in PHRASES.items():
        places = [{place for _, place, _, _ in string.Formatter().parse(text)} for text in phrase]
        assert places[0] == places[1], name
        assert all(phrase), name
    assert all(all(way) for way in sources.WAYS.values())


def test_a_language_nobody_translated_is_chinese():
    assert say("customer", "fr") == "客户"
    assert say("customer", "en") == "Name"
