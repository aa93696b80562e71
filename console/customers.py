"""Customers: who they are, who follows them, and all that happened with them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Page, Walk
from console.api.words import Words
from console.noted import FieldOnCustomer, show_values
from sop.acquisition import read_state
from sop.tags.owners import Owner
from storage import listing
from storage.customers import Customer as Person
from storage.listing import CustomerFilter, Listing
from storage.relations import Relation
from storage.tags import Binding

routes = Routes()
_CUSTOMER = Words("客户", "customer")


class CustomerQuery(Walk):
    """Which customers: `words` in the name or a remark; the others speak of one and the same relation."""

    words: Line = ""
    staff: Line = ""
    channel: Identity | None = None
    tag: Line = ""
    status: Literal["active", "half", "lost", "removed", "moved"] | None = None
    since: AwareDatetime | None = None


class Follower(Answer):
    """Who follows a customer."""

    user_id: str
    status: str
    remark: str
    channel_id: Identity | None
    added_at: datetime
    ended_at: datetime | None


class Customer(Answer):
    """A customer; who may not see people finds the name shortened and the rest empty."""

    external_user_id: str
    name: str
    avatar: str
    type: int
    gender: int
    unionid: str
    corp_name: str
    created_at: datetime
    followers: tuple[Follower, ...]


class TagOwner(Answer):
    """Who wants a tag on a customer (held), or no longer: the staff took it away (suppressed), or it expired."""

    owner: str
    source: str
    version: int
    status: str
    evidence: dict[str, Any]
    at: datetime
    expires_at: datetime | None


class TagOnCustomer(Answer):
    """A tag on a customer, who or what is shown as its source, and everyone who wants it. See GET /tags/policy."""

    id: str
    name: str
    source: str
    rule: str
    at: datetime
    expires_at: datetime | None
    owners: tuple[TagOwner, ...]


class RelationDetail(Follower):
    """A relation in full. `add_way` is WeCom's code of how the two met, `link_id` and `source` by which link."""

    description: str
    add_way: int
    state: str
    link_id: Identity | None
    source: str
    adds: int
    first_added_at: datetime
    replied_at: datetime | None
    tags: tuple[TagOnCustomer, ...]


class CustomerDetail(Customer):
    """A customer with the relations in full, and what is noted beyond WeCom."""

    followers: tuple[RelationDetail, ...]
    fields: tuple[FieldOnCustomer, ...]


@routes.on("GET /customers", Permission.READ_CUSTOMERS, "客户列表", "List and search customers, the newest first")
async def browse(call: Call, query: CustomerQuery) -> Page[Customer]:
    """A rep sees their own, a leader their departments'. Searching by words asks for the permission to see people."""
    if query.words:
        call.principal.require(Permission.SEE_PEOPLE)
    which = CustomerFilter(
        words=query.words,
        staff=call.principal.within(query.staff),
        channel_id=query.channel,
        status=query.status or "",
        tag=query.tag,
        since=query.since,
    )
    place = read_place(query.after, int, str)
    after = None if place is None else (int(place[0]), str(place[1]))
    reader = Listing(call.store.scope)
    found = await reader.customers(which, limit=query.limit + 1, after=after)
    bonds = await reader.bonds([person.external_user_id for person, _ in found], staff=call.principal.staff)

    def show_row(row: tuple[Person, int]) -> Customer:
        own = [bond for bond in bonds if bond.external_user_id == row[0].external_user_id]
        return Customer(**_show(call, row[0]), followers=tuple(_follower(call, bond) for bond in own))

    return turn(found, query.limit, show_row, lambda row: (row[1], row[0].external_user_id))


@routes.on("GET /customers/{external_user_id}", Permission.READ_CUSTOMERS, "查看客户", "Show a customer")
async def show(call: Call, external_user_id: Key) -> CustomerDetail:
    """With everyone who follows them, the tags that each has set, and the fields of the corp's own."""
    person, relations = await find(call, external_user_id)
    own = call.store.fields
    return CustomerDetail(
        **_show(call, person),
        followers=tuple([await _relation(call, relation) for relation in relations]),
        fields=show_values(call.principal, await own.all(), await own.of(external_user_id)),
    )


async def find(call: Call, external_user_id: str) -> tuple[Person, tuple[Relation, ...]]:
    """A customer and the relations that the caller may see; missing if a caller who sees some staff sees none."""
    person = await call.store.customers.find(external_user_id)
    relations = await call.store.relations.of_customer(external_user_id)
    seen = tuple(relation for relation in relations if call.principal.sees(relation.user_id))
    if person is None or (call.principal.staff is not None and not seen):
        raise missing(_CUSTOMER)
    return person, seen


def _show(call: Call, person: Person) -> dict[str, Any]:
    veil, hide = call.principal.veil, call.principal.hide
    return {
        "external_user_id": person.external_user_id,
        "name": veil(person.name),
        "avatar": hide(person.avatar),
        "type": person.type,
        "gender": person.gender,
        "unionid": hide(person.unionid),
        "corp_name": person.corp_name,
        "created_at": person.created_at,
    }


def _follower(call: Call, bond: listing.Bond) -> Follower:
    return Follower.model_validate(bond).model_copy(update={"remark": call.principal.veil(bond.remark)})


async def _relation(call: Call, relation: Relation) -> RelationDetail:
    bindings = await call.store.tags.bindings(relation.external_user_id, relation.user_id)
    owners = await call.store.tags.owners(relation.external_user_id, relation.user_id)
    origin = read_state(relation.state)
    return RelationDetail(
        user_id=relation.user_id,
        status=relation.status,
        remark=call.principal.veil(relation.remark),
        channel_id=relation.channel_id,
        added_at=relation.added_at,
        ended_at=relation.ended_at,
        description=call.principal.hide(relation.description),
        add_way=relation.add_way,
        state=relation.state,
        link_id=origin.link if origin else None,
        source=origin.source if origin else "",
        adds=relation.adds,
        first_added_at=relation.first_added_at,
        replied_at=relation.replied_at,
        tags=tuple(_tag(each, owners.get(each.tag_id, ())) for each in bindings),
    )


def _tag(binding: Binding, owners: tuple[Owner, ...]) -> TagOnCustomer:
    return TagOnCustomer(
        id=binding.tag_id,
        name=binding.name,
        source=binding.source,
        rule=binding.rule,
        at=binding.at,
        expires_at=binding.expires_at,
        owners=tuple(TagOwner.model_validate(owner) for owner in owners or (binding.owner,)),
    )
