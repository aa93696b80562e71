"""What members do with mass messages: confirm what they are asked to send, and send one of their own (page 92135)."""

from collections.abc import Iterable, Sequence

from simulator.actions.errors import Impossible
from simulator.api.audiences import owns
from simulator.world import World
from simulator.world.broadcasts import GROUP, SINGLE, Broadcast, Outcome, Recipient, Task
from simulator.world.contacts import Received, Standing
from simulator.world.corp import Corp


def confirm(world: World, corp: Corp, *, userid: str, msgid: str, only: Sequence[str] = ()) -> Broadcast:
    """Confirm a mass message: it goes to each friend, or group of one's own, who is not over the cap.

    `only` leaves the others out, where the task allows that: customers with allow_select, groups when none was given.
    """
    broadcast = corp.broadcasts.by_id.get(msgid)
    task = broadcast.tasks.get(userid) if broadcast else None
    if broadcast is None or task is None or task.confirmed_at or broadcast.cancelled:
        raise Impossible(f"{userid} has nothing to confirm in {msgid}")
    if only and not (broadcast.selectable or task.open):
        raise Impossible("this task lets nobody be left out")
    if task.open:
        mine = [one.chat_id for one in corp.groups.by_id.values() if owns(one, userid)]
        task.recipients = [Recipient(one) for one in mine if one in only or not only]
    wanted = set(only)
    _send(world, corp, broadcast, task, (one for one in task.recipients if not only or one.id in wanted))
    return broadcast


def mass_send(
    world: World,
    corp: Corp,
    *,
    userid: str,
    text: str,
    customers: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> Broadcast:
    """Send one message to many of one's own accord, to customers or to groups; it is sent at once."""
    member = corp.directory.find(userid)
    if member is None or not member.serves or bool(customers) == bool(groups):
        raise Impossible(f"{userid} cannot send to these")
    task = Task(member.userid, [Recipient(one) for one in dict.fromkeys(customers or groups)])
    broadcast = corp.broadcasts.add(
        Broadcast(
            msgid=corp.broadcasts.name(),
            kind=GROUP if groups else SINGLE,
            creator=member.userid,
            created_at=world.now(),
            content={"text": {"content": text}},
            tasks={member.userid: task},
        )
    )
    _send(world, corp, broadcast, task, task.recipients)
    return broadcast


def _send(world: World, corp: Corp, broadcast: Broadcast, task: Task, recipients: Iterable[Recipient]) -> None:
    """Let it reach who can be reached: 2 for a stranger or a group of another's, 3 over the cap."""
    now = world.now()
    task.confirmed_at = int(now)
    window = corp.broadcasts.intake.begin(now)
    received = Received(now, "broadcast", task.userid, broadcast.content)
    reach = _group if broadcast.kind == GROUP else _customer
    for one in recipients:
        place = reach(corp, task.userid, one.id)
        if place is None:
            one.outcome = Outcome.NOT_FRIENDS
        elif not window.take(one.id):
            one.outcome = Outcome.OVER_CAP
        else:
            one.outcome, one.at = Outcome.SENT, task.confirmed_at
            place.append(received)
    for hand in world.mails:
        hand(corp, broadcast, task)


def _customer(corp: Corp, userid: str, external_userid: str) -> list[Received] | None:
    """What a friend got so far; None for somebody who is no friend."""
    relation = corp.contacts.between(userid, external_userid)
    if relation is None or relation.standing is not Standing.MUTUAL:
        return None
    return corp.contacts.customers[external_userid].received


def _group(corp: Corp, userid: str, chat_id: str) -> list[Received] | None:
    group = corp.groups.by_id.get(chat_id)
    return group.received if group is not None and owns(group, userid) else None
