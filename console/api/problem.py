"""What the API answers when it cannot do what was asked: RFC 9457 documents in the caller's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.api.words import Language, Words

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:siyu:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, its title, and what to do about it."""

    status: int
    title: Words
    detail: Words


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request, and where: `slots.0.from`."""

    field: str
    words: Words


KINDS: Mapping[str, Kind] = {
    "unreadable": Kind(
        400,
        Words("请求无法读取", "Unreadable request"),
        Words("请求体不是合法的 JSON。", "The body is not valid JSON."),
    ),
    "corp-needed": Kind(
        400,
        Words("请指明企业", "Which corp?"),
        Words(
            "本服务配置了多个企业，请用查询参数 corp 指明其一：{corps}。",
            "Several corps are configured here: name one in the query parameter corp: {corps}.",
        ),
    ),
    "token-missing": Kind(
        401,
        Words("缺少令牌", "No token"),
        Words(
            "请在请求头中给出 Authorization: Bearer siyu_…；令牌由 siyu token create 生成。",
            "Send the header Authorization: Bearer siyu_…; siyu token create makes a token.",
        ),
    ),
    "token-invalid": Kind(
        401, Words("令牌无效", "Invalid token"), Words("没有这个令牌，请核对。", "There is no such token.")
    ),
    "token-revoked": Kind(
        401,
        Words("令牌已吊销", "Revoked token"),
        Words("这个令牌已被吊销，请向管理员要一个新的。", "This token was revoked: ask an administrator for another."),
    ),
    "forbidden": Kind(
        403,
        Words("没有权限", "Not permitted"),
        Words("角色 {role} 没有权限 {permission}。", "The role {role} lacks the permission {permission}."),
    ),
    "out-of-scope": Kind(
        403,
        Words("不在数据范围内", "Outside the data scope"),
        Words(
            "{staff} 不在这个令牌的数据范围内：员工只看自己，主管看所辖部门。",
            "{staff} is outside this token's data scope: reps see their own, leaders their departments'.",
        ),
    ),
    "missing": Kind(404, Words("没有找到", "Not found"), Words("没有这个{what_zh}。", "There is no such {what_en}.")),
    "no-endpoint": Kind(
        404,
        Words("没有这个接口", "No such endpoint"),
        Words(
            "没有这个接口，接口清单见 /api/openapi.json。",
            "Nothing is here; /api/openapi.json lists what there is.",
        ),
    ),
    "method": Kind(
        405,
        Words("不支持该方法", "Method not allowed"),
        Words("这个地址只支持 {allowed}。", "This address takes {allowed}."),
    ),
    "conflict": Kind(
        409,
        Words("与现状冲突", "Conflict"),
        Words(
            "已有同名的，请换一个名称；若名称没有重复，则刚被别人修改，请重新读取后再试。",
            "One of this name exists: choose another. If none does, somebody else changed it just now: read it again.",
        ),
    ),
    "state": Kind(409, Words("现在不能这样做", "Not in this state"), Words("{reason_zh}", "{reason_en}")),
    "too-large": Kind(
        413,
        Words("请求体过大", "Body too large"),
        Words("请求体最大 {limit} 字节。", "A body has at most {limit} bytes."),
    ),
    "media-type": Kind(
        415,
        Words("不支持的请求类型", "Unsupported media type"),
        Words(
            "请以 Content-Type: application/json 发送 UTF-8 编码的 JSON。",
            "Send JSON in UTF-8 as Content-Type: application/json.",
        ),
    ),
    "invalid": Kind(
        422,
        Words("请求有误", "Invalid request"),
        Words("请求中有 {count} 处错误，见 errors。", "{count} thing(s) are wrong with the request: see errors."),
    ),
    "key-reused": Kind(
        422,
        Words("幂等键已用于另一个请求", "Idempotency key reused"),
        Words(
            "这个 Idempotency-Key 已用于另一个不同的请求，请换一个。",
            "This Idempotency-Key belongs to another request: use a new one.",
        ),
    ),
    "too-many": Kind(
        429,
        Words("失败次数过多", "Too many failures"),
        Words(
            "来自该地址的失败认证过多，请在 {seconds} 秒后再试。",
            "Too many failed logins from this address: try again in {seconds} s.",
        ),
    ),
    "internal": Kind(
        500,
        Words("服务内部错误", "Internal error"),
        Words("出错了，日志中的编号为 {id}。", "Something went wrong here; its number in the log is {id}."),
    ),
    "no-picture": Kind(
        503,
        Words("暂时取不到图片", "Picture not to be had"),
        Words(
            "企业微信的二维码图片暂时取不到，请稍后重试。",
            "WeCom's picture of the code cannot be fetched: try again in a moment.",
        ),
    ),
    "unavailable": Kind(
        503,
        Words("数据库暂时不可用", "Database unavailable"),
        Words("什么都没有改变，请稍后重试。", "Nothing was changed: try again in a moment."),
    ),
}


class Problem(Exception):
    """The request ends here with a problem document; `facts` fill its sentence."""

    def __init__(
        self,
        code: str,
        faults: Sequence[Fault] = (),
        *,
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.kind = KINDS[code]
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.facts = {"count": len(self.faults), **facts}

    def document(self, language: Language) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "type": _PREFIX + self.code,
            "title": self.kind.title.tell(language),
            "status": self.kind.status,
            "detail": self.kind.detail.tell(language, **self.facts),
            "errors": [{"field": fault.field, "message": fault.words.tell(language)} for fault in self.faults],
        }


def invalid(field: str, words: Words) -> Problem:
    """A problem with one field."""
    return Problem("invalid", [Fault(field, words)])


def missing(what: Words) -> Problem:
    """There is nothing of that id, or nothing that this token may see."""
    return Problem("missing", what_zh=what.zh, what_en=what.en)
