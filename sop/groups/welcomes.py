"""Group welcomes (入群欢迎语素材): what an operator may write for newcomers of groups."""

from dataclasses import dataclass

from sop import attachments, limits
from sop.intents import Attachment
from sop.limits import Limit, Violation
from sop.reasons import define

NICKNAME = "%NICKNAME%"  # WeCom puts the newcomer's name there
MOST = 100  # of a corp
_TEXT = Limit("入群欢迎语文字", "the group welcome's text", 3000)

GROUP_WELCOME_WANTED = define("group_welcome_wanted", "入群欢迎语正在同步到企业微信", "It is on its way to WeCom")
GROUP_WELCOME_WAITS = define(
    "group_welcome_waits", "素材尚未上传，稍后同步", "It waits for its material to be uploaded"
)
GROUP_WELCOME_LIVE = define("group_welcome_live", "入群欢迎语已在企业微信生效", "The group welcome is live at WeCom")
GROUP_WELCOME_DELETED = define("group_welcome_deleted", "入群欢迎语已从企业微信删除", "It is gone from WeCom")
GROUP_WELCOME_REFUSED = define("group_welcome_refused", "企业微信拒绝了入群欢迎语", "WeCom refused the group welcome")
GROUP_WELCOME_FAILED = define(
    "group_welcome_failed",
    "入群欢迎语同步失败，未得到确认；请在企业微信后台确认后手动重试",
    "The group welcome could not be brought to WeCom: look in its console, then retry by hand",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A group welcome as an operator writes it; `notify` has WeCom tell group owners to put it to use."""

    name: str
    text: str = ""
    attachment: Attachment | None = None
    notify: bool = True


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a group welcome as written."""
    found = limits.RULE_NAME.check("name", draft.name.strip()) + _TEXT.check("text", draft.text)
    if not draft.text.strip() and draft.attachment is None:
        found.append(Violation("text", "文字和附件不能都为空", "text and attachment cannot both be empty"))
    for other in ("%nickname%", "{customer}"):
        if other in draft.text:
            zh, en = f"{other} 不会被替换，请写 {NICKNAME}", f"{other} is not filled in: write {NICKNAME}"
            found.append(Violation("text", zh, en))
    if draft.attachment is not None:
        found += attachments.check("attachment", draft.attachment)
    return found
