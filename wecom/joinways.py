"""Join ways (加入群聊, 群活码): the permanent codes through which customers come into groups (page 92229)."""

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import ChatId, ConfigId

PATH = "externalcontact/groupchat/"
PLUGIN = 1
QR_CODE = 2


class JoinWay(msgspec.Struct, frozen=True, kw_only=True):
    """What a join way is: up to five groups, filled one after another, and what is said back (`state`)."""

    groups: tuple[ChatId, ...] = field(default=(), name="chat_id_list")
    state: str = ""
    remark: str = ""
    auto_create: int = field(default=1, name="auto_create_room")  # 1: a new group when all are full
    base_name: str = field(default="", name="room_base_name")
    base_number: int = field(default=0, name="room_base_id")
    scene: int = QR_CODE
    config_id: ConfigId = ConfigId("")
    qr_code: str = ""

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse or cut."""
        limits.JOIN_GROUPS.check(self.groups)
        limits.STATE.check(self.state)
        limits.JOIN_REMARK.check(self.remark)
        limits.JOIN_NAME.check(self.base_name)


class _Made(Status):
    config_id: ConfigId = ConfigId("")


class _Way(Status):
    join_way: JoinWay | None = None


class JoinWays:
    """The APIs of join ways. They cannot be listed: a `config_id` that is lost is lost for ever."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def add(self, way: JoinWay) -> ConfigId:
        """Make a join way; its picture must be asked for."""
        answer = await self._caller.tell(PATH + "add_join_way", _describe(way), _Made)
        return answer.config_id

    async def get(self, config_id: ConfigId) -> JoinWay | None:
        """A join way with its picture."""
        return (await self._caller.ask(PATH + "get_join_way", {"config_id": config_id}, _Way)).join_way

    async def update(self, config_id: ConfigId, way: JoinWay) -> None:
        """Replace everything; the printed code stays the same."""
        await self._caller.tell(PATH + "update_join_way", {**_describe(way), "config_id": config_id}, Status)

    async def delete(self, config_id: ConfigId) -> None:
        """The code stops working."""
        await self._caller.tell(PATH + "del_join_way", {"config_id": config_id}, Status)


def _describe(way: JoinWay) -> dict[str, object]:
    way.check()
    body: dict[str, object] = {
        "scene": way.scene,
        "remark": way.remark,
        "auto_create_room": way.auto_create,
        "chat_id_list": way.groups,
        "state": way.state,
    }
    if way.auto_create:
        body |= {"room_base_name": way.base_name, "room_base_id": way.base_number}
    return body
