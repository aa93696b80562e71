"""A few customers, members and facts for the API to show."""

from datetime import datetime, timedelta

from sop.groups import Changes, Group, Stay
from sop.intents import MarkTags, SendWelcome
from sop.relations import Deed, Fact
from sop.staff import Member
from storage.customers import Customer
from storage.store import Store
from storage.tags import Binding, Tag, TagGroup

CODE = "WELCOMECODE"
TEXT = "你好，欢迎光临"


def add_staff(store: Store, *user_ids: str) -> None:
    for user_id in user_ids:
        store.staff.put(Member(user_id=user_id, name=f"员工{user_id}", contactable=True), at=store.now)


def add_tags(store: Store) -> None:
    tags = (Tag(id="et1", name="高意向", group_id="eg1", position=2), Tag(id="et2", name="老客", group_id="eg1"))
    store.tags.put(TagGroup(id="eg1", name="意向", tags=tags), at=store.now)


def add_customer(store: Store, external_user_id: str, *, name: str, at: datetime | None = None) -> None:
    store.customers.put(
        Customer(
            external_user_id=external_user_id,
            name=name,
            avatar=f"https://example.com/{external_user_id}.png",
            type=1,
            unionid=f"union-{external_user_id}",
            created_at=at or store.now,
            changed_at=at or store.now,
        )
    )


async def relate(store: Store, external_user_id: str, user_id: str, *, channel_id: int | None = None) -> None:
    fact = Fact(deed=Deed.ADDED, at=store.now, channel_id=channel_id)
    await store.relations.record(external_user_id, user_id, fact=fact, name="秘密的名字")
    store.relations.rename(external_user_id, user_id, remark=f"备注{external_user_id}")


async def lose(store: Store, external_user_id: str, user_id: str) -> None:
    fact = Fact(deed=Deed.LOST, at=store.now + timedelta(minutes=1))
    await store.relations.record(external_user_id, user_id, fact=fact)


def add_group(store: Store, chat_id: str, owner: str, *customers: str) -> None:
    kinds = {owner: "staff"} | dict.fromkeys(customers, "customer")
    stays = tuple(Stay(member_id=one, kind=kind, joined_at=store.now, name=one) for one, kind in kinds.items())
    group = Group(chat_id=chat_id, name=chat_id, owner=owner, created_at=store.now, version="v1", stays=stays)
    store.groups.put(None, group, Changes(came=stays), status="normal")


def tag(store: Store, external_user_id: str, user_id: str, tag_id: str) -> None:
    binding = Binding(tag_id=tag_id, source="rule", rule="channel:1", at=store.now)
    store.tags.bind(external_user_id, user_id, bindings=[binding])
    marking = MarkTags(user_id=user_id, external_user_id=external_user_id, add=(tag_id,), cause="test")
    intent_id = store.intend(marking)
    store.decide(
        "tag", "sent", "tagged", external_user_id=external_user_id, user_id=user_id, intent_id=intent_id, name="秘密"
    )


def greet(store: Store, external_user_id: str, user_id: str) -> int:
    welcome = SendWelcome(code=CODE, user_id=user_id, external_user_id=external_user_id, text=TEXT)
    intent_id = store.intend(welcome)
    store.decide(
        "welcome",
        "sent",
        "by_corp",
        external_user_id=external_user_id,
        user_id=user_id,
        rule="1",
        version=2,
        intent_id=intent_id,
        welcome_code=CODE,
        code=CODE,
    )
    return intent_id
