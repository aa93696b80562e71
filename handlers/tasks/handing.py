"""Tasks go along with whom they are about: to who looks after the customer now, or under the member's new user id."""

from collections.abc import Sequence

from handlers.router import Router
from sop import tasks, transfers
from sop.relations import Status
from sop.tasks import Task
from sop.transfers import AWAITED
from storage.store import Store
from wecom.events import ContactAdded, ContactRemoved, StaffUpdated

router = Router()


@router.on(ContactRemoved)
async def part(event: ContactRemoved, store: Store) -> None:
    """A customer was handed over in WeCom's console, and is with the other member already."""
    if not event.by_transfer or await _is_ours(event, store):
        return
    relations = await store.relations.of_customer(event.external_user_id)
    others = [each for each in relations if each.user_id != event.user_id and each.status is Status.ACTIVE]
    if others:
        _hand(await store.tasks.about(event.user_id, event.external_user_id), others[-1].user_id, store)


@router.on(ContactAdded)
async def join(event: ContactAdded, store: Store) -> None:
    """The same, where the other member is told of only now."""
    found = [task for task in await store.tasks.of_customer(event.external_user_id) if task.user_id != event.user_id]
    if not found or await _is_ours(event, store):
        return
    relations = await store.relations.of_customer(event.external_user_id)
    moved = {each.user_id for each in relations if each.status is Status.MOVED}
    _hand([task for task in found if task.user_id in moved], event.user_id, store)


@router.on(StaffUpdated)
async def rename(event: StaffUpdated, store: Store) -> None:
    """A member has another user id from now on."""
    if event.new_user_id:
        store.tasks.rename(event.user_id, event.new_user_id)


async def _is_ours(event: ContactAdded | ContactRemoved, store: Store) -> bool:
    """Whether a transfer of ours is about to be done by it: then that carries the tasks along."""
    rides = await store.rides.of_subject(event.external_user_id, until=event.at)
    return any(event.user_id in (ride.handover, ride.taker) and ride.state in AWAITED for ride in rides)


def _hand(found: Sequence[Task], taker: str, store: Store) -> None:
    store.tasks.change(*(tasks.hand(task, taker, now=store.now) for task in found))
    for task in found:
        about = {"user_id": taker, "external_user_id": task.external_user_id, "handover": task.user_id}
        store.decide("task", "moved", transfers.TASK_MOVED, rule=f"task:{task.id}", **about)
