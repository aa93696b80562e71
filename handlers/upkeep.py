"""Upkeep: once a day links, intercept rules and strategies are read at WeCom, and both sides are one again.

Who owns the truth: what operators want here is brought to WeCom; what was changed or deleted there since is taken over,
because the platform tells nobody of changes. What is there and unknown here is taken in.
"""

from handlers.jobs import renew, walk
from handlers.reader import Reader
from handlers.router import Router
from sop import acquisition, intercepts
from sop.events import JobEnded, StepDue, UpkeepDue
from sop.intercepts import SEMANTICS
from sop.jobs import Job, Part, Plan, Progress
from storage.acquisition import Link
from storage.intercepts import Rule
from storage.store import Store
from storage.strategies import Strategy
from storage.values import to_ms
from wecom import acquisition as wecom
from wecom import intercepts as rules
from wecom.acquisition import LISTED
from wecom.ids import LinkId, StrategyId
from wecom.intercepts import WARN
from wecom.strategies import MEMBER

LINKS, NEWCOMERS, RULES, STRATEGIES = "sync_links", "sync_link_customers", "sync_intercepts", "sync_strategies"
SWEEP = "sweep"  # the cursor of the last step, which sees what all before it have written
AT_ONCE = 20  # links or strategies in a step, each with a read of its own
WIDTH = 4  # links whose customers are read side by side
MOST_LINKS = 5000  # whose customers are read in one round

router = Router()


@router.on(UpkeepDue)
async def begin(_: UpkeepDue, store: Store) -> None:
    """Let the three readings begin."""
    for kind in (LINKS, RULES, STRATEGIES):
        await renew(store, kind, [Plan(name=kind)])


