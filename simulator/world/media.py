"""Temporary media: three days, and only for the purpose they were uploaded for."""

from dataclasses import dataclass, field, replace

from simulator.errors import Refusal
from simulator.world.mint import Mint

LIFETIME = 3 * 86_400.0  # seconds
MESSAGES = "messages"  # media/upload
MOMENTS = "moments"  # media/upload_attachment


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file."""

    id: str
    kind: str  # image, voice, video, file
    purpose: str
    filename: str
    content: bytes = field(repr=False)
    created_at: float = 0.0


@dataclass(slots=True)
class MediaStore:
    """What was uploaded, by all apps of a corp; pictures for ever by their address."""

    mint: Mint
    files: dict[str, Media] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict, repr=False)

    def keep(self, kind: str, purpose: str, filename: str, content: bytes, *, now: float) -> Media:
        """Store a file and name it."""
        media = Media(self.mint.text("3", 60), kind, purpose, filename, content, now)
        self.files[media.id] = media
        return media

    def use(
        self, media_id: str, kinds: tuple[str, ...], *, now: float, expired: int = 40007, purpose: str = MESSAGES
    ) -> Media:
        """Return the file: 40007 when unknown or of another kind, 41072 for another purpose, else `expired`."""
        media = self.files.get(media_id)
        if media is None or media.kind not in kinds:
            raise Refusal(40007)
        if media.purpose != purpose:
            raise Refusal(41072)
        if now >= media.created_at + LIFETIME:
            raise Refusal(expired)
        return media

    def copy(self, media: Media) -> str:
        """Keep a file for as long as the moment that shows it; returns the id by which it can be had."""
        copied = replace(media, id=self.mint.text("WWCISP_", 50), created_at=float("inf"))
        self.files[copied.id] = copied
        return copied.id

    def publish(self, content: bytes) -> str:
        """Store a picture for ever and return its address."""
        url = f"https://wework.qpic.cn/wwpic/{self.mint.text('p', 40)}/0"
        self.pictures[url] = content
        return url
