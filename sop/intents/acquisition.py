"""What is done for an acquisition link."""

from dataclasses import dataclass

from sop.intents.base import Safety
from sop.intents.twins import TwinIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape(TwinIntent):
    """A link as it is to be; `label` is its name at WeCom."""

    subject = "acquisition_link"

    label: str
    users: tuple[str, ...]
    departments: tuple[int, ...] = ()
    skip_verify: bool = True
    priority: str = ""  # anyone, listed, or as WeCom has it
    priority_users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLink(_Shape):
    """Make a link; found again by the mark in its name when the answer was lost."""

    kind = "create_link"
    deed = "create"
    safety = Safety.KEYED


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLink(_Shape):
    """Bring a link at WeCom to the wanted version; its address stays."""

    kind = "update_link"
    deed = "update"

    link_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteLink(TwinIntent):
    """Take a link away at WeCom."""

    kind = "delete_link"
    subject = "acquisition_link"
    deed = "delete"

    link_id: str
