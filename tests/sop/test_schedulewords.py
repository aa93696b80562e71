"""Schedules as operators write and read them: checked at once, told in their language."""

from datetime import UTC, datetime, time, timedelta

import pytest

from sop.errors import Invalid
from sop.phrases import Phrase
from sop.schedules import CUSTOMER, Cron, Dated, Once, check, describe, parse, plain

NOON = datetime.fromisoformat("2026-05-01T12:00")
GOOD = [
    Once(at=NOON, zone="Asia/Shanghai"),
    Once(at=NOON.replace(tzinfo=UTC)),
    Cron(expression="0 9 * * 1-5", zone=CUSTOMER),
    Dated(field="birthday", offset=-3, at=time(9), every="year", leap="mar1"),
]


@pytest.mark.parametrize("schedule", GOOD)
def test_a_schedule_goes_through_json_and_back(schedule):
    assert check(schedule) == []
    assert parse(plain(schedule)) == schedule


def test_times_are_written_without_seconds():
    assert parse({"once": {"at": "2026-05-01T12:00", "zone": "Asia/Shanghai"}}) == GOOD[0]
    assert parse({"dated": {"field": "birthday", "at": "09:00"}}) == Dated(field="birthday", at=time(9))


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (Once(at=NOON, zone="Mars/Base"), "schedule.zone"),
        (Once(at=NOON.replace(tzinfo=UTC), zone="Asia/Shanghai"), "schedule.zone"),
        (Cron(expression="0 9 * *"), "schedule.expression"),
        (Cron(expression="0 0 9 * * *"), "schedule.expression"),
        (Cron(expression="61 9 * * *"), "schedule.expression"),
        (Cron(expression="0 9 * * MO"), "schedule.expression"),
        (Cron(expression="0 9 30 2 *"), "schedule.expression"),
        (Dated(field="", at=time(9)), "schedule.field"),
        (Dated(field="birthday", at=time(9), offset=5000), "schedule.offset"),
        (Dated(field="birthday", at=time(9), first=1), "schedule.first"),
        (Dated(field="birthday", at=time(9), every="year", first=-1), "schedule.first"),
        (Dated(field="birthday", at=time(9, tzinfo=UTC)), "schedule.at"),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(schedule, field):
    (violation,) = check(schedule)
    assert violation.field == field
    assert violation.message_zh
    assert violation.message_en


def test_what_fires_too_often_is_refused_where_a_subject_says_so():
    assert not check(Cron(expression="*/10 * * * *"), least=timedelta(minutes=10))
    (violation,) = check(Cron(expression="0,5 9 * * *"), least=timedelta(minutes=10))
    assert "10 minutes" in violation.message_en


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("daily", "schedule"),
        ({"cron": {}, "once": {}}, "schedule"),
        ({"hourly": {}}, "schedule"),
        ({"cron": {}}, "schedule.cron"),
        ({"cron": "0 9 * * *"}, "schedule.cron"),
        ({"cron": {"expression": "0 9 * * *", "timezone": "UTC"}}, "schedule.cron.timezone"),
        ({"dated": {"field": "birthday", "at": "9 o'clock"}}, "schedule.dated.at"),
        ({"dated": {"field": "birthday", "at": 9}}, "schedule.dated"),
        ({"once": {"at": "tomorrow"}}, "schedule.once.at"),
        ({"dated": {"field": "birthday", "at": "09:00", "every": "week"}}, "schedule.dated"),
    ],
)
def test_a_document_that_is_no_schedule_is_refused(document, field):
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert refused.value.violations[0].field == field


@pytest.mark.parametrize(
    ("expression", "zh", "en"),
    [
        ("0 7 * * 1", "周一 07:00", "Monday at 07:00"),
        ("0 9,18 * * *", "每天 09:00、18:00", "every day at 09:00 and 18:00"),
        ("0 9 * * 1-5", "周一至周五 09:00", "Monday to Friday at 09:00"),
        ("0 9 * * 6,7", "周六、周日 09:00", "Saturday and Sunday at 09:00"),
        ("*/15 * * * *", "每天 每 15 分钟", "every day every 15 minutes"),
        ("5 * * * *", "每天 每小时 5 分", "every day at minute 5 of every hour"),
        ("*/10 9-17 * * *", "每天 9-17 点的 0、10、20、30、40、50 分",
         "every day at minute 0, 10, 20, 30, 40, 50 of hour 9-17"),
        ("0 9 L * *", "每月最后一天 09:00", "on the last day of the month at 09:00"),
        ("0 9 1,15 * *", "每月 1 日、15 日 09:00", "on day 1 and 15 of the month at 09:00"),
        ("0 9 * * 1#2", "每月第 2 个周一 09:00", "the second Monday of the month at 09:00"),
        ("0 9 * * 5L", "每月最后一个周五 09:00", "the last Friday of the month at 09:00"),
        ("0 9 1 1,7 *", "1 月、7 月的每月 1 日 09:00", "on day 1 of the month in January and July at 09:00"),
        ("0 9 13 * 5", "每月 13 日或周五 09:00", "on day 13 of the month or Friday at 09:00"),
        ("0 9 */8 * 5", "每月 1 日、9 日、17 日、25 日且周五 09:00",
         "on day 1, 9, 17 and 25 of the month that is Friday at 09:00"),
        ("0 9 LW * *", "每月最后一个工作日（周一至周五） 09:00",
         "on the last day from Monday to Friday of the month at 09:00"),
    ],
)  # fmt: skip
def test_a_cron_expression_reads_as_a_sentence(expression, zh, en):
    said = describe(Cron(expression=expression))
    assert said.en == en
    assert said.zh == zh


@pytest.mark.parametrize(
    ("schedule", "zh", "en"),
    [
        (GOOD[0], "2026-05-01 12:00 一次（Asia/Shanghai）", "once, at 2026-05-01 12:00 (Asia/Shanghai)"),
        (GOOD[1], "2026-05-01 12:00 (UTC+0000) 一次", "once, at 2026-05-01 12:00 (UTC+0000)"),
        (GOOD[2], "周一至周五 09:00（客户当地时间）", "Monday to Friday at 09:00 (on each customer's clocks)"),
        (GOOD[3], "每年生日前 3 天 09:00", "each year, 3 days before the birthday at 09:00"),
        (
            Dated(field="added_at", at=time(9), every="year", first=1),
            "每年added_at当天 09:00，从第 1 次起",
            "each year, on added_at at 09:00, from time 1 on",
        ),
    ],
)
def test_a_schedule_says_when_it_fires_in_both_languages(schedule, zh, en):
    assert describe(schedule, {"birthday": Phrase("生日", "the birthday")}) == Phrase(zh, en)
