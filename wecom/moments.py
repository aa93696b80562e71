"""Moments (客户朋友圈): posts that members of staff publish, made as jobs, and what became of them."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import field

from wecom.answers import Status
from wecom.broadcasts import ALL, CORP, Text
from wecom.caller import Caller
from wecom.ids import DepartmentId, ExternalUserId, MomentId, TagId, UserId
from wecom.pages import Page
from wecom.posts import Film, Link, Moment, Picture, describe

PATH = "externalcontact/"
SPAN: Final = timedelta(days=30)  # of a list
JOB_LIFETIME: Final = timedelta(hours=24)
FINISHED = 3


class Invalid(msgspec.Struct, frozen=True, kw_only=True):
    """Senders and tags that the platform left out."""

    users: tuple[UserId, ...] = ()
    departments: tuple[DepartmentId, ...] = ()
    tags: tuple[TagId, ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """How the making of a moment stands: with a moment, a code other than 0, or neither yet."""

    finished: bool
    moment_id: MomentId = MomentId("")
    code: int = 0
    message: str = ""
    invalid: Invalid = Invalid()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A moment that the platform knows; without creator when an API made it."""

    moment_id: MomentId
    creator: UserId = UserId("")
    created_at: datetime = field(name="create_time")
    origin: int = field(default=CORP, name="create_type")  # broadcasts.CORP or PERSONAL
    visible: int = field(default=1, name="visible_type")  # 0: to some customers only
    text: Text = Text()
    image: tuple[Picture, ...] = ()
    video: Film | None = None
    link: Link | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The part of one member in a moment of the corp."""

    user_id: UserId = field(name="userid")
    status: int = field(default=0, name="publish_status")

    @property
    def published(self) -> bool:
        """Whether the member has published it."""
        return self.status == 1


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """A like or a comment, by a customer or by a member; the words of a comment are not told."""

    external_user_id: ExternalUserId = field(default=ExternalUserId(""), name="external_userid")
    user_id: UserId = field(default=UserId(""), name="userid")
    at: datetime = field(name="create_time")


class Reactions(msgspec.Struct, frozen=True):
    """What there is to one member's part of a moment."""

    likes: tuple[Reaction, ...] = ()
    comments: tuple[Reaction, ...] = ()


class _Job(Status):
    jobid: str = ""


class _Senders(msgspec.Struct):
    user_list: tuple[UserId, ...] = ()
    department_list: tuple[DepartmentId, ...] = ()


class _Tags(msgspec.Struct):
    tag_list: tuple[TagId, ...] = ()


class _Result(Status):
    moment_id: MomentId = MomentId("")
    invalid_sender_list: _Senders = field(default_factory=_Senders)
    invalid_external_contact_list: _Tags = field(default_factory=_Tags)


class _Stand(Status):
    status: int = 0
    result: _Result = field(default_factory=_Result)


class _Records(Status):
    moment_list: tuple[Record, ...] = ()
    next_cursor: str = ""


class _Parts(Status):
    task_list: tuple[Part, ...] = ()
    next_cursor: str = ""


class _Customer(msgspec.Struct):
    external_userid: ExternalUserId = ExternalUserId("")


class _Customers(Status):
    customer_list: tuple[_Customer, ...] = ()
    next_cursor: str = ""


class _Reactions(Status):
    like_list: tuple[Reaction, ...] = ()
    comment_list: tuple[Reaction, ...] = ()


class Moments:
    """The APIs of moments; 10 may be created in a minute, 100,000 in a month."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def create(self, moment: Moment) -> str:
        """Page 95094: begin a job, and return its id; nothing is published before a member confirms.

        NoAnswer leaves open whether the job exists: look into `list` before making it again.
        """
        moment.check()
        return (await self._caller.tell(PATH + "add_moment_task", describe(moment), _Job)).jobid

    async def job(self, job_id: str) -> Job:
        """Page 95094: how a job stands; it can be asked for 24 hours."""
        answer = await self._caller.get(PATH + "get_moment_task_result", _Stand, jobid=job_id)
        if answer.status != FINISHED:
            return Job(finished=False)
        said = answer.result
        senders, tags = said.invalid_sender_list, said.invalid_external_contact_list
        invalid = Invalid(users=senders.user_list, departments=senders.department_list, tags=tags.tag_list)
        return Job(
            finished=True, moment_id=said.moment_id, code=said.errcode, message=said.errmsg or "", invalid=invalid
        )

    async def list(
        self, start: datetime, end: datetime, *, origin: int = ALL, creator: UserId | None = None, cursor: str = ""
    ) -> Page[Record]:
        """Page 93333: what was created in a time of at most 30 days, both ends excluded; deleted ones are not told."""
        body: dict[str, object] = {
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "filter_type": origin,
            "limit": 20,
            "cursor": cursor,
        }
        if creator:
            body["creator"] = creator
        answer = await self._caller.ask(PATH + "get_moment_list", body, _Records)
        return Page(answer.moment_list, answer.next_cursor)

    async def parts(self, moment_id: MomentId, cursor: str = "") -> Page[Part]:
        """Page 93333: which members have published a moment of the corp; TryLater (41079) right after its creation."""
        body = {"moment_id": moment_id, "limit": 1000, "cursor": cursor}
        answer = await self._caller.ask(PATH + "get_moment_task", body, _Parts)
        return Page(answer.task_list, answer.next_cursor)

    async def chosen(self, moment_id: MomentId, user_id: UserId, *, cursor: str = "") -> Page[ExternalUserId]:
        """Page 93333: the customers for whom a member published; Refused (41062) before that."""
        return await self._customers("get_moment_customer_list", moment_id, user_id, limit=1000, cursor=cursor)

    async def audience(self, moment_id: MomentId, user_id: UserId, *, cursor: str = "") -> Page[ExternalUserId]:
        """Page 93333: the customers who can see what a member published."""
        return await self._customers("get_moment_send_result", moment_id, user_id, limit=5000, cursor=cursor)

    async def reactions(self, moment_id: MomentId, user_id: UserId) -> Reactions:
        """Page 93333: likes and comments to what a member published, all at once."""
        body = {"moment_id": moment_id, "userid": user_id}
        answer = await self._caller.ask(PATH + "get_moment_comments", body, _Reactions)
        return Reactions(answer.like_list, answer.comment_list)

    async def cancel(self, moment_id: MomentId) -> None:
        """Page 97612: keep those from publishing who have not yet; what is published stays."""
        await self._caller.tell(PATH + "cancel_moment_task", {"moment_id": moment_id}, Status)

    async def _customers(
        self, api: str, moment_id: MomentId, user_id: UserId, *, limit: int, cursor: str
    ) -> Page[ExternalUserId]:
        body = {"moment_id": moment_id, "userid": user_id, "limit": limit, "cursor": cursor}
        answer = await self._caller.ask(PATH + api, body, _Customers)
        return Page(tuple(one.external_userid for one in answer.customer_list), answer.next_cursor)
