"""Bulk tagging: what is asked for, and what of it is a change for one relation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sop import conditions
from sop.limits import Limit, Unit, Violation
from sop.reasons import define
from sop.tags.owners import Owner

BULK_WANTED = define("bulk_wanted", "批量打标", "Tagged in bulk")
BULK_UNDONE = define("bulk_undone", "撤销批量打标", "Bulk tagging is undone")
CUSTOMERS = Limit("客户", "a bulk job", 20_000, Unit.ITEMS)
TAGS = Limit("标签", "a bulk job", 100, Unit.ITEMS, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Tags to be put on, and off, the customers of a list or of a condition; `member`: as this one sees them."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    condition: Mapping[str, Any] = field(default_factory=dict)
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a job changes for one relation; `claim`: tags that are on already, now wanted by the job as well."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()


def plan(draft: Draft, *, bound: Collection[str], expected: Collection[str]) -> Turn:
    """What is to be changed for a relation with these tags; what is so already is left alone."""
    return Turn(
        add=tuple(tag for tag in draft.add if tag not in expected),
        remove=tuple(tag for tag in draft.remove if tag in expected),
        claim=tuple(tag for tag in draft.add if tag in bound and tag in expected),
    )


def reverse(
    job: str, removed: Collection[str], *, owners: Mapping[str, tuple[Owner, ...]], expected: Collection[str]
) -> Turn:
    """What undoes a job's work on a relation: what it alone holds goes, what it took off comes back."""
    holding = {
        tag: tuple(owner.owner for owner in all_owners if owner.status == "held") for tag, all_owners in owners.items()
    }
    own = [tag for tag, names in holding.items() if job in names]
    return Turn(
        add=tuple(tag for tag in removed if tag not in expected),
        remove=tuple(tag for tag in own if holding[tag] == (job,) and tag in expected),
        claim=tuple(tag for tag in own if holding[tag] != (job,)),
    )


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a job as written."""
    found = TAGS.check("add", (*draft.add, *draft.remove)) + CUSTOMERS.check("customers", draft.customers)
    if both := sorted(set(draft.add) & set(draft.remove)):
        names = ", ".join(both)
        found.append(Violation("remove", f"同时添加和移除 {names}", f"{names} cannot be added and removed at once"))
    if bool(draft.customers) is bool(draft.condition):
        found.append(Violation("customers", "请给出客户列表或条件之一", "give either customers or a condition"))
    if draft.condition:
        found += conditions.check(draft.condition)
    return found
