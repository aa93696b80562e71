"""A customer opens the short link of a poster: the code is shown, the visit counted, and the scan leads to a member."""

import io

import httpx
import zxingcpp
from PIL import Image

from storage.engine.sql import Statement

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.49"}
_VISITS = Statement("SELECT visits, visitors FROM visits WHERE channel_id = :channel_id")


def read(picture: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("RGB"))
    return found.text


async def test_a_poster_leads_by_our_page_to_wecoms_code(siyu):
    channel = await siyu.channel(name="南京西路店", welcome={"text": "欢迎"})
    poster = await siyu.api.get(f"{siyu.base}/api/v1/channels/{channel['id']}/picture", params={"size_mm": 60})
    link = read(poster.content)
    assert link.startswith(f"{siyu.base}/c/")
    async with httpx.AsyncClient(trust_env=False, headers=PHONE) as phone:
        shown = await phone.get(link)
        assert "长按识别" in shown.text
        picture = await phone.get(f"{link}/picture")
        await phone.get(link)
        original = await phone.get(channel["qr_code"])
    assert read(picture.content) == f"https://work.weixin.qq.com/ca/{channel['config_id']}"
    assert picture.content == original.content
    customer = siyu.scan(channel)
    await siyu.until(lambda: siyu.greetings(customer))

    async def visited() -> bool:
        rows = await siyu.database.fetch(_VISITS, channel_id=int(channel["id"]))
        return [(row["visits"], row["visitors"]) for row in rows] == [(2, 1)]

    await siyu.until(visited)


async def test_visits_survive_a_clean_stop(siyu):
    channel = await siyu.channel(name="展会")
    state = channel["state"].removeprefix("s-")
    async with httpx.AsyncClient(trust_env=False, headers=PHONE) as phone:
        for _ in range(20):
            await phone.get(f"{siyu.base}/c/{state}")
    await siyu.services.pop().stop()
    (row,) = await siyu.database.fetch(_VISITS, channel_id=int(channel["id"]))
    assert (row["visits"], row["visitors"]) == (20, 1)
