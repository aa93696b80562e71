"""Endpoints of messages from an app to members (pages 90236, 94867)."""

import hashlib
from dataclasses import dataclass, field

import msgspec

from simulator.api.bodies import check_body
from simulator.api.call import Answer, Call, Route
from simulator.api.cards import needs_response
from simulator.api.fields import MISSING
from simulator.errors import Refusal
from simulator.limits import Quota
from simulator.world.inbox import Message

EVERYONE = "@all"
MOST_USERS = 1000
MOST_NODES = 100
SEPARATOR = "|"
DUPLICATE_INTERVAL = 1800
MOST_INTERVAL = 14_400
DAY = 86_400.0
PER_ACCOUNT = 200  # person-times a day for each account the corp may have
_escape_free = msgspec.json.Encoder(order="deterministic").encode


@dataclass(slots=True)
class Recipients:
    """Whom a message reaches, and what of the three lists was not good."""

    userids: dict[str, None] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def send(call: Call) -> Answer:
    """Answer message/send; a good answer can still name receivers that were not reached."""
    body = call.body
    _check_charset(call)
    if body.number("agentid", missing=41011) != call.app.agent_id:
        raise Refusal(301002)
    kind, content = check_body(call)
    repeated = _repeats(call)
    found = _resolve(call)
    msgid = call.corp.mint.text("m", 40)
    answer: Answer = {
        "msgid": msgid,
        "invaliduser": SEPARATOR.join(found.users),
        "invalidparty": SEPARATOR.join(found.parties),
        "invalidtag": SEPARATOR.join(found.tags),
        "unlicenseduser": "",
    }
    if repeated:
        return answer
    _count(call, len(found.userids))
    message = Message(msgid, call.app.agent_id, kind, content, call.now, list(found.userids))
    call.corp.mail.send(message)
    if kind == "template_card" and needs_response(content):
        answer["response_code"] = call.corp.mail.issue(message, now=call.now)
    return answer


def recall(call: Call) -> Answer:
    """Answer message/recall, within 24 hours."""
    call.corp.mail.recall(call.body.text("msgid", missing=MISSING), call.app.agent_id, now=call.now)
    return {}


def _check_charset(call: Call) -> None:
    """Refuse texts written as escapes (40033); those of control characters have to be."""
    for part in call.request.body.split(b"\\u")[1:]:
        if not part.startswith(b"00"):
            raise Refusal(40033)


def _resolve(call: Call) -> Recipients:
    """Return whom the three lists reach: 82001 all empty, 81013 nobody among them."""
    users = _split(call, "touser", most=MOST_USERS, over=40032)
    parties = _split(call, "toparty", most=MOST_NODES, over=82002)
    tags = _split(call, "totag", most=MOST_NODES, over=82003)
    found = Recipients(tags=tags)
    if users == [EVERYONE]:
        seen = [one for one in call.corp.directory if call.corp.directory.find(one.userid) and call.sees(one)]
        return Recipients(dict.fromkeys(one.userid for one in seen))
    if not users and not parties and not tags:
        raise Refusal(82001)
    for userid in users:
        member = call.corp.directory.find(userid)
        if member is not None and call.sees(member):
            found.userids[member.userid] = None
        else:
            found.users.append(userid.lower())
    for party in parties:
        _add_party(call, party, found)
    if not found.userids and len(found.parties) == len(parties):
        raise Refusal(81013)
    return found


def _add_party(call: Call, party: str, found: Recipients) -> None:
    directory = call.corp.directory
    number = int(party) if party.isdecimal() else 0
    if number not in directory.departments or not call.app.scope.reaches(number, directory):
        found.parties.append(party)
        return
    found.userids.update(dict.fromkeys(one.userid for one in directory.staff(number, deep=True)))


def _split(call: Call, key: str, *, most: int, over: int) -> list[str]:
    names = [name.strip() for name in call.body.text(key).split(SEPARATOR) if name.strip()]
    if len(names) > most:
        raise call.body.refuse(key, over)
    return names


def _repeats(call: Call) -> bool:
    """Whether the app asked to suppress repetitions, and this is one."""
    asked = call.body.number("enable_duplicate_check", among=range(2))
    interval = call.body.number("duplicate_check_interval", DUPLICATE_INTERVAL, among=range(1, MOST_INTERVAL + 1))
    if not asked:
        return False
    digest = hashlib.sha256(_escape_free(call.body.values)).digest()
    return call.corp.mail.repeats(call.app.agent_id, digest, interval=interval, now=call.now)


def _count(call: Call, people: int) -> None:
    """Count person-times against the app's day; 45009 beyond 200 for each account."""
    quota = Quota(call.corp.account_cap * PER_ACCOUNT, DAY)
    for _ in range(people):
        call.limits.count(("message", call.corp.id, call.app.agent_id), (quota,), now=call.now)


ROUTES = {
    "message/send": Route(send, counted=False),
    "message/recall": Route(recall),
}
