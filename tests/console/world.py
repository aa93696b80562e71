"""One of everything that the API shows, so that whole sets of endpoints can be walked over things that exist."""

from dataclasses import dataclass, replace

from sop.acquisition import Draft as Link
from sop.broadcasts import document as broadcasts
from sop.broadcasts.states import RunStatus
from sop.broadcasts.turns import Turn
from sop.channels import Draft as Channel
from sop.daycounts import GroupCounts, day_of
from sop.deliveries import Content, Message
from sop.drift import Drift
from sop.events import RelationRead
from sop.feed import EventType
from sop.fields import Change as FieldChange
from sop.fields import Field, Value
from sop.flows import document
from sop.flows.document import ByHand
from sop.flows.enrolments import Entrant
from sop.greeting import Draft as Welcome
from sop.groups import Changes, Group, Stay
from sop.groups.codes import Draft as GroupCode
from sop.groups.invitations import Draft as GroupInvitation
from sop.groups.welcomes import Draft as GroupWelcome
from sop.intents import SetRemark
from sop.intercepts import Draft as Intercept
from sop.jobs import Plan
from sop.moments import Draft as Moment
from sop.moments import Part as Published
from sop.policy import Send
from sop.policy.causes import DESPITE_OPT_OUT
from sop.reasons import Skip
from sop.relations import Deed, Fact
from sop.segments import Draft as Segment
from sop.tags.rules import Draft as TagRule
from sop.tags.templates import TEMPLATES
from sop.tasks import Give
from sop.transfers import Draft as Transfer
from sop.transfers.takers import Given, Taker
from sop.webhooks import Draft as Webhook
from storage import tokens
from storage.customers import Customer
from storage.engine.sql import Unit
from storage.feed.told import Told
from storage.groups.lists import GroupLists
from storage.identities import UNION, Key
from storage.moments.reactions import Reaction
from storage.store import Store
from storage.strategies import Strategy
from storage.sync.drifts import Place
from storage.tags import Binding, Tag, TagGroup
from storage.tags.bulk import Change
from storage.transfers.candidates import Which
from storage.transfers.unassigned import Orphan
from tests.console import people

TAKER = "lin.qiao"


@dataclass(frozen=True)
class Part:
    """Whose the things are, and what stands in everything that is about a person; `end` tells parts of a corp apart."""

    user_id: str
    mark: str = ""
    end: str = "1"

    @property
    def customer(self) -> str:
        """The one customer."""
        return f"wm{self.end}"

    @property
    def chat(self) -> str:
        """The one group."""
        return f"wr{self.end}"


async def fill(store: Store, part: Part) -> dict[str, str]:
    """Write one of everything; the ids by the names that paths have for them, where need be with the subject."""
    ids = await _people(store, part) | await _rules(store, part) | await _groups(store, part)
    ids |= await _work(store, part) | await _library(store, part)
    await store.commit()
    ids["flow_id"] = await _flow(Store(replace(store.scope, unit=Unit())), part)
    later = Store(replace(store.scope, unit=Unit()))
    ids["enrolment_id"] = (await store.flownumbers.of(part.customer))[0].id
    noted = FieldChange(external_user_id=part.customer, name=f"field{part.end}", value=Value(part.mark))
    await later.fields.put([noted])
    await _consents(later, part)
    await later.commit()
    ids |= await _broadcast(Store(replace(store.scope, unit=Unit())), part)
    ids |= await _mailing(Store(replace(store.scope, unit=Unit())), part)
    return {name: str(each) for name, each in ids.items()} | {"topic": "marketing"}


async def _flow(store: Store, part: Part) -> int:
    """A flow that is published, with the customer in it."""
    nodes = {"day": {"kind": "wait", "for": "P1D", "next": "hello"}, "hello": {"kind": "message", "text": "你好"}}
    flow = document.parse({"name": f"旅程{part.end}", "start": "day", "nodes": nodes})
    sheet = store.flows.add(flow)
    entrant = Entrant(subject=part.customer, user_id=part.user_id, cause=f"test{part.end}", data={"said": part.mark})
    for write in (
        lambda later: later.flows.publish(sheet, mode="follow", by="test"),
        lambda later: later.enrolments.enrol(sheet.id, [entrant], version=1, start="day", entry=ByHand()),
    ):
        await store.commit()
        store = Store(replace(store.scope, unit=Unit()))
        write(store)
    await store.commit()
    return sheet.id


def name(ids: dict[str, str], operation: str, place: str) -> str:
    """The id that an operation such as `jobs.show` takes in a place of its path."""
    subject = operation.partition(".")[0]
    return ids.get(f"{subject}.{place}") or ids[place]


