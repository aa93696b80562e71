"""What a value of config.toml must be like; each check returns the value to keep or raises `Wrong`."""

import re
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.config.faults import Wrong

_IN_PATHS = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PORTS = range(65536)


def path_word(value: str) -> str:
    """A name that becomes a part of the callback URL."""
    if not _IN_PATHS.fullmatch(value):
        raise Wrong(
            f"{value!r} 会成为回调地址的一部分，只能用 1 到 64 位英文、数字、- 和 _",
            f"{value!r} becomes part of the callback URL: use 1 to 64 letters, digits, - and _",
        )
    return value


def filled(value: str) -> str:
    """A text that says something."""
    if not value.strip():
        raise Wrong("不能为空", "must not be empty")
    return value


def web_address(value: str) -> str:
    """An http(s) URL without query; a slash at its end is dropped."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or re.search(r"\s", value):
        raise Wrong(
            f"{value!r} 不是可用的网址，应形如 https://siyu.example.com，不带参数",
            f"{value!r} is not a usable address: write it like https://siyu.example.com, without a query",
        )
    return value.rstrip("/")


def database_url(value: str) -> str:
    """A URL of one of the two stores."""
    file = value.removeprefix("sqlite:///")
    if (file and file != value) or _points(value, {"postgresql", "postgres"}):
        return value
    raise Wrong(
        f"{_scheme(value)} 不是可用的数据库地址，请写 sqlite:///siyu.db（四个斜杠为绝对路径）或 postgresql://用户:密码@主机/库名",
        f"{_scheme(value)} is not a usable database: write sqlite:///siyu.db (four slashes for an absolute path) "
        "or postgresql://user:password@host/name",
    )


def redis_url(value: str) -> str:
    """A URL of a Redis, or nothing."""
    if not value or _points(value, {"redis", "rediss"}) or value.startswith("unix:///"):
        return value
    raise Wrong(
        f"{_scheme(value)} 不是可用的 Redis 地址，请写 redis://主机:6379/0，单机可留空",
        f"{_scheme(value)} is not a usable Redis: write redis://host:6379/0, or leave it empty on one machine",
    )


def zone_name(value: str) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong(
            f"没有名为 {value!r} 的时区，请写如 Asia/Shanghai",
            f"there is no time zone {value!r}: write it like Asia/Shanghai",
        ) from None
    return value


def font_file(value: str, folder: Path) -> str:
    """A font file, relative to the config file; or nothing."""
    if value and not (folder / value).is_file():
        raise Wrong(
            f"没有字体文件 {folder / value}：请写 .ttf、.otf 或 .ttc 文件的路径，或留空",
            f"there is no font file {folder / value}: give the path of a .ttf, .otf or .ttc file, or leave it empty",
        )
    return value


def port(value: int) -> int:
    """A TCP port; 0 lets the system choose."""
    if value not in _PORTS:
        raise Wrong(f"端口应在 0 到 65535 之间，现在是 {value}", f"a port lies between 0 and 65535, not {value}")
    return value


def agent(value: int) -> int:
    """An AgentID."""
    if value <= 0:
        raise Wrong(
            f"AgentId 是正整数，现在是 {value}：见管理后台「应用管理」里该应用的详情页",
            f"an AgentId is a positive number, not {value}: see the app's page under App management",
        )
    return value


def _points(value: str, schemes: set[str]) -> bool:
    """Whether a URL has one of the schemes and something behind it, and can be taken apart."""
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.netloc or parts.path.strip("/")) and parts.port != 0
    except ValueError:
        return False


def _scheme(value: str) -> str:
    """The part of a URL that may be shown: what follows may hold a password."""
    head, mark, _ = value.partition("://")
    return repr(f"{head}://…") if mark else "它 / it"
