"""Customers, and their relation to each member who added them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Place = tuple[int, int]
"""Which of several members, and how far along theirs."""
WECHAT = 1
WECOM = 2
CORP_TAG = 1
PERSONAL_TAG = 2
STRATEGY_TAG = 3  # of a rule group


class Standing(StrEnum):
    """How a member and a customer stand to each other."""

    HALF = "half"  # the customer added the member, who has not confirmed yet
    MUTUAL = "mutual"
    LEFT = "left"  # the customer deleted the member, who still has the customer
    REMOVED = "removed"  # the member deleted the customer


@dataclass(frozen=True, slots=True)
class Received:
    """Something that reached a customer's phone."""

    at: float
    kind: str  # welcome, broadcast, chat
    userid: str
    content: dict[str, object]


@dataclass(slots=True)
class Customer:
    """An external person; `received` is what came in on the phone."""

    external_userid: str
    name: str
    kind: int = WECHAT
    gender: int = 0
    unionid: str = ""
    corp_name: str = ""
    received: list[Received] = field(default_factory=list)


@dataclass(slots=True)
class Relation:
    """One member's view of one customer; it outlives its end, so that a return is recognised."""

    userid: str
    external_userid: str
    created_at: float
    standing: Standing
    add_way: int = 0
    state: str = ""
    oper_userid: str = ""
    remark: str = ""
    description: str = ""
    remark_company: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    tags: dict[str, float] = field(default_factory=dict)  # tag id -> when it was put on
    personal_tags: list[str] = field(default_factory=list)
    greeted: bool = False  # a welcome has been sent, or they chat already
    adds: int = 1
    last_chat: float = 0.0
    chat_until: float = 0.0  # a temporary session lives so long
    conclusions: dict[str, object] = field(default_factory=dict)  # what is said at its end

    @property
    def visible(self) -> bool:
        """Whether the platform's API knows the pair: mutual, or left by the customer."""
        return self.standing in (Standing.MUTUAL, Standing.LEFT)


@dataclass(slots=True)
class Contacts:
    """Every customer and every relation of a corp, found from either side."""

    customers: dict[str, Customer] = field(default_factory=dict)
    _by_member: dict[str, dict[str, Relation]] = field(default_factory=dict)
    _by_customer: dict[str, dict[str, Relation]] = field(default_factory=dict)
    _order: dict[str, list[str]] = field(default_factory=dict)  # whom a member ever had, oldest first: never shrinks

    def __iter__(self) -> Iterator[Relation]:
        for relations in self._by_member.values():
            yield from relations.values()

    def conclude(self, relation: Relation, at: float) -> None:
        """Say the conclusion at the end of a temporary session, once."""
        said, relation.conclusions = relation.conclusions, {}
        if said:
            person = self.customers[relation.external_userid]
            person.received.append(Received(at, "conclusion", relation.userid, said))

    def relate(self, relation: Relation) -> Relation:
        """Take in a relation."""
        mine = self._by_member.setdefault(relation.userid, {})
        if relation.external_userid not in mine:
            self._order.setdefault(relation.userid, []).append(relation.external_userid)
        mine[relation.external_userid] = relation
        self._by_customer.setdefault(relation.external_userid, {})[relation.userid] = relation
        return relation

    def between(self, userid: str, external_userid: str) -> Relation | None:
        """Return the relation of a pair, ended or not."""
        return self._by_member.get(userid, {}).get(external_userid)

    def of_member(self, userid: str) -> list[Relation]:
        """Return the relations of a member that the API shows, oldest first."""
        return [one for one in self._by_member.get(userid, {}).values() if one.visible]

    def page(self, userids: Sequence[str], place: Place, limit: int) -> tuple[list[Relation], Place | None]:
        """Return up to so many relations of several members that the API shows, and where the next page begins.

        A place never moves, whoever comes or goes meanwhile.
        """
        found: list[Relation] = []
        number, position = place
        while number < len(userids):
            order = self._order.get(userids[number], ())
            mine = self._by_member.get(userids[number], {})
            while position < len(order):
                one = mine[order[position]]
                if one.visible:
                    if len(found) == limit:
                        return found, (number, position)
                    found.append(one)
                position += 1
            number, position = number + 1, 0
        return found, None

    def of_customer(self, external_userid: str) -> list[Relation]:
        """Return the relations of a customer that the API shows, oldest first."""
        return [one for one in self._by_customer.get(external_userid, {}).values() if one.visible]

    def history(self, external_userid: str) -> list[Relation]:
        """Return all relations of a customer, ended or half ones too."""
        return list(self._by_customer.get(external_userid, {}).values())
