"""The doctor names each fault by its check and code, with the way out, against the virtual WeCom and a real service."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from aiohttp import web

from bot.cli import main
from bot.cli.codes import Exit
from bot.config import App, Config, Corp, Database, Keys, Redis, Server, Wecom
from bot.doctor import State, examine
from bot.server import Server as Callbacks
from bot.server import application
from bot.wake import Bells
from handlers.router import Router
from simulator import server as virtual
from simulator.simulation import Simulator
from storage import migrations
from storage.database import connect
from tests.bot.configs import write_config

OTHER = "o" * 43


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def company(simulator, free_port):
    company = simulator.found_company()
    company.app.name = f"crm{free_port}"  # the service's counters live as long as the process
    return company


@pytest.fixture
def database_url(tmp_path, sqlite_template) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'siyu.db')}"


@pytest.fixture
def config(company, database_url, free_port) -> Config:
    keys = Keys(company.token, company.encoding_aes_key)
    app = App(company.app.name, company.app.agent_id, company.app.secret, (keys,))
    return Config(
        Server(port=free_port, public_url=f"http://127.0.0.1:{free_port}"),
        Database(database_url),
        Redis(),
        Wecom("http://127.0.0.1"),
        (Corp(company.corp.id, company.corp.name, apps=(app,)),),
    )


def keyed(config: Config, *keys: Keys, **changes) -> Config:
    """The same configuration with other keys, or with other values of its app."""
    (corp,) = config.corps
    (app,) = corp.apps
    return replace(config, corps=(replace(corp, apps=(replace(app, keys=keys or app.keys, **changes),)),))


class Punctual(httpx.AsyncBaseTransport):
    """A transport whose answers carry the date of a given clock."""

    def __init__(self, inner: httpx.AsyncBaseTransport, ahead: timedelta) -> None:
        self._inner = inner
        self._ahead = ahead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        response.headers["Date"] = format_datetime(datetime.now(UTC) + self._ahead, usegmt=True)
        return response


@pytest.fixture
def examined(simulator):
    async def examined(config: Config, *, ahead: timedelta = timedelta()):
        platform = Punctual(simulator.transport(), ahead)
        return [finding async for finding in examine(config, platform=platform)]

    return examined


def faults(findings) -> list[tuple[str, int]]:
    """Check and code of everything at fault; each must say what to do, in both languages."""
    found = [finding for finding in findings if finding.state is State.FAULT]
    assert all(finding.fix and finding.fix.zh and finding.fix.en for finding in found)
    return [(finding.check, finding.code) for finding in found]


@asynccontextmanager
async def listening(app: web.Application, port: int):
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving(config: Config):
    """The service's callback URLs, as `siyu serve` has them with this configuration."""
    database = connect(config.database.url)
    await database.open()
    endpoints = {(corp.id, app.name): app.keyring(corp.id) for corp in config.corps for app in corp.apps}
    callbacks = Callbacks(endpoints, database, Router(), Bells(), lambda: datetime.now(UTC))

    async def ready() -> dict[str, str]:
        return {}

    async with listening(application(callbacks, ready), config.server.port):
        yield
    await database.close()


async def test_a_sound_installation_has_no_fault(examined, config, redis_url):
    async with serving(config):
        findings = await examined(replace(config, redis=Redis(redis_url)))
    assert " ".join(finding.check for finding in findings if finding.state is State.FINE) == (
        "database migrations redis token agent contacts scope welcome media callback clock"
    )
    assert faults(findings) == []


async def test_each_part_of_a_rotation_is_checked(examined, config):
    (pair,) = config.corps[0].apps[0].keys
    both = keyed(config, pair, Keys("old", OTHER))
    async with serving(both):
        findings = await examined(both)
    assert [finding.state for finding in findings if finding.check == "callback"] == [State.FINE, State.FINE]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"secret": "wrong"}, ("token", 40001)),
        ({"agent_id": 1000009}, ("agent", 301002)),
    ],
)
async def test_a_wrong_value_of_the_app_is_named(examined, config, change, found):
    async with serving(config):
        assert faults(await examined(keyed(config, **change))) == [found]


