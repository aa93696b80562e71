"""What handlers may ask of what members send to many: mass messages and moments, page by page."""

from datetime import datetime

from wecom.broadcasts import CORP, Delivery, Record, Task
from wecom.broadcasts import Audience as Kind
from wecom.client import Apis
from wecom.ids import MomentId, UserId
from wecom.moments import Job, Part, Reactions
from wecom.moments import Record as Moment
from wecom.pages import Page


class Outreach:
    """A part of the reader: nothing of it is remembered, and `patient` leaves room for others."""

    def __init__(self, apis: Apis, patient: Apis | None = None) -> None:
        self._apis = apis
        self._patient = patient or apis

    async def broadcasts(self, kind: Kind, start: datetime, end: datetime, cursor: str) -> Page[Record]:
        """A page of what was broadcast in a time of at most a month."""
        return await self._patient.broadcasts.list(kind, start, end, cursor=cursor)

    async def broadcast_tasks(self, msg_id: str, cursor: str) -> Page[Task]:
        """A page of the members who have to confirm a broadcast."""
        return await self._patient.broadcasts.tasks(msg_id, cursor)

    async def broadcast_results(self, msg_id: str, user_id: UserId, cursor: str) -> Page[Delivery]:
        """A page of what became of a member's part of a broadcast."""
        return await self._patient.broadcasts.deliveries(msg_id, user_id, cursor=cursor)

    async def moment_job(self, job_id: str) -> Job:
        """How the making of a moment stands."""
        return await self._apis.moments.job(job_id)

    async def moments(self, start: datetime, end: datetime, cursor: str) -> Page[Moment]:
        """A page of the moments of the corp that were created in a time."""
        return await self._patient.moments.list(start, end, origin=CORP, cursor=cursor)

    async def publishers(self, moment_id: MomentId, cursor: str) -> Page[Part]:
        """A page of the members who are asked to publish a moment."""
        return await self._patient.moments.parts(moment_id, cursor)

    async def reactions(self, moment_id: MomentId, user_id: UserId) -> Reactions:
        """Likes and comments to what a member published."""
        return await self._patient.moments.reactions(moment_id, user_id)

    async def audience(self, moment_id: MomentId, user_id: UserId) -> int:
        """How many customers can see what a member published."""
        count, cursor = 0, ""
        while True:
            page = await self._patient.moments.audience(moment_id, user_id, cursor=cursor)
            count, cursor = count + len(page.items), page.cursor
            if not cursor:
                return count
