"""What the demo's operator sets up on the first day, as data: the bodies of API calls with names for ids."""

from typing import Any

HEAD = "zhao.min"
EAST, SOUTH, PRESALES = 5, 6, 7  # departments
SALES, SERVICE = 2, 3
SETTINGS: dict[str, Any] = {"alarm_receivers": [HEAD], "transfer_receivers": [HEAD]}
TEMPLATES = {
    "source": "corp",
    "interaction": "corp",
    "preference": "corp",
    "lifecycle": "corp",
    "membership": "internal",
}
RULES = (("已开口", "沟通状态"), ("已入群", "社群互动"))  # tags, and their groups in the templates
FOLDERS = ("门店", "线上")

WELCOME: dict[str, Any] = {
    "name": "公司默认欢迎语",
    "scope": {"kind": "corp"},
    "text": "{customer} 您好，我是{staff}，很高兴为您服务！",
    "slots": [
        {
            "from": "22:00",
            "to": "08:00",
            "text": "{customer} 您好，我是{staff}。现在是休息时间，明早九点第一时间回复您。",
        }
    ],
}
FLOW: dict[str, Any] = {
    "name": "一分钟未回复提醒",
    "entries": [{"kind": "event", "event": "added", "again": "always"}],
    "exits": {"replied": True},
    "start": "wait",
    "nodes": {
        "wait": {"kind": "wait", "for": "PT1M", "next": "ask"},
        "ask": {"kind": "task", "name": "一分钟未回复提醒", "text": "客户还没有回复，发一句问候吧。"},
    },
}

# `team` is a department: its members are the staff, in two shifts where `shifts` says so. Tags are named with group.
CHANNELS: tuple[dict[str, Any], ...] = (
    {
        "name": "南京西路店",
        "folder": "门店",
        "team": EAST,
        "shifts": True,
        "backup_team": PRESALES,
        "strategy": "even",
        "member_cap": 60,
        "tags": ["来源场景/门店", "生命周期/新客"],
        "welcome": {"text": "{customer}，欢迎光临南京西路店！我是您的顾问{staff}，本周到店有礼。"},
    },
    {
        "name": "海岸城店",
        "folder": "门店",
        "team": SOUTH,
        "shifts": True,
        "backup_team": PRESALES,
        "strategy": "capacity",
        "member_cap": 8,
        "cap": 40,
        "tags": ["来源场景/门店", "生命周期/新客"],
        "welcome": {"text": "{customer}，这里是海岸城店，我是{staff}，随时为您服务。"},
    },
    {"name": "公众号菜单", "folder": "线上", "team": PRESALES, "tags": ["来源渠道/公众号", "意向程度/中意向"]},
    {
        "name": "短视频广告",
        "folder": "线上",
        "team": SOUTH,
        "tags": ["来源场景/广告投放", "意向程度/高意向"],
        "welcome": {"text": "{customer} 您好，我是{staff}。视频里的同款给您留好了，回复 1 领取优惠。"},
    },
)

GROUPS = ("南京西路店福利 1 群", "南京西路店福利 2 群", "南京西路店福利 3 群")
SPARE = "会员备用群"
GROUP_TAG = "福利群"
GROUP_CODE: dict[str, Any] = {"name": "南京西路店福利群", "threshold": 18, "city": "上海"}
INVITATION: dict[str, Any] = {"name": "到店进群", "title": "进群领券", "description": "每周三上新，群里先知道。"}
INVITING = ("南京西路店", "公众号菜单")  # channels whose welcome offers the group
GROUP_WELCOME: dict[str, Any] = {"name": "新人入群", "text": "欢迎 %NICKNAME%！群公告里有本周活动。", "notify": True}

LINK: dict[str, Any] = {"name": "地铁海报", "team": PRESALES, "tags": ["来源方式/获客链接", "意向程度/高意向"]}
SOURCES = ("people-square", "xujiahui")  # stations at which the poster hangs
INTERCEPT: dict[str, Any] = {
    "name": "私下交易",
    "words": ["私下转账", "加我个人微信"],
    "semantics": ["red_packet"],
    "departments": [SALES, SERVICE],
}
