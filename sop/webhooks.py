"""Webhooks: other systems that are told of things, and how they know that it is we who tell them.

Requests are signed as Standard Webhooks (standardwebhooks.com) says, for which there are libraries in most languages:
`webhook-id`, `webhook-timestamp`, and `webhook-signature`, "v1," and the HMAC-SHA256 of "id.timestamp.body" in Base64.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from sop.addresses import find_host, is_inside
from sop.limits import RULE_NAME, Limit, Unit, Violation
from sop.reasons import define

URL = Limit("地址", "the URL", 2000, Unit.CHARS, 1)
MOST_WEBHOOKS = 100  # of a corp
HOOK_WANTED = define("webhook_wanted", "通知外部系统", "Another system is told")
HOOK_TOLD = define("webhook_told", "外部系统已收到", "The other system has taken it")
HOOK_REFUSED = define("webhook_refused", "外部系统拒绝了请求", "The other system has refused it")
HOOK_GONE = define("webhook_gone", "回调地址已停用或删除", "The webhook is switched off or deleted")
HOOK_INSIDE = define(
    "webhook_inside",
    "回调地址指向内网或无效，未发送",
    "The webhook leads into our own network, or nowhere, so it was not asked",
)
HOOK_FAILED = define("webhook_failed", "多次尝试后仍未送达外部系统", "The other system could not be told in many tries")
_PREFIX = "whsec_"
_SAFE = "/:@.,+=~!*'()"  # beside letters and digits, in a header
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A webhook as an operator writes it."""

    name: str
    url: str
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Draft):
    """A webhook as it is kept; the secret, "whsec_" and Base64, is shown once."""

    id: int
    secret: str = field(repr=False)


def check(draft: Draft, *, inside: bool) -> list[Violation]:
    """Everything that is wrong with a webhook as written; `inside` allows addresses of our own network."""
    found = RULE_NAME.check("name", draft.name) + URL.check("url", draft.url)
    host = find_host(draft.url)
    if not host or _CONTROL.search(draft.url):
        zh, en = (
            "应为 https:// 或 http:// 开头的网址，不含用户名",
            "takes an address with https:// or http://, without a user",
        )
        found.append(Violation("url", zh, en))
    elif not inside and (is_inside(host) or host == "localhost"):
        found.append(inner("url"))
    return found


def inner(where: str) -> Violation:
    """The address leads into our own network."""
    zh = "指向本机或内网，不允许回调；请使用公网地址"
    en = "leads into this machine's own network, which webhooks may not: use a public address"
    return Violation(where, zh, en)


def dress(random: bytes) -> str:
    """A secret made of random bytes."""
    return _PREFIX + base64.b64encode(random).decode()


def name(effect: str) -> str:
    """What the receiver knows a delivery by: the effect, in characters that a header takes."""
    return quote(effect, safe=_SAFE)


def sign(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """The signature of a request; the timestamp is seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    content = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
