"""What is done for moments: materials are uploaded, moments are posted and cancelled."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForMoment(Intent):
    """Upload a material for moments: such a media id is of another kind than that for messages."""

    kind = "upload_for_moment"

    material_id: int
    round: str  # which upload this is

    @property
    def effect(self) -> str:
        """One upload per material and round."""
        return f"moment_media:{self.material_id}:{self.round}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMoment(Intent):
    """Have WeCom make a moment. What it says and by whom is in the row: it may be for a hundred thousand members."""

    kind = "post_moment"
    safety = Safety.SOUGHT

    row: int
    attempt: int  # another one only when an operator says so

    @property
    def effect(self) -> str:
        """One posting per moment, unless somebody asks for another."""
        return f"moment:{self.row}:post:{self.attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMoment(Intent):
    """Keep those from publishing who have not yet."""

    kind = "cancel_moment"

    row: int
    moment_id: str

    @property
    def effect(self) -> str:
        """Once."""
        return f"moment:{self.row}:cancel:{self.moment_id}"
