"""Webhooks: the addresses of other systems that are told of things, and trying them."""

from typing import Annotated

from pydantic import Field

from console import outside
from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Name, Page, Shape, Walk
from console.api.words import Words
from console.patience import Patience, patiently
from sop import webhooks as rules
from sop.errors import Invalid
from sop.intents import CallWebhook
from sop.reasons import explain
from sop.webhooks import MOST_WEBHOOKS, Draft, Webhook
from storage.inspect import Inspect
from storage.values import new_id

routes = Routes()
_WEBHOOK = Words("回调地址", "webhook")
_FULL = f"最多 {MOST_WEBHOOKS} 个回调地址", f"a corp has at most {MOST_WEBHOOKS} webhooks"
_Url = Annotated[str, Field(min_length=1, max_length=2000)]


class NewWebhook(Shape):
    """Another system: where its requests go. See the documentation for their signature."""

    name: Name
    url: _Url
    enabled: bool = True


class WebhookChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    url: _Url | None = None
    enabled: bool | None = None


class WebhookOut(Answer):
    """A webhook; its secret is not shown again."""

    id: Identity
    name: str
    url: str
    enabled: bool


class IssuedWebhook(WebhookOut):
    """A webhook with its secret, shown this once: a repetition of the request finds it null."""

    secret: str | None

    def keepsake(self) -> str:
        """Without the secret."""
        return self.model_copy(update={"secret": None}).model_dump_json()


class WebhookTest(Answer):
    """How the test stands: `status` is open until it ended; done, refused … with the HTTP status in `code`."""

    intent_id: Identity
    status: str
    code: int
    reason: str


@routes.on("GET /webhooks", Permission.READ_RULES, "回调地址列表", "List webhooks, the newest first")
async def browse(call: Call, query: Walk) -> Page[WebhookOut]:
    """Those that are switched off, too."""
    found = await call.store.webhooks.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, WebhookOut.model_validate, lambda webhook: (webhook.id,))


@routes.on("POST /webhooks", Permission.WRITE_RULES, "新建回调地址", "Create a webhook", status=201)
async def create(call: Call, body: NewWebhook) -> IssuedWebhook:
    """The answer is the only place where the secret ever stands."""
    if len(await call.store.webhooks.page(most=MOST_WEBHOOKS)) >= MOST_WEBHOOKS:
        raise Problem("state", reason_zh=_FULL[0], reason_en=_FULL[1])
    draft = Draft(name=body.name, url=body.url, enabled=body.enabled)
    await _check(call, draft)
    return IssuedWebhook.model_validate(call.store.webhooks.add(draft))


@routes.on("GET /webhooks/{webhook_id}", Permission.READ_RULES, "查看回调地址", "Show a webhook")
async def show(call: Call, webhook_id: Identity) -> WebhookOut:
    """What was told to it, and how that ended, is at /intents?kind=call_webhook."""
    return WebhookOut.model_validate(await _find(call, webhook_id))


@routes.on("PATCH /webhooks/{webhook_id}", Permission.WRITE_RULES, "修改回调地址", "Change a webhook")
async def change(call: Call, webhook_id: Identity, body: WebhookChange) -> WebhookOut:
    """In force for the next request, also of what is waiting."""
    webhook = await _find(call, webhook_id)
    draft = Draft(
        name=webhook.name if body.name is None else body.name,
        url=webhook.url if body.url is None else body.url,
        enabled=webhook.enabled if body.enabled is None else body.enabled,
    )
    await _check(call, draft)
    return WebhookOut.model_validate(call.store.webhooks.change(webhook, draft))


@routes.on(
    "POST /webhooks/{webhook_id}/secret", Permission.WRITE_RULES, "更换回调密钥", "Give a webhook another secret"
)
async def renew(call: Call, webhook_id: Identity) -> IssuedWebhook:
    """The next request is signed with it: let the receiver know both for a moment."""
    return IssuedWebhook.model_validate(call.store.webhooks.renew(await _find(call, webhook_id)))


@routes.on("DELETE /webhooks/{webhook_id}", Permission.WRITE_RULES, "删除回调地址", "Delete a webhook", status=204)
async def remove(call: Call, webhook_id: Identity) -> None:
    """What was to be told to it is refused with the reason."""
    call.store.webhooks.remove((await _find(call, webhook_id)).id)


@routes.on("POST /webhooks/{webhook_id}/test", Permission.WRITE_RULES, "测试回调地址", "Try a webhook", status=202)
async def test(call: Call, webhook_id: Identity, query: Patience) -> WebhookTest:
    """Tell it of an event `test`, as flows would; with `wait` the answer says how that ended."""
    webhook = await _find(call, webhook_id)
    intent = CallWebhook(
        webhook_id=webhook.id, event="test", data={"name": webhook.name}, at=call.now, cause=f"test:{new_id()}"
    )
    identity = call.store.intend(intent)
    shown = WebhookTest(intent_id=identity, status="open", code=0, reason="")
    call.after = patiently(query, shown, lambda: _look(call, identity))
    return shown


async def _look(call: Call, identity: int) -> WebhookTest | None:
    """How the test ended, or how its first try did."""
    intent = await Inspect(call.console.database).intent(identity)
    if intent is None or (intent.status == "open" and not intent.reason):
        return None
    zh, en = explain(intent.reason)
    code = int(intent.result.get("status", intent.code))
    said = en if call.language == "en" else zh
    return WebhookTest(intent_id=identity, status=intent.status, code=code, reason=said)


async def _find(call: Call, webhook_id: int) -> Webhook:
    webhook = await call.store.webhooks.get(webhook_id)
    if webhook is None:
        raise missing(_WEBHOOK)
    return webhook


async def _check(call: Call, draft: Draft) -> None:
    """Refuse with all that is wrong; the name is looked up now, and again whenever it is asked."""
    inside = call.console.inside
    found = rules.check(draft, inside=inside)
    if not found and not inside and await outside.leads_inside(draft.url):
        found = [rules.inner("url")]
    if found:
        raise Invalid(found)