async def _people(store: Store, part: Part) -> dict[str, str | int]:
    people.add_staff(store, part.user_id, TAKER)
    person = Customer(
        external_user_id=part.customer,
        name=f"王{part.mark}",
        avatar=f"https://example.com/{part.mark}.png",
        type=1,
        unionid=f"u{part.mark}",
        created_at=store.now,
        changed_at=store.now,
    )
    store.customers.put(person)
    pair = {"external_user_id": part.customer, "user_id": part.user_id}
    fact = Fact(deed=Deed.ADDED, at=store.now)
    await store.relations.record(part.customer, part.user_id, fact=fact, name=f"王{part.mark}")
    store.relations.rename(part.customer, part.user_id, remark=f"备{part.mark}")
    store.relations.note(part.customer, part.user_id, description=f"述{part.mark}")
    changes = {"remark": [f"旧{part.mark}", f"新{part.mark}"]}
    store.history.append("edited", part.customer, user_id=part.user_id, at=store.now, **changes)
    store.decide("prompt", "sent", "prompt_added", name=f"王{part.mark}", said=f"说{part.mark}", **pair)
    task = store.tasks.give(Give(what="greet", **pair, text=f"问{part.mark}", effect=f"1{part.end}", due_at=store.now))
    read = RelationRead(corp_id=store.scope.corp_id, at=store.now, added_at=None, remark=f"备{part.mark}", **pair)
    event = store.announce(read)
    intent = store.intend(SetRemark(**pair, remark=f"备{part.mark}", description=part.mark, cause="test"))
    return {"external_user_id": part.customer, "user_id": part.user_id, "task_id": task, "event_id": event} | {
        "intent_id": intent
    }


async def _consents(store: Store, part: Part) -> None:
    store.policy.put(await store.policy.current(), by="token:1")
    await store.policy.consents.say(part.customer, "marketing", given=False, by=part.user_id, why=f"因{part.mark}")
    sent = Message(
        kind="single", subject=part.customer, user_id=part.user_id, content=Content(text=f"您好{part.mark}"),
        origin="flow", origin_id=1, transactional=True, effect=f"message{part.end}", due_at=store.now,
    )  # fmt: skip
    store.deliveries.plan([(sent, Send(DESPITE_OPT_OUT), 1)])


async def _mailing(store: Store, part: Part) -> dict[str, str | int]:
    """The message on its way, in a task that the member has not confirmed."""
    gathering = store.deliveries.gathering
    due = await gathering.due("flow", 1, most=1)
    await gathering.place("flow", 1, due, mailings=1)
    await store.commit()
    (mailing,) = await store.deliveries.mailings.page(most=1)
    store = Store(replace(store.scope, unit=Unit()))
    store.deliveries.results.meet(mailing.id, {part.user_id: None})
    await store.commit()
    return {"mailing_id": mailing.id, "delivery_id": due[0].id}


async def _broadcast(store: Store, part: Part) -> dict[str, str | int]:
    """A broadcast that has gone out once, though not to the customer."""
    written = broadcasts.parse(
        {"name": f"群发{part.end}", "audience": {"everyone": True}, "contents": [{"text": "你好"}]}
    )
    card = store.broadcasts.add(written, "test")
    run = store.broadcasts.runs.add(card.id, written, Turn(store.now), number=1, status=RunStatus.SENDING)
    message = Message(
        kind="single", subject=part.customer, user_id=part.user_id, content=Content(text="你好"), origin="broadcast",
        origin_id=run.id, effect=f"broadcast:{part.end}", due_at=store.now,
    )  # fmt: skip
    store.deliveries.plan([(message, Skip("holdout"), 1)])
    await store.commit()
    return {"broadcast_id": card.id, "broadcasts.number": 1}


async def _rules(store: Store, part: Part) -> dict[str, str | int]:
    end, user_id = part.end, part.user_id
    field = f"field{end}"
    store.fields.define(Field(name=field, kind="text", personal=True))
    channel = store.channels.add(Channel(name=f"渠道{end}", staff=(user_id,)))
    link = store.links.add(Link(name=f"链接{end}", staff=(user_id,)))
    store.newcomers.come(part.customer, user_id, link=link.id, source=f"源{end}", at=store.now)
    store.newcomers.visit(link.id, f"源{end}", day="2026-05-04", opened=1)
    strategy = int(end) if end.isdecimal() else 7
    held = Strategy(
        id=strategy, parent_id=0, name=f"组{end}", admins=(user_id,), privilege={}, made_at=None, read_at=store.now
    )
    store.strategies.put(held, (f"user:{user_id}",))
    store.feed.declare(EventType(name=f"told{end}"))
    told = Told(name=f"told{end}", who=Key(UNION, part.mark), effect=f"own:told{end}:1", at=store.now, data={})
    store.feed.parked.park([told])
    return {
        "fields.name": field,
        "feed.name": f"told{end}",
        "webhook_id": store.webhooks.add(Webhook(name=f"钩{end}", url="https://hooks.example.com/")).id,
        "channel_id": channel.id,
        "folder_id": store.folders.add(f"夹{end}").id,
        "welcome_id": store.welcomes.add(Welcome(name=f"欢迎{end}", scope_kind="corp", text="a")).id,
        "acquisition.row": link.id,
        "linknumbers.row": link.id,
        "intercepts.row": store.intercepts.add(Intercept(name=f"词{end}", words=("词",), staff=(user_id,))).id,
        "strategy_id": strategy,
        "material_id": (await store.materials.add("file", f"图{end}.pdf", content=f"pdf of {end}".encode())).id,
        "token_id": tokens.issue(store.scope.unit, "reviewer", name=end, now=store.now)[0],
        "key": next(iter(TEMPLATES)),
        "moment_id": await _moment(store, part),
    }


