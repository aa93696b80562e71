"""What the demo says when it begins: where to look, and what to try, in commands that can be typed as they stand."""

import os
import sys
from pathlib import Path
from typing import Any

from bot.cli.show import aligned
from bot.demo.seed import Shop
from bot.demo.stage import Stage
from sop import visits
from sop.groups import codes as groupcodes

_WIDTH = 50  # of a command
_ENV = """# Written by `siyu demo`: after `. {file}` a shell has the commands `siyu` and `api`.
TOKEN={token}
API={base}/api/v1
siyu() {{ "{siyu}" "$@" -c "{config}"; }}
api() {{ curl -s -H "Authorization: Bearer $TOKEN" "$API/$1" | "{python}" -m json.tool --no-ensure-ascii; }}
"""


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def introduce(stage: Stage, token: str, shop: Shop) -> None:
    """Tell where everything is; the commands are written into a file of the demo's folder."""
    base = stage.config.server.public_url
    env = _write(stage, token)
    channel = shop.channels[0]
    say("\n  Siyu is alive.  私域已上线。   (Ctrl-C stops / 按 Ctrl-C 停止)\n")
    say(aligned([
        ("API", f"{base}/api/openapi.json"),
        ("API token / 令牌", token),
        ("code / 渠道活码", f"{base}/c/{visits.slug(channel['state'])}   {channel['name']}"),
        ("group code / 群活码", f"{base}/g/{groupcodes.slug(shop.code['state'])}   {shop.code['name']}"),
        ("health / 健康", f"{base}/readyz   {base}/metrics"),
        ("virtual WeCom", f"{stage.wecom.url}/_sim/   people, faults, transcript / 人、故障、调用记录"),
    ]))  # fmt: skip
    say("\n  Try in another terminal / 在另一个终端试试：\n")
    for order, remark in _commands(env, shop, stage.wecom.url):
        say(f"    {order:<{_WIDTH}}  # {remark}")
    say("\n  What happens: to whom, how long, what it caused, event ID / 正在发生：\n")


def _commands(env: Path, shop: Shop, wecom: str) -> list[tuple[str, str]]:
    chat, channel = shop.code["groups"][0], shop.channels[0]["id"]
    fault = '{"kind": "refuse", "path": "externalcontact/mark_tag", "code": -1, "count": 20}'
    return [
        (f". {env}", "makes `siyu` and `api` of this shell / 得到两个命令"),
        ("siyu events list", "then siyu events show ID: why? / 为什么？"),
        ("siyu jobs list", "syncs, tag rules, transfers / 同步、标签规则、继承"),
        ("siyu sync --wait", "compare everything with WeCom / 与企业微信对账"),
        ("siyu deliveries list", "then siyu deliveries show ID: why? / 消息为何发送或未发送"),
        ("api flows", "three from templates / 旅程"),
        ("api broadcasts", "approved by somebody else / 群发与审批"),
        ("api moments", "published, liked, commented / 朋友圈"),
        (f"api channels/{channel}/assignment", "whom the code shows, and why / 谁接待"),
        (f"api groups/{chat}/members", "who came, and how / 群成员"),
        ("api transfers", "once somebody has resigned / 有人离职之后"),
        (f"curl -s {wecom}/_sim/faults -d '{fault}'", "let WeCom fail / 让它出错"),
    ]


def _write(stage: Stage, token: str) -> Path:
    path = stage.folder / "env"
    values: dict[str, Any] = {
        "file": path,
        "token": token,
        "base": stage.config.server.public_url,
        "siyu": Path(sys.executable).with_name("siyu"),
        "config": stage.config_file.absolute(),
        "python": sys.executable,
    }
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_ENV.format(**values))
    return path
