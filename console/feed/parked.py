"""Business events of those who are no customers yet."""

from datetime import datetime

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Page, Walk
from storage.values import from_ms

routes = Routes()


class ParkedEvent(Answer):
    """An event that waits; `known_by` is the field that tells the customer, `effect` its name and key."""

    effect: str
    name: str
    known_by: str
    user_id: str
    at: datetime
    parked_at: datetime


@routes.on("GET /parked-events", Permission.READ_WORKINGS, "待认领业务事件", "List events that wait for a customer")
async def browse(call: Call, query: Walk) -> Page[ParkedEvent]:
    """The longest waiting first; after 30 days they are forgotten. Many of one kind: the key may be a wrong one."""
    place = read_place(query.after, int, str)
    after = (-1, "") if place is None else (int(place[0]), str(place[1]))
    found = await call.store.feed.parked.page(after=after, most=query.limit + 1)
    return turn(
        found,
        query.limit,
        lambda row: ParkedEvent(
            effect=row["effect"],
            name=row["name"],
            known_by=row["known_by"],
            user_id=row["user_id"],
            at=from_ms(row["at"]),
            parked_at=from_ms(row["parked_at"]),
        ),
        lambda row: (row["parked_at"], row["effect"]),
    )
