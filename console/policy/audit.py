"""Transactional messages, and what each has bypassed."""

from datetime import datetime

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Page, Walk
from console.decisions import Reason
from sop.reasons import explain
from storage.policy.audit import Exempt

routes = Routes()


class ExemptQuery(Walk):
    """`bypassed`: those only that something was against."""

    bypassed: bool = False


class ExemptMessage(Answer):
    """A transactional message to a customer or a group: `reason` is what it bypassed, or why it did not go out."""

    id: Identity
    at: datetime
    due_at: datetime
    kind: str
    subject: str
    user_id: str
    origin: str
    origin_id: Identity | None
    node: str
    version: int
    topic: str
    status: str
    reason: Reason | None


@routes.on("GET /policy/transactional", Permission.READ_REASONS, "事务性消息审计", "Audit transactional messages")
async def browse(call: Call, query: ExemptQuery) -> Page[ExemptMessage]:
    """The newest first; a rep sees what they send, and what goes to their customers."""
    found = await call.store.policy.audit.page(
        bypassed=query.bypassed,
        staff=call.principal.staff,
        before=read_before(query.after),
        most=query.limit + 1,
    )
    return turn(found, query.limit, _show, lambda each: (each.id,))


def _show(one: Exempt) -> ExemptMessage:
    reason = Reason(code=one.reason, **explain(one.reason)._asdict()) if one.reason else None
    values = {name: getattr(one, name) for name in ExemptMessage.model_fields if name != "reason"}
    return ExemptMessage(**values, reason=reason)
