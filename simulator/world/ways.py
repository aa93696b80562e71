"""Contact ways (联系我, 渠道活码): how customers find members (page 92228)."""

from dataclasses import dataclass, field

SINGLE = 1
MULTIPLE = 2
BUTTON = 1
QR_CODE = 2
MOST_USERS = 100
MOST_WAYS = 500_000
MOST_TEMPORARY = 100_000  # a day


@dataclass(slots=True)
class ContactWay:
    """A way; whoever scans it is given one of its users, in turn."""

    config_id: str
    kind: int
    scene: int
    created_at: float
    agent_id: int
    style: int = 0
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    users: list[str] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    is_temp: bool = False
    is_exclusive: bool = False
    expires_in: int = 0
    chat_expires_in: int = 0
    unionid: str = ""
    conclusions: dict[str, object] = field(default_factory=dict)
    scans: int = 0
    pictures: str = ""  # where its picture is

    def expired(self, now: float) -> bool:
        """Whether a temporary way can be scanned and edited no more."""
        return self.is_temp and now >= self.created_at + self.expires_in

    @property
    def qr_code(self) -> str:
        """The address of the picture; it stays the same when the users change."""
        return f"{self.pictures}/wwpic/{self.config_id}/0" if self.scene == QR_CODE else ""
