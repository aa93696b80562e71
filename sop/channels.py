"""Channels: what an operator may ask for, and the state by which a scan is recognised."""

from dataclasses import dataclass

from sop import limits, remarks, texts
from sop.limits import Violation

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A channel as an operator writes it: whom a scan leads to, and what is done with those who come."""

    name: str
    staff: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()  # put on every customer who comes this way
    remark: str = ""  # template of the remark that the member gets for the customer
    skip_verify: bool = True  # customers are added without the member's confirmation


def make_state(number: int) -> str:
    """The state of the channel with this id: ours by its prefix, unique as the id is, at most 15 characters."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"s-{digits or '0'}"


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a channel as written."""
    found = limits.CHANNEL_NAME.check("name", draft.name.strip())
    found += limits.CHANNEL_STAFF.check("staff", draft.staff)
    found += limits.CHANNEL_DEPARTMENTS.check("departments", draft.departments)
    found += limits.CHANNEL_TAGS.check("tags", draft.tags)
    found += limits.REMARK.check("remark", draft.remark) + texts.check("remark", draft.remark, known=remarks.NAMES)
    if not draft.staff and not draft.departments:
        found.append(
            Violation("staff", "请至少选择一名员工或一个部门", "name at least one member of staff or one department")
        )
    for field in ("staff", "departments", "tags"):
        values: tuple[object, ...] = getattr(draft, field)
        if len(set(values)) < len(values):
            found.append(Violation(field, "有重复项", "something stands in it twice"))
    return found
