"""What a customer sees who opens the page of a code on a phone: plain HTML, nothing from elsewhere, no script."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from console.api.words import Language, Words

_STYLE = """
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;
padding:24px 20px calc(24px + env(safe-area-inset-bottom));background:#ededed;color:#191919;
font:16px/1.5 -apple-system,BlinkMacSystemFont,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif;
-webkit-text-size-adjust:100%;text-wrap:balance}
main{width:100%;max-width:360px;background:#fff;border-radius:12px;padding:28px 24px 24px;text-align:center}
h1{margin:0;font-size:20px;font-weight:600;line-height:1.4;overflow-wrap:anywhere}
.from{margin:4px 0 0;color:#737373;font-size:14px;overflow-wrap:anywhere}
img{display:block;width:100%;max-width:264px;aspect-ratio:1;height:auto;margin:20px auto 16px;
-webkit-touch-callout:default}
.do{margin:0;font-size:17px;font-weight:500;color:#057a3d}
.how{margin:6px 0 0;color:#737373;font-size:14px}
footer{margin:16px 0 0;color:#737373;font-size:12px;text-align:center}
@media(prefers-color-scheme:dark){body{background:#111;color:#e6e6e6}main{background:#1f1f1f}
.from,.how,footer{color:#9a9a9a}.do{color:#3fcf82}img{border:12px solid #fff;border-radius:8px}}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; img-src 'self'; style-src 'sha256-{_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
_PRESS = Words("长按识别二维码，添加好友", "Press and hold the code to add us")
_JOIN = Words("长按识别二维码，加入群聊", "Press and hold the code to join the group")
_SCAN = Words("没在微信里打开？请截图，再用微信扫一扫", "Not in WeChat? Take a screenshot and scan it with WeChat.")
_ALT = Words("{name} 的企业微信二维码", "{name}: the WeCom code")
_BY = Words("由 {corp} 提供 · 通过企业微信添加", "Provided by {corp} · added through WeCom")


@dataclass(frozen=True, slots=True)
class Notice:
    """A page that has no code to show, with its HTTP status."""

    status: int
    title: Words
    text: Words


UNKNOWN = Notice(
    404,
    Words("没有找到这个页面", "There is no such page"),
    Words(
        "链接可能不完整，请重新扫码，或向给您链接的人再要一次。",
        "The link may be incomplete: scan the code again, or ask for it.",
    ),
)
GONE = Notice(
    410,
    Words("这个二维码已停用", "This code is no longer in use"),
    Words("请联系门店或客服获取新的二维码。", "Please ask the shop or the service desk for the new one."),
)
SOON = Notice(
    503,
    Words("二维码正在准备中", "The code is being prepared"),
    Words("请过几秒再打开一次。", "Please open this page again in a few seconds."),
)
SLOWLY = Notice(
    429,
    Words("打开得太频繁了", "Too many attempts"),
    Words("请稍后再试。", "Please try again in a moment."),
)


def show(*, name: str, corp: str, picture: str, language: Language, group: bool = False) -> str:
    """The page of a code: `picture` is the address of its picture, relative to the page; `group`: it leads into one."""
    words, press = {"name": name, "corp": corp}, _JOIN if group else _PRESS
    from_whom = f'<p class="from">{escape(corp)}</p>' if corp != name else ""
    body = (
        f"<main><h1>{escape(name)}</h1>{from_whom}"
        f'<img src="{escape(picture)}" width="264" height="264" alt="{escape(_ALT.tell(language, **words))}">'
        f'<p class="do">{escape(press.tell(language))}</p><p class="how">{escape(_SCAN.tell(language))}</p></main>'
        f"<footer>{escape(_BY.tell(language, **words))}</footer>"
    )
    return _document(name, body, language)


def tell(notice: Notice, language: Language) -> str:
    """A page that says why there is no code."""
    title = escape(notice.title.tell(language))
    return _document(
        notice.title.tell(language),
        f'<main><h1>{title}</h1><p class="how">{escape(notice.text.tell(language))}</p></main>',
        language,
    )


def _document(title: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html><html lang="{_LOCALES[language]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )
