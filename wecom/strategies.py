"""Customer strategies (规则组): who administers which part of the staff, and what that part may do (page 94883)."""

from datetime import datetime

import msgspec
from msgspec import field

from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import DepartmentId, StrategyId, UserId
from wecom.pages import Page

PATH = "externalcontact/customer_strategy/"
MEMBER, DEPARTMENT = 1, 2


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy; `parent` is 0 at the top, `privilege` says by the platform's names what is allowed."""

    id: StrategyId = field(name="strategy_id")
    parent: StrategyId = field(default=StrategyId(0), name="parent_id")
    name: str = field(default="", name="strategy_name")
    created_at: datetime | None = field(default=None, name="create_time")
    admins: tuple[UserId, ...] = field(default=(), name="admin_list")
    privilege: dict[str, bool] = {}  # msgspec copies an empty default


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a strategy's range: a member, or a department with all below it."""

    kind: int = field(name="type")
    user_id: UserId = field(default=UserId(""), name="userid")
    department: DepartmentId = field(default=DepartmentId(0), name="partyid")


class _Id(msgspec.Struct):
    strategy_id: StrategyId


class _Ids(Status):
    strategy: tuple[_Id, ...] = ()
    next_cursor: str = ""


class _Strategy(Status):
    strategy: Strategy | None = None


class _Range(Status):
    range: tuple[Node, ...] = ()
    next_cursor: str = ""


class Strategies:
    """The reading APIs of customer strategies; an app sees only those that it has made."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, cursor: str = "", *, limit: int = 1000) -> Page[StrategyId]:
        """The ids, at most 1000 a page."""
        answer = await self._caller.ask(PATH + "list", {"cursor": cursor, "limit": limit}, _Ids)
        return Page(tuple(one.strategy_id for one in answer.strategy), answer.next_cursor)

    async def get(self, strategy_id: StrategyId) -> Strategy | None:
        """One strategy."""
        return (await self._caller.ask(PATH + "get", {"strategy_id": strategy_id}, _Strategy)).strategy

    async def range(self, strategy_id: StrategyId, cursor: str = "", *, limit: int = 1000) -> Page[Node]:
        """For whom it holds, at most 1000 a page."""
        body = {"strategy_id": strategy_id, "cursor": cursor, "limit": limit}
        answer = await self._caller.ask(PATH + "get_range", body, _Range)
        return Page(answer.range, answer.next_cursor)
