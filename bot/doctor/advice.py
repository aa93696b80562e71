"""What each of WeCom's codes means for whoever sets Siyu up, and where in its console that is put right."""

from typing import NamedTuple

from bot.doctor.finding import Said


class Advice(NamedTuple):
    """Which check a code belongs to, what it means, what to do."""

    check: str
    said: Said
    fix: Said


_SECRET = Advice(
    "token",
    Said(
        "Secret 不对、已被重置或属于别的应用，或该应用已停用",
        "the Secret is wrong, was reset or belongs to another app; or the app is disabled",
    ),
    Said(
        "管理后台「应用管理 › 自建 › 该应用 › Secret」重新查看，填入 corps.apps 的 secret",
        "WeCom console, App management › the app › Secret: view it anew and put it into `secret` of corps.apps",
    ),
)
_CORP = Advice(
    "token",
    Said("企业ID 不对", "the Corp ID is wrong"),
    Said(
        "管理后台「我的企业 › 企业信息」最下方复制企业ID，填入 corps 的 id",
        "WeCom console, My company › Company information, at the bottom: copy the Corp ID into `id` of corps",
    ),
)
_DISABLED = Advice(
    "token",
    Said("应用已停用或被禁止调用接口，或企业已停用", "the app is disabled or barred from the API, or the corp is"),
    Said("管理后台「应用管理 › 该应用」启用应用", "WeCom console, App management › the app: enable it"),
)
_SCOPE = Advice(
    "scope",
    Said("应用没有客户联系接口的权限", "the app lacks the permission for customer contact"),
    Said(
        "管理后台「客户联系 › API › 可调用接口的应用」加入该应用",
        "WeCom console, Customer contact › API › Apps that may call the API: add the app",
    ),
)
_VISIBLE = Advice(
    "contacts",
    Said("应用的可见范围不够", "the app may see too little of the contacts"),
    Said(
        "管理后台「应用管理 › 该应用 › 可见范围」加入需要的部门和成员",
        "WeCom console, App management › the app › Visible range: add the departments and members",
    ),
)
_OFTEN = Advice(
    "token",
    Said("调用过于频繁，被暂时封禁", "called too often, blocked for a while"),
    Said(
        "等待封禁结束（Secret 连续错误会封 IP 一小时）；先停掉用错误 Secret 反复重试的程序",
        "wait for the block to end (wrong Secrets ban the IP for an hour); stop whatever retries with a wrong Secret",
    ),
)

ADVICE: dict[int, Advice] = {
    **dict.fromkeys((40001, 40091, 41004, 41024, 45031), _SECRET),
    **dict.fromkeys((40013, 41002, 2000002), _CORP),
    **dict.fromkeys((50003, 50006, 60031, 301007), _DISABLED),
    **dict.fromkeys((48001, 48002, 48003, 48004, 48006, 84074), _SCOPE),
    **dict.fromkeys((50002, 60011, 60021, 60030), _VISIBLE),
    45009: _OFTEN,
    60020: Advice(
        "ip",
        Said("本机出口 IP 不在企业可信IP 内", "this machine's IP address is not trusted"),
        Said(
            "管理后台「应用管理 › 该应用 › 企业可信IP」加入上面的 IP，约 1 分钟后生效",
            "WeCom console, App management › the app › Trusted IPs: add the address above; it takes about a minute",
        ),
    ),
    **dict.fromkeys(
        (301002, 40056),
        Advice(
            "agent",
            Said("agent_id 与 Secret 不属于同一个应用", "agent_id and Secret belong to different apps"),
            Said(
                "管理后台「应用管理 › 该应用」顶部的 AgentId，填入 corps.apps 的 agent_id",
                "WeCom console, App management › the app: put the AgentId shown there into `agent_id` of corps.apps",
            ),
        ),
    ),
}
UNKNOWN = Advice(
    "token",
    Said("企业微信拒绝了调用", "WeCom refused the call"),
    Said(
        "在 https://open.work.weixin.qq.com/devtool/query?e=错误码 查询原因",
        "look the code up at https://open.work.weixin.qq.com/devtool/query?e=CODE",
    ),
)
UNREACHABLE = Advice(
    "token",
    Said("连不上企业微信接口", "the WeCom API cannot be reached"),
    Said(
        "检查本机网络、DNS、防火墙以及 wecom.api_base",
        "check this machine's network, DNS and firewall, and wecom.api_base",
    ),
)
