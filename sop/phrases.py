"""What the bot says to staff: every phrase in Chinese and English, in one place to be searched."""

from typing import NamedTuple


class Phrase(NamedTuple):
    """A phrase in both languages, with {places} to be filled."""

    zh: str
    en: str


PHRASES: dict[str, Phrase] = {
    # the names of facts on a card: WeCom shows about five characters
    "customer": Phrase("客户", "Name"),
    "source": Phrase("来源", "From"),
    "time": Phrase("时间", "Time"),
    "tags": Phrase("标签", "Tags"),
    "staff": Phrase("员工", "Staff"),
    "days": Phrase("添加天数", "Days"),
    "replied": Phrase("最后回复", "Reply"),
    "reason": Phrase("原因", "Why"),
    "count": Phrase("人数", "Count"),
    # values
    "somebody": Phrase("未知客户", "Unknown customer"),
    "unknown": Phrase("未知", "Unknown"),
    "never": Phrase("从未", "Never"),
    # cards
    "added.title": Phrase("新客户：{customer}", "New customer: {customer}"),
    "added.text": Phrase("客户刚刚添加了你，点击查看资料并尽快跟进。", "They have just added you. Open the profile."),
    "returned.title": Phrase("客户回来了：{customer}", "Back again: {customer}"),
    "returned.text": Phrase(
        "这位客户重新添加了你，点击查看以往的记录。", "They have added you again. Open what happened before."
    ),
    "lost.title": Phrase("客户流失：{customer}", "Customer lost: {customer}"),
    "lost.text": Phrase(
        "客户删除了 {staff}，消息已无法送达。", "The customer has removed {staff}; messages no longer arrive."
    ),
    "removed.title": Phrase("员工删除客户：{customer}", "Customer removed: {customer}"),
    "removed.text": Phrase("{staff} 删除了这位客户，请确认是否误删。", "{staff} has removed this customer. Intended?"),
    "bulk.title": Phrase("批量删除客户告警：{staff}", "Bulk removal: {staff}"),
    "bulk.text": Phrase(
        "{staff} 在 {minutes} 分钟内删除了 {count} 位客户，请立即核实。",
        "{staff} has removed {count} customers within {minutes} minutes. Please check now.",
    ),
    "transfer.title": Phrase("客户继承失败：{customer}", "Transfer failed: {customer}"),
    "transfer.text": Phrase("客户未能转给 {staff}。", "The customer was not handed over to {staff}."),
    "customer_refused": Phrase("客户拒绝", "The customer refused"),
    "customer_limit_exceed": Phrase("接替员工的客户数已达上限", "The member's quota of customers is full"),
    "greet.title": Phrase("请手动问候：{customer}", "Please greet {customer}"),
    "greet.text": Phrase("欢迎语没有发出，请尽快亲自问候客户。", "No welcome was sent. Please greet them yourself."),
    "material.title": Phrase("素材上传失败：{filename}", "Upload failed: {filename}"),
    "material.text": Phrase(
        "欢迎语暂时会略去这个附件，请检查或更换素材。",
        "Welcomes leave this attachment out for now. Please check or replace the file.",
    ),
    "moment.remind": Phrase(
        "朋友圈“{name}”在等你发表：打开企业微信 → 工作台 → 客户朋友圈。",
        "The moment “{name}” waits for you: open WeCom → Workbench → Moments and publish it.",
    ),
    "group.unnamed": Phrase("未命名的群", "a group without a name"),
    "group.scan.title": Phrase("群即将满员：{name}", "Nearly full: {name}"),
    "group.scan.text": Phrase(
        "群“{name}”已有 {count} 人，满 {most} 人后无法扫码进群，请准备新群。",
        "{name} has {count} people; from {most} on nobody comes in by a code. Prepare another group.",
    ),
    "group.full.title": Phrase("群即将满员：{name}", "Nearly full: {name}"),
    "group.full.text": Phrase(
        "群“{name}”已有 {count} 人，上限 {most} 人。", "{name} has {count} people of {most} at most."
    ),
    "group.leaving.title": Phrase("集中退群：{name}", "Many leave: {name}"),
    "group.leaving.text": Phrase(
        "{seconds} 秒内有 {count} 位客户离开群“{name}”，请查看群内情况。",
        "{count} customers have left {name} within {seconds} seconds. Please have a look.",
    ),
    "group.joining.title": Phrase("疑似广告进群：{name}", "Spam? {name}"),
    "group.joining.text": Phrase(
        "{seconds} 秒内有 {count} 位客户进入群“{name}”，请核实是否为广告。",
        "{count} customers have joined {name} within {seconds} seconds. Is it spam?",
    ),
    "group.many.title": Phrase("客户加入多个群：{name}", "In many groups: {name}"),
    "group.many.text": Phrase("{name} 已加入 {count} 个客户群，请留意。", "{name} is in {count} groups by now."),
    "group.owner.title": Phrase("群主离职：{name}", "Owner gone: {name}"),
    "group.owner.text": Phrase(
        "{name} 已离职，名下 {count} 个客户群待继承。", "{name} has left; {count} groups need another owner."
    ),
    "invite.title": Phrase("邀请客户进群：{name}", "Invite customers: {name}"),
    "invite.text": Phrase(
        "有 {count} 位客户待邀请进群“{name}”，名单在待办中，点击获取群码。",
        "{count} customers are to be invited into {name}; they are among your tasks. Open the code.",
    ),
    "invite.task": Phrase("邀请客户进群“{name}”：{url}", "Invite the customer into {name}: {url}"),
    # tasks
    "due": Phrase("截止", "Due"),
    "task.unnamed": Phrase("待办：{customer}", "To do: {customer}"),
    "task.overdue": Phrase("已逾期：{title}", "Overdue: {title}"),
    "task.escalated": Phrase("{staff} 逾期未处理：{title}", "Not done by {staff}: {title}"),
    "task.orphaned": Phrase("{staff} 已离职，请处理：{title}", "{staff} has left: {title}"),
    "task.done": Phrase("完成", "Done"),
    "task.hour": Phrase("1 小时后", "In an hour"),
    "task.morning": Phrase("明早", "Tomorrow"),
    "task.open": Phrase("打开", "Open"),
    "task.many.text": Phrase("{tasks}。发送“待办”可逐项处理。", "{tasks}. Write “tasks” to do them one by one."),
    "task.many.title": Phrase("{count} 项待办等你处理", "{count} tasks for you"),
    "task.many.overdue": Phrase("{count} 项待办已逾期", "{count} tasks are overdue"),
    "task.many.escalated": Phrase("{count} 项待办逾期未处理，请跟进", "{count} tasks of your team are not done"),
    "task.is.done": Phrase("已完成（{time}）", "Done ({time})"),
    "task.is.done.by": Phrase("已由 {who} 完成（{time}）", "Done by {who} ({time})"),
    "task.is.cancelled": Phrase("已取消：{reason}", "Cancelled: {reason}"),
    "task.is.postponed": Phrase("已推迟到 {time}，届时再提醒", "Put off until {time}; you will be told again"),
    "task.is.moved": Phrase("现由 {who} 负责", "It is up to {who} now"),
    "task.is.gone": Phrase("这项待办已不存在", "This task is no longer there"),
    "task.is.open": Phrase("待处理", "To be done"),
    "task.kept": Phrase("不能推迟：{why}", "It cannot be put off: {why}"),
    # answers
    "help": Phrase(
        "我可以帮你：\n今日 — 今天的新增、流失和待办\n待办 — 最紧急的几项待办，可直接处理\n客户 <姓名> — 查找你的客户\n"
        "上班、下班 — 开始或停止接待新客户\n帮助 — 显示这些说明",
        "I can do this for you:\ntoday — today's new and lost customers, and your tasks\n"
        "tasks — the cards of the most pressing ones\n"
        "customer <name> — find one of your customers\n"
        "on duty, off duty — begin or stop taking new customers\nhelp — show this",
    ),
    # transfers
    "takeover.customers": Phrase(
        "{giver} 的 {count} 位客户已转接给你，标签、备注和待跟进事项一并转来，请尽快联系。",
        "{count} customers of {giver} are yours now, with their tags, remarks and follow-ups. Please get in touch.",
    ),
    "takeover.groups": Phrase(
        "{giver} 的 {count} 个客户群已转给你。", "{count} customer groups of {giver} are yours now."
    ),
    "takeover.sum": Phrase(
        "{giver} 的转接已全部有结果，未成功的可以换人再转：",
        "The transfer of {giver} is decided. Offer the misses to others:",
    ),
    "state.done": Phrase("成功", "done"),
    "state.refused": Phrase("客户拒绝", "refused by the customer"),
    "state.limit": Phrase("接替员工已满", "taker full"),
    "state.failed": Phrase("企业微信未受理", "not taken on by WeCom"),
    "state.expired": Phrase("无结果", "no result"),
    "state.left_out": Phrase("未发起", "left out"),
    "unassigned.head": Phrase("离职员工的客户等待分配：", "Customers of members who have left wait for somebody:"),
    "unassigned.line": Phrase("{staff}：{count} 位（{date} 离职）", "{staff}: {count} (left {date})"),
    "unclear": Phrase("没看懂“{words}”。\n{help}", "I don't know “{words}”.\n{help}"),
    "stranger": Phrase(
        "你好！通讯录里暂时没有找到你，暂时不能为你查询。请联系管理员确认你在应用的可见范围内。",
        "Hello! I cannot find you in the directory yet. Please ask an administrator whether the app may see you.",
    ),
    "today": Phrase(
        "{date} 今日概况\n新增客户：{added}\n流失客户：{lost}\n删除客户：{removed}",
        "Today, {date}\nNew customers: {added}\nLost: {lost}\nRemoved by you: {removed}",
    ),
    "agenda.morning": Phrase("早上好！{date} 的安排：", "Good morning! Your day, {date}:"),
    "agenda.newcomers": Phrase("昨日新增客户：{count}", "New customers yesterday: {count}"),
    "agenda.tasks": Phrase("待办：{count}", "Tasks: {count}"),
    "agenda.late": Phrase("待办：{count}（逾期 {late}）", "Tasks: {count} ({late} overdue)"),
    "agenda.task": Phrase("· {name}（{time}）", "· {name} ({time})"),
    "agenda.overdue": Phrase("· 【逾期】{name}（{time}）", "· [overdue] {name} ({time})"),
    "agenda.later": Phrase("· {name}（推迟到 {time}）", "· {name} (put off until {time})"),
    "agenda.none": Phrase("没有待办。", "Nothing to do."),
    "agenda.cards": Phrase("共 {count} 项待办，最紧急的 {shown} 项：", "{count} tasks; the {shown} most pressing:"),
    "agenda.team": Phrase("团队逾期未处理的 {shown} 项：", "Not done by your team, {shown} of them:"),
    "agenda.open": Phrase('<a href="{url}">打开待办</a>', '<a href="{url}">Open your tasks</a>'),
    "duty.until": Phrase("已上班，排班到 {time}。", "You are on duty; the rota has you until {time}."),
    "duty.open": Phrase("已上班，直到你发送“下班”。", "You are on duty until you write “off duty”."),
    "duty.later": Phrase(
        "已上班，但现在不在排班时段，下一班 {time} 开始。", "Noted, but the rota has you only from {time} on."
    ),
    "duty.unplanned": Phrase(
        "已上班，但近期排班里没有你。", "Noted, but the rota does not have you in the days to come."
    ),
    "duty.nowhere": Phrase("已上班，但还没有渠道活码用到你。", "Noted, but no channel code leads to you yet."),
    "duty.off": Phrase(
        "已下班，渠道活码不再把新客户分给你。发送“上班”即可恢复。",
        "You are off duty: codes lead no new customers to you. Write “on duty” to be back.",
    ),
    "more": Phrase("……还有更多，请输入更完整的内容", "… and more: please be more specific"),
    "more.tasks": Phrase("……还有 {count} 项", "… and {count} more"),
    "which": Phrase("请在后面加上姓名，例如：客户 小周", "Please add a name, such as: customer Zhou"),
    "nobody": Phrase("在你的客户中没有找到“{words}”。", "None of your customers is called “{words}”."),
    "match": Phrase(
        '{customer}｜{status}｜{source}｜{date} 添加｜<a href="{url}">查看</a>',
        '{customer} | {status} | {source} | added {date} | <a href="{url}">open</a>',
    ),
    # how a relation stands
    "active": Phrase("好友", "in contact"),
    "half": Phrase("待确认", "to be confirmed"),
    "lost": Phrase("客户已删除你", "has left"),
    "removed": Phrase("已删除", "removed"),
    "moved": Phrase("已转接", "handed over"),
}


def say(name: str, language: str = "zh", /, **values: object) -> str:
    """A phrase with its places filled; any language but `en` is Chinese."""
    phrase = PHRASES[name]
    return (phrase.en if language == "en" else phrase.zh).format(**values)
