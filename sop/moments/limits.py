"""What a moment may hold (page 95094): everything that is wrong with one as written."""

from collections.abc import Sequence

from sop import limits
from sop.attachments import check_forms
from sop.intents import Attachment
from sop.limits import Limit, Unit, Violation
from sop.moments import Draft

TEXT = Limit("朋友圈文字", "the moment's text", 2000, Unit.CHARS)
TITLE = Limit("链接标题", "a link's title", 64, Unit.CHARS)
USERS = Limit("发表员工", "a moment", 100_000, Unit.ITEMS)
TAGS = Limit("标签", "a moment", 100, Unit.ITEMS)
DEPARTMENTS = Limit("部门", "a moment", 1000, Unit.ITEMS)
MOST = {"image": 9, "video": 1, "link": 1}
FIELDS: dict[str, dict[str, Limit]] = {
    "image": {"material": limits.MATERIAL},
    "video": {"material": limits.MATERIAL},
    "link": {"title": TITLE, "url": limits.LINK_URL, "material": limits.MATERIAL},
}
COVERS = {"image": "image", "video": "video", "link": "image"}
"""The kind of material that a kind of attachment takes; a link takes its cover."""
_ALL = ("material", "title", "url", "picture", "description", "app_id", "page")


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a moment; whether what it names exists is not known here."""
    found = limits.RULE_NAME.check("name", draft.name) + check_shown("", draft.text, draft.attachments)
    found += USERS.check("users", draft.users) + TAGS.check("tags", draft.tags)
    return found + DEPARTMENTS.check("departments", draft.departments)


def check_shown(where: str, text: str, attachments: Sequence[Attachment]) -> list[Violation]:
    """What is wrong with what it shows, by fields that begin with `where`."""
    place = f"{where}." if where else ""
    found = TEXT.check(f"{place}text", text)
    if not text.strip() and not attachments:
        found.append(Violation(f"{place}text", "文字和附件至少填一项", "text or an attachment is needed"))
    return found + _check_kinds(place, attachments) + _check_each(place, attachments)


def _check_kinds(place: str, attachments: Sequence[Attachment]) -> list[Violation]:
    field = f"{place}attachments"
    kinds = {attachment.kind for attachment in attachments}
    if len(kinds) > 1:
        zh, en = (
            "朋友圈的附件只能是同一种：图片、视频或链接",
            "attachments are of one kind: pictures, or a video, or a link",
        )
        return [Violation(field, zh, en)]
    return [
        Violation(field, f"{kind} 附件最多 {most} 个", f"there may be {most} attachment(s) of the kind {kind}")
        for kind in kinds
        if len(attachments) > (most := MOST.get(kind, len(attachments)))
    ]


def _check_each(place: str, attachments: Sequence[Attachment]) -> list[Violation]:
    found = []
    for number, attachment in enumerate(attachments):
        field = f"{place}attachments.{number}"
        fields = FIELDS.get(attachment.kind)
        if fields is None:
            zh, en = "朋友圈只能带图片、视频或链接", "a moment shows pictures, a video or a link"
            found.append(Violation(f"{field}.kind", zh, en))
            continue
        for name, limit in fields.items():
            found += limit.check(f"{field}.{name}", getattr(attachment, name))
        found += [
            Violation(f"{field}.{name}", f"{attachment.kind} 附件没有这一项", f"{attachment.kind} has no {name}")
            for name in _ALL
            if name not in fields and getattr(attachment, name)
        ]
        found += check_forms(field, attachment)
    return found
