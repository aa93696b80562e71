"""What an operator would set up on the first day, through the API as an operator would."""

import base64
import struct
import zlib
from typing import Any

import httpx

_CHANNELS: tuple[dict[str, Any], ...] = (
    {
        "name": "南京西路店",
        "departments": ["华东一组"],
        "tags": ["门店", "新客"],
        "welcome": {"text": "{customer}，欢迎光临南京西路店！我是您的顾问{staff}，本周到店有礼。"},
    },
    {"name": "公众号菜单", "departments": ["售前顾问组"], "tags": ["公众号", "中意向"]},
    {
        "name": "短视频广告",
        "departments": ["华南一组"],
        "tags": ["短视频", "高意向"],
        "welcome": {"text": "{customer} 您好，我是{staff}。视频里的同款给您留好了，回复 1 领取优惠。"},
    },
)


class Seed:
    """An API client with just what seeding needs."""

    def __init__(self, base: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{base}/api/v1", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30
        )

    async def __call__(self, staff: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Welcomes, a picture, channels and follow-ups; `staff` gives user ids by department. Returns the channels."""
        async with self._client:
            picture = await self._post("materials", _material())
            await self._welcomes(picture["id"])
            tags = await self._tags()
            channels = [await self._channel(row, staff, tags) for row in _CHANNELS]
            await self._followups()
            return channels

    async def _welcomes(self, picture: str) -> None:
        await self._post(
            "welcomes",
            {
                "name": "公司默认欢迎语",
                "scope": {"kind": "corp"},
                "text": "{customer} 您好，我是{staff}，很高兴为您服务！",
                "attachments": [{"kind": "image", "material": picture}],
                "slots": [
                    {
                        "from": "22:00",
                        "to": "08:00",
                        "text": "{customer} 您好，我是{staff}。现在是休息时间，明早九点第一时间回复您。",
                    }
                ],
            },
        )

    async def _tags(self) -> dict[str, str]:
        """Tag ids by name, once the library has been read from WeCom."""
        groups = (await self._client.get("tags")).raise_for_status().json()
        return {tag["name"]: tag["id"] for group in groups["groups"] for tag in group["tags"]}

    async def _channel(self, row: dict[str, Any], staff: dict[str, list[str]], tags: dict[str, str]) -> dict[str, Any]:
        body = {
            "name": row["name"],
            "staff": [user for department in row["departments"] for user in staff[department]],
            "tags": [tags[name] for name in row["tags"] if name in tags],
            "remark": "{channel}-{customer}",
        }
        if "welcome" in row:
            body["welcome"] = row["welcome"]
        return await self._post("channels", body, wait=5)

    async def _followups(self) -> None:
        await self._post(
            "followups",
            {
                "name": "一分钟未回复提醒",
                "after_minutes": 1,
                "unless": {"replied": True},
                "action": {"kind": "prompt", "text": "客户还没有回复，发一句问候吧。"},
            },
        )

    async def _post(self, path: str, body: dict[str, Any], **query: Any) -> dict[str, Any]:
        answer = await self._client.post(path, json=body, params=query)
        if answer.is_error:
            raise RuntimeError(f"seeding {path}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json()
        return found


def _material() -> dict[str, str]:
    """A small picture, drawn here: a warm square."""
    content = base64.b64encode(_png(240, 240, (196, 78, 82))).decode()
    return {"kind": "image", "filename": "welcome.png", "content": content}


def _png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    rows = (b"\0" + bytes(colour) * width) * height

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
