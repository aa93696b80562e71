"""Endpoints of group welcomes (page 92366)."""

from simulator.api.attachments import CHECKS
from simulator.api.call import Answer, Call, contact
from simulator.api.fields import INVALID, MISSING
from simulator.errors import Refusal
from simulator.world.groups import GroupWelcome

TEXT_BYTES = 3000
MOST = 100
KINDS = ("image", "link", "miniprogram", "file", "video")  # of several the first counts


def add(call: Call) -> Answer:
    """Answer group_welcome_template/add."""
    welcomes = call.corp.groups.welcomes
    notify = call.body.number("notify", 1, among=range(2))
    if len(welcomes) >= MOST:
        raise Refusal(41055)
    made = GroupWelcome(call.corp.mint.text("msg", 40), call.app.agent_id, _read(call), bool(notify))
    welcomes[made.template_id] = made
    return {"template_id": made.template_id}


def edit(call: Call) -> Answer:
    """Answer group_welcome_template/edit: the content is replaced."""
    _own(call).content = _read(call)
    return {}


def get(call: Call) -> Answer:
    """Answer group_welcome_template/get."""
    return {**_find(call).content}


def delete(call: Call) -> Answer:
    """Answer group_welcome_template/del."""
    del call.corp.groups.welcomes[_own(call).template_id]
    return {}


def _own(call: Call) -> GroupWelcome:
    found = _find(call)
    if found.agent_id != call.app.agent_id:
        raise Refusal(41058)
    return found


def _find(call: Call) -> GroupWelcome:
    template_id = call.body.text("template_id", missing=MISSING)
    found = call.corp.groups.welcomes.get(template_id)
    if found is None:
        raise Refusal(INVALID, "template_id")
    return found


def _read(call: Call) -> Answer:
    """Text and one attachment, of which one is needed; the attachment stands beside the text."""
    content: Answer = {}
    text = call.body.nested("text")
    if text is not None and text.text("content", size=TEXT_BYTES):
        content["text"] = text.values
    kind = next((kind for kind in KINDS if call.body.has(kind)), None)
    if kind is not None:
        item = call.body.need(kind)
        CHECKS[kind](call, item)
        content[kind] = item.values
    if not content:
        raise Refusal(MISSING, "text or an attachment")
    return content


ROUTES = {
    "externalcontact/group_welcome_template/add": contact(add),
    "externalcontact/group_welcome_template/edit": contact(edit),
    "externalcontact/group_welcome_template/get": contact(get),
    "externalcontact/group_welcome_template/del": contact(delete),
}
