"""Tag rules: judged when something changes between a member and a customer, and each night for everyone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.jobs import walk
from handlers.router import Router
from handlers.tags.marks import release
from sop import conditions, reasons
from sop.events import FactsChanged, StepDue, TagRulesDue
from sop.intents import MarkTags
from sop.jobs import Job, Part, Plan, Progress
from sop.relations import Status
from sop.tags import INTERNAL, owners
from sop.tags.owners import RULE, RULE_ENDED, RULE_GONE, RULE_HOLDS, Owner
from sop.tags.rules import Rule, Standing, Verdict, decide
from storage.facts import Known, Place
from storage.store import Store
from storage.tags import Binding, marking
from storage.values import decode, encode
from wecom.events import ChatStarted, ContactAdded, ContactEdited, ContactHalfAdded, ContactRemoved, StaffRemoved

router = Router()
JOB = "tag_rules"
PAGE = 200  # relations that one step judges
FLOOD = 1000  # open marks at which the round waits
_AGAIN = timedelta(minutes=1)
Changed = ContactAdded | ContactHalfAdded | ContactEdited | ContactRemoved | StaffRemoved | ChatStarted


@router.on(ContactAdded, ContactHalfAdded, ContactEdited, ContactRemoved, StaffRemoved, ChatStarted)
async def notice(event: Changed, store: Store) -> None:
    """Have the rules judged after everything else that this event changes."""
    if await store.tags.rules.matter():
        pair = {"user_id": event.user_id, "external_user_id": event.external_user_id}
        store.announce(FactsChanged(corp_id=event.corp_id, at=event.at, **pair))


@router.on(FactsChanged)
async def judge(event: FactsChanged, store: Store) -> None:
    """Judge all rules for one relation."""
    rules = await store.tags.rules.enabled()
    known = await store.tags.facts.one(event.external_user_id, event.user_id, needs=_needs(rules))
    if known is not None:
        coming = await marking.under_way(store, event.external_user_id, event.user_id)
        await weigh(known, rules, coming, store)


@router.on(TagRulesDue)
async def begin(event: TagRulesDue, store: Store) -> None:
    """Judge the rules for everyone, unless there is nothing to judge; one that is under way is followed by another."""
    if not await store.tags.rules.matter():
        return
    for status in ("running", "paused"):
        if await store.jobs.page(kind=JOB, status=status, most=1):
            store.schedule(event, name="tag_rules:again", due_at=store.now + _AGAIN)
            return
    halted = await store.jobs.page(kind=JOB, status="partial", most=1)
    if halted:
        await store.jobs.resume(halted[0])
    else:
        store.jobs.start(JOB, [Plan(name="all", total=await store.tags.facts.count())], alone=True)


@router.on(StepDue, of=JOB)
async def step(event: StepDue, store: Store) -> None:
    """Judge the rules for the next page of relations; what is to be done is done in the lanes of the customers."""
    await walk(event, store, lambda job, part: _turn(job, part, store))


async def _turn(_: Job, part: Part, store: Store) -> Progress:
    if await store.tags.open_marks() > FLOOD:
        return Progress(cursor=part.cursor, pause=1)
    rules = await store.tags.rules.enabled()
    page = await store.tags.facts.page(Place(*decode(part.cursor or '["",""]')), most=PAGE, needs=_needs(rules))
    coming = await marking.all_under_way(store, {known.place.external_user_id for known in page})
    for known in page:
        if any(_find(known, rules, coming.get(known.place, ()), now=store.now)):
            pair = known.place._asdict()
            store.announce(FactsChanged(corp_id=store.scope.corp_id, at=store.now, **pair))
    return Progress(cursor=encode(page[-1].place) if len(page) == PAGE else None, done=len(page))


def _needs(rules: Sequence[Rule]) -> conditions.Needs:
    return conditions.needs(*(rule.condition for rule in rules))


@dataclass(frozen=True, slots=True)
class _Case:
    """A rule and a relation."""

    rule: Rule
    known: Known
    standing: Standing
    evidence: dict[str, object]

    @property
    def own(self) -> Owner | None:
        """What is noted of the rule itself."""
        return self.standing.own


async def weigh(known: Known, rules: Sequence[Rule], coming: Sequence[MarkTags], store: Store) -> None:
    """Do what each rule wants of one relation; tags of rules that are gone are let go of.

    `coming` is what is under way for it. Only in the lane of the customer, where nothing else changes their tags.
    """
    for case, verdict, reason in _find(known, rules, coming, now=store.now):
        await _act(case, verdict, reason, store)


def _find(
    known: Known, rules: Sequence[Rule], coming: Sequence[MarkTags], *, now: datetime
) -> Iterator[tuple[_Case, Verdict, str]]:
    """What is to be done. Where WeCom takes no tags (any more), only internal ones are judged."""
    served = known.relation.status in (Status.ACTIVE, Status.LOST)
    alive = {rule.owner for rule in rules}
    for rule in (*rules, *_gone(known, alive)):
        if not served and not rule.tag_id.startswith(INTERNAL):
            continue
        gone = rule.owner not in alive
        holds, evidence = (False, {}) if gone else conditions.judge(rule.condition, known.facts, now)
        case = _Case(rule, known, _stand(rule, known, coming), evidence)
        verdict = decide(rule, case.standing, holds=holds)
        if verdict is not Verdict.LEAVE:
            yield case, verdict, RULE_GONE if gone else RULE_HOLDS if holds else RULE_ENDED


def _stand(rule: Rule, known: Known, coming: Sequence[MarkTags]) -> Standing:
    own = next((each for each in known.owners.get(rule.tag_id, ()) if each.owner == rule.owner), None)
    bound = rule.tag_id in known.relation.tags
    expected = rule.tag_id in owners.expect(known.relation.tags, coming)
    mine = any(rule.tag_id in mark.add and owners.name(mark.rule)[0] == rule.owner for mark in coming)
    return Standing(own=own, bound=bound, expected=expected, coming=mine and expected and not bound)


def _gone(known: Known, alive: set[str]) -> list[Rule]:
    """Rules that are switched off or deleted and still own tags here, as far as they are known."""
    return [
        Rule(id=int(own.owner.removeprefix(RULE)), version=own.version, name="", tag_id=tag_id)
        for tag_id, all_owners in known.owners.items()
        for own in all_owners
        if own.owner.startswith(RULE) and own.owner not in alive
    ]


async def _act(case: _Case, verdict: Verdict, reason: str, store: Store) -> None:
    rule, place = case.rule, case.known.place
    match verdict:
        case Verdict.ADD:
            await _add(case, store)
        case Verdict.CLAIM:
            claim = Binding(
                tag_id=rule.tag_id,
                source="rule",
                rule=f"{rule.owner}@{rule.version}",
                event_id=store.scope.event_id,
                at=case.own.at if case.own else store.now,
                evidence=case.evidence,
                expires_at=_until(rule, store),
            )
            store.tags.bind(*place, bindings=[claim])
            if claim.expires_at is not None:
                marking.schedule(store, _marking(case, store), tag_id=rule.tag_id, until=claim.expires_at)
        case Verdict.RELEASE:
            others = owners.without(case.known.owners.get(rule.tag_id, ()), rule.owner)
            if others:
                store.tags.forget_owner(*place, tag_id=rule.tag_id, owner=rule.owner)
            removal = replace(_marking(case, store, "off"), remove=(rule.tag_id,), add=())
            await release(store, removal, others=others, reason=reason)
        case Verdict.FORGET:
            store.tags.forget_owner(*place, tag_id=rule.tag_id, owner=rule.owner)
        case Verdict.LEAVE:
            pass  # nothing is found where nothing is to be done


async def _add(case: _Case, store: Store) -> None:
    """Want the tag on the customer, unless the library has lost it."""
    marks = _marking(case, store)
    about = {"external_user_id": marks.external_user_id, "user_id": marks.user_id, "rule": marks.rule}
    tag = (await store.tags.find([case.rule.tag_id])).get(case.rule.tag_id)
    if tag is None or tag.deleted:
        store.decide("tag", "skipped", reasons.TAG_DELETED, tags=[case.rule.tag_id], **about)
        return
    intent_id = await marking.mark(store, marks)
    store.decide(
        "tag",
        "wanted",
        RULE_HOLDS,
        version=case.rule.version,
        intent_id=intent_id,
        tag=tag.id,
        evidence=case.evidence,
        **about,
    )


def _marking(case: _Case, store: Store, turn: str = "on") -> MarkTags:
    """A mark by a rule; what is wanted by one event is wanted once."""
    rule = case.rule
    return MarkTags(
        **case.known.place._asdict(),
        add=(rule.tag_id,),
        rule=f"{rule.owner}@{rule.version}",
        evidence=case.evidence,
        expires_at=_until(rule, store),
        cause=f"{rule.owner}@{rule.version}:{rule.tag_id}:{turn}:{store.scope.event_id}",
    )


def _until(rule: Rule, store: Store) -> datetime | None:
    return None if rule.expires_days is None else store.now + timedelta(days=rule.expires_days)