async def _groups(store: Store, part: Part) -> dict[str, str | int]:
    code = store.groupcodes.add(GroupCode(name=f"群码{part.end}", groups=(part.chat,)))
    kinds = {part.user_id: ("staff", part.user_id), part.customer: ("customer", f"王{part.mark}")}
    stays = tuple(
        Stay(member_id=one, kind=kind, joined_at=store.now, name=name, state=code.state)
        for one, (kind, name) in kinds.items()
    )
    group = Group(
        chat_id=part.chat, name=f"群{part.end}", owner=part.user_id, created_at=store.now, version="v1", stays=stays
    )
    store.groups.put(None, group, Changes(came=stays), status="normal")
    store.daycounts.note_groups(part.user_id, day_of(store.now), GroupCounts(groups=1))
    return {
        "chat_id": part.chat,
        "group_tag_id": GroupLists(store.scope).add_tag(f"群签{part.end}").id,
        "group_code_id": code.id,
        "group_invitation_id": store.invitations.add(GroupInvitation(name=f"邀{part.end}", codes=(code.id,))).id,
        "group_welcome_id": store.groupwelcomes.add(GroupWelcome(name=f"群迎{part.end}", text="a")).id,
    }


async def _work(store: Store, part: Part) -> dict[str, str | int]:
    draft = Transfer(handover=part.user_id, takers=(Taker(user_id=TAKER),))
    transfer = store.transfers.add(draft, which=Which())
    store.rides.plan(transfer, [Given(part.customer, TAKER)])
    orphan = Orphan(handover=part.user_id, external_user_id=part.customer, left_at=store.now, seen_at=store.now)
    store.unassigned.see([orphan])
    sync = store.jobs.start("sync_customers", [Plan(name="plan")])
    drift = Drift(kind="customer", key=part.customer, what="different", fields={"name": [part.mark, part.mark]})
    await store.drifts.note(Place(job_id=sync, part=0), [drift])
    bulk = store.jobs.start("bulk_tag", [Plan(name="all")], body={"add": ["et1"]})
    change = Change(external_user_id=part.customer, user_id=part.user_id, status="done", at=store.now)
    store.tags.bulk.note(bulk, change)
    return {"transfer_id": transfer.id, "job_id": bulk, "tags.bulk.job_id": bulk, "sync.job_id": sync}


async def _moment(store: Store, part: Part) -> int:
    draft = Moment(name=f"圈{part.end}", text="a", users=(part.user_id,))
    moment = store.moments.add(draft, author="token:1").id
    store.moments.parts.tell(moment, {part.user_id: Published.PUBLISHED})
    liked = Reaction(user_id=part.user_id, what="liked", by_id=part.customer, at=store.now)
    await store.moments.reactions.hear(moment, part.user_id, [liked], name=f"圈{part.end}")
    return moment


async def _library(store: Store, part: Part) -> dict[str, str | int]:
    tag_id, group_id = f"et{part.end}", f"eg{part.end}"
    tag = Tag(id=tag_id, name=f"标签{part.end}", group_id=group_id)
    store.tags.put(TagGroup(id=group_id, name=f"标签组{part.end}", tags=(tag,)), at=store.now)
    store.tags.bind(part.customer, part.user_id, bindings=[Binding(tag_id=tag_id, source="staff", at=store.now)])
    rule = store.tags.rules.add(TagRule(name=f"规则{part.end}", tag_id=tag_id, condition={"lost": True}))
    segment = store.segments.add(Segment(name=f"分群{part.end}", condition={"tag": [tag_id]}))
    store.segments.move(segment.id, store.segments.begin(segment, 1), entered=[part.customer], left=[])
    return {"tag_id": tag_id, "group_id": group_id, "rule_id": rule.id, "segment_id": segment.id}
