"""Group codes lead to the groups that have room; WeCom is told only when that changes."""

from typing import Any

from handlers import twins
from handlers.reader import Reader
from handlers.router import Router
from sop.events import GroupCodeChanged, GroupMoved, Settled
from sop.groups import codes as groupcodes
from sop.groups.codes import Rotation
from sop.intents import CreateJoinWay, DeleteJoinWay, UpdateJoinWay
from storage.groups.codes import GroupCode
from storage.store import Store
from wecom.ids import ConfigId

router = Router()
WHAT = "group_code"
REMARK = 30  # characters that WeCom keeps of the remark
WORDS = twins.Words(
    what=WHAT,
    wanted=groupcodes.CODE_WANTED,
    live=groupcodes.CODE_LIVE,
    deleted=groupcodes.CODE_DELETED,
    refused=groupcodes.CODE_REFUSED,
    failed=groupcodes.CODE_FAILED,
)


@router.on(GroupMoved)
async def stir(event: GroupMoved, store: Store) -> None:
    """Look again at the codes that lead into the group; one that WeCom has made for a code becomes its own.

    One that is older than the operator's last word on the code was left out on purpose.
    """
    group = await store.groups.get(event.chat_id)
    for code in await store.groupcodes.of_group(event.chat_id):
        strange = code.auto_create and event.chat_id not in (*code.groups, code.spare)
        if strange and group is not None and group.created_at > code.changed_at:
            shown = (*code.shown, event.chat_id)[-groupcodes.SHOWN :]
            store.groupcodes.lead(code, shown, groups=(*code.groups, event.chat_id)[-groupcodes.MOST_GROUPS :])
            store.decide(WHAT, "wanted", groupcodes.CODE_GROWN, group=event.chat_id, **_name(code))
        store.groupcodes.converge(code.id, code.version)


@router.on(GroupCodeChanged)
async def converge(event: GroupCodeChanged, store: Store) -> None:
    """Choose the groups, compare with what WeCom has, and take the next step, unless one is under way."""
    code = await store.groupcodes.get(event.row)
    if code is None or code.asked:
        return
    if not code.ended:
        code = await _rotate(code, store)
    if code.ended or code.shown:
        twins.advance(code, store.groupcodes, store, step=_step, words=WORDS)


@router.on(GroupCodeChanged)
async def look(event: GroupCodeChanged, store: Store, reader: Reader) -> None:
    """Ask for the picture of a code that was made: making it does not tell."""
    code = await store.groupcodes.get(event.row)
    if code is None or not code.config_id or code.qr_code or code.ended:
        return
    way = await reader.join_way(ConfigId(code.config_id))
    if way is not None and way.qr_code:
        store.groupcodes.picture(code.id, way.qr_code)


@router.on(Settled, of=CreateJoinWay)
@router.on(Settled, of=UpdateJoinWay)
@router.on(Settled, of=DeleteJoinWay)
async def settled(event: Settled, store: Store) -> None:
    """Keep the id of a new code at once: without it the code could never be changed or found again."""
    twins.conclude(event, store.groupcodes, store, words=WORDS)


async def _rotate(code: GroupCode, store: Store) -> GroupCode:
    """The code with the groups that it should lead to now, stored when they are others than before.

    A code that was never made is not made by itself: of one whose making nobody knows, a person decides.
    """
    rooms = await store.groupcodes.rooms((*code.groups, *filter(None, (code.spare,))))
    turn: Rotation = groupcodes.rotate(code, rooms, code.shown)
    if not turn.reason:
        return code
    waits = code.status == "refused" and not code.config_id
    if turn.reason == groupcodes.CODE_EMPTY or waits:
        store.decide(WHAT, "skipped", turn.reason, **_name(code))
        return code
    changed = store.groupcodes.lead(code, turn.shown, groups=code.groups)
    store.decide(WHAT, "wanted", turn.reason, shown=turn.shown, before=code.shown, **_name(changed))
    return changed


def _step(code: GroupCode) -> CreateJoinWay | UpdateJoinWay | DeleteJoinWay | None:
    if code.status == "deleting":
        return DeleteJoinWay(row=code.id, version=code.version, config_id=code.config_id) if code.config_id else None
    wanted: dict[str, Any] = {
        "row": code.id,
        "version": code.version,
        "state": code.state,
        "groups": code.shown,
        "remark": code.name[:REMARK],
        "auto_create": code.auto_create,
        "base_name": code.base_name,
        "base_number": code.base_number,
    }
    return UpdateJoinWay(config_id=code.config_id, **wanted) if code.config_id else CreateJoinWay(**wanted)


def _name(code: GroupCode) -> dict[str, Any]:
    return {"rule": f"{WHAT}:{code.id}", "version": code.version}
