"""config.toml: read once at the start, checked as a whole, handed on as frozen values."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.config import checks
from bot.config.faults import ConfigError, Fault
from bot.config.table import Source, Table, read
from bot.config.values import App, Config, Corp, Database, Keys, Pictures, Redis, Server, Wecom
from wecom.crypto import Cipher
from wecom.errors import BadKey

__all__ = [
    "App",
    "Config",
    "ConfigError",
    "Corp",
    "Database",
    "Fault",
    "Keys",
    "Pictures",
    "Redis",
    "Server",
    "Wecom",
    "load",
]

_DEFAULT = Config()
_SOUND = ("x", "A" * 43)  # a pair that is in order, to find which half of another is not
_NO_CORP = ("没有任何企业：请加上 [[corps]]，见 config.example.toml", "no corp: add [[corps]], see config.example.toml")
_NO_APP = ("没有任何应用：请加上 [[corps.apps]]，见 config.example.toml", "no app: add [[corps.apps]], see the example")


def load(path: str | Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read a config file; raises `ConfigError`, which lists everything that is wrong with it."""
    path = Path(path)
    source = Source(path.parent, environ)
    content = read(path, source.faults)
    config = _DEFAULT if source.faults else _config(Table(content, "", source), source)
    if source.faults:
        raise ConfigError(str(path), source.faults)
    return config


def _config(top: Table, source: Source) -> Config:
    with top:
        return Config(
            _server(top), _database(top), _redis(top), _wecom(top), _corps(top), _pictures(top, source.folder)
        )


def _server(top: Table) -> Server:
    with top.table("server") as table:
        return Server(
            host=table.text("host", _DEFAULT.server.host, check=checks.filled),
            port=table.number("port", _DEFAULT.server.port, check=checks.port),
            public_url=table.text("public_url", _DEFAULT.server.public_url, check=checks.web_address),
        )


def _database(top: Table) -> Database:
    with top.table("database") as table:
        return Database(table.text("url", _DEFAULT.database.url, check=checks.database_url))


def _redis(top: Table) -> Redis:
    with top.table("redis") as table:
        return Redis(table.text("url", _DEFAULT.redis.url, check=checks.redis_url))


def _wecom(top: Table) -> Wecom:
    with top.table("wecom") as table:
        return Wecom(table.text("api_base", _DEFAULT.wecom.api_base, check=checks.web_address))


def _pictures(top: Table, folder: Path) -> Pictures:
    with top.table("pictures") as table:
        name = table.text("font", "", check=lambda value: checks.font_file(value, folder))
    return Pictures(folder / name if name else None)


def _corps(top: Table) -> tuple[Corp, ...]:
    tables = list(top.tables("corps", none=_NO_CORP))
    corps = tuple(_corp(table) for table in tables)
    _unique(tables, "id", [corp.id for corp in corps])
    return corps


def _corp(table: Table) -> Corp:
    with table:
        identity = table.text("id", check=checks.path_word)
        tables = list(table.tables("apps", none=_NO_APP))
        apps = tuple(_app(each, identity) for each in tables)
        _unique(tables, "name", [app.name for app in apps])
        _unique(tables, "agent_id", [app.agent_id for app in apps])
        return Corp(
            id=identity,
            name=table.text("name", identity),
            zone=table.text("zone", "Asia/Shanghai", check=checks.zone_name),
            apps=apps,
        )


def _app(table: Table, corp_id: str) -> App:
    with table:
        return App(
            name=table.text("name", check=checks.path_word),
            agent_id=table.number("agent_id", check=checks.agent),
            secret=table.text("secret", check=checks.filled),
            keys=(_keys(table, corp_id), *_previous(table, corp_id)),
        )


def _previous(app: Table, corp_id: str) -> list[Keys]:
    found = []
    for table in app.tables("previous"):
        with table:
            found.append(_keys(table, corp_id))
    return found


def _keys(table: Table, corp_id: str) -> Keys:
    keys = Keys(table.text("token", check=checks.filled), table.text("encoding_aes_key", check=checks.filled))
    for name, token, aes_key in (
        ("token", keys.token, _SOUND[1]),
        ("encoding_aes_key", _SOUND[0], keys.encoding_aes_key),
    ):
        if getattr(keys, name):
            try:
                Cipher(token, aes_key, corp_id)
            except BadKey as error:
                table.fault(name, *re.split("(?<=。) ", str(error)))  # Chinese, then English
    return keys


def _unique(tables: list[Table], name: str, values: Sequence[str | int]) -> None:
    for count, (table, value) in enumerate(zip(tables, values, strict=True)):
        if value and value in values[:count]:
            table.fault(name, f"{value} 出现了两次，应各不相同", f"{value} appears twice; each must be different")
