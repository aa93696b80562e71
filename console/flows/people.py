"""Who is in flows: numbers, lists, somebody's way with the reason of every step, and letting in and out by hand."""

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Key, Line, Page, Walk
from console.api.words import Words
from console.customers import find
from console.flows.shapes import ArmOut, Entrance, NumbersOut, PlaceOut, Share, StepOut, Taken, WayOut, why
from console.flows.sheets import find_flow
from sop.flows.document import ByHand
from sop.flows.enrolments import BY_HAND, Entrant
from storage.flows.numbers import Place
from storage.minders import minders

routes = Routes()
_ENROLMENT = Words("入组记录", "enrolment")


class PlaceQuery(Walk):
    """Who: of a status (parked, done, exited), at a node."""

    status: Line = ""
    node: Line = ""


@routes.on("GET /flows/{flow_id}/numbers", Permission.READ_NUMBERS, "旅程数据", "The numbers of a flow")
async def count(call: Call, flow_id: Identity) -> NumbersOut:
    """Who is where, how the others ended and why, and how the experiments stand."""
    sheet = await find_flow(call, flow_id)
    numbers = call.store.flownumbers
    parked, ended = await numbers.parked(sheet.id), await numbers.ended(sheet.id)
    nodes: dict[str, int] = {}
    for (_, node), each in parked.items():
        nodes[node] = nodes.get(node, 0) + each
    items = [Share(node=node, status="parked", count=each) for node, each in sorted(nodes.items())]
    items += [Share(status=status, reason=why(code), count=each) for (status, code), each in sorted(ended.items())]
    return NumbersOut(
        entered=sum(parked.values()) + sum(ended.values()),
        parked=sum(parked.values()),
        ended=sum(ended.values()),
        items=tuple(items),
        arms=tuple(
            ArmOut(node=one.node, arm=one.arm, exposed=one.exposed, converted=one.converted)
            for one in await numbers.arms(sheet.id)
        ),
    )


@routes.on("GET /flows/{flow_id}/enrolments", Permission.READ_CUSTOMERS, "旅程中的客户", "Who is in a flow")
async def browse(call: Call, flow_id: Identity, query: PlaceQuery) -> Page[PlaceOut]:
    """The newest first; a rep sees their own customers, a leader those of their departments."""
    sheet = await find_flow(call, flow_id)
    found = await call.store.flownumbers.page(
        sheet.id,
        status=query.status,
        node=query.node,
        staff=call.principal.staff,
        before=read_before(query.after),
        most=query.limit + 1,
    )
    return turn(found, query.limit, _show, lambda place: (place.id,))


@routes.on(
    "POST /flows/{flow_id}/enrolments", Permission.WRITE_RULES, "手动加入旅程", "Put somebody into a flow",
    status=202, limit=1024 * 1024,
)  # fmt: skip
async def enter(call: Call, flow_id: Identity, body: Entrance) -> Taken:
    """At the start, by the rules of its entry by hand; who is inside already, or may not come again, is left out."""
    sheet = await find_flow(call, flow_id)
    if not sheet.version or sheet.status == "ended":
        raise Problem("conflict")
    flow = (await call.store.flows.versions(sheet.id))[sheet.version].flow
    entry = next((one for one in flow.entries if isinstance(one, ByHand)), ByHand())
    owners = await minders(call.store.scope, body.subjects) if flow.subject == "customer" else {}
    cause = f"hand:{call.principal.token_id}:{int(call.now.timestamp() * 1000)}"
    entrants = [
        Entrant(subject=one, user_id=owners.get(one, ""), key=body.key, cause=f"{cause}:{one}", data=body.data)
        for one in dict.fromkeys(body.subjects)
        if one in owners or flow.subject == "group"
    ]
    call.store.enrolments.enrol(sheet.id, entrants, version=sheet.version, start=flow.start, entry=entry)
    return Taken(asked=len(entrants))


@routes.on("GET /enrolments/{enrolment_id}", Permission.READ_REASONS, "某次入组的经过", "Somebody's way, step by step")
async def trace(call: Call, enrolment_id: Identity) -> WayOut:
    """Every step with its reason: why somebody did, or did not, get what."""
    place = await _find(call, enrolment_id)
    steps = await call.store.flownumbers.steps(place.id)
    return WayOut(
        place=_show(place),
        steps=tuple(
            StepOut(
                node=one.node,
                visit=one.visit,
                verdict=one.verdict,
                reason=why(one.reason),
                port=one.port,
                facts=dict(one.facts),
                at=one.at,
            )
            for one in steps
        ),
    )


@routes.on("POST /enrolments/{enrolment_id}/exit", Permission.WRITE_RULES, "移出旅程", "Take somebody out", status=204)
async def leave(call: Call, enrolment_id: Identity) -> None:
    """They leave before their next step."""
    place = await _find(call, enrolment_id)
    inside = {one.id: one for one in await call.store.enrolments.of(place.subject)}
    if place.id in inside:
        call.store.enrolments.leave(inside[place.id], BY_HAND)


@routes.on(
    "GET /customers/{external_user_id}/flows", Permission.READ_CUSTOMERS, "客户所在的旅程", "The flows of a customer"
)
async def of_customer(call: Call, external_user_id: Key, query: Walk) -> Page[PlaceOut]:
    """Where the customer is and was, the newest first."""
    await find(call, external_user_id)
    found = await call.store.flownumbers.of(
        external_user_id, staff=call.principal.staff, before=read_before(query.after), most=query.limit + 1
    )
    return turn(found, query.limit, _show, lambda place: (place.id,))


async def _find(call: Call, enrolment_id: int) -> Place:
    place = await call.store.flownumbers.get(enrolment_id)
    if place is None or not call.principal.sees(place.user_id):
        raise missing(_ENROLMENT)
    return place


def _show(place: Place) -> PlaceOut:
    parked = place.status == "parked"
    return PlaceOut(
        id=place.id,
        flow_id=place.flow_id,
        version=place.version,
        subject=place.subject,
        user_id=place.user_id,
        key=place.key,
        status=place.status,
        node=place.node,
        visit=place.visit,
        entered_at=place.entered_at,
        node_at=place.node_at,
        due_at=place.due_at if parked else None,
        reason=why(place.reason) if place.reason else None,
        ended_at=place.ended_at,
    )
