"""Why something was or was not done: the codes that decisions carry, each with its sentence in Chinese and English.

    NO_RULE = _reason("no_rule", "没有适用的欢迎语规则", "No welcome rule applies")

Add a line for each new reason; a code that was once stored keeps its meaning for ever.
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


def _reason(code: str, zh: str, en: str) -> str:
    if code in REASONS:
        raise ValueError(f"the reason {code!r} stands twice")
    REASONS[code] = Sentence(zh, en)
    return code


def explain(code: str) -> Sentence:
    """The sentence of a code; a code unknown here (of another version) stands for itself."""
    return REASONS.get(code) or Sentence(code, code)


# welcomes: which rule greets
BY_CHANNEL = _reason("by_channel", "按渠道欢迎语发送", "Greeted by the channel's rule")
BY_STAFF = _reason("by_staff", "按员工欢迎语发送", "Greeted by the staff member's rule")
BY_DEPARTMENT = _reason("by_department", "按部门欢迎语发送", "Greeted by the department's rule")
BY_CORP = _reason("by_corp", "按企业欢迎语发送", "Greeted by the corp's rule")

# welcomes: why nobody was greeted, or not by us
NO_CODE = _reason(
    "no_code",
    "企业微信没有给欢迎语凭证：后台已配置欢迎语，或双方已聊过",
    "WeCom gave no welcome code: a welcome is set in its console, or the two have chatted already",
)
GREETED_BEFORE = _reason(
    "greeted_before", "客户免验证添加时已发送过欢迎语", "Greeted already when the customer was half added"
)
WECOM_CONTACT = _reason(
    "wecom_contact",
    "对方是企业微信用户，企业微信不提供欢迎语凭证",
    "The contact uses WeCom, for whom there is no welcome code",
)
NO_RULE = _reason("no_rule", "没有适用的欢迎语规则", "No welcome rule applies")
NOTHING_LEFT = _reason(
    "nothing_left", "附件素材都不可用，且没有文字", "All attachments had to be left out, and there is no text"
)
MEDIA_MISSING = _reason(
    "media_missing",
    "附件素材尚未上传或已过期，已略去",
    "An attachment was left out: its media is not uploaded or has expired",
)
TOO_LATE = _reason("too_late", "超过 20 秒，欢迎语凭证已失效", "The 20 seconds of the welcome code are over")
WELCOMED = _reason("welcomed", "欢迎语已发送", "The welcome was sent")
CHATTING = _reason(
    "chatting",
    "双方已开始聊天，或欢迎语已由其他应用发送",
    "The chat has begun, or another app has sent the welcome",
)
CODE_EXPIRED = _reason("code_expired", "欢迎语凭证无效或已过期", "WeCom says the welcome code is invalid or expired")
CONSENT_PENDING = _reason(
    "consent_pending",
    "客户同意会话存档后才能发送欢迎语",
    "The welcome waits until the customer agrees to the archive",
)
WELCOME_REFUSED = _reason("welcome_refused", "企业微信拒绝了欢迎语", "WeCom refused the welcome")
WELCOME_DEAD = _reason(
    "welcome_dead", "欢迎语多次尝试仍未成功", "The welcome did not succeed in spite of repeated tries"
)

# channels
CHANNEL_WANTED = _reason("channel_wanted", "正在同步到企业微信", "On its way to WeCom")
CHANNEL_LIVE = _reason("channel_live", "渠道活码已在企业微信生效", "The channel is live at WeCom")
CHANNEL_DELETED = _reason("channel_deleted", "渠道活码已从企业微信删除", "The channel's code is gone from WeCom")
CHANNEL_REFUSED = _reason("channel_refused", "企业微信拒绝了渠道活码", "WeCom refused the channel")
CHANNEL_FAILED = _reason("channel_failed", "渠道活码同步失败，未得到确认", "The channel could not be brought to WeCom")

# materials
MATERIAL_UPLOADED = _reason("material_uploaded", "素材已上传", "The material is uploaded")
MATERIAL_REFUSED = _reason("material_refused", "企业微信拒绝了素材", "WeCom refused the material")
MATERIAL_FAILED = _reason("material_failed", "素材上传失败，稍后重试", "The upload failed; it will be tried again")

# follow-ups
FOLLOWUP_DUE = _reason("followup_due", "到期且条件仍成立", "Due, and still called for")
FOLLOWUP_GONE = _reason("followup_gone", "跟进规则已停用或删除", "The follow-up rule is disabled or gone")
FOLLOWUP_LATER = _reason("followup_later", "规则的等待时间已延长", "The rule's waiting time has been extended")
RELATION_ENDED = _reason("relation_ended", "好友关系已结束", "The two are no longer in contact")
READDED = _reason("readded", "客户已重新添加，以新的添加为准", "The customer was added anew, which counts instead")
REPLIED = _reason("replied", "客户已回复", "The customer has replied")
TAGGED = _reason("tagged", "客户已有排除标签", "The customer carries a tag that makes this needless")
NO_LEAD = _reason("no_lead", "找不到该员工的负责人", "The member of staff has no lead to alert")
