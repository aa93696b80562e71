"""Tasks that nobody can do any more: the customer has left, or the member."""

from handlers.router import Router
from sop import tasks
from sop.events import DutyChanged
from storage.store import Store
from wecom.events import ContactRemoved, StaffRemoved

router = Router()


@router.on(ContactRemoved, StaffRemoved)
async def drop(event: ContactRemoved | StaffRemoved, store: Store) -> None:
    """Cancel what was to be done about a customer who can no longer be written to.

    What was given because of that very end, such as to call them, was given later and stays; what belongs to a customer
    who is handed over goes along with them.
    """
    if isinstance(event, ContactRemoved) and event.by_transfer:
        return
    found = await store.tasks.about(event.user_id, event.external_user_id)
    needless = [task for task in found if task.created_at <= event.at]
    if not needless:
        return
    store.tasks.change(*(tasks.cancel(task, tasks.CUSTOMER_LEFT, now=store.now) for task in needless))
    who = {"user_id": event.user_id, "external_user_id": event.external_user_id}
    for task in needless:
        store.decide("task", "cancelled", tasks.CUSTOMER_LEFT, rule=f"task:{task.id}", **who)


@router.on(DutyChanged)
async def leave(event: DutyChanged, store: Store) -> None:
    """What a member has left behind is the lead's to see to, until their customers are handed over with it."""
    member = await store.staff.find(event.user_id)
    if member is not None and not member.active and not event.after:
        store.tasks.wake(event.user_id)
