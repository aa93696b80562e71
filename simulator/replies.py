"""What an app's server answers inside a callback's response: encrypted passive replies (page 90241)."""

from lxml import etree

from simulator.delivery import Reply
from simulator.errors import Refusal
from simulator.world import World
from simulator.world.corp import App, Corp
from simulator.world.facts import Fact
from simulator.world.inbox import Message
from wecom.errors import CallbackError

TEXT_BYTES = 2048
PLAIN = (b"success", b"")
_REPLIED_EVENTS = frozenset(
    {
        *("subscribe", "enter_agent", "location", "click", "view", "view_miniprogram"),
        *("scancode_waitmsg", "template_card_event", "template_card_menu_event"),
    }
)


class Replies:
    """Takes passive replies in; `refused` says what was wrong with those that members never saw."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refused: list[str] = []

    def take(self, corp: Corp, app: App, fact: Fact, reply: Reply) -> None:
        """Show a reply to the member who caused it; one that cannot be read is refused, not repeated."""
        if reply.body in PLAIN or not _may_reply(fact):
            return
        try:
            message = self._open(app, reply.body)
        except (etree.XMLSyntaxError, CallbackError, ValueError) as error:
            self.refused.append(f"{fact.describe()}: {error}")
            return
        kind = message.findtext("MsgType", "")
        if kind == "update_button":
            name = message.findtext("Button/ReplaceName", "")
            self._update(corp, app, fact, {"button": {"replace_name": name}})
        elif kind == "update_template_card":
            self._update(corp, app, fact, {"template_card": etree.tostring(message, encoding="unicode")})
        else:
            self._show(corp, app, fact, message)

    def _open(self, app: App, body: bytes) -> etree._Element:
        outer = _parse(body)
        if app.receiver is None:
            raise ValueError("the app has no callback settings")
        plain = app.receiver.cipher.open(
            signature=outer.findtext("MsgSignature", ""),
            timestamp=outer.findtext("TimeStamp", ""),
            nonce=outer.findtext("Nonce", ""),
            encrypted=outer.findtext("Encrypt", ""),
        )
        return _parse(plain)

    def _show(self, corp: Corp, app: App, fact: Fact, message: etree._Element) -> None:
        if message.findtext("ToUserName") != fact.sender:
            self.refused.append(f"{fact.describe()}: for {message.findtext('ToUserName')}, not {fact.sender}")
            return
        kind = message.findtext("MsgType", "")
        content: dict[str, object] = {"xml": etree.tostring(message, encoding="unicode")}
        if kind == "text":
            text = message.findtext("Content", "")
            content = {"content": text.encode()[:TEXT_BYTES].decode(errors="ignore")}
        msgid = corp.mint.text("m", 40)
        corp.mail.send(Message(msgid, app.agent_id, kind, content, self.world.now(), [fact.sender]))

    def _update(self, corp: Corp, app: App, fact: Fact, change: dict[str, object]) -> None:
        """Change the clicked card; a code that was used meanwhile changes nothing."""
        code = fact.field("ResponseCode")
        try:
            corp.mail.updatable(code, app.agent_id, now=self.world.now())
        except Refusal as refusal:
            self.refused.append(f"{fact.describe()}: {refusal.code}")
            return
        corp.mail.update(code, {fact.sender: change})


def _may_reply(fact: Fact) -> bool:
    return fact.kind != "event" or fact.field("Event").lower() in _REPLIED_EVENTS


def _parse(xml: bytes) -> etree._Element:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