async def test_a_wrong_corp_is_named(examined, config):
    (corp,) = config.corps
    wrong = replace(config, corps=(replace(corp, id="ww0000000000000000"),))
    async with serving(wrong):
        assert faults(await examined(wrong)) == [("token", 40013)]


async def test_an_untrusted_ip_is_named_with_the_address_to_add(examined, config, company):
    company.app.trusted_ips = frozenset()
    async with serving(config):
        findings = await examined(config)
    assert faults(findings) == [("ip", 60020)]
    (finding,) = [finding for finding in findings if finding.check == "ip"]
    assert "from ip: 127.0.0.1" in finding.said.en
    assert "企业可信IP" in finding.fix.zh


async def test_a_missing_scope_is_named(examined, config, company):
    company.app.customer_contact = False
    async with serving(config):
        findings = await examined(config)
    assert set(faults(findings)) == {("scope", 48002)}
    assert "可调用接口的应用" in next(finding.fix.zh for finding in findings if finding.check == "scope")


async def test_a_disabled_app_is_named(examined, config, company):
    company.app.enabled = False
    async with serving(config):
        (finding,) = [each for each in await examined(config) if each.state is State.FAULT]
    assert (finding.check, finding.code) == ("token", 40001)
    assert "disabled" in finding.said.en


async def test_an_unreachable_platform_is_named(examined, config, simulator):
    simulator.fail("unreachable")
    async with serving(config):
        findings = await examined(config)
    assert faults(findings) == [("token", 0)]
    assert "cannot be reached" in next(finding.said.en for finding in findings if finding.check == "token")


async def test_a_ban_for_wrong_secrets_is_named(examined, config, simulator):
    simulator.fail("refuse", "gettoken", code=45009)
    async with serving(config):
        assert faults(await examined(config)) == [("token", 45009)]


@pytest.mark.parametrize(("ahead", "word"), [(90, "behind"), (-90, "ahead")])
async def test_a_wrong_clock_is_named(examined, config, ahead, word):
    async with serving(config):
        findings = await examined(config, ahead=timedelta(seconds=ahead))
    assert faults(findings) == [("clock", 0)]
    assert f"s {word}" in findings[-1].said.en


async def test_a_minute_of_clock_skew_is_borne(examined, config):
    async with serving(config):
        assert faults(await examined(config, ahead=timedelta(seconds=55))) == []


async def test_a_callback_url_that_nobody_serves_is_named(examined, config):
    findings = await examined(config)
    assert faults(findings) == [("callback", 0)]
    assert "cannot be reached" in next(finding.said.en for finding in findings if finding.check == "callback")


@pytest.mark.parametrize(
    ("keys", "said"),
    [(Keys("other", OTHER), "wrong Token or EncodingAESKey"), (None, "wrong Token or EncodingAESKey")],
    ids=["token", "aes key"],
)
async def test_a_service_with_other_keys_is_named(examined, config, keys, said):
    keys = keys or replace(config.corps[0].apps[0].keys[0], encoding_aes_key=OTHER)
    async with serving(config):
        findings = await examined(keyed(config, keys))
    assert faults(findings) == [("callback", 0)]
    assert said in next(finding.said.en for finding in findings if finding.check == "callback")


