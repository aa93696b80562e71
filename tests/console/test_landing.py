"""The page of a code: what a phone gets, who is counted, and what guessers get."""

import re
from datetime import date, timedelta

import pytest

from console.api.auth import ALLOWED_FAILURES
from console.pages.landing import FRESH
from console.pages.visits import Counter
from sop.channels import Draft
from sop.visits import slug
from storage import visits
from storage.engine.sql import Statement
from tests.console import pictures
from tests.console.conftest import CORP, NOW

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49 NetType/WIFI"
_WRITERS = Statement("SELECT COUNT(DISTINCT writer) AS count FROM visits WHERE corp_id = :corp_id")


@pytest.fixture
async def host():
    async with pictures.hosted(code=pictures.draw()) as host:
        yield host


async def make(site, host, name: str = "南京西路店", **life):
    store = site.store()
    channel = store.channels.add(Draft(name=name, staff=("chen.yu",), **life))
    await store.commit()
    store = site.store()
    store.channels.see(channel.id, 1, config_id="c1", qr_code=f"{host.base}/code")
    await store.commit()
    return channel


async def visit(site, channel, *, method: str = "GET", path: str = "", agent: str = PHONE, **headers: str):
    target = f"/c/{slug(channel.state)}{path}"
    return await site.client.request(method, target, headers={"User-Agent": agent, **headers})


async def counted(site, channel) -> list[tuple[str, int, int]]:
    await site.counter.flush()
    rows = await visits.sums(site.store().scope, [channel.id], since=date(2026, 1, 1), until=date(2027, 1, 1))
    return [(row.day, row.visits, row.visitors) for row in rows]


async def test_a_phone_is_shown_wecoms_code_and_what_to_do(site, host):
    channel = await make(site, host)
    response = await visit(site, channel)
    text = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert "南京西路店" in text
    assert "示例公司" in text
    assert "长按识别" in text
    source = re.search(r'src="([^"]+)"', text)
    picture = await site.client.get(f"/c/{source[1]}")  # relative to the page
    assert picture.content_type == "image/png"
    assert pictures.read(await picture.read()) == [pictures.CONTENT]
    assert "script" not in text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_english_is_spoken_to_those_who_ask_for_it(site, host):
    response = await visit(site, await make(site, host), **{"Accept-Language": "en-US,en;q=0.9"})
    assert "Press and hold" in await response.text()
    assert response.headers["Content-Language"] == "en"


async def test_wecom_is_asked_for_its_picture_once_for_ever(site, host):
    channel = await make(site, host)
    first = await visit(site, channel, path="/picture")
    assert "max-age" in first.headers["Cache-Control"]
    assert (await visit(site, channel, path="/picture", **{"If-None-Match": first.headers["ETag"]})).status == 304
    assert host.asked == ["/code"]
    assert await site.store().pictures.find(f"{host.base}/code") is not None


async def test_a_name_is_text_and_never_markup(site, host):
    text = await (await visit(site, await make(site, host, "<script>alert(1)</script>"))).text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


async def test_a_visit_counts_once_and_a_visitor_once_a_day(site, host):
    channel = await make(site, host)
    for _ in range(3):
        await visit(site, channel)
    site.client.session.cookie_jar.clear()
    await visit(site, channel)
    assert await counted(site, channel) == [("2026-05-04", 4, 2)]
    site.clock.now += timedelta(hours=14)  # half past midnight in Shanghai
    await visit(site, channel)
    assert sorted(await counted(site, channel)) == [("2026-05-04", 4, 2), ("2026-05-05", 1, 1)]


async def test_who_has_seen_one_code_is_new_to_another(site, host):
    one, other = await make(site, host), await make(site, host, "徐家汇店")
    await visit(site, one)
    await visit(site, other)
    assert (await counted(site, one), await counted(site, other)) == ([("2026-05-04", 1, 1)], [("2026-05-04", 1, 1)])


@pytest.mark.parametrize(
    ("method", "agent", "headers"),
    [
        ("HEAD", PHONE, {}),
        ("GET", "facebookexternalhit/1.1", {}),
        ("GET", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", {}),
        ("GET", "curl/8.6", {}),
        ("GET", "", {}),
        ("GET", PHONE, {"Sec-Purpose": "prefetch;prerender"}),
    ],
)
async def test_machines_are_shown_the_page_and_not_counted(site, host, method, agent, headers):
    channel = await make(site, host)
    assert (await visit(site, channel, method=method, agent=agent, **headers)).status == 200
    assert await counted(site, channel) == []


async def test_a_deleted_channel_is_gone_and_an_unknown_code_is_not_found(site, host):
    channel = await make(site, host)
    assert (await visit(site, channel)).status == 200
    store = site.store()
    store.channels.remove(channel)
    await store.commit()
    site.clock.now += FRESH
    response = await visit(site, channel)
    assert response.status == 410
    assert "已停用" in await response.text()
    assert (await visit(site, channel, path="/picture")).status == 410
    for code in ("1k3j5h7g9f1d", "..", "A", "x" * 300, "%00"):
        assert (await site.client.get(f"/c/{code}")).status == 404, code


async def test_a_code_that_wecom_has_not_made_yet_asks_for_patience(site):
    store = site.store()
    channel = store.channels.add(Draft(name="新店", staff=("chen.yu",)))
    await store.commit()
    assert (await visit(site, channel)).status == 503
    assert await counted(site, channel) == []


async def test_a_picture_that_cannot_be_fetched_asks_for_patience(site, host):
    channel = await make(site, host)
    host.answers["/code"] = b"<html>busy</html>"
    assert (await visit(site, channel, path="/picture")).status == 503
    host.answers["/code"] = pictures.draw()
    assert (await visit(site, channel, path="/picture")).status == 200


async def test_who_guesses_codes_waits_but_codes_in_use_are_shown(site, host):
    known, other = await make(site, host), await make(site, host, "徐家汇店")
    await visit(site, known)
    for number in range(ALLOWED_FAILURES):
        assert (await site.client.get(f"/c/guess{number}")).status == 404
    assert (await site.client.get("/c/guess")).status == 429
    assert (await visit(site, other)).status == 429
    site.clock.now += FRESH
    assert (await visit(site, known)).status == 200


async def test_a_thousand_visits_are_one_row_and_a_write_told_twice_counts_once(site, host):
    channel = await make(site, host)
    for number in range(1000):
        site.counter.count(CORP, channel.id, date(2026, 5, 4), first=number % 2 == 0)
    assert await counted(site, channel) == [("2026-05-04", 1000, 500)]
    site.counter._fresh.update(site.counter._counts)  # as after a write whose end nobody knows
    assert await counted(site, channel) == [("2026-05-04", 1000, 500)]


async def test_two_processes_add_up(site, host):
    channel = await make(site, host)
    other = Counter(site.database)
    for counter in (site.counter, other, other):
        counter.count(CORP, channel.id, date(2026, 5, 4), first=True)
    await other.close()
    assert await counted(site, channel) == [("2026-05-04", 3, 3)]
    (row,) = await site.database.fetch(_WRITERS, corp_id=CORP)
    assert row["count"] == 2


async def test_days_that_are_over_are_let_go_of(site, host):
    channel = await make(site, host)
    for day in range(1, 9):
        site.counter.count(CORP, channel.id, date(2026, 5, day), first=True)
    await site.counter.flush()
    assert min(day for _, _, day in site.counter._counts) == date(2026, 5, 6)
    assert len(await counted(site, channel)) == 8


@pytest.mark.parametrize("life", [{"expires_at": NOW + timedelta(hours=1)}, {"temporary": 3600}])
async def test_a_code_whose_time_is_over_is_gone(site, host, life):
    channel = await make(site, host, **life)
    assert (await visit(site, channel)).status == 200
    site.clock.now += timedelta(hours=1)
    assert (await visit(site, channel)).status == 410
