"""Pictures of codes for print, and where pictures are never fetched from."""

import io
import zlib

import pytest
from PIL import Image

from console.api.problem import Problem
from console.outside import Forbidden
from console.pages import fetching
from sop.addresses import is_public
from sop.channels import Draft
from sop.visits import slug
from storage.pictures import Picture
from tests.console import pictures
from tests.console.conftest import PUBLIC

ADDRESSES = [
    "http://127.0.0.1:{port}/code",
    "http://localhost:{port}/code",
    "http://[::1]:{port}/code",
    "file:///etc/passwd",
    "http://169.254.169.254/latest",
    "http://10.0.0.1/",
    "ftp://example.com/",
    "http://user@example.com/",
    "//x",
]


@pytest.fixture
async def host():
    async with pictures.hosted(code=pictures.draw()) as host:
        yield host


@pytest.fixture
async def channel(site, host):
    store = site.store()
    channel = store.channels.add(Draft(name="南京西路店", staff=("chen.yu",)))
    await store.commit()
    store = site.store()
    store.channels.see(channel.id, 1, config_id="c1", qr_code=f"{host.base}/code")
    await store.commit()
    return channel


async def test_the_code_of_our_page_is_downloaded_in_print_size(site, channel):
    response = await site.ask("operator", "GET", f"/channels/{channel.id}/picture?size_mm=40&dpi=300&caption=No.%201")
    picture = await response.read()
    assert (response.status, response.content_type) == (200, "image/png")
    assert "filename*=UTF-8''%E5%8D%97%E4%BA%AC" in response.headers["Content-Disposition"]
    assert pictures.read(picture) == [f"{PUBLIC}/c/{slug(channel.state)}"]
    assert Image.open(io.BytesIO(picture)).width == 472


async def test_wecoms_own_code_is_composed_anew(site, channel, host):
    for _ in range(2):
        response = await site.ask("operator", "GET", f"/channels/{channel.id}/picture?kind=wecom&caption=Store")
        assert pictures.read(await response.read()) == [pictures.CONTENT]
    assert host.asked == ["/code"]
    svg = await site.ask("operator", "GET", f"/channels/{channel.id}/picture?kind=wecom&format=svg")
    assert svg.content_type == "image/svg+xml"


async def test_a_logo_comes_from_the_materials(site, channel):
    store = site.store()
    logo = await store.materials.add("image", "logo.png", content=pictures.draw("x"))
    video = await store.materials.add("video", "v.mp4", content=b"no picture")
    await store.commit()
    path = f"/channels/{channel.id}/picture?"
    response = await site.ask("operator", "GET", f"{path}logo={logo.id}")
    assert f"{PUBLIC}/c/{slug(channel.state)}" in pictures.read(await response.read())
    for query in (f"logo={video.id}", "logo=1", f"logo={logo.id}&kind=wecom"):
        status, problem = await site("operator", "GET", path + query)
        assert (status, [error["field"] for error in problem["errors"]]) == (422, ["logo"])


async def test_what_cannot_be_drawn_says_why(site, channel):
    for query, field in (("size_mm=900&dpi=600", "size_mm"), ("caption=%F3%B0%80%80", "caption"), ("dpi=1", "dpi")):
        status, problem = await site("operator", "GET", f"/channels/{channel.id}/picture?{query}")
        assert (status, [error["field"] for error in problem["errors"]]) == (422, [field])


async def test_a_channel_without_a_code_or_without_life_has_no_picture(site, channel):
    assert (await site("operator", "GET", "/channels/1/picture"))[0] == 404
    store = site.store()
    pending = store.channels.add(Draft(name="新店", staff=("chen.yu",)))
    store.channels.remove(channel)
    await store.commit()
    assert (await site("operator", "GET", f"/channels/{pending.id}/picture?kind=wecom"))[0] == 409
    assert (await site("operator", "GET", f"/channels/{channel.id}/picture"))[0] == 409


async def test_a_picture_follows_a_redirection_but_not_for_ever(host):
    host.answers |= {"/moved": f"{host.base}/code", "/round": f"{host.base}/round"}
    assert await fetching.fetch(f"{host.base}/moved", inside=True) == pictures.draw()
    with pytest.raises(ValueError, match="redirections"):
        await fetching.fetch(f"{host.base}/round", inside=True)


async def test_a_huge_picture_is_left_alone(host):
    host.answers["/huge"] = b"x" * (fetching.MOST_BYTES + 1)
    with pytest.raises(ValueError, match="large"):
        await fetching.fetch(f"{host.base}/huge", inside=True)


@pytest.mark.parametrize("url", ADDRESSES)
async def test_our_own_network_is_never_asked(host, url):
    port = host.base.rpartition(":")[2]
    with pytest.raises((Forbidden, OSError)):
        await fetching.fetch(url.format(port=port), inside=False)
    assert host.asked == []


def test_which_addresses_are_public():
    public = {"8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "2002:808:808::1"}
    inside = {"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1"}
    inside |= {"::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "::"}
    inside |= {"64:ff9b::a00:1", "2002:a00:1::1", "::a00:1", "::ffff:0:a00:1", "fec0::1"}
    assert {address for address in public | inside if is_public(address)} == public


async def test_what_is_kept_is_what_it_is_and_not_what_it_is_called(site, host):
    host.answers["/page"] = b"<script>alert(1)</script>"
    store = site.store()
    picture = await fetching.obtain(store.scope, f"{host.base}/code", inside=True)
    assert picture == Picture("image/png", pictures.draw())


@pytest.mark.parametrize("bomb", [False, True])
async def test_a_picture_that_is_broken_or_a_bomb_is_not_to_be_had(site, host, bomb):
    content = bytearray(pictures.draw())
    content[-16:-12] = b"\0\0\0\0"  # the sum that its dots are checked by
    if bomb:  # well summed, and a hundred thousand dots a side
        content[16:24] = (100_000).to_bytes(4, "big") * 2
        content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    host.answers["/bad"] = bytes(content)
    with pytest.raises(Problem, match="no-picture"):
        await fetching.obtain(site.store().scope, f"{host.base}/bad", inside=True)


async def test_no_poster_leads_to_an_address_of_this_machine(open_site, corps):
    site = await open_site(corps, public_url="http://127.0.0.1:8080", inside=False)
    store = site.store()
    channel = store.channels.add(Draft(name="南京西路店", staff=("chen.yu",)))
    await store.commit()
    status, problem = await site(
        "operator", "GET", f"/channels/{channel.id}/picture", headers={"Accept-Language": "en"}
    )
    assert status == 409
    assert "public_url" in problem["detail"]
