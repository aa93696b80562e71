"""Customer strategies (规则组): parts of the staff with administrators and privileges of their own (page 94883)."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Strategy:
    """A strategy; only the app that made it sees it."""

    strategy_id: int
    agent_id: int
    created_at: float
    name: str
    parent_id: int = 0
    admins: list[str] = field(default_factory=list)
    privilege: dict[str, bool] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
