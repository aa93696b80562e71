"""Why something was or was not done: the codes that decisions carry, each with its sentence in Chinese and English.

    NO_RULE = define("no_rule", "没有适用的欢迎语规则", "No welcome rule applies")

Add a line for each new reason, here or beside the rule in the `sop` module of its subject; a code that was once stored
keeps its meaning for ever.
"""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Skip:
    """The verdict that nothing is to be done, and the code of the reason."""

    reason: str


class Sentence(NamedTuple):
    """A reason as people read it."""

    zh: str
    en: str


REASONS: dict[str, Sentence] = {}


def define(code: str, zh: str, en: str) -> str:
    """Give a code its two sentences, once; the code."""
    if code in REASONS:
        raise ValueError(f"the reason {code!r} stands twice")
    REASONS[code] = Sentence(zh, en)
    return code


def explain(code: str) -> Sentence:
    """The sentence of a code; a code unknown here (of another version) stands for itself."""
    return REASONS.get(code) or Sentence(code, code)


# welcomes: which rule greets
BY_CHANNEL = define("by_channel", "按渠道欢迎语发送", "Greeted by the channel's rule")
BY_STAFF = define("by_staff", "按员工欢迎语发送", "Greeted by the staff member's rule")
BY_DEPARTMENT = define("by_department", "按部门欢迎语发送", "Greeted by the department's rule")
BY_CORP = define("by_corp", "按企业欢迎语发送", "Greeted by the corp's rule")

# welcomes: why nobody was greeted, or not by us
NO_CODE = define(
    "no_code",
    "企业微信没有给欢迎语凭证：后台已配置欢迎语，或双方已聊过",
    "WeCom gave no welcome code: a welcome is set in its console, or the two have chatted already",
)
GREETED_BEFORE = define(
    "greeted_before",
    "不久前已发送过欢迎语，例如在免验证添加时",
    "Greeted not long ago, such as when the customer added without verification",
)
WECOM_CONTACT = define(
    "wecom_contact",
    "对方是企业微信用户，企业微信不提供欢迎语凭证",
    "The contact uses WeCom, for whom there is no welcome code",
)
NO_RULE = define("no_rule", "没有适用的欢迎语规则", "No welcome rule applies")
NOTHING_LEFT = define(
    "nothing_left", "附件素材都不可用，且没有文字", "All attachments had to be left out, and there is no text"
)
MEDIA_MISSING = define(
    "media_missing",
    "附件素材尚未上传或已过期，已略去",
    "An attachment was left out: its media is not uploaded or has expired",
)
MEDIA_REFUSED = define(
    "media_refused", "企业微信拒绝了附件，只发送了文字", "WeCom refused the attachments; the text went out alone"
)
TOO_LATE = define("too_late", "超过 20 秒，欢迎语凭证已失效", "The 20 seconds of the welcome code are over")
MAYBE_WELCOMED = define(
    "maybe_welcomed",
    "企业微信没有答复，欢迎语可能已发出，请看一眼聊天再问候",
    "WeCom did not answer: the welcome may have been sent, so look at the chat before greeting",
)
WELCOMED = define("welcomed", "欢迎语已发送", "The welcome was sent")
CHATTING = define(
    "chatting",
    "双方已开始聊天，或欢迎语已送达（之前的尝试或其他应用）",
    "The chat has begun, or a welcome is there already: by an earlier attempt or another app",
)
CODE_EXPIRED = define("code_expired", "欢迎语凭证无效或已过期", "WeCom says the welcome code is invalid or expired")
CONSENT_PENDING = define(
    "consent_pending",
    "客户同意会话存档后才能发送欢迎语",
    "The welcome waits until the customer agrees to the archive",
)
WELCOME_REFUSED = define("welcome_refused", "企业微信拒绝了欢迎语", "WeCom refused the welcome")
WELCOME_DEAD = define(
    "welcome_dead", "欢迎语多次尝试仍未成功", "The welcome did not succeed in spite of repeated tries"
)

