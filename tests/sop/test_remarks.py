import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.remarks import clusters, cut, render, width

names = st.text(st.sampled_from("小周abc 👨‍👩‍👧👍🏽🇨🇳é\u0301\ufe0f\n—"), max_size=30)


@pytest.mark.parametrize(
    ("template", "channel", "customer", "remark"),
    [
        ("{channel}-{customer}", "上海门店", "小周", "上海门店-小周"),
        ("{channel}-{nickname}", "上海门店", "小周", "上海门店-小周"),
        ("{channel}-{customer}", "上海市黄浦区南京东路第一百货商店", "小周", "上海市黄浦区南京东路第一百货商店-小周"),
        (
            "{channel}-{customer}",
            "上海市黄浦区南京东路第一百货商店二楼",
            "小周",
            "上海市黄浦区南京东路第一百货商店二-小周",
        ),
        ("{channel}-{customer}", "a" * 30, "b" * 30, "a" * 9 + "-" + "b" * 10),
        ("{channel}-{customer}", "", "小周", "小周"),
        ("{channel}-{customer}", "门店", "", "门店"),
        ("{customer}", "", "{channel}", "{channel}"),
        ("VIP", "门店", "小周", "VIP"),
        ("{unknown}{customer}", "", "小周", "{unknown}小周"),
        ("x" * 30, "", "", "x" * 20),
        ("{channel} {customer}", "线\n上", " 小 周 ", "线 上 小 周"),
    ],
)
def test_a_remark_reads_well_in_twenty_characters(template, channel, customer, remark):
    assert render(template, {"channel": channel, "customer": customer}) == remark


def test_an_emoji_of_several_parts_stays_whole():
    family = "👨‍👩‍👧"
    assert render("{customer}", {"customer": "a" * 13 + family}) == "a" * 13
    assert render("{customer}", {"customer": "a" * 12 + family}) == "a" * 12 + family
    assert cut("🇨🇳🇨🇳", 6) == "🇨🇳"
    assert cut("👍🏽", 3) == ""
    assert cut("e\u0301", 1) == ""


@given(names, names, st.sampled_from(["{channel}-{customer}", "{customer}", "新-{channel}/{nickname}·{staff}"]))
def test_a_remark_is_never_too_long_nor_torn(channel, customer, template):
    remark = render(template, {"channel": channel, "customer": customer, "staff": "陈宇"})
    assert width(remark) <= 20
    assert len(remark) <= 20
    assert remark == remark.strip()
    assert "\n" not in remark
    assert not remark.endswith("\u200d")


@given(names)
def test_clusters_lose_nothing(text):
    parts = list(clusters(text))
    assert "".join(parts) == text
    assert all(unicodedata.category(part[0]) not in ("Mn", "Me") for part in parts[1:])
