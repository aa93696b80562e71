"""Why the contact policy let a message go, held it back or kept it: the codes, in the order of the gate's steps."""

from sop.reasons import define

OPTED_OUT = define("opted_out", "客户已退订该主题", "The customer has opted out of this topic")
NO_CONSENT = define(
    "no_consent", "该主题须先征得同意，客户尚未同意", "This topic needs consent, which the customer has not given"
)
GONE = define("not_in_contact", "已不是好友，或客户群已解散", "No longer in contact, or the group is dismissed")
BLOCKED = define("blocked", "该客户已设为不再联系", "The customer is marked as not to be contacted at all")
HOLDOUT = define("holdout", "客户属于全局对照组，不发送", "The customer is in the global holdout group")
GOAL_REACHED = define("goal_reached", "目标已达成，无需再发", "The goal is reached, so nothing more is sent")
QUIET_HOURS = define("quiet_hours", "当时处于免打扰时段", "It fell into quiet hours")
NEVER_OPEN = define(
    "never_open",
    "可等待的期限内都是免打扰时段",
    "There is nothing but quiet hours for as long as the policy lets a message wait",
)
FLOW_CAP = define("flow_cap", "已达本旅程或本群发的频次上限", "The cap of this flow or broadcast is reached")
GLOBAL_CAP = define("global_cap", "已达旅程与群发合计的频次上限", "The cap across all flows and broadcasts is reached")
QUOTA = define(
    "platform_quota",
    "已达企业微信允许客户接收群发的次数",
    "WeCom lets nobody receive more mass messages in this time",
)

# why a transactional message goes out although something is against it
DESPITE_OPT_OUT = define(
    "despite_opt_out", "事务性消息：不受退订限制", "Transactional: goes out in spite of an opt-out"
)
DESPITE_NO_CONSENT = define(
    "despite_no_consent", "事务性消息：无需同意", "Transactional: goes out without consent to the topic"
)
DESPITE_HOLDOUT = define(
    "despite_holdout", "事务性消息：对照组也发送", "Transactional: goes out to the holdout group too"
)
DESPITE_QUIET_HOURS = define(
    "despite_quiet_hours", "事务性消息：不受免打扰时段限制", "Transactional: goes out in quiet hours too"
)
DESPITE_FLOW_CAP = define(
    "despite_flow_cap", "事务性消息：不受旅程频次上限限制", "Transactional: goes out over the flow's cap"
)
DESPITE_GLOBAL_CAP = define(
    "despite_global_cap", "事务性消息：不受合计频次上限限制", "Transactional: goes out over the global cap"
)
DESPITE = {
    OPTED_OUT: DESPITE_OPT_OUT,
    NO_CONSENT: DESPITE_NO_CONSENT,
    HOLDOUT: DESPITE_HOLDOUT,
    QUIET_HOURS: DESPITE_QUIET_HOURS,
    NEVER_OPEN: DESPITE_QUIET_HOURS,
    FLOW_CAP: DESPITE_FLOW_CAP,
    GLOBAL_CAP: DESPITE_GLOBAL_CAP,
}  # what a transactional message bypasses; nothing else
