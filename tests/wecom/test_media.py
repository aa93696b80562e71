"""Media travel as the platform reads them, Chinese names included, and are checked for size."""

from datetime import UTC, datetime

import httpx
import pytest

from wecom.errors import OverLimit, Refused
from wecom.media import PICTURE_SIZE, SIZES, Uploaded

PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 20
ENDS = datetime(2025, 10, 12, 8, 55, tzinfo=UTC)


def part(seen):
    """The head and the content of the only part of a form."""
    kind, _, boundary = seen.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    before, form, after = seen.content.split(b"--" + boundary.encode())
    assert (before, after) == (b"", b"--\r\n")
    head, _, content = form.partition(b"\r\n\r\n")
    return head.decode(), content.removesuffix(b"\r\n")


@pytest.mark.parametrize("at", [1760000100, "1760000100"], ids=["number", "text"])
async def test_a_file_is_uploaded_under_its_chinese_name(client, platform, at):
    platform.reply("media/upload", {"errcode": 0, "type": "file", "media_id": "M1", "created_at": at})
    assert await client.media.upload("file", "产品 手册.pdf", PICTURE) == Uploaded("M1", ENDS)
    assert platform.last.query == {"access_token": "token-1", "type": "file"}
    head, content = part(platform.last)
    assert 'form-data; name="media"; filename="产品 手册.pdf"' in head
    assert content == PICTURE
    assert int(platform.last.headers["content-length"]) == len(platform.last.content)


async def test_a_filename_cannot_break_the_form(client, platform):
    await client.media.upload("file", 'a"\r\nX: y.txt', PICTURE)
    head, content = part(platform.last)
    assert 'filename="a___X: y.txt"' in head
    assert content == PICTURE


async def test_a_picture_for_ever_has_a_url(client, platform):
    platform.reply("media/uploadimg", {"errcode": 0, "url": "https://p/1"})
    assert await client.media.upload_image("a.png", PICTURE) == "https://p/1"
    assert part(platform.last)[1] == PICTURE


async def test_an_attachment_for_moments_or_albums_says_so(client, platform):
    platform.reply("media/upload_attachment", {"errcode": 0, "media_id": "M2", "created_at": 1760000100})
    await client.media.upload_attachment("image", "a.png", content=PICTURE, purpose="album")
    assert platform.last.query == {"access_token": "token-1", "media_type": "image", "attachment_type": "2"}
    await client.media.upload_attachment("video", "a.mp4", content=PICTURE, purpose="moments")
    assert platform.last.query["attachment_type"] == "1"


@pytest.mark.parametrize(("kind", "most"), SIZES.items())
async def test_what_is_too_large_or_too_small_is_not_sent(client, platform, kind, most):
    for content in (b"x" * (most + 1), b"12345"):
        with pytest.raises(OverLimit):
            await client.media.upload(kind, "a", content)
        if kind != "voice":
            with pytest.raises(OverLimit):
                await client.media.upload_attachment(kind, "a", content=content, purpose="moments")
    with pytest.raises(OverLimit):
        await client.media.upload_image("a", b"x" * (PICTURE_SIZE + 1))
    assert platform.seen == []


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="a.json"', "a.json"),
        ("attachment; filename=\"x\"; filename*=utf-8''%E4%BA%A7.json", "产.json"),
        ('attachment; filename="产品.json"'.encode(), "产品.json"),
        ("attachment", ""),
    ],
)
async def test_a_file_is_downloaded_even_when_it_is_json(client, platform, disposition, name):
    headers = [(b"Content-Type", b"application/json"), (b"Content-Disposition", disposition)]
    platform.reply("media/get", httpx.Response(200, headers=headers, content=b'{"errcode":1}'))
    file = await client.media.get("M/1+")
    assert (file.name, file.kind, file.content) == (name, "application/json", b'{"errcode":1}')
    assert platform.last.query["media_id"] == "M/1+"


async def test_a_dead_media_id_is_refused(client, platform):
    platform.reply("media/get", {"errcode": 40007, "errmsg": "invalid media_id"})
    with pytest.raises(Refused) as caught:
        await client.media.get("M1")
    assert caught.value.code == 40007
