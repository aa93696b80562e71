"""Template cards: what each kind must hold, block by block (page 90236), and their update (page 94888)."""

import re
from collections.abc import Callable

from simulator.api.call import Answer, Call, Route
from simulator.api.fields import MISSING, Fields
from simulator.errors import Refusal
from simulator.world.inbox import INTERACTIVE

MOST_ROWS = 6
MOST_VERTICAL = 4
MOST_JUMPS = 3
MOST_MENU = 3
MOST_BUTTONS = 6
MOST_CHOICES = 10
MOST_VOTES = 20
MOST_SELECTS = 3
KEY_BYTES = 1024
OPTION_BYTES = 128
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
URL, PROGRAM = 1, 2
FILE, MEMBER = 2, 3
MOST_UPDATED = 1000
Block = Callable[[Call, Fields], None]


def check_card(call: Call, card: Fields) -> Answer:
    """Return a card's content once each block is found good."""
    kind = card.text("card_type")
    if kind not in _KINDS:
        raise Refusal(42031, kind)
    for block in (_menu, _rows, _jumps, *_KINDS[kind]):
        block(call, card)
    if needs_response(card.values) and call.app.receiver is None:
        raise Refusal(43012)
    _task(call, card, needed=needs_response(card.values))
    return card.values


def needs_response(card: Answer) -> bool:
    """Whether members can click the card so that the app is told: buttons, or a menu."""
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def update(call: Call) -> Answer:
    """Answer message/update_template_card: grey the buttons, or replace the card, once for each code."""
    body = call.body
    if body.number("agentid", missing=41011) != call.app.agent_id:
        raise Refusal(301002)
    change = _change(call)
    userids = body.texts("userids", most=MOST_UPDATED, over=40032)
    if not userids and not body.numbers("partyids") and not body.numbers("tagids") and not body.number("atall"):
        raise Refusal(82101)
    code = body.text("response_code", missing=60140)
    message = call.corp.mail.updatable(code, call.app.agent_id, now=call.now)
    held = {userid.lower(): userid for userid in message.userids}
    wanted = list(held) if body.number("atall") else [userid.lower() for userid in userids]
    for number in body.numbers("partyids"):
        wanted += [one.userid.lower() for one in call.corp.directory.staff(number, deep=True)]
    invalid = [userid for userid in wanted if userid not in held]
    if len(invalid) == len(wanted):
        raise Refusal(82102)
    call.corp.mail.update(code, {held[userid]: change for userid in wanted if userid in held})
    return {"invaliduser": invalid}


def _change(call: Call) -> Answer:
    button, card = call.body.nested("button"), call.body.nested("template_card")
    if card is not None:
        kind = card.text("card_type")
        if kind not in _KINDS:
            raise Refusal(42031, kind)
        for block in (_menu, _rows, _jumps, *_KINDS[kind]):
            block(call, card)
        return card.values
    if button is None:
        raise Refusal(MISSING, "button or template_card")
    return {"button": {"replace_name": button.text("replace_name", missing=42020)}}


def _task(call: Call, card: Fields, *, needed: bool) -> None:
    task_id = card.text("task_id")
    if not task_id and not needed:
        return
    if not TASK_ID.fullmatch(task_id) or call.corp.mail.carded(call.app.agent_id, task_id):
        raise Refusal(42014, task_id)


def _menu(_: Call, card: Fields) -> None:
    menu = card.nested("action_menu")
    if menu is None:
        return
    actions = menu.items("action_list", missing=42051, most=MOST_MENU, over=42051)
    for action in actions:
        action.text("text", missing=42038)
    _unique(actions, missing=42051, clash=42051)


def _rows(call: Call, card: Fields) -> None:
    for row in card.items("horizontal_content_list", most=MOST_ROWS, over=42035):
        row.text("keyname", missing=42027)
        kind = row.number("type", among=range(4))
        if kind == URL:
            _link(row)
        elif kind == FILE:
            call.corp.media.use(row.text("media_id", missing=42029), ("file",), now=call.now)
        elif kind == MEMBER:
            call.member(row.text("userid", missing=42050), unknown=42050, hidden=42050)