async def test_a_service_without_the_app_is_named(examined, config):
    async with serving(keyed(config, name="other")):
        findings = await examined(config)
    assert faults(findings) == [("callback", 0)]
    assert "404" in next(finding.said.en for finding in findings if finding.check == "callback")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(text="welcome to nginx"),
        lambda: web.Response(status=302, headers={"Location": "/login"}),
        lambda: web.Response(status=502),
    ],
    ids=["200", "302", "502"],
)
async def test_something_else_at_the_callback_url_is_named(examined, config, answer):
    async def other(_: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", other)
    async with listening(app, config.server.port):
        findings = await examined(config)
    assert faults(findings) == [("callback", 0)]
    assert "something else answers" in next(finding.said.en for finding in findings if finding.check == "callback")


@pytest.mark.parametrize(
    ("keys", "said"),
    [(Keys("console", OTHER), "the Token differs from WeCom's"), (None, "the EncodingAESKey differs from WeCom's")],
    ids=["token", "aes key"],
)
async def test_keys_that_differ_from_the_console_show_in_refused_callbacks(examined, config, keys, said):
    console = keys or replace(config.corps[0].apps[0].keys[0], encoding_aes_key=OTHER)
    async with serving(config):
        await knock(config, console)
        (doubt,) = [finding for finding in await examined(config) if finding.state is State.DOUBT]
        for _ in range(2):  # as WeCom does when it is refused
            await knock(config, console)
        findings = await examined(config)
        await knock(config, config.corps[0].apps[0].keys[0])
        healed = await examined(config)
    assert said in doubt.said.en
    assert "a stranger" in doubt.said.en
    assert faults(findings) == [("callback", 0)]
    assert said in next(finding.said.en for finding in findings if finding.state is State.FAULT)
    assert faults(healed) == []


async def knock(config: Config, keys: Keys) -> None:
    """Send a callback that is sealed with these keys."""
    (corp,) = config.corps
    url = f"{config.server.public_url}/callback/{corp.id}/{corp.apps[0].name}"
    sealed = replace(corp.apps[0], keys=(keys,)).keyring(corp.id).seal(b"<xml/>", timestamp="1", nonce="n")
    query = {"msg_signature": sealed.signature, "timestamp": "1", "nonce": "n"}
    async with httpx.AsyncClient() as wecom:
        await wecom.post(url, params=query, content=f"<xml><Encrypt>{sealed.encrypted}</Encrypt></xml>")


async def test_a_private_address_is_doubtful_for_the_real_platform(examined, config):
    async with serving(config):
        findings = await examined(replace(config, wecom=Wecom("https://qyapi.weixin.qq.com")))
    assert faults(findings) == []
    assert [finding.check for finding in findings if finding.state is State.DOUBT] == ["callback"]


async def test_a_database_that_is_not_migrated_is_named(examined, config, tmp_path):
    (tmp_path / "empty.db").touch()
    for name in ("none.db", "empty.db"):
        async with serving(config):
            findings = await examined(replace(config, database=Database(f"sqlite:///{tmp_path}/{name}")))
        assert faults(findings) == [("migrations", 0)], name
        assert "siyu migrate" in next(finding.fix.en for finding in findings if finding.check == "migrations")
    assert not (tmp_path / "none.db").exists()


async def test_a_postgresql_is_examined_as_well(examined, config, fresh_postgres_url):
    other = replace(config, database=Database(fresh_postgres_url))
    async with serving(config):
        assert faults(await examined(other)) == [("migrations", 0)]
        await migrations.migrate(fresh_postgres_url)
        assert faults(await examined(other)) == []


async def test_stores_that_are_down_are_named(examined, config, tmp_path):
    nobody = "postgresql://siyu:hush@127.0.0.1:1/siyu"
    async with serving(config):
        findings = await examined(replace(config, database=Database(nobody), redis=Redis("redis://:hush@127.0.0.1:1")))
    assert faults(findings) == [("database", 0), ("redis", 0)]
    assert "hush" not in repr(findings)


async def test_the_command_tells_all_of_it_over_real_http(capsys, config, tmp_path):
    """The whole way: a virtual WeCom and a service on ports, the command reading a file."""
    running = await virtual.run()
    company = running.simulator.found_company()
    company.app.name = config.corps[0].apps[0].name
    path = write_config(
        tmp_path,
        config.database.url,
        extra=f'server.port = {config.server.port}\nserver.public_url = "{config.server.public_url}"\n'
        f'wecom.api_base = "{running.url}"',
        corp_id=company.corp.id,
        name=company.app.name,
        agent_id=company.app.agent_id,
        secret=company.app.secret,
        token=company.token,
        encoding_aes_key=company.encoding_aes_key,
    )
    async with serving(config):
        assert await asyncio.to_thread(main, ["doctor", "-c", path]) == Exit.OK
        assert "all is well / 一切正常" in capsys.readouterr().out
        company.app.customer_contact = False
        assert await asyncio.to_thread(main, ["doctor", "-c", path]) == Exit.FAILED
    told = capsys.readouterr().out
    await running.stop()
    assert f"✗ scope       {company.corp.id} {company.app.name}\n    48002 " in told
    assert "→ 修复：管理后台「客户联系 › API › 可调用接口的应用」" in told
    assert "→ fix: WeCom console, Customer contact › API" in told
