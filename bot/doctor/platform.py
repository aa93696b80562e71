"""Whether WeCom lets an app do what it must: one harmless call per question."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from bot.doctor.advice import ADVICE, UNKNOWN, UNREACHABLE
from bot.doctor.finding import Finding, Findings, Said, State
from wecom.client import Client
from wecom.errors import NoAnswer, Refused, TryLater
from wecom.ids import MediaId

SKEW = timedelta(seconds=60)
_NOBODY = "siyu-doctor"  # a code and a media id that cannot exist: the refusal shows that the call is permitted
_EXPECTED = {"welcome": 41050, "media": 40007}
_LAST_WORD = {"token", "ip"}  # after a fault in these nothing else can be told


class Dated(httpx.AsyncBaseTransport):
    """A transport that notes by how much the platform's clock differs from ours."""

    def __init__(self, inner: httpx.AsyncBaseTransport, clock: Callable[[], datetime]) -> None:
        self._inner = inner
        self._clock = clock
        self.skew: timedelta | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on and read the date of its answer."""
        response = await self._inner.handle_async_request(request)
        with suppress(KeyError, ValueError, TypeError):  # a proxy without a clock: the check says so
            self.skew = parsedate_to_datetime(response.headers["date"]) - self._clock()
        return response

    async def aclose(self) -> None:
        """Close what it passes to."""
        await self._inner.aclose()


async def examine_app(client: Client, about: str) -> Findings:
    """Ask one question after the other, until there is an answer after which the rest cannot be asked."""
    for check, ask in _QUESTIONS.items():
        finding = await _answer(check, ask, client, about)
        yield finding
        if finding.state is State.FAULT and (finding.check in _LAST_WORD or not finding.code):
            return


def judge_clock(skew: timedelta | None) -> Finding:
    """Whether this machine's clock is right, by WeCom's."""
    if skew is None:
        said = Said("企业微信的回答里没有时间，无法核对时钟", "WeCom's answers carry no date: the clock is unchecked")
        return Finding(State.DOUBT, said, check="clock")
    seconds = round(skew.total_seconds())
    if abs(skew) <= SKEW:
        return Finding(State.FINE, Said("时钟准确", f"the clock is right (within {abs(seconds)} s)"), check="clock")
    behind_zh, behind_en = ("慢", "behind") if seconds > 0 else ("快", "ahead")
    return Finding(
        State.FAULT,
        Said(f"本机时钟{behind_zh}了 {abs(seconds)} 秒", f"this machine's clock is {abs(seconds)} s {behind_en}"),
        Said(
            "开启时间同步：timedatectl set-ntp true，或安装 chrony",
            "switch on time synchronisation: timedatectl set-ntp true, or install chrony",
        ),
        check="clock",
    )


async def _answer(check: str, ask: Callable[[Client], Awaitable[Finding]], client: Client, about: str) -> Finding:
    try:
        return replace(await ask(client), check=check, about=about)
    except (Refused, TryLater, NoAnswer) as error:
        return replace(_explain(error, check), about=about)


def _explain(error: Refused | TryLater | NoAnswer, check: str) -> Finding:
    if error.code and error.code == _EXPECTED.get(check):
        return Finding(State.FINE, Said("接口可以调用", "the API may be called"), check=check)
    advice = ADVICE.get(error.code) or (UNKNOWN if error.code else UNREACHABLE)
    named = check if advice is UNKNOWN else advice.check
    said = Said(*(f"{error.code} {text} ({error.path}: {error.message})" for text in advice.said))
    return Finding(State.FAULT, said, advice.fix, check=named, code=error.code)


def _fine(zh: str, en: str) -> Finding:
    return Finding(State.FINE, Said(zh, en))


async def _ask_token(client: Client) -> Finding:
    await client.staff.callback_addresses()
    return _fine("企业ID 与 Secret 正确", "Corp ID and Secret are right")


async def _ask_agent(client: Client) -> Finding:
    agent = await client.staff.agent()
    if agent.closed:
        advice = ADVICE[50003]
        return Finding(State.FAULT, advice.said, advice.fix)
    if not (agent.users or agent.departments or agent.tags):
        advice = ADVICE[60011]
        return Finding(State.DOUBT, advice.said, advice.fix)
    return _fine(f"应用「{agent.name}」，IP 可信", f"the app {agent.name!r}, from a trusted IP")


async def _ask_contacts(client: Client) -> Finding:
    departments = await client.staff.departments()
    if not departments:
        advice = ADVICE[60011]
        return Finding(State.DOUBT, advice.said, advice.fix)
    return _fine(f"可见 {len(departments)} 个部门", f"{len(departments)} departments are visible")


async def _ask_scope(client: Client) -> Finding:
    followers = await client.staff.followers()
    if followers:
        return _fine(f"{len(followers)} 名员工可添加客户", f"{len(followers)} members may have customers")
    return Finding(
        State.DOUBT,
        Said("没有员工可以添加客户", "no member may have customers"),
        Said(
            "管理后台「客户联系 › 权限配置」把员工加入使用范围",
            "WeCom console, Customer contact › Permissions: add the members",
        ),
    )


async def _ask_welcome(client: Client) -> Finding:
    await client.welcomes.send(_NOBODY, _NOBODY)
    return _fine("可以发送欢迎语", "welcomes may be sent")


async def _ask_media(client: Client) -> Finding:
    await client.media.get(MediaId(_NOBODY))
    return _fine("可以使用素材", "media may be used")


_QUESTIONS: dict[str, Callable[[Client], Awaitable[Finding]]] = {
    "token": _ask_token,
    "agent": _ask_agent,
    "contacts": _ask_contacts,
    "scope": _ask_scope,
    "welcome": _ask_welcome,
    "media": _ask_media,
}
