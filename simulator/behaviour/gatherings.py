"""What people do in customer groups: found one, bring a friend, leave, tell the news."""

from simulator.actions import groups
from simulator.behaviour.will import Will
from simulator.world.contacts import Standing
from simulator.world.corp import Corp
from simulator.world.groups import CUSTOMER, STAFF, Group

THEMES = ("会员福利", "新品尝鲜", "周末活动", "老客专享", "团购接龙")
NOTICES = ("周五晚八点上新，欢迎捧场", "群内禁止广告，违者移出", "本周满 200 减 30", "快递周日停发，周一补发")
MOST = 5  # customers with whom a group begins


def gather(will: Will) -> None:
    """A rep founds a group with some of the customers they have."""
    corp = will.corp()
    owner = will.server(corp)
    known = [one.external_userid for one in corp.contacts.of_member(owner) if one.standing is Standing.MUTUAL]
    inside = will.world.random.sample(known, k=min(len(known), MOST))
    groups.found_group(will.world, corp, owner=owner, name=f"{will.pick(THEMES)}群", customers=inside)


def bring(will: Will) -> None:
    """Somebody in a group brings a friend, who is nobody's customer yet."""
    corp = will.corp()
    group = _choose(will, corp)
    host = will.pick(list(group.now.members.values()))
    groups.invite(
        will.world,
        corp,
        chat_id=group.chat_id,
        userid=host.id if host.kind == STAFF else "",
        customers=[""],
        link=will.happens(0.5),
    )


def quit_group(will: Will) -> None:
    """A customer leaves a group."""
    corp = will.corp()
    group = _choose(will, corp)
    leaver = will.pick([one.id for one in group.now.members.values() if one.kind == CUSTOMER])
    groups.quit_group(will.world, corp, chat_id=group.chat_id, external_userid=leaver)


def tell_news(will: Will) -> None:
    """An owner gives a group another name, or puts another notice up."""
    corp = will.corp()
    chat_id = _choose(will, corp).chat_id
    if will.happens(0.5):
        groups.rename_group(will.world, corp, chat_id=chat_id, name=f"{will.pick(THEMES)}群")
    else:
        groups.post_notice(will.world, corp, chat_id=chat_id, notice=will.pick(NOTICES))


def _choose(will: Will, corp: Corp) -> Group:
    return will.pick([group for group in corp.groups.by_id.values() if not group.now.dismissed and not group.internal])
