"""Endpoints that make moments: a job, its result, its end (pages 95094, 97612)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from simulator.api.attachments import URL_BYTES
from simulator.api.broadcasts import screen
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import INVALID, MISSING, Fields
from simulator.errors import Refusal
from simulator.world.contacts import Standing
from simulator.world.errands import Errand, Kind
from simulator.world.images import measure
from simulator.world.media import MOMENTS
from simulator.world.moments import Job, Moment, Publication
from simulator.world.people import Member

TEXT_CHARS = 2000
TITLE_CHARS = 64
MOST_SENDERS = 100_000
MOST = {"image": 9, "video": 1, "link": 1}
LONG_SIDE, SHORT_SIDE = 10_800, 1080
NOBODY = 81013


@dataclass(slots=True)
class Range:
    """Whom a moment is for, as far as that makes sense (可见范围)."""

    members: list[Member] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    limited: bool = False  # by tags
    users: list[str] = field(default_factory=list)  # from here on: what is invalid
    departments: list[int] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def create(call: Call) -> Answer:
    """Answer add_moment_task: a job; the moment is there when the job is over."""
    corp, now = call.corp, call.now
    content = _read(call)
    screen(call, content)
    range_ = _range(call)
    corp.moments.admit(now)
    done_at = now + corp.moments.working
    publications = {one.userid: Publication(one.userid) for one in _publishers(call, range_)}
    moment_id = ""
    if publications:
        moment_id = corp.moments.name()
        corp.moments.by_id[moment_id] = Moment(
            moment_id=moment_id,
            agent_id=call.app.agent_id,
            created_at=done_at,
            content=content,
            tags=frozenset(range_.tags),
            publications=publications,
        )
        call.world.agenda.put(done_at, partial(_ask, call, moment_id))
    job = Job(
        jobid=corp.mint.text("job", 40),
        agent_id=call.app.agent_id,
        started_at=now,
        done_at=done_at,
        moment_id=moment_id,
        code=0 if publications else NOBODY,
        users=tuple(range_.users),
        departments=tuple(range_.departments),
        tags=tuple(range_.unknown),
    )
    corp.moments.begin(job)
    return {"jobid": job.jobid}


def _ask(call: Call, moment_id: str) -> None:
    for userid in call.corp.moments.by_id[moment_id].publications:
        call.world.ask(call.corp, Errand(Kind.MOMENT, moment_id, userid))


def _read(call: Call) -> Answer:
    """Return text and attachments as members and customers will see them; one kind of attachments only."""
    content: Answer = {}
    text = call.body.nested("text")
    if text is not None and text.text("content", chars=TEXT_CHARS):
        content["text"] = {"content": text.text("content")}
    items = call.body.items("attachments")
    kinds = {item.text("msgtype") for item in items}
    if not kinds <= MOST.keys() or len(kinds) > 1:
        raise Refusal(41065, "invalid attachments msgtype")
    for kind in kinds:
        if len(items) > MOST[kind]:
            raise Refusal(41064, "invalid attachments size")
        shown = [_SHOW[kind](call, item.need(kind)) for item in items]
        content[kind] = shown if kind == "image" else shown[0]
    if not content:
        raise Refusal(41089)
    return content


def _image(call: Call, body: Fields) -> Answer:
    media = call.corp.media.use(body.text("media_id", missing=41006), ("image",), now=call.now, purpose=MOMENTS)
    width, height = sorted(measure(media.content))
    if height > LONG_SIDE or width > SHORT_SIDE:
        raise Refusal(41081)
    return {"media_id": call.corp.media.copy(media)}


def _video(call: Call, body: Fields) -> Answer:
    media = call.corp.media.use(body.text("media_id", missing=41006), ("video",), now=call.now, purpose=MOMENTS)
    return {"media_id": call.corp.media.copy(media), "thumb_media_id": call.corp.media.copy(media)}


def _link(call: Call, body: Fields) -> Answer:
    title = body.text("title", chars=TITLE_CHARS)
    url = body.text("url", missing=41010, size=URL_BYTES)
    if not url.startswith(("http://", "https://")):
        raise body.refuse("url", why="needs http:// or https://")
    call.corp.media.use(body.text("media_id", missing=41006), ("image",), now=call.now, purpose=MOMENTS)
    return {"title": title, "url": url}


_SHOW = {"image": _image, "video": _video, "link": _link}


def _range(call: Call) -> Range:
    """Read the visible range; members whom the app does not see, and tags that are not the corp's, are left out."""
    found, outer = Range(), call.body.nested("visible_range")
    senders = outer.nested("sender_list") if outer else None
    customers = outer.nested("external_contact_list") if outer else None
    if customers is not None and (wanted := customers.texts("tag_list")):
        found.limited = True
        known = call.corp.tags.tags
        found.tags = [one for one in wanted if one in known]
        found.unknown = [one for one in wanted if one not in known]
    users = senders.texts("user_list", most=MOST_SENDERS) if senders else []
    departments = senders.numbers("department_list") if senders else []
    if users or departments:
        _senders(call, found, users, departments)
    else:
        found.members = [one for one in call.corp.directory if _posts(call, one)]
    return found


def _senders(call: Call, found: Range, users: list[str], departments: list[int]) -> None:
    directory = call.corp.directory
    members: dict[str, Member] = {}
    for userid in users:
        member = directory.find(userid)
        if member is not None and _posts(call, member):
            members[member.userid] = member
        else:
            found.users.append(userid)
    for number in departments:
        if number not in directory.departments or not call.app.scope.reaches(number, directory):
            found.departments.append(number)
            continue
        members |= {one.userid: one for one in directory.staff(number, deep=True) if _posts(call, one)}
    found.members = list(members.values())


def _posts(call: Call, member: Member) -> bool:
    return member.serves and call.sees(member)


def _publishers(call: Call, range_: Range) -> Iterable[Member]:
    """The members who get a task; with tags those who have a tagged customer."""
    if not range_.limited:
        return range_.members
    tags = set(range_.tags)
    return [
        member
        for member in range_.members
        if any(
            one.standing is Standing.MUTUAL and not tags.isdisjoint(one.tags)
            for one in call.corp.contacts.of_member(member.userid)
        )
    ]


def result(call: Call) -> Answer:
    """Answer get_moment_task_result; what was invalid is told when the job is over."""
    job = call.corp.moments.job(call.query.text("jobid", missing=MISSING), now=call.now)
    if job.agent_id != call.app.agent_id:
        raise Refusal(INVALID, "the job of another app")
    status = job.status(call.now)
    answer: Answer = {"status": status, "type": "add_moment_task"}
    if status != 3:  # noqa: PLR2004 - over
        return answer
    said: Answer = {"errcode": job.code, "errmsg": "ok" if not job.code else "nobody can publish it"}
    if job.moment_id:
        said["moment_id"] = job.moment_id
    if job.users or job.departments:
        said["invalid_sender_list"] = {"user_list": list(job.users), "department_list": list(job.departments)}
    if job.tags:
        said["invalid_external_contact_list"] = {"tag_list": list(job.tags)}
    return {**answer, "result": said}


def cancel(call: Call) -> Answer:
    """Answer cancel_moment_task: who has not published cannot any more; what is published stays."""
    moment = call.corp.moments.dispatched(call.body.text("moment_id"), now=call.now)
    if moment.creator:
        raise Refusal(41067)
    moment.cancelled = True
    return {}


ROUTES = {
    "externalcontact/add_moment_task": contact(create),
    "externalcontact/get_moment_task_result": contact(result, "GET"),
    "externalcontact/cancel_moment_task": contact(cancel),
}
