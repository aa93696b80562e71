"""What people do in customer groups, and what the service holds of them."""

from typing import Any

from simulator.actions import groups
from simulator.world.groups import Group
from tests.stage import Stage

READING = "externalcontact/groupchat/get"


class Crowd:
    """The groups of a stage's company: `crowd.invite(group, userid=…)` and so on."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world, self.corp = stage.simulator.world, stage.corp

    def found(self, owner: str = "", **about: Any) -> Group:
        return groups.found_group(self.world, self.corp, owner=owner or self.stage.rep, **about)

    def invite(self, group: Group, number: int = 1, **about: Any) -> list[str]:
        """Somebody new, or so many; their ids."""
        before = set(group.now.members)
        about = {"userid": group.now.owner, "customers": [""] * number, **about}
        groups.invite(self.world, self.corp, chat_id=group.chat_id, **about)
        return [one for one in group.now.members if one not in before]

    def join(self, state: str, **about: Any) -> Group:
        return groups.join_group(self.world, self.corp, state=state, **about)

    def do(self, deed: str, group: Group, /, **about: Any) -> None:
        getattr(groups, deed)(self.world, self.corp, chat_id=group.chat_id, **about)

    async def ledger(self, group: Group) -> dict[str, Any]:
        """What the API says of a group and who is in it."""
        shown = await self.stage.get(f"groups/{group.chat_id}")
        members = await self.stage.get(f"groups/{group.chat_id}/members", limit=200)
        return shown | {"inside": {one["member_id"]: one for one in members["items"]}}

    async def agrees(self, group: Group) -> bool:
        """Whether the ledger is what the platform has."""
        answer = await self.stage.api.get(f"{self.stage.base}/api/v1/groups/{group.chat_id}")
        if answer.status_code == 404:
            return False
        held, now = await self.ledger(group), group.now
        if now.dismissed:
            return held["status"] == "dismissed" and not held["inside"]
        named = (held["name"], held["owner"], held["notice"]) == (now.name, now.owner, now.notice)
        return named and set(held["inside"]) == set(now.members)

    async def settle(self, *chosen: Group) -> None:
        """Let seconds pass until the ledger agrees about these groups and nothing is left to do."""

        async def look() -> bool:
            if await self.stage.idle():  # time does not run away from a call that is under way
                self.stage.push(1)
            return all([await self.agrees(group) for group in chosen]) and await self.stage.quiet()

        await self.stage.until(look, 30)
