"""Pictures of channels' codes, to be printed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from console.api.call import Call
from console.api.problem import Problem, invalid, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Download, Identity, Line, Query
from console.api.words import Words
from console.pages import drawing, fetching
from console.pages.drawing import Layout, Modules
from sop import visits
from storage.channels import Channel

routes = Routes()
KINDS = {"png": "image/png", "svg": "image/svg+xml"}
_CHANNEL = Words("渠道", "channel")
_MATERIAL = Words("没有这个图片素材", "there is no such picture among the materials")
_HERE = {None, "localhost", "127.0.0.1", "::1"}
_UNREACHABLE = Words(
    "config.toml 的 public_url 还是本机地址，手机打不开：请改为对外网址，或用 kind=wecom。",
    "public_url in config.toml is still an address of this machine, which no phone can open: set the public one, "
    "or take kind=wecom.",
)
_OWN_LOGO = Words(
    "企业微信的码中间已有图案，要放自己的标志请用 kind=link",
    "WeCom's code has a picture of its own in the middle: for a logo take kind=link",
)
_studio = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")  # a large one takes a hundred megabytes


class PictureQuery(Query):
    """What is to be printed: `kind` link leads to our page of the code and is counted, wecom is WeCom's own code."""

    kind: Literal["link", "wecom"] = "link"
    format: Literal["png", "svg"] = "png"
    size_mm: float = Field(
        default=50, ge=10, le=1000, description="边长（毫米，含四周留白）· side with the white around"
    )
    dpi: int = Field(default=300, ge=72, le=1200)
    caption: Line = Field(default="", max_length=40)
    logo: Identity | None = Field(default=None, description="图片素材编号 · id of a material that is a picture")


@routes.on(
    "GET /channels/{channel_id}/picture",
    Permission.READ_RULES,
    "下载渠道二维码图片",
    "Download a channel's code as a picture",
    files=tuple(KINDS.values()),
)
async def download(call: Call, channel_id: Identity, query: PictureQuery) -> Download:
    """In print size, as PNG that knows its resolution or as SVG; with a logo in the middle and a caption below."""
    channel = await call.store.channels.get(channel_id)
    if channel is None:
        raise missing(_CHANNEL)
    if channel.ended:
        raise Problem("state", reason_zh="渠道已删除。", reason_en="The channel is deleted.")
    layout = Layout(
        size=query.size_mm,
        dpi=query.dpi,
        caption=query.caption,
        logo=await _logo(call, query),
        font=call.console.font,
    )
    code = await _wecom(call, channel) if query.kind == "wecom" else _link(call, channel, layout)
    content = await asyncio.get_running_loop().run_in_executor(_studio, _draw, code, layout, query.format)
    return Download(content=content, media_type=KINDS[query.format], filename=f"{channel.name}.{query.format}")


def _link(call: Call, channel: Channel, layout: Layout) -> Modules:
    """The code of our page; not of one that no phone could ever open."""
    if not call.console.inside and urlsplit(call.console.public_url).hostname in _HERE:
        raise Problem("state", reason_zh=_UNREACHABLE.zh, reason_en=_UNREACHABLE.en)
    return Modules.of(f"{call.console.public_url}/c/{visits.slug(channel.state)}", strong=bool(layout.logo))


async def _wecom(call: Call, channel: Channel) -> bytes:
    if not channel.qr_code:
        raise Problem(
            "state",
            reason_zh="企业微信还没有生成这个渠道的码。",
            reason_en="WeCom has not made the code of this channel yet.",
        )
    picture = await fetching.obtain(call.store.scope, channel.qr_code, inside=call.console.inside)
    return picture.content


async def _logo(call: Call, query: PictureQuery) -> bytes:
    if query.logo is None:
        return b""
    if query.kind == "wecom":
        raise invalid("logo", _OWN_LOGO)
    material = await call.store.materials.get(query.logo)
    content = await call.store.materials.content(query.logo)
    if material is None or material.kind != "image" or content is None:
        raise invalid("logo", _MATERIAL)
    return content


def _draw(code: Modules | bytes, layout: Layout, kind: str) -> bytes:
    if kind == "svg":
        return drawing.svg(code, layout)
    return drawing.png(drawing.look(code, "kind") if isinstance(code, bytes) else code, layout)
