"""What members do: with their customers, and inside an app."""

from collections.abc import Mapping, Sequence

from simulator import acquisition
from simulator.actions.customers import find
from simulator.actions.errors import Impossible
from simulator.world import World
from simulator.world.contacts import Relation, Standing
from simulator.world.corp import App, Corp
from simulator.world.facts import Fact, Value, event
from simulator.world.inbox import Message
from simulator.world.people import Status
from simulator.world.telling import tell

TRANSFER = "DELETE_BY_TRANSFER"
FIRST_MSG_ID = 7_150_000_000_000_000_000


def remove(world: World, corp: Corp, *, userid: str, external_userid: str, transfer: bool = False) -> Relation:
    """Delete a customer: del_external_contact; tags and notes are gone with it."""
    relation = find(corp, userid, external_userid)
    if relation.standing is Standing.REMOVED:
        raise Impossible("the member does not have this customer")
    relation.standing = Standing.REMOVED
    relation.tags.clear()
    tell(world, corp, relation, "del_external_contact", *([("Source", TRANSFER)] if transfer else []))
    return relation


def tag(
    world: World,
    corp: Corp,
    *,
    userid: str,
    external_userid: str,
    put: Sequence[str] = (),
    take: Sequence[str] = (),
    personal: Sequence[str] = (),
) -> Relation:
    """Tag a customer by hand with corp tags (ids) and personal ones (names)."""
    relation = _mine(corp, userid, external_userid)
    unknown = [one for one in put if one not in corp.tags.tags and one not in corp.strategy_tags.tags]
    if unknown:
        raise Impossible(f"no tags {unknown}")
    for tag_id in take:
        relation.tags.pop(tag_id, None)
    for tag_id in put:
        relation.tags.setdefault(tag_id, world.now())
    relation.personal_tags += [name for name in personal if name not in relation.personal_tags]
    tell(world, corp, relation, "edit_external_contact")
    return relation


def note(
    world: World, corp: Corp, *, userid: str, external_userid: str, remark: str = "", description: str = ""
) -> Relation:
    """Change the remark or description of a customer by hand."""
    relation = _mine(corp, userid, external_userid)
    relation.remark = remark or relation.remark
    relation.description = description or relation.description
    tell(world, corp, relation, "edit_external_contact")
    return relation


def write(world: World, corp: Corp, *, userid: str, app: str, text: str) -> str:
    """Write to an app; returns the MsgId."""
    target = _app(corp, app, userid)
    msg_id = FIRST_MSG_ID + corp.mint.number("msgid")
    fact = Fact("text", (("Content", text), ("MsgId", msg_id)), f"staff:{userid}", userid, bound=True)
    world.tell(corp, target, fact)
    return str(msg_id)


def enter(world: World, corp: Corp, *, userid: str, app: str, kind: str = "enter_agent") -> None:
    """Open an app, or with the kind `subscribe` or `unsubscribe` come into or out of its range."""
    _say(world, corp, _app(corp, app, userid), userid, ("Event", kind), ("EventKey", ""))


def click(
    world: World,
    corp: Corp,
    *,
    userid: str,
    app: str,
    task_id: str,
    key: str,
    selected: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Press a button, submit (`selected`: question key -> option ids) or use the menu of a card.

    Returns the new response_code.
    """
    target = _app(corp, app, userid)
    card = corp.mail.carded(target.agent_id, task_id)
    if card is None or userid not in card.userids or card.recalled:
        raise Impossible(f"{userid} has no card {task_id!r}")
    if key not in card.keys(userid):
        raise Impossible(f"there is nothing to press with the key {key!r}")
    code = corp.mail.issue(card, now=world.now())
    chosen: list[tuple[str, Value]] = [
        ("SelectedItem", [("QuestionKey", question), ("OptionIds", [("OptionId", one) for one in options])])
        for question, options in (selected or {}).items()
    ]
    menu = key in _menu_keys(card)
    fields: list[tuple[str, Value]] = [
        ("Event", "template_card_menu_event" if menu else "template_card_event"),
        ("EventKey", key),
        ("TaskId", task_id),
        ("CardType", str(card.content["card_type"])),
        ("ResponseCode", code),
    ]
    _say(world, corp, target, userid, *fields, *([("SelectedItems", chosen)] if chosen else []))
    return code


def resign(world: World, corp: Corp, *, userid: str) -> None:
    """Leave the corp: delete_user to the apps that get changes of the address book; the customers are nobody's."""
    member = corp.directory.find(userid)
    if member is None:
        raise Impossible(f"no member {userid}")
    fact = event("change_contact", ("ChangeType", "delete_user"), ("UserID", member.userid), subject=f"staff:{userid}")
    for app in corp.apps.values():
        if app.contact_events and app.scope.covers(member, corp.directory):
            world.tell(corp, app, fact)
    member.status, member.left_at = Status.LEFT, world.now()
    acquisition.check(world, corp)


def _mine(corp: Corp, userid: str, external_userid: str) -> Relation:
    relation = find(corp, userid, external_userid)
    if not relation.visible:
        raise Impossible("the member does not have this customer")
    return relation


def _app(corp: Corp, name: str, userid: str) -> App:
    member = corp.directory.find(userid)
    try:
        app = corp.app(name)
    except KeyError:
        raise Impossible(f"no app {name!r}") from None
    if member is None or not app.scope.covers(member, corp.directory):
        raise Impossible(f"{userid} does not see the app {name!r}")
    return app


def _say(world: World, corp: Corp, app: App, userid: str, *fields: tuple[str, Value]) -> None:
    world.tell(corp, app, Fact("event", fields, f"staff:{userid}", userid, bound=True))


def _menu_keys(card: Message) -> set[str]:
    menu = card.content.get("action_menu")
    actions = menu.get("action_list") if isinstance(menu, dict) else None
    return {one["key"] for one in actions or ()}
