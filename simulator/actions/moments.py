"""What people do with moments: publish what one is asked for, post one's own, like it, say something about it."""

from simulator.actions.errors import Impossible
from simulator.world import World
from simulator.world.contacts import Received, Standing
from simulator.world.corp import Corp
from simulator.world.moments import Moment, Publication, Reaction


def publish(world: World, corp: Corp, *, userid: str, moment_id: str) -> Moment:
    """Publish a moment that one was asked for: the customers whom it is for see it."""
    moment = _find(world, corp, moment_id)
    part = moment.publications.get(userid)
    if part is None or part.published_at or moment.cancelled:
        raise Impossible(f"{userid} has nothing to publish in {moment_id}")
    _show(world, corp, moment, part)
    return moment


def post_moment(world: World, corp: Corp, *, userid: str, text: str) -> Moment:
    """Post a moment of one's own, for all customers."""
    member = corp.directory.find(userid)
    if member is None or not member.serves:
        raise Impossible(f"{userid} has no customers to post for")
    part = Publication(member.userid)
    moment = Moment(
        moment_id=corp.moments.name(),
        creator=member.userid,
        created_at=world.now(),
        content={"text": {"content": text}},
        publications={member.userid: part},
    )
    corp.moments.by_id[moment.moment_id] = moment
    _show(world, corp, moment, part)
    return moment


def delete_moment(world: World, corp: Corp, *, moment_id: str) -> None:
    """Delete a moment: the API knows it no more."""
    _find(world, corp, moment_id).deleted = True


def like(world: World, corp: Corp, *, userid: str, moment_id: str, external_userid: str = "") -> Moment:
    """Like what a member published, as a customer who can see it, or without one as the member."""
    moment, part = _visible(world, corp, moment_id, userid, external_userid=external_userid)
    if any(one.id == (external_userid or userid) for one in part.likes):
        raise Impossible("one likes a moment once")
    part.likes.append(Reaction(external_userid or userid, int(world.now()), staff=not external_userid))
    return moment


def comment(world: World, corp: Corp, *, userid: str, moment_id: str, external_userid: str = "") -> Moment:
    """Say something about it; what is said the platform tells nobody."""
    moment, part = _visible(world, corp, moment_id, userid, external_userid=external_userid)
    part.comments.append(Reaction(external_userid or userid, int(world.now()), staff=not external_userid))
    return moment


def _show(world: World, corp: Corp, moment: Moment, part: Publication) -> None:
    now = world.now()
    part.published_at = int(now)
    received = Received(now, "moment", part.userid, moment.content)
    for one in corp.contacts.of_member(part.userid):
        if one.standing is Standing.MUTUAL and (not moment.tags or not moment.tags.isdisjoint(one.tags)):
            part.audience[one.external_userid] = None
            corp.contacts.customers[one.external_userid].received.append(received)
    for show in world.posts:
        show(corp, moment, part)


def _visible(
    world: World, corp: Corp, moment_id: str, userid: str, *, external_userid: str
) -> tuple[Moment, Publication]:
    moment = _find(world, corp, moment_id)
    part = moment.publications.get(userid)
    if part is None or not part.published_at:
        raise Impossible(f"{userid} has not published {moment_id}")
    if external_userid and external_userid not in part.audience:
        raise Impossible(f"{external_userid} cannot see it")
    return moment, part


def _find(world: World, corp: Corp, moment_id: str) -> Moment:
    moment = corp.moments.by_id.get(moment_id)
    if moment is None or moment.deleted or moment.created_at > world.now():
        raise Impossible(f"no moment {moment_id}")
    return moment
