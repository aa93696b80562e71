"""Messages: why a customer or a group was sent this, or was not."""

from console import customers
from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Key, Page
from console.api.words import Words
from console.deliveries.shapes import Delivery, DeliveryDetail, DeliveryQuery, Origin, show, which, words
from console.groups import ledger
from storage.deliveries import lists

routes = Routes()
_DELIVERY = Words("消息", "message")


class OriginQuery(DeliveryQuery):
    """Which deliveries, of which flow or broadcast."""

    origin: Origin | None = None
    origin_id: Identity | None = None


@routes.on(
    "GET /deliveries", Permission.READ_MESSAGES, "消息列表", "List messages of a flow or broadcast, the newest first"
)
async def browse(call: Call, query: OriginQuery) -> Page[Delivery]:
    """Skipped ones too, with the reason."""
    return await _page(call, query, which(call, query, origin=query.origin or "", origin_id=query.origin_id))


@routes.on("GET /deliveries/{delivery_id}", Permission.READ_MESSAGES, "查看消息", "Show a message")
async def read(call: Call, delivery_id: Identity) -> DeliveryDetail:
    """Why it was sent, or was not, and what it says."""
    found = await call.store.deliveries.lists.get(delivery_id)
    if found is None or not call.principal.sees(found.user_id):
        raise missing(_DELIVERY)
    content = await call.store.deliveries.mailings.content(found.content_id)
    return DeliveryDetail(**show(found), content=words(call, content))


@routes.on(
    "GET /customers/{external_user_id}/deliveries", Permission.READ_MESSAGES, "客户收到的消息", "A customer's messages"
)
async def of_customer(call: Call, external_user_id: Key, query: DeliveryQuery) -> Page[Delivery]:
    """What was sent, is planned, or was left out and why, the newest first."""
    await customers.find(call, external_user_id)
    return await _page(call, query, which(call, query, subject=external_user_id))


@routes.on("GET /groups/{chat_id}/deliveries", Permission.READ_MESSAGES, "客户群收到的消息", "A group's messages")
async def of_group(call: Call, chat_id: Key, query: DeliveryQuery) -> Page[Delivery]:
    """What was sent, is planned, or was left out and why, the newest first."""
    await ledger.find(call, chat_id)
    return await _page(call, query, which(call, query, subject=chat_id))


async def _page(call: Call, query: DeliveryQuery, meant: lists.Which) -> Page[Delivery]:
    found = await call.store.deliveries.lists.page(meant, before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, lambda one: Delivery(**show(one)), lambda one: (one.id,))
