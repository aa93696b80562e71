"""What is done for an intercept rule."""

from dataclasses import dataclass, field

from sop.intents.base import Safety
from sop.intents.twins import TwinIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape(TwinIntent):
    """A rule as it is to be."""

    subject = "intercept"

    name: str
    words: tuple[str, ...] = field(repr=False)
    semantics: tuple[str, ...] = ()
    blocks: bool = True
    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIntercept(_Shape):
    """Make a rule; found again by its name, which is unique, when the answer was lost."""

    kind = "create_intercept"
    deed = "create"
    safety = Safety.KEYED


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateIntercept(_Shape):
    """Bring a rule at WeCom to the wanted version."""

    kind = "update_intercept"
    deed = "update"

    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteIntercept(TwinIntent):
    """Take a rule away at WeCom."""

    kind = "delete_intercept"
    subject = "intercept"
    deed = "delete"

    rule_id: str