def _jumps(_: Call, card: Fields) -> None:
    for jump in card.items("jump_list", most=MOST_JUMPS, over=42042):
        jump.text("title", missing=42033)
        _target(jump, jump.number("type", among=range(3)))


def _target(body: Fields, kind: int) -> None:
    """Check where a click leads: an address, or a mini program."""
    if kind == URL:
        _link(body)
    elif kind == PROGRAM:
        body.text("appid", missing=42030)


def _link(body: Fields) -> None:
    if not body.text("url", missing=42028).startswith(("http://", "https://")):
        raise body.refuse("url", 42028)


def _title(_: Call, card: Fields) -> None:
    title = card.nested("main_title")
    if title is None or not title.text("title"):
        raise Refusal(42033, "main_title.title")


def _some_title(call: Call, card: Fields) -> None:
    if not card.text("sub_title_text"):
        _title(call, card)


def _action(_: Call, card: Fields) -> None:
    action = card.need("card_action", 42045)
    kind = action.number("type", missing=42045, invalid=42045, among=range(URL, PROGRAM + 1))
    _target(action, kind)


def _picture(_: Call, card: Fields) -> None:
    image, area = card.nested("card_image"), card.nested("image_text_area")
    if image is None and area is None:
        raise Refusal(42044)
    if image is not None and not image.text("url").startswith(("http://", "https://")):
        raise Refusal(42044)
    if area is not None:
        _target(area, area.number("type", among=range(3)))
        if not area.text("image_url"):
            raise Refusal(42044, "image_text_area.image_url")


def _vertical(_: Call, card: Fields) -> None:
    for row in card.items("vertical_content_list", most=MOST_VERTICAL, over=42036):
        row.text("title", missing=42033)


def _buttons(_: Call, card: Fields) -> None:
    buttons = card.items("button_list", missing=42038, most=MOST_BUTTONS, over=42038)
    for button in buttons:
        button.text("text", missing=42038)
        if button.number("type", among=range(2)) == URL:
            _link(button)
    _unique([one for one in buttons if one.number("type") != URL], missing=42039, clash=42039)
    choice = card.nested("button_selection")
    if choice is not None:
        choice.text("question_key", missing=42043, size=KEY_BYTES, over=42043)
        _options(choice, most=MOST_CHOICES)


def _checkbox(_: Call, card: Fields) -> None:
    box = card.need("checkbox", 42043)
    box.text("question_key", missing=42043, size=KEY_BYTES, over=42043)
    box.number("mode", among=range(2))
    _options(box, most=MOST_VOTES)


def _selects(_: Call, card: Fields) -> None:
    selects = card.items("select_list", missing=42047, most=MOST_SELECTS, over=42047)
    _unique(selects, key="question_key", missing=42043, clash=42043)
    for select in selects:
        _options(select, most=MOST_CHOICES)


def _submit(_: Call, card: Fields) -> None:
    button = card.nested("submit_button") or Fields({}, "submit_button")
    button.text("text", missing=42049)
    button.text("key", missing=42046, size=KEY_BYTES, over=42046)


def _options(body: Fields, *, most: int) -> None:
    options = body.items("option_list", missing=42037, most=most, over=42037)
    for option in options:
        option.text("text", missing=42041)
        option.text("id", missing=42040, size=OPTION_BYTES, over=42040)
    _unique(options, key="id", missing=42040, clash=42040)


def _unique(bodies: list[Fields], *, key: str = "key", missing: int, clash: int) -> None:
    keys = [one.text(key, missing=missing, size=KEY_BYTES, over=clash) for one in bodies]
    if len(set(keys)) < len(keys):
        raise Refusal(clash, f"{key} repeated")


_KINDS: dict[str, tuple[Block, ...]] = {
    "text_notice": (_some_title, _action),
    "news_notice": (_title, _action, _picture, _vertical),
    "button_interaction": (_title, _buttons),
    "vote_interaction": (_checkbox, _submit),
    "multiple_interaction": (_selects, _submit),
}

ROUTES = {"message/update_template_card": Route(update)}
