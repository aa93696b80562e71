"""What an attachment of a welcome must have, by its kind."""

from collections.abc import Sequence

from sop import limits
from sop.intents import Attachment
from sop.limits import Limit, Violation

# By kind: the fields an attachment has, with their limits.
FIELDS: dict[str, dict[str, Limit]] = {
    "image": {"material": limits.MATERIAL},
    "video": {"material": limits.MATERIAL},
    "file": {"material": limits.MATERIAL},
    "link": {
        "title": limits.LINK_TITLE,
        "url": limits.LINK_URL,
        "picture": limits.LINK_PICTURE,
        "description": limits.LINK_DESCRIPTION,
    },
    "miniprogram": {
        "title": limits.PROGRAM_TITLE,
        "material": limits.MATERIAL,
        "app_id": limits.PROGRAM_ID,
        "page": limits.PROGRAM_PAGE,
    },
}
MATERIALS: dict[str, str] = {"image": "image", "video": "video", "file": "file", "miniprogram": "image"}
"""The kind of material that a kind of attachment takes."""
_ALL = ("material", "title", "url", "picture", "description", "app_id", "page")


def check_all(prefix: str, attachments: Sequence[Attachment]) -> list[Violation]:
    """Everything that is wrong with the attachments of one welcome."""
    found = limits.ATTACHMENTS.check(f"{prefix}attachments", attachments)
    for number, attachment in enumerate(attachments):
        found += check(f"{prefix}attachments.{number}", attachment)
    return found


def check(field: str, attachment: Attachment) -> list[Violation]:
    """Everything that is wrong with one attachment."""
    fields = FIELDS[attachment.kind]
    found = []
    for name, limit in fields.items():
        found += limit.check(f"{field}.{name}", getattr(attachment, name))
    for name in _ALL:
        if name not in fields and getattr(attachment, name):
            found.append(
                Violation(f"{field}.{name}", f"{attachment.kind} 附件没有这一项", f"{attachment.kind} has no {name}")
            )
    return found + check_forms(field, attachment)


def check_forms(field: str, attachment: Attachment) -> list[Violation]:
    """What is wrong with ids and addresses, whatever the kind."""
    found = []
    if attachment.material and not (attachment.material.isascii() and attachment.material.isdigit()):
        found.append(Violation(f"{field}.material", "素材 id 是数字", "a material's id is a number"))
    for name in ("url", "picture"):
        address: str = getattr(attachment, name)
        if address and not address.startswith(("https://", "http://")):
            found.append(
                Violation(
                    f"{field}.{name}", "网址要以 https:// 或 http:// 开头", "an address starts with https:// or http://"
                )
            )
    return found
