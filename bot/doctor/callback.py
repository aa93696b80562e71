"""Whether WeCom's callbacks reach this service and can be opened: the check WeCom itself makes, made by us."""

import ipaddress
import re
import secrets
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from bot.config import App, Config, Corp
from bot.doctor.finding import Finding, Findings, Said, State
from wecom.crypto import Cipher

PATIENCE = 5.0  # seconds, as WeCom has
_DELIVERIES = 3  # WeCom sends again what was refused; fewer may be a stranger's, or an earlier check of ours
_COUNTED = re.compile(r'^siyu_callbacks_total\{app="([^"]*)",outcome="([^"]*)"\} (\S+)$', re.MULTILINE)
_KEYS_FIX = Said(
    "管理后台「应用管理 › 该应用 › 接收消息 › 设置API接收」的 Token 和 EncodingAESKey 填入 corps.apps，改后重启服务",
    "WeCom console, App management › the app › Receive messages › Set API: put its Token and EncodingAESKey into "
    "corps.apps, and restart the service after a change",
)
_RUN_FIX = Said(
    "确认 siyu serve 在运行，server.public_url 指向它，反向代理原样转发 /callback/，防火墙放行",
    "see that siyu serve runs, that server.public_url leads to it, that the reverse proxy passes /callback/ on "
    "unchanged, and that the firewall lets it through",
)
_PUBLIC_FIX = Said(
    "把 server.public_url 改为公网可访问的 https 地址",
    "set server.public_url to an address that the internet can reach",
)
_REFUSALS = {
    "BadSignature": ("Token", "Token"),
    "BadCiphertext": ("EncodingAESKey", "EncodingAESKey"),
    "BadReceiver": ("企业ID", "Corp ID"),
}


async def examine_callback(config: Config, corp: Corp, app: App, *, web: httpx.AsyncClient, now: datetime) -> Findings:
    """Whether the callback URL gives an echo back that is sealed with each of the app's keys."""
    about = f"{corp.id} {app.name}"
    url = f"{config.server.public_url}/callback/{corp.id}/{app.name}"
    for keys in app.keys:
        finding = await _echo(web, url, Cipher(keys.token, keys.encoding_aes_key, corp.id), now)
        yield replace(finding, check="callback", about=about)
        if finding.state is State.FAULT:
            return
    if _private(url) and not _private(config.wecom.api_base):
        said = Said(f"{url} 不是公网地址，企业微信访问不到", f"WeCom cannot reach {url}: it is no public address")
        yield Finding(State.DOUBT, said, _PUBLIC_FIX, check="callback", about=about)
    refused = await _refusals(web, config, app)
    if refused:
        yield replace(refused, check="callback", about=about)


async def _echo(web: httpx.AsyncClient, url: str, cipher: Cipher, now: datetime) -> Finding:
    echo = secrets.token_hex(16).encode()
    sealed = cipher.seal(echo, timestamp=str(int(now.timestamp())), nonce=secrets.token_hex(8))
    query = {
        "msg_signature": sealed.signature,
        "timestamp": sealed.timestamp,
        "nonce": sealed.nonce,
        "echostr": sealed.encrypted,
    }
    try:
        response = await web.get(url, params=query)
    except httpx.HTTPError as error:
        why = f"{type(error).__name__} {error}".strip()
        return _fault(f"回调地址 {url} 访问不到：{why}", f"the callback URL {url} cannot be reached: {why}", _RUN_FIX)
    return _judge(url, response, echo)


def _judge(url: str, response: httpx.Response, echo: bytes) -> Finding:
    if response.status_code == httpx.codes.OK and response.content == echo:
        return Finding(State.FINE, Said("回调地址可达，密钥一致", f"{url} answers, with these keys"))
    match response.status_code:
        case 400 | 403:
            return _fault(
                f"回调地址 {url} 拒绝了验证（{response.status_code}）：运行中的服务用的是别的 Token 或 EncodingAESKey",
                f"{url} refused our check ({response.status_code}): wrong Token or EncodingAESKey, "
                "the running service has others",
                _KEYS_FIX,
            )
        case 404:
            return _fault(
                f"回调地址 {url} 不存在（404）：运行中的服务没有这个企业或应用，或根本不是本服务",
                f"{url} does not exist (404): the running service lacks this corp or app, or it is not ours",
                _RUN_FIX,
            )
        case status:
            return _fault(
                f"回调地址 {url} 由别的程序应答（{status}），没有返回验证内容",
                f"something else answers at {url} ({status}): it does not give the echo back",
                _RUN_FIX,
            )


async def _refusals(web: httpx.AsyncClient, config: Config, app: App) -> Finding | None:
    """What the running service says of callbacks that it could not open: then WeCom's keys differ from ours."""
    host = "127.0.0.1" if config.server.host in {"", "0.0.0.0", "::"} else config.server.host  # noqa: S104 - compared
    try:
        page = (await web.get(f"http://{host}:{config.server.port}/metrics")).text
    except httpx.HTTPError:
        return None  # it runs elsewhere
    counts = {outcome: float(count) for name, outcome, count in _COUNTED.findall(page) if name == app.name}
    for outcome, (zh, en) in _REFUSALS.items():
        if counts.get(outcome):
            surely = counts[outcome] >= _DELIVERIES and not counts.get("stored")
            return Finding(
                State.FAULT if surely else State.DOUBT,
                Said(
                    f"服务启动以来有 {counts[outcome]:.0f} 个回调打不开（{outcome}）："
                    f"{zh} 与企业微信后台不一致" + ("" if surely else "，或有人在试探"),
                    f"since its start the service could not open {counts[outcome]:.0f} callbacks ({outcome}): "
                    f"the {en} differs from WeCom's" + ("" if surely else ", or a stranger knocked"),
                ),
                _KEYS_FIX,
            )
    return None


def _fault(zh: str, en: str, fix: Said) -> Finding:
    return Finding(State.FAULT, Said(zh, en), fix)


def _private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host
