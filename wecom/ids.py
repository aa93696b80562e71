"""The platform's identifiers, each a type of its own so that two are never mixed up."""

from typing import NewType

CorpId = NewType("CorpId", str)  # ww…
AgentId = NewType("AgentId", int)
UserId = NewType("UserId", str)  # a member of staff
ExternalUserId = NewType("ExternalUserId", str)  # a customer: wm… (WeChat) or wo… (WeCom)
ChatId = NewType("ChatId", str)  # a customer group: wr…
DepartmentId = NewType("DepartmentId", int)
TagId = NewType("TagId", str)  # et…
TagGroupId = NewType("TagGroupId", str)
MediaId = NewType("MediaId", str)  # dies after three days
ConfigId = NewType("ConfigId", str)  # of a contact way (联系我) or a join way (加入群聊)
TemplateId = NewType("TemplateId", str)  # of a group welcome (入群欢迎语素材)
LinkId = NewType("LinkId", str)  # of an acquisition link (获客链接)
RuleId = NewType("RuleId", str)  # of an intercept rule (敏感词规则): a number at the platform, or digits
StrategyId = NewType("StrategyId", int)  # of a customer strategy (规则组)
MomentId = NewType("MomentId", str)  # of a moment (客户朋友圈)
