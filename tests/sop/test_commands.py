import pytest

from sop.commands import Find, Help, Request, Switch, Today, Todo, Unclear, parse


@pytest.mark.parametrize(
    ("content", "request_"),
    [
        ("帮助", Request(Help(), "zh")),
        (" 帮助。", Request(Help(), "zh")),
        ("HELP", Request(Help(), "en")),
        ("ｈｅｌｐ", Request(Help(), "en")),
        ("？", Request(Help(), "")),
        ("今日", Request(Today(), "zh")),
        ("Today!", Request(Today(), "en")),
        ("待办", Request(Todo(), "zh")),
        ("Tasks", Request(Todo(), "en")),
        ("客户 小周", Request(Find("小周"), "zh")),
        ("客户　小周", Request(Find("小周"), "zh")),
        ("客户：小周 女士", Request(Find("小周 女士"), "zh")),
        ("客户小周", Request(Find("小周"), "zh")),
        ("客户", Request(Find(""), "zh")),
        ("Customer  Zhou", Request(Find("Zhou"), "en")),
        ("customers zhou", Request(Find("zhou"), "en")),
        ("customary", Request(Unclear("customary"))),
        ("finder", Request(Unclear("finder"))),
        ("上班", Request(Switch(on=True), "zh")),
        ("下班！", Request(Switch(on=False), "zh")),
        ("On  Duty", Request(Switch(on=True), "en")),
        ("off duty.", Request(Switch(on=False), "en")),
        ("上班了吗", Request(Unclear("上班了吗"))),
        ("今日新增客户", Request(Unclear("今日新增客户"))),
        ("", Request(Unclear(""))),
    ],
)
def test_a_message_is_understood(content, request_):
    assert parse(content) == request_
