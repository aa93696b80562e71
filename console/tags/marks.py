"""Tagging one customer: what the sidebar and integrations do by hand."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from console.api.call import Call
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Shape
from console.api.words import Words
from console.names import check_tags
from sop.errors import Invalid
from sop.intents import MarkTags
from sop.limits import Violation
from sop.tags.owners import BY_API
from storage.tags.marking import mark
from storage.values import new_id

routes = Routes()
_RELATION = Words("客户关系", "relation of a customer to this member")
_Tags = Annotated[tuple[Key, ...], Field(max_length=100)]


class Marks(Shape):
    """Tags to put on a customer for one member, or to take off; those put on can end after some days."""

    user_id: Key
    add: _Tags = ()
    remove: _Tags = ()
    expires_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class Marked(Answer):
    """What is on its way; the tags of a customer show it when WeCom has taken it."""

    external_user_id: str
    user_id: str
    add: tuple[str, ...]
    remove: tuple[str, ...]


@routes.on(
    "POST /customers/{external_user_id}/tags", Permission.MARK_CUSTOMERS, "给客户打标", "Tag a customer", status=202
)
async def change(call: Call, external_user_id: Key, body: Marks) -> Marked:
    """As set by hand: no rule takes it away, and a rule whose tag is taken off leaves this customer alone."""
    relation = await call.store.relations.find(external_user_id, body.user_id)
    if relation is None or not call.principal.sees(body.user_id):
        raise missing(_RELATION)
    found = await check_tags(call, body.add, field="add")
    if not body.add and not body.remove:
        found.append(Violation("add", "请给出标签", "name some tags"))
    if found:
        raise Invalid(found)
    pair = {"external_user_id": external_user_id, "user_id": body.user_id}
    marks = MarkTags(
        external_user_id=external_user_id,
        user_id=body.user_id,
        add=body.add,
        remove=body.remove,
        source="api",
        evidence={"token": str(call.principal.token_id)},
        expires_at=None if body.expires_days is None else call.now + timedelta(days=body.expires_days),
        cause=f"api:{new_id()}",
    )
    intent_id = await mark(call.store, marks)
    if intent_id is not None:
        call.store.decide("tag", "wanted", BY_API, intent_id=intent_id, add=body.add, remove=body.remove, **pair)
    return Marked(**pair, add=body.add, remove=body.remove)