CANCELLED = define("cancelled", "已被操作员取消", "An operator has cancelled it")
PROMPT_GREET = define("prompt_greet", "提醒员工手动问候", "The member of staff is asked to greet by hand")

# channels
CHANNEL_WANTED = define("channel_wanted", "正在同步到企业微信", "On its way to WeCom")
CHANNEL_LIVE = define("channel_live", "渠道活码已在企业微信生效", "The channel is live at WeCom")
CHANNEL_DELETED = define("channel_deleted", "渠道活码已从企业微信删除", "The channel's code is gone from WeCom")
CHANNEL_REFUSED = define("channel_refused", "企业微信拒绝了渠道活码", "WeCom refused the channel")
CHANNEL_FAILED = define("channel_failed", "渠道活码同步失败，未得到确认", "The channel could not be brought to WeCom")

# materials
MATERIAL_UPLOADED = define("material_uploaded", "素材已上传", "The material is uploaded")
MATERIAL_REFUSED = define("material_refused", "企业微信拒绝了素材", "WeCom refused the material")
MATERIAL_FAILED = define("material_failed", "素材上传失败，稍后重试", "The upload failed; it will be tried again")

# follow-ups, which flows have taken the place of: what was decided stays explained
define("followup_due", "到期且条件仍成立", "Due, and still called for")
define("followup_gone", "跟进规则已停用或删除", "The follow-up rule is disabled or gone")
define("followup_later", "规则的等待时间已延长", "The rule's waiting time has been extended")
define("relation_ended", "好友关系已结束", "The two are no longer in contact")
READDED = define("readded", "客户已重新添加，以新的添加为准", "The customer was added anew, which counts instead")
define("replied", "客户已回复", "The customer has replied")
define("tagged", "客户已有排除标签", "The customer carries a tag that makes this needless")
NO_LEAD = define("no_lead", "找不到该员工的负责人", "The member of staff has no lead to alert")

# tags and remarks
TAGS_MARKED = define("tags_marked", "标签已打上", "The tags are on the customer")
TAGS_REFUSED = define("tags_refused", "企业微信拒绝了打标签", "WeCom refused the tags")
TAGS_FAILED = define("tags_failed", "打标签多次尝试仍未成功", "The tags did not get through in spite of repeated tries")
TAG_DELETED = define("tag_deleted", "标签已从标签库删除，已略去", "A tag is no longer in the library and was left out")
REMARK_SET = define("remark_set", "备注已设置", "The remark is set")
REMARK_REFUSED = define("remark_refused", "企业微信拒绝了备注", "WeCom refused the remark")
REMARK_FAILED = define(
    "remark_failed", "设置备注多次尝试仍未成功", "The remark did not get through in spite of repeated tries"
)
REMARK_KEPT = define("remark_kept", "员工已写过备注，不覆盖", "The member of staff has written a remark, which is kept")
REMARK_EMPTY = define("remark_empty", "备注模板得不出内容", "The template gives an empty remark")
NOT_RELATED = define("not_related", "企业微信中没有这段客户关系", "At WeCom the two are not related")

# prompts and alerts
PROMPT_ADDED = define("prompt_added", "提醒员工有新客户", "The member of staff is told of the new customer")
ALERT_LOST = define("alert_lost", "客户流失提醒", "The member and the lead are told that the customer has left")
ALERT_REMOVED = define("alert_removed", "员工删除客户提醒", "The lead is told that the member removed the customer")
ALERT_BULK = define("alert_bulk", "短时间内批量删除客户", "Many customers were removed in a short time")
ALERTED_BEFORE = define("alerted_before", "同一时段已告警", "The alarm was given for this time already")
ALERT_TRANSFER = define("alert_transfer", "客户继承失败提醒", "The lead is told that the transfer failed")
TRANSFERRED = define("transferred", "因客户转接删除，不提醒", "Removed because the customer was handed over: no alert")
ANSWERED = define("answered", "回复员工的提问", "A member's question is answered")
NOT_DELIVERED = define("not_delivered", "没有发出，见代码与说明", "It was not sent: see code and words")
