"""Conclusions (结束语): what a customer of a temporary code is told when the chat with the member ends."""

from dataclasses import dataclass

from sop import attachments
from sop.intents import Attachment
from sop.limits import Limit, Violation
from sop.reasons import define

TEXT = Limit("结束语文字", "the conclusion's text", 4000)
_KINDS = ("image", "link", "miniprogram")

CONCLUSION_WAITS = define(
    "conclusion_waits", "结束语素材尚未上传，稍后同步", "It waits for the material of its conclusion to be uploaded"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """A text, and one picture, link or mini-program."""

    text: str = ""
    attachment: Attachment | None = None


def check(field: str, conclusion: Conclusion) -> list[Violation]:
    """Everything that is wrong with a conclusion as written (page 92228)."""
    found = TEXT.check(f"{field}.text", conclusion.text)
    attachment = conclusion.attachment
    if not conclusion.text.strip() and attachment is None:
        found.append(Violation(f"{field}.text", "文字和附件不能都为空", "text and attachment cannot both be empty"))
    if attachment is None:
        return found
    if attachment.kind not in _KINDS:
        zh, en = "结束语只能附图片、链接或小程序", "a conclusion takes a picture, a link or a mini-program"
        return [*found, Violation(f"{field}.attachment.kind", zh, en)]
    return found + attachments.check(f"{field}.attachment", attachment)
