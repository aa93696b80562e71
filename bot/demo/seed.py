"""The first day: what an operator reads and sets up, through the API as an operator would."""

from dataclasses import dataclass
from typing import Any

from bot.demo import plan
from bot.demo.operator import Operator, Refused
from bot.demo.picture import draw


@dataclass(frozen=True, slots=True)
class Shop:
    """What stands at the end of the day: channels, the group code, and the addresses of the link by source."""

    channels: list[dict[str, Any]]
    code: dict[str, Any]
    addresses: list[str]


class Seed:
    """Sets everything up, once."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._teams: dict[int, list[str]] = {}
        self._tags: dict[str, str] = {}

    async def __call__(self) -> Shop:
        """Read what WeCom has, then make what the shop needs."""
        operator = self._operator
        await self._read()
        await operator.patch("settings", plan.SETTINGS)
        await self._label()
        picture = await operator.post("materials", {"kind": "image", "filename": "welcome.png", "content": draw()})
        shown = [{"kind": "image", "material": picture["id"]}]
        await operator.post("welcomes", {**plan.WELCOME, "attachments": shown})
        flow = await operator.post("flows", {"document": plan.FLOW})
        await operator.post(f"flows/{flow['id']}/publish", {"mode": "follow", "edition": flow["edition"]})
        folders = {name: (await operator.post("channel-folders", {"name": name}))["id"] for name in plan.FOLDERS}
        channels = [await self._channel(each, folders) for each in plan.CHANNELS]
        code = await self._groups(channels)
        addresses = await self._link()
        await operator.make("intercept-rules", plan.INTERCEPT)
        return Shop(channels, code, addresses)

    async def _read(self) -> None:
        """The first sync; its jobs may have begun with the service, and then go on."""
        begun = await self._operator.post("sync", {})
        for job in begun["jobs"]:
            ended = await self._operator.until(f"jobs/{job['job_id']}", lambda seen: seen["status"] != "running")
            if ended["status"] != "done":
                raise Refused(f"{job['kind']} is {ended['status']}")
        for member in await self._operator.list("staff"):
            for number in member["departments"]:
                self._teams.setdefault(number, []).append(member["user_id"])

    async def _label(self) -> None:
        """Five dimensions of tags; two rules that put tags on by themselves."""
        for key, kind in plan.TEMPLATES.items():
            await self._operator.post(f"tag-templates/{key}/apply", {"kind": kind})
        library = await self._operator.until("tags", _is_live)
        self._tags = {
            f"{group['name']}/{tag['name']}": tag["id"] for group in library["groups"] for tag in group["tags"]
        }
        templates = (await self._operator.get("tag-templates"))["templates"]
        conditions = {
            (group["name"], tag["name"]): tag["condition"]
            for template in templates
            for group in template["groups"]
            for tag in group["tags"]
        }
        for name, group in plan.RULES:
            rule = {"name": name, "tag_id": self._tags[f"{group}/{name}"], "condition": conditions[group, name]}
            await self._operator.post("tag-rules", rule)

    async def _channel(self, row: dict[str, Any], folders: dict[str, str]) -> dict[str, Any]:
        body = {name: value for name, value in row.items() if name not in {"team", "shifts", "backup_team"}}
        body |= {"staff": self._teams[row["team"]], "folder": folders[row["folder"]], "remark": "{channel}-{customer}"}
        body["tags"] = [self._tags[name] for name in row["tags"]]
        if row.get("shifts"):
            early, late = body["staff"][::2], body["staff"][1::2]
            body["rota"] = [
                {"from": "08:00", "to": "16:00", "staff": early},
                {"from": "16:00", "to": "24:00", "staff": late},
                {"from": "00:00", "to": "08:00"},
            ]
        if "backup_team" in row:
            body["backup"] = self._teams[row["backup_team"]][:2]
        return await self._operator.post("channels", body, wait=10)

    async def _groups(self, channels: list[dict[str, Any]]) -> dict[str, Any]:
        """A group code over several groups, and the welcomes that lead to it."""
        operator = self._operator
        chats = {group["name"]: group["chat_id"] for group in await operator.list("groups")}
        label = await operator.post("group-tags", {"name": plan.GROUP_TAG})
        for name in plan.GROUPS:
            await operator.patch(f"groups/{chats[name]}", {"tags": [label["id"]], "city": plan.GROUP_CODE["city"]})
        listed = {"groups": [chats[name] for name in plan.GROUPS], "spare": chats[plan.SPARE]}
        code = await operator.make("group-codes", {**plan.GROUP_CODE, **listed})
        inviting = [each["id"] for each in channels if each["name"] in plan.INVITING]
        await operator.post("group-invitations", {**plan.INVITATION, "codes": [code["id"]], "channels": inviting})
        await operator.make("group-welcomes", plan.GROUP_WELCOME)
        return code

    async def _link(self) -> list[str]:
        """An acquisition link, and its address for each place where it hangs."""
        body = {"name": plan.LINK["name"], "staff": self._teams[plan.LINK["team"]]}
        body["tags"] = [self._tags[name] for name in plan.LINK["tags"]]
        link = await self._operator.make("acquisition-links", body)
        path = f"acquisition-links/{link['id']}"
        return [(await self._operator.get(path, source=each))["address"] for each in plan.SOURCES]


def _is_live(library: dict[str, Any]) -> bool:
    return all(tag["status"] == "live" for group in library["groups"] for tag in group["tags"])
