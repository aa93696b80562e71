"""A page meets what is held: new rows are written at once, what stands otherwise is judged in its customer's lane."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sop.drift import Drift, differing
from sop.events import RelationRead
from sop.relations import Sight, Status, learn
from sop.tags import INTERNAL
from storage.engine.sql import Row
from storage.store import Store
from storage.sync.drifts import Place
from storage.sync.scans import Held, Pair, newer
from storage.values import from_ms, to_ms
from wecom.customers import Contact, Customer, Follow

_NOTED = ("remark", "description", "add_way")


@dataclass(slots=True)
class _Meeting:
    """What a page tells that is not held."""

    people: list[Drift] = field(default_factory=list)
    new: list[Contact] = field(default_factory=list)
    noted: list[Contact] = field(default_factory=list)  # members' notes differ
    standing: list[Contact] = field(default_factory=list)  # they stand otherwise, or have other tags
    relations: list[Drift] = field(default_factory=list)


async def merge(contacts: Sequence[Contact], store: Store, place: Place) -> None:
    """Write what is new or noted otherwise, and have the rest judged; without `place.repair`, only tell."""
    if not contacts:
        return
    held = await store.scans.held({_pair(each) for each in contacts})
    met = _meet(contacts, held, store.now)
    await store.drifts.note(place, [*met.people, *met.relations])
    if not place.repair:
        store.scans.see([pair for pair in map(_pair, contacts) if pair in held.pairs])
        return
    names = {each.key for each in met.people}
    store.scans.meet(each for each in contacts if each.customer.external_user_id in names)
    store.scans.relate([*met.new, *met.noted])
    store.scans.bind(met.new)
    written = {_pair(each) for each in (*met.new, *met.noted)}
    store.scans.see([pair for pair in map(_pair, contacts) if pair not in written])
    for each in met.standing:
        store.announce(_reading(each, store))


def _meet(contacts: Sequence[Contact], held: Held, now: datetime) -> _Meeting:
    met = _Meeting(people=_strangers(contacts, held, now))
    for each in contacts:
        pair = _pair(each)
        row = held.pairs.get(pair)
        if row is None:
            met.new.append(each)
            met.relations.append(Drift(kind="relation", key=":".join(pair), what="missing_here"))
            continue
        texts = _texts(row, each.follow, now)
        standing = _standing(row, each, held, now=now)
        if texts:
            met.noted.append(each)
        if standing:
            met.standing.append(each)
        if texts or standing:
            met.relations.append(Drift(kind="relation", key=":".join(pair), what="different", fields=texts | standing))
    return met


def _pair(contact: Contact) -> Pair:
    return contact.customer.external_user_id, contact.follow.user_id


def _strangers(contacts: Iterable[Contact], held: Held, now: datetime) -> list[Drift]:
    """The customers who are unknown, or whom WeCom describes otherwise, each once."""
    found: dict[str, Drift] = {}
    for customer in (each.customer for each in contacts):
        name = customer.external_user_id
        row = held.people.get(name)
        if row is None:
            found[name] = Drift(kind="customer", key=name, what="missing_here")
        elif row["changed_at"] <= to_ms(now) and (fields := differing(_known(row), _told(customer))):
            found[name] = Drift(kind="customer", key=name, what="different", fields=fields)
    return list(found.values())


def _known(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("name", "avatar", "type", "gender", "unionid", "corp_name")}


def _told(customer: Customer) -> dict[str, Any]:
    return {
        "name": customer.name,
        "avatar": customer.avatar,
        "type": customer.kind,
        "gender": customer.gender,
        "unionid": customer.union_id,
        "corp_name": customer.corp_name,
    }


def _texts(row: Row, follow: Follow, asked: datetime) -> dict[str, Any]:
    """What the member noted otherwise, unless something newer is held."""
    if newer(row, asked):
        return {}
    fields = {name: (row[name], getattr(follow, name)) for name in _NOTED if row[name] != getattr(follow, name)}
    if follow.state and row["state"] != follow.state:
        fields["state"] = (row["state"], follow.state)
    return fields


def _standing(row: Row, contact: Contact, held: Held, *, now: datetime) -> dict[str, Any]:
    """How the relation stands otherwise, and tags that differ: what must be judged in order with its events."""
    fields: dict[str, Any] = {}
    status = Status(row["status"])
    sight = Sight(asked=now, added_at=contact.follow.added_at)
    if fact := learn(status, from_ms(row["added_at"]), from_ms(row["changed_at"]), sight=sight):
        fields["status"] = (status.value, fact.deed.value)
    told = frozenset(contact.follow.tag_ids)
    known = frozenset(tag for tag in held.tags.get(_pair(contact), ()) if not tag.startswith(INTERNAL))
    if told != known and row["tags_at"] <= to_ms(now) and not newer(row, now):
        fields["tags"] = (sorted(known - told), sorted(told - known))
    return fields


def _reading(contact: Contact, store: Store) -> RelationRead:
    follow = contact.follow
    return RelationRead(
        corp_id=store.scope.corp_id,
        at=store.now,
        user_id=follow.user_id,
        external_user_id=contact.customer.external_user_id,
        added_at=follow.added_at,
        remark=follow.remark,
        description=follow.description,
        add_way=follow.add_way,
        state=follow.state,
        tag_ids=follow.tag_ids,
    )
