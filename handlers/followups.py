"""Follow-ups: an add sets timers; when one is due, it is judged anew whether anything is to be done."""

from typing import Any

from handlers.contacts import is_brought
from handlers.links import Links
from handlers.router import Router
from sop import followups, greeting, reasons, texts, transfers
from sop.events import FollowupDue
from sop.followups import Act, Rule, Wait
from sop.intents import MarkTags, Prompt
from sop.reasons import Skip
from sop.tasks import Give
from storage.store import Store
from storage.tags.marking import mark
from wecom.events import ContactAdded

router = Router()


@router.on(ContactAdded)
async def plan(event: ContactAdded, store: Store) -> None:
    """Set a timer for every rule that concerns customers who came this way; who was handed over has theirs."""
    if await is_brought(event, store):
        store.decide(
            "followup", "skipped", transfers.BROUGHT, user_id=event.user_id, external_user_id=event.external_user_id
        )
        return
    rules = await store.followups.enabled()
    channel = await store.channels.by_state(event.state) if rules else None
    for rule in rules:
        if followups.concerns(rule, channel.id if channel else None):
            due = FollowupDue(
                corp_id=event.corp_id,
                at=event.at,
                followup_id=rule.id,
                version=rule.version,
                user_id=event.user_id,
                external_user_id=event.external_user_id,
                added_at=event.at,
            )
            store.schedule(due, name=_name(due), due_at=event.at + rule.after)


@router.on(FollowupDue)
async def judge(event: FollowupDue, store: Store, links: Links) -> None:
    """Do what the rule now says, if it is still called for."""
    rule = await store.followups.get(event.followup_id)
    facts = await store.followups.facts(event.user_id, event.external_user_id)
    verdict = followups.judge(rule, facts, added_at=event.added_at, since=event.taken_at, now=store.now)
    about: dict[str, Any] = {
        "user_id": event.user_id,
        "external_user_id": event.external_user_id,
        "rule": f"followup:{event.followup_id}",
        "version": rule.version if rule else event.version,
        "planned_by": event.version,
        "replied_at": facts.replied_at,
        "tags": sorted(facts.tags),
    }
    if rule and isinstance(verdict, Act):
        await _act(rule, event, store, links=links, about=about)
    elif isinstance(verdict, Wait):
        store.schedule(event, name=_name(event), due_at=verdict.until)
        store.decide("followup", "delayed", verdict.reason, until=verdict.until, **about)
    elif isinstance(verdict, Skip):
        store.decide("followup", "skipped", verdict.reason, **about)


async def _act(rule: Rule, event: FollowupDue, store: Store, *, links: Links, about: dict[str, Any]) -> None:
    action = rule.action
    if action.kind == "tag":
        marking = MarkTags(
            user_id=event.user_id,
            external_user_id=event.external_user_id,
            add=action.tags,
            rule=f"followup:{rule.id}@{rule.version}",
            cause=_name(event),
        )
        intent_id = await mark(store, marking)
        store.decide("followup", "sent", reasons.FOLLOWUP_DUE, intent_id=intent_id, **about)
        return
    member = await store.staff.find(event.user_id)
    gone = member is not None and not member.active  # nobody reads it; the leads can hand the customer over
    leads = action.kind == "alert" or gone
    users = await store.staff.leads(event.user_id) if leads else (event.user_id,)
    if not users:
        store.decide("followup", "skipped", reasons.NO_LEAD, **about)
        return
    prompt = await _word(rule, event, store, users=users, url=links.customer(event.external_user_id))
    store.decide("followup", "sent", reasons.FOLLOWUP_DUE, intent_id=store.intend(prompt), **about)
    if action.kind == "prompt":
        task = Give(
            user_id=event.user_id,
            external_user_id=event.external_user_id,
            what="followup",
            title=prompt.title,
            text=prompt.text,
            effect=_name(event),
            due_at=store.now,
            carded=True,
        )
        store.tasks.give(task)


async def _word(rule: Rule, event: FollowupDue, store: Store, *, users: tuple[str, ...], url: str) -> Prompt:
    """The card of a prompt or an alert, with the rule's text and who it is about."""
    relation = await store.relations.find(event.external_user_id, event.user_id)
    state = relation.state if relation else ""
    scene = await store.welcomes.scene(event.user_id, event.external_user_id, state=state)
    names = greeting.names(scene, store.now, customer="")
    voice = await store.settings.voice()
    return Prompt(
        users=users,
        title=rule.name,
        text=texts.fill(rule.action.text, names),
        facts=(
            voice.fact("customer", names["customer"]),
            voice.fact("staff", names["staff"] or event.user_id),
            voice.fact("time", voice.time(event.added_at)),
        ),
        url=url,
        cause=_name(event),
    )


def _name(event: FollowupDue) -> str:
    """One follow-up of one add, however often WeCom tells of it."""
    return followups.name(event.followup_id, event.user_id, event.external_user_id, added_at=event.added_at)
