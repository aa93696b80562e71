"""The season's plans put into the service: one operator writes them, another lets them go out."""

from collections.abc import Callable
from typing import Any

import msgspec

from bot.demo import season
from bot.demo.operator import Operator, Refused
from sop.flows import document
from sop.flows.templates import TEMPLATES

Say = Callable[[str], None]
_SECOND = "its author may not approve it, another did / 作者不能自审，已由他人审批"


class Campaign:
    """What an author and an approver do through the API; neither could do it alone."""

    def __init__(self, author: Operator, approver: Operator, say: Say) -> None:
        self._author = author
        self._approver = approver
        self._say = say
        self.flows: dict[str, str] = {}  # ids by the names of their templates

    async def prepare(self, *, night: list[dict[str, str]] | None = None) -> None:
        """The contact policy, three flows from templates, and the rule that somebody else approves.

        `night`: the quiet hours, where they are to be others than the season's.
        """
        version = (await self._author.get("policy"))["version"]
        quiet = season.POLICY["quiet"] if night is None else night
        await self._author.put("policy", {**season.POLICY, "quiet": quiet, "version": version})
        await self._author.post("fields", season.SENSITIVE)
        await self._author.put("broadcasts/approval", season.APPROVAL)
        await self._author.patch("settings", {"approvals": ["moments"]})
        for name in season.FLOWS:
            await self._publish(name, _template(name))

    async def connect(self, url: str) -> None:
        """A webhook to the warehouse, and the flow that tells it of each paid order."""
        hook = await self._author.post("webhooks", {"name": "仓库", "url": url})
        tell = {**season.WAREHOUSE["nodes"]["tell"], "endpoint": int(hook["id"])}
        await self._publish("warehouse", {**season.WAREHOUSE, "nodes": {"tell": tell}})

    async def broadcast(self, at: str = "") -> str:
        """Written, refused to its author, approved by the other, started; at a moment on the corp's clocks, or now."""
        exclude = {"flows": [self.flows["new_customer"]]}
        written = {**season.BROADCAST, "audience": {**season.BROADCAST["audience"], "exclude": exclude}}
        if at:
            written["once"] = {"at": at}
        card = await self._author.post("broadcasts", {"document": written})
        path = f"broadcasts/{card['id']}"
        card = await self._author.post(f"{path}/submit", {})
        await self._alone(path, {"edition": card["edition"]})
        await self._approver.post(f"{path}/approve", {"edition": card["edition"], "note": "可以"})
        await self._author.post(f"{path}/start", {})
        self._say(f"broadcast / 群发「{card['name']}」: {card['size']} customers / 位客户; {_SECOND}")
        return str(card["id"])

    async def moment(self) -> str:
        """Written, refused to its author, approved by the other: it is posted at once."""
        written = await self._author.post("moments", season.MOMENT)
        path = f"moments/{written['id']}"
        await self._author.post(f"{path}/submit", {})
        await self._alone(path, {})
        await self._approver.post(f"{path}/approve", {})
        self._say(f"moment / 朋友圈「{written['name']}」: {_SECOND}")
        return str(written["id"])

    async def _publish(self, name: str, written: dict[str, Any]) -> None:
        flow = await self._author.post("flows", {"document": written})
        await self._author.post(f"flows/{flow['id']}/publish", {"mode": "follow", "edition": flow["edition"]})
        self.flows[name] = flow["id"]

    async def _alone(self, path: str, body: dict[str, Any]) -> None:
        """The author tries to approve it too, which must not be possible."""
        try:
            await self._author.post(f"{path}/approve", body)
        except Refused:
            return
        raise AssertionError(f"{path} was approved by its author")


def _template(name: str) -> dict[str, Any]:
    written: dict[str, Any] = msgspec.json.decode(document.dump(TEMPLATES[name].flow("zh")))
    return written
