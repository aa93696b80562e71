"""Transfers: customers and groups handed over to other members, tried out first, followed to the end of each."""

from datetime import datetime

from console.api.call import Call
from console.api.paging import read_before, read_place, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from console.decisions import Reason
from console.transfers.handover import NewTransfer, Offer, read_draft, read_which
from sop import transfers as rules
from sop.errors import Invalid
from sop.reasons import explain
from sop.transfers import State
from sop.transfers.takers import NOT_FOLLOWER, LeftOut, Split
from storage import transfers
from storage.transfers import rides
from storage.transfers.candidates import Which

routes = Routes()
_TRANSFER = Words("转接", "transfer")
_SAMPLES = 5  # of each reason
_LARGE = 2**20  # bytes of a body that names customers


class Share(Answer):
    """How many a taker would get."""

    user_id: str
    capacity: int | None
    count: int


class Omission(Answer):
    """How many are left out for one reason, and some of them."""

    reason: Reason
    count: int
    samples: tuple[str, ...]


class Preview(Answer):
    """What a transfer would do."""

    total: int
    resigned: bool
    shares: tuple[Share, ...]
    left_out: tuple[Omission, ...]


class TakerOut(Answer):
    """A taker as the transfer has them."""

    user_id: str
    weight: int
    capacity: int | None


class Transfer(Answer):
    """A transfer; `job_id` shows how far the asking has come."""

    id: Identity
    what: str
    handover: str
    resigned: bool
    takers: tuple[TakerOut, ...]
    mode: str
    message: str
    source_id: Identity | None
    job_id: Identity | None
    created_at: datetime


class TransferDetail(Transfer):
    """A transfer with how many stand how, in all and by taker; `open` have no end yet."""

    counts: dict[str, int]
    by_taker: dict[str, dict[str, int]]
    open: int


class RideQuery(Walk):
    """Which customers of a transfer."""

    state: State | None = None
    taker: Line = ""


class Ride(Answer):
    """How one customer (or group) stands; `code` is WeCom's."""

    subject: str
    name: str
    taker: str
    state: str
    reason: Reason | None
    code: int
    asked_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime


@routes.on(
    "POST /transfers/preview", Permission.WRITE_TRANSFERS, "试算转接", "See what a transfer would do", limit=_LARGE
)
async def preview(call: Call, body: NewTransfer) -> Preview:
    """Who would get how many, and who would be left out and why; nothing is changed."""
    draft, which = await read_draft(call, body), await read_which(call, body)
    if wrong := rules.check(draft):
        raise Invalid(wrong)
    takers = await call.store.candidates.takers(draft)
    split = Split(takers, draft.mode, moves=None if draft.resigned else rules.MOST_MOVES)
    left_out: dict[str, list[str]] = {}
    cursor: str | None = ""
    while cursor is not None:
        users = [taker.user_id for taker in takers]
        found, cursor = await call.store.candidates.turn(draft, which, takers=users, cursor=cursor)
        for place in split.place(found):
            if isinstance(place, LeftOut):
                left_out.setdefault(place.reason, []).append(place.subject)
    shares = [
        Share(user_id=taker.user_id, capacity=taker.capacity, count=split.given.get(taker.user_id, 0))
        for taker in takers
    ]
    omissions = [
        Omission(reason=_reason(code), count=len(who), samples=tuple(who[:_SAMPLES])) for code, who in left_out.items()
    ]
    return Preview(
        total=sum(share.count for share in shares) + sum(each.count for each in omissions),
        resigned=draft.resigned,
        shares=tuple(shares),
        left_out=tuple(omissions),
    )


@routes.on("POST /transfers", Permission.WRITE_TRANSFERS, "发起转接", "Begin a transfer", status=201, limit=_LARGE)
async def start(call: Call, body: NewTransfer) -> Transfer:
    """WeCom is asked at once; each customer has a day to refuse."""
    draft, which = await read_draft(call, body), await read_which(call, body)
    return _show(call.store.transfers.add(draft, which=which))


@routes.on("GET /transfers", Permission.READ_TRANSFERS, "转接列表", "List transfers, the newest first")
async def browse(call: Call, query: Walk) -> Page[Transfer]:
    """A leader sees those of the own departments."""
    found = await call.store.transfers.page(
        staff=call.principal.staff, before=read_before(query.after), most=query.limit + 1
    )
    return turn(found, query.limit, _show, lambda transfer: (transfer.id,))


@routes.on("GET /transfers/{transfer_id}", Permission.READ_TRANSFERS, "查看转接", "Show a transfer and how it stands")
async def show(call: Call, transfer_id: Identity) -> TransferDetail:
    """With counts by state."""
    transfer = await _find(call, transfer_id)
    counts = await call.store.transfers.counts(transfer_id)
    return TransferDetail(
        **_show(transfer).model_dump(),
        counts={state.value: count for state, count in counts.states.items()},
        by_taker={
            taker: {state.value: count for state, count in each.items()} for taker, each in counts.by_taker.items()
        },
        open=counts.undecided,
    )


@routes.on("GET /transfers/{transfer_id}/customers", Permission.READ_TRANSFERS, "转接明细", "How each of them stands")
async def browse_rides(call: Call, transfer_id: Identity, query: RideQuery) -> Page[Ride]:
    """By customer (or group), with the reason."""
    transfer = await _find(call, transfer_id)
    place = read_place(query.after, str)
    found = await call.store.rides.page(
        transfer.id,
        taker=query.taker,
        state=query.state or "",
        after="" if place is None else str(place[0]),
        most=query.limit + 1,
    )
    return turn(found, query.limit, lambda ride: _ride(call, ride), lambda ride: (ride.subject,))


@routes.on(
    "POST /transfers/{transfer_id}/reoffer",
    Permission.WRITE_TRANSFERS,
    "换人再转",
    "Offer the misses to others",
    status=201,
)
async def reoffer(call: Call, transfer_id: Identity, body: Offer) -> Transfer:
    """Refused, limited, failed and expired ones, each to a taker with whom it has not come to nothing yet."""
    source = await _find(call, transfer_id)
    wanted = NewTransfer(
        **{name: getattr(body, name) for name in Offer.model_fields},
        what=source.what,
        handover=source.handover,
        resigned=source.resigned,
    )
    which = Which(statuses=("active", "half", "lost"), source_id=source.id)
    return _show(call.store.transfers.add(await read_draft(call, wanted), which=which, source_id=source.id))


async def _find(call: Call, transfer_id: int) -> transfers.Transfer:
    transfer = await call.store.transfers.get(transfer_id)
    if transfer is None or not call.principal.sees(transfer.handover):
        raise missing(_TRANSFER)
    return transfer


def _reason(code: str) -> Reason:
    zh, en = explain(code)
    return Reason(code=code, zh=zh, en=en)


def _show(transfer: transfers.Transfer) -> Transfer:
    return Transfer.model_validate(transfer)


def _ride(call: Call, ride: rides.Ride) -> Ride:
    code = ride.reason or rules.REASONS.get(ride.state, "")
    shown = {name: getattr(ride, name) for name in Ride.model_fields}
    strange = ride.reason == NOT_FOLLOWER and call.principal.staff is not None  # named, but none of the giver's
    name = "" if strange else call.principal.veil(ride.name)
    return Ride(**shown | {"name": name, "reason": _reason(code) if code else None})
