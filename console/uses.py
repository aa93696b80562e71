"""What is in use is not deleted: who uses it is told."""

from collections.abc import Collection

from console.api.call import Call
from console.api.problem import Problem
from console.api.words import Words
from sop.uses import Kind

_MOST_SHOWN = 10  # users that an answer names
_WORDS = {
    "broadcast": Words("群发", "broadcast"),
    "channel": Words("渠道", "channel"),
    "flow": Words("旅程", "flow"),
    "group_invitation": Words("进群邀请", "invitation"),
    "group_welcome": Words("入群欢迎语", "group welcome"),
    "link": Words("获客链接", "acquisition link"),
    "moment": Words("朋友圈", "moment"),
    "segment": Words("分群", "segment"),
    "tag_rule": Words("标签规则", "tag rule"),
    "welcome": Words("欢迎语", "welcome"),
}
_NOTHING = Words("", "")
_CHANGE = Words("请先修改、结束或删除它们", "Change, end or delete these first")


async def refuse_used(call: Call, kind: Kind, *names: str | int, otherwise: Words = _NOTHING) -> None:
    """Raise the problem that names who uses one of these, if anybody does; `otherwise`: what else could be done."""
    uses = [use for name in names for use in await call.store.uses.of(kind, name)]
    if uses:
        zh, en = _list([(_WORDS[use.what], use.name) for use in uses])
        raise Problem(
            "state",
            reason_zh=f"仍被引用：{zh}。{_CHANGE.zh}{otherwise.zh}。",
            reason_en=f"Still in use by {en}. {_CHANGE.en}{otherwise.en}.",
        )


def _list(uses: Collection[tuple[Words, str]]) -> tuple[str, str]:
    shown = list(dict.fromkeys(uses))
    rest = len(shown) - _MOST_SHOWN
    more = (f" 等 {len(shown)} 处", f" and {rest} more") if rest > 0 else ("", "")
    zh = "、".join(f"{word.zh}“{name}”" for word, name in shown[:_MOST_SHOWN])
    en = ", ".join(f"{word.en} “{name}”" for word, name in shown[:_MOST_SHOWN])
    return zh + more[0], en + more[1]
