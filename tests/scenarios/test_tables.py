"""Five hundred shops from a spreadsheet become five hundred codes at WeCom, each once."""

SHOPS = 500
MINUTES = 5


async def send(siyu, text: str, **query) -> dict:
    answer = await siyu.api.post(
        f"{siyu.base}/api/v1/channels/bulk",
        content=text.encode("gb18030"),
        params=query,
        headers={"Content-Type": "text/csv"},
    )
    assert answer.is_success, answer.text
    return answer.json()


async def made(siyu) -> bool:
    return len(siyu.corp.ways) == SHOPS and await siyu.idle()


async def test_five_hundred_shops_are_made_once(siyu):
    lines = [f"门店{number:03},{siyu.team[number % 12]},{{channel}}-{{customer}}" for number in range(SHOPS)]
    table = "\n".join(["名称,员工,备注", *lines])
    rehearsed = await send(siyu, table, dry_run=True)
    assert (rehearsed["make"], rehearsed["refused"], len(siyu.corp.ways)) == (SHOPS, 0, 0)
    begun = await send(siyu, table)
    await siyu.until(lambda: made(siyu), MINUTES * 60)
    assert {way.remark for way in siyu.corp.ways.values()} == {line.partition(",")[0] for line in lines}
    assert len({way.state for way in siyu.corp.ways.values()}) == SHOPS
    job = await siyu.get(f"jobs/{begun['job_id']}")
    assert (job["status"], job["done"], job["total"]) == ("done", SHOPS, SHOPS)
    again = await send(siyu, table)
    assert (again["make"], again["exists"], again["job_id"]) == (0, SHOPS, None)
    customer = siyu.scan({"state": next(iter(siyu.corp.ways.values())).state})
    assert customer.userid in siyu.team