@router.on(StepDue, of=LINKS)
async def read_links(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next links; after the last one, those not seen are gone."""

    async def turn(job: Job, part: Part) -> Progress:
        if part.cursor == SWEEP:
            for lost in await store.links.missing(before=to_ms(job.created_at)):
                store.links.bury(lost.id, reason=acquisition.LINK_LOST)
                store.decide("link", "lost", acquisition.LINK_LOST, rule=f"link:{lost.id}", version=lost.version)
            return Progress(cursor=None)
        page = await reader.links(part.cursor, most=AT_ONCE)
        for link_id in page.items:
            await _meet(await reader.link(link_id), store)
        return Progress(cursor=page.cursor or SWEEP, done=len(page.items))

    await walk(event, store, turn)


@router.on(JobEnded, of=LINKS)
async def go_on(event: JobEnded, store: Store) -> None:
    """Read who came by each of the links."""
    if event.status == "cancelled":
        return
    live = [link for link in await store.links.page(most=MOST_LINKS) if link.link_id and link.status != "deleted"]
    plans = [Plan(name=link.name, body={"link": link.id, "link_id": link.link_id}) for link in live]
    await renew(store, NEWCOMERS, plans, width=WIDTH)


@router.on(StepDue, of=NEWCOMERS)
async def read_newcomers(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next of those who came by a link."""

    async def turn(_: Job, part: Part) -> Progress:
        page = await reader.link_customers(LinkId(part.body["link_id"]), part.cursor)
        for one in page.items:
            origin = acquisition.read_state(one.state)
            store.newcomers.meet(
                one.external_user_id,
                one.user_id,
                link=part.body["link"],
                source=origin.source if origin else "",
                chat=one.chat,
            )
        return Progress(cursor=page.cursor or None, done=len(page.items))

    await walk(event, store, turn)


@router.on(StepDue, of=RULES)
async def read_rules(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the rules, at most a hundred: those of others are shown, those that are gone are noted."""

    async def turn(job: Job, part: Part) -> Progress:
        if part.cursor == SWEEP:
            for lost in await store.intercepts.missing(before=to_ms(job.created_at)):
                store.intercepts.bury(lost.id, reason=intercepts.INTERCEPT_LOST)
                about = {"rule": f"intercept:{lost.id}", "version": lost.version}
                store.decide("intercept", "lost", intercepts.INTERCEPT_LOST, **about)
            return Progress(cursor=None)
        listed = await reader.intercepts()
        for each in listed:
            await _know(await reader.intercept(each.rule_id), store)
        return Progress(cursor=SWEEP, done=len(listed))

    await walk(event, store, turn)


@router.on(StepDue, of=STRATEGIES)
async def read_strategies(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next strategies with their ranges; after the last one, those not seen are gone."""

    async def turn(job: Job, part: Part) -> Progress:
        page = await reader.strategies(part.cursor, most=AT_ONCE)
        for strategy_id in page.items:
            await _copy(strategy_id, store, reader)
        if not page.cursor:
            store.strategies.sweep(before=job.created_at)
        return Progress(cursor=page.cursor or None, done=len(page.items))

    await walk(event, store, turn)


async def _meet(told: wecom.Link, store: Store) -> None:
    """A link of ours is as we know it, was changed at WeCom, or is not known here at all."""
    link = await store.links.by_made(told.link_id)
    draft = _draft(told, link)
    if link is None:
        store.links.adopt(draft, link_id=told.link_id, url=told.url)
    elif link.status != "live" or link.asked or all(getattr(link, name) == getattr(draft, name) for name in _SHARED):
        store.links.touch(link.id)
    else:
        store.links.take(link, {name: getattr(draft, name) for name in store.links.wanted})
        store.decide("link", "taken", acquisition.LINK_TAKEN, rule=f"link:{link.id}", version=link.version + 1)


_SHARED = ("name", "staff", "departments", "skip_verify")  # what both sides have; of priorities not every corp may tell


def _draft(told: wecom.Link, link: Link | None) -> acquisition.Draft:
    listed = told.priority is not None and told.priority.kind == LISTED
    return acquisition.Draft(
        name=acquisition.unlabel(told.name, link.id, link.name) if link else told.name,
        staff=told.range.users,
        departments=told.range.departments,
        tags=link.tags if link else (),
        skip_verify=told.skip_verify,
        priority="" if told.priority is None else "listed" if listed else "anyone",
        priority_staff=told.priority.users if told.priority and listed else (),
    )


async def _know(told: rules.Rule, store: Store) -> None:
    """A rule of ours is as we know it, was changed at WeCom, or was written elsewhere."""
    rule = await store.intercepts.by_made(told.rule_id)
    draft = _word(told)
    values = {name: getattr(draft, name) for name in store.intercepts.wanted}
    if rule is None:
        store.intercepts.adopt(draft, rule_id=told.rule_id)
    elif rule.status not in ("live", "foreign") or rule.asked or _same(rule, draft):
        store.intercepts.touch(rule.id)
    else:
        store.intercepts.take(rule, values)
        about = {"rule": f"intercept:{rule.id}", "version": rule.version + 1}
        store.decide("intercept", "taken", intercepts.INTERCEPT_TAKEN, **about)


def _word(told: rules.Rule) -> intercepts.Draft:
    return intercepts.Draft(
        name=told.name,
        words=told.words,
        semantics=tuple(name for number, name in enumerate(SEMANTICS, 1) if number in told.semantics),
        kind="warn" if told.kind == WARN else "block",
        staff=told.reach.users,
        departments=told.reach.departments,
    )


def _same(rule: Rule, draft: intercepts.Draft) -> bool:
    """Whether the two say the same, in whatever order."""
    lists = ("words", "semantics", "staff", "departments")
    return (rule.name, rule.kind) == (draft.name, draft.kind) and all(
        set(getattr(rule, name)) == set(getattr(draft, name)) for name in lists
    )


async def _copy(strategy_id: StrategyId, store: Store, reader: Reader) -> None:
    told = await reader.strategy(strategy_id)
    if told is None:
        return
    subjects: list[str] = []
    cursor = ""
    while True:
        page = await reader.strategy_range(strategy_id, cursor)
        subjects += [
            f"user:{node.user_id}" if node.kind == MEMBER else f"department:{node.department}" for node in page.items
        ]
        if not (cursor := page.cursor):
            break
    strategy = Strategy(
        id=told.id,
        parent_id=told.parent,
        name=told.name,
        admins=told.admins,
        privilege=told.privilege,
        made_at=told.created_at,
        read_at=store.now,
    )
    store.strategies.put(strategy, tuple(subjects))
