"""Customers who come, and what they and their reps then do."""

from urllib.parse import parse_qs, urlsplit

from simulator.actions import acquisition, customers, groups, staff
from simulator.actions.errors import Impossible
from simulator.behaviour import duties
from simulator.behaviour.will import Will
from simulator.world.contacts import Relation
from simulator.world.corp import Corp

PHRASES = ("你好，想了解一下产品", "多少钱？", "有优惠吗", "好的谢谢", "门店在哪里？")
QUESTIONS = ("帮助", "今日", "客户 小王", "你好")


def arrive(will: Will) -> None:
    """Somebody comes, by a code, a link or search; sometimes somebody who is known."""
    corp, external = will.corp(lambda corp: corp.ways), ""
    if will.known and will.happens(will.habits.returns):
        corp, external = will.pick(will.known)
    half = will.happens(will.habits.half)
    relation = _meet(will, corp, external, half=half)
    will.known.append((corp, relation.external_userid))
    pair = {"userid": relation.userid, "external_userid": relation.external_userid}
    if half:
        will.later(lambda: customers.accept(will.world, corp, **pair))
    _plan_customer(will, corp, pair)
    _plan_rep(will, corp, relation)


def _meet(will: Will, corp: Corp, external_userid: str, *, half: bool) -> Relation:
    """Come by a contact way or an acquisition link, or now and then by search."""
    world = will.world
    if not corp.ways or will.happens(will.habits.searches):
        return customers.add(world, corp, userid=will.server(corp), external_userid=external_userid, half=half)
    if corp.acquisition.links and will.happens(will.habits.links):
        link_id, channel = _choose_link(will, corp)
        return acquisition.come(world, corp, link_id=link_id, channel=channel, external_userid=external_userid)
    way = will.pick(list(corp.ways))
    return customers.scan(world, corp, config_id=way, external_userid=external_userid, half=half)


def _choose_link(will: Will, corp: Corp) -> tuple[str, str]:
    """A link and the channel in its address, as somebody was given it."""
    found = [urlsplit(address) for address in will.habits.addresses]
    known = [(each.path.rpartition("/")[2], each.query) for each in found]
    known = [(link_id, query) for link_id, query in known if link_id in corp.acquisition.links]
    link_id, query = will.pick(known or [(link_id, "") for link_id in corp.acquisition.links])
    return link_id, parse_qs(query).get("customer_channel", [""])[0]


def _plan_customer(will: Will, corp: Corp, pair: dict[str, str]) -> None:
    world, habits = will.world, will.habits
    if will.happens(habits.replies):
        text = will.pick(PHRASES)
        will.later(lambda: customers.reply(world, corp, text=text, **pair))
    if will.happens(habits.leaves):
        will.later(lambda: customers.leave(world, corp, **pair))
    if corp.groups.ways and will.happens(habits.joins):
        will.later(lambda: _take_up(will, corp, **pair))


def _plan_rep(will: Will, corp: Corp, relation: Relation) -> None:
    world, habits, userid = will.world, will.habits, relation.userid
    external = relation.external_userid
    if corp.tags.tags and will.happens(habits.tags):
        put = [will.pick(list(corp.tags.tags))]
        will.later(lambda: staff.tag(world, corp, userid=userid, external_userid=external, put=put))
    if will.happens(habits.notes):
        name = f"{corp.contacts.customers[external].name}-老客"[:20]
        will.later(lambda: staff.note(world, corp, userid=userid, external_userid=external, remark=name))
    if will.happens(habits.removes):
        will.later(lambda: staff.remove(world, corp, userid=userid, external_userid=external))
    if will.happens(habits.asks):
        question = will.pick(QUESTIONS)
        will.later(lambda: will.write(corp, userid, question))
    if will.happens(habits.clicks):
        will.later(lambda: duties.click(will, corp, userid))
    if will.happens(habits.confirms):
        will.later(lambda: duties.confirm(will, corp, userid))


def _take_up(will: Will, corp: Corp, *, userid: str, external_userid: str) -> None:
    """Follow the link in a welcome and scan the group code behind it; which one it shows, nobody here can see."""
    received = corp.contacts.customers[external_userid].received
    if not any(one.kind == "welcome" and one.userid == userid and _holds_link(one.content) for one in received):
        raise Impossible("no welcome has offered a group")
    groups.join_group(will.world, corp, config_id=will.pick(list(corp.groups.ways)), external_userid=external_userid)


def _holds_link(content: dict[str, object]) -> bool:
    attachments = content.get("attachments")
    return isinstance(attachments, list) and any(one.get("msgtype") == "link" for one in attachments)
