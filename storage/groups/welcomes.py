"""Group welcomes: what operators want newcomers of groups to be told, and what WeCom has of it."""

from dataclasses import dataclass

from sop.attachments import MATERIALS
from sop.events import GroupWelcomeChanged
from sop.groups import welcomes as groupwelcomes
from sop.groups.welcomes import Draft
from sop.limits import Violation
from storage.engine.sql import Statement
from storage.twins import Twin, Twins

_COUNT = Statement("SELECT COUNT(*) AS count FROM group_welcomes WHERE corp_id = :corp_id AND status <> 'deleted'")
_MATERIAL = Statement("SELECT kind FROM materials WHERE corp_id = :corp_id AND id = :id")


@dataclass(frozen=True, kw_only=True)
class GroupWelcome(Draft, Twin):
    """A group welcome with the id that WeCom gave it."""

    template_id: str = ""


class GroupWelcomes(Twins[GroupWelcome, Draft]):
    """The group welcomes of a corp."""

    table = "group_welcomes"
    kind = GroupWelcome
    made = ("template_id",)
    changed = GroupWelcomeChanged
    rules = staticmethod(groupwelcomes.check)

    async def check(self, draft: Draft, *, fresh: bool = False) -> list[Violation]:
        """Everything that is wrong with one as written: limits, its material, and for a new one their number."""
        found = groupwelcomes.check(draft)
        if fresh:
            (row,) = await self._scope.fetch(_COUNT)
            if row["count"] >= groupwelcomes.MOST:
                most = groupwelcomes.MOST
                zh, en = f"最多 {most} 条，请先删除不用的", f"there may be {most} of them: delete one that is not used"
                found.append(Violation("name", zh, en))
        attachment = draft.attachment
        wanted = MATERIALS.get(attachment.kind) if attachment else None
        if attachment and wanted and attachment.material.isdigit():
            rows = await self._scope.fetch(_MATERIAL, id=int(attachment.material))
            if not rows or rows[0]["kind"] != wanted:
                zh, en = f"没有这个 {wanted} 素材", f"there is no such material of kind {wanted}"
                found.append(Violation("attachment.material", zh, en))
        return found
