"""What is done for a material: it is uploaded, again and again."""

from dataclasses import dataclass

from sop.intents.base import Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadMaterial(Intent):
    """Upload a material to WeCom, so that its media id lives for the next three days."""

    kind = "upload_material"

    material_id: int
    round: str  # which renewal this is

    @property
    def effect(self) -> str:
        """One upload per material and renewal."""
        return f"material:{self.material_id}:{self.round}"
