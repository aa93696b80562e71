"""config.toml is read whole or refused whole, with every mistake named in both languages."""

from pathlib import Path

import pytest

from bot.config import Config, ConfigError, Keys, load

ROOT = Path(__file__).parent.parent.parent
KEY = "k" * 43
ENVIRON = {"SIYU_CRM_SECRET": "s3cret", "SIYU_CRM_TOKEN": "t0ken", "SIYU_CRM_AES_KEY": KEY}
CORP = f"""
[[corps]]
id = "ww1"
  [[corps.apps]]
  name = "crm"
  agent_id = 1000002
  secret = "s3cret"
  token = "t0ken"
  encoding_aes_key = "{KEY}"
"""


@pytest.fixture
def read(tmp_path):
    def read(text: str, environ: dict[str, str] | None = None) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ or {})

    return read


@pytest.fixture
def faults(read):
    def faults(text: str, environ: dict[str, str] | None = None) -> dict[str, str]:
        with pytest.raises(ConfigError) as caught:
            read(text, environ)
        return {fault.where: "\n".join(fault.said) for fault in caught.value.faults}

    return faults


def test_the_example_loads():
    config = load(ROOT / "config.example.toml", ENVIRON)
    (corp,) = config.corps
    (app,) = corp.apps
    assert (app.name, app.agent_id, app.secret, app.keys) == ("crm", 1000002, "s3cret", (Keys("t0ken", KEY),))
    assert (config.server, config.database, config.redis, config.wecom) == (
        Config().server,
        Config().database,
        Config().redis,
        Config().wecom,
    )


def test_the_example_shows_every_key():
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    for key in (
        "host",
        "port",
        "public_url",
        "url",
        "api_base",
        "id",
        "name",
        "zone",
        "agent_id",
        "secret",
        "previous",
    ):
        assert f"{key} = " in text, key


def test_what_is_left_out_has_a_default(read):
    config = read(CORP)
    assert (config.server.port, config.database.url, config.redis.url) == (8080, "sqlite:///siyu.db", "")
    assert (config.corps[0].name, config.corps[0].zone) == ("ww1", "Asia/Shanghai")


def test_secrets_come_from_the_environment_and_from_files(read, tmp_path):
    (tmp_path / "token.txt").write_text("t0ken\n")
    text = CORP.replace('"s3cret"', '"env:MY_SECRET"').replace('"t0ken"', '"file:token.txt"')
    (app,) = read(text, {"MY_SECRET": "hush"}).corps[0].apps
    assert (app.secret, app.keys[0].token) == ("hush", "t0ken")


def test_a_missing_variable_is_named_with_what_to_do(faults):
    said = faults(CORP.replace('"s3cret"', '"env:MY_SECRET"'))["corps[1].apps[1].secret"]
    assert "环境变量 MY_SECRET 没有设置" in said
    assert "export MY_SECRET=" in said


@pytest.mark.parametrize("content", [None, "", b"\xff\xfe"])
def test_a_missing_or_empty_secret_file_is_named(faults, tmp_path, content):
    if content is not None:
        (tmp_path / "s.txt").write_bytes(content or b"")
    said = faults(CORP.replace('"s3cret"', '"file:s.txt"'))["corps[1].apps[1].secret"]
    assert str(tmp_path / "s.txt") in said


def test_no_secret_shows_in_a_repr(read):
    config = read('[database]\nurl = "postgresql://siyu:hush@db/siyu"\n[redis]\nurl = "redis://:hush@r"\n' + CORP)
    shown = repr(config)
    assert not any(secret in shown for secret in ("s3cret", "t0ken", KEY, "hush"))


def test_an_unknown_key_is_named_with_the_nearest_valid_one(faults):
    said = faults('[server]\nhots = "0.0.0.0"\n' + CORP)["server.hots"]
    assert "[server] 里没有 hots" in said
    assert "there is no key hots in [server]; did you mean host?" in said


def test_an_unknown_key_that_is_near_to_nothing_lists_the_valid_ones(faults):
    assert "valid are: corps, database, pictures, redis, server, wecom" in faults("zzz = 1\n" + CORP)["zzz"]


def test_an_unknown_key_deep_inside_is_named_with_its_place(faults):
    assert "did you mean agent_id?" in faults(CORP + "  agentid = 5\n")["corps[1].apps[1].agentid"]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('[server]\nport = "80"\n' + CORP, "server.port", "must be a whole number"),
        ("[server]\nport = true\n" + CORP, "server.port", "must be a whole number"),
        ("[server]\nport = 70000\n" + CORP, "server.port", "between 0 and 65535"),
        ("[server]\nhost = 5\n" + CORP, "server.host", "must be a text"),
        ('[server]\nhost = ""\n' + CORP, "server.host", "must not be empty"),
        ('server = "x"\n' + CORP, "server", "must be a table"),
        ('[server]\npublic_url = "siyu.example.com"\n' + CORP, "server.public_url", "not a usable address"),
        ('[server]\npublic_url = "https://x/?a=1"\n' + CORP, "server.public_url", "without a query"),
        ('[wecom]\napi_base = "ftp://x"\n' + CORP, "wecom.api_base", "not a usable address"),
        ('[database]\nurl = "mysql://root:hush@x/y"\n' + CORP, "database.url", "'mysql://…' is not a usable database"),
        ('[database]\nurl = "sqlite:///"\n' + CORP, "database.url", "not a usable database"),
        ('[database]\nurl = "siyu.db"\n' + CORP, "database.url", "not a usable database"),
        ('[redis]\nurl = "http://x"\n' + CORP, "redis.url", "not a usable Redis"),
        (CORP.replace('id = "ww1"', ""), "corps[1].id", "is missing"),
        (CORP.replace('"ww1"', '"w w/1"'), "corps[1].id", "part of the callback URL"),
        (CORP.replace('"ww1"', '"ww1"\nzone = "Asia/Peking"'), "corps[1].zone", "no time zone"),
        (CORP.replace('name = "crm"', 'name = "c/rm"'), "corps[1].apps[1].name", "part of the callback URL"),
        (CORP.replace("1000002", '"1000002"'), "corps[1].apps[1].agent_id", "must be a whole number"),
        (CORP.replace("1000002", "-1"), "corps[1].apps[1].agent_id", "positive number"),
        (CORP.replace("t0ken", "t-ken"), "corps[1].apps[1].token", "Token must be 1 to 32 letters or digits"),
        (CORP.replace(KEY, "short"), "corps[1].apps[1].encoding_aes_key", "must be exactly 43 letters or digits"),
        ("", "corps", "no corp"),
        ('[corps]\nid = "ww1"\n', "corps", "must be an array of tables"),
        ('corps = ["ww1"]\n', "corps[1]", "must be a table"),
        ('[[corps]]\nid = "ww1"\n', "corps[1].apps", "no app"),
        (CORP + CORP, "corps[2].id", "ww1 appears twice"),
        (CORP + CORP.partition('id = "ww1"')[2], "corps[1].apps[2].name", "crm appears twice"),
        (CORP + CORP.partition('id = "ww1"')[2], "corps[1].apps[2].agent_id", "1000002 appears twice"),
    ],
)
def test_a_wrong_value_is_named(faults, text, where, said):
    found = faults(text)
    assert said in found[where]
    assert "hush" not in str(found)


def test_a_wrong_key_is_explained_in_two_languages(faults):
    zh, en = faults(CORP.replace(KEY, "short"))["corps[1].apps[1].encoding_aes_key"].split("\n")
    assert zh.startswith("EncodingAESKey 必须是 43 位")
    assert en.startswith("EncodingAESKey must be")


def test_all_mistakes_are_listed_at_once(read):
    with pytest.raises(ConfigError) as caught:
        read("hots = 1\n[server]\nport = 'x'\n" + CORP.replace("t0ken", "t-ken").replace(KEY, "short"))
    assert {fault.where for fault in caught.value.faults} == {
        "hots",
        "server.port",
        "corps[1].apps[1].token",
        "corps[1].apps[1].encoding_aes_key",
    }
    assert "4 处错误 / 4 faults" in str(caught.value)


def test_previous_keys_open_what_the_console_still_sends(read):
    old = "o" * 43
    (app,) = read(CORP + f'  previous = [{{ token = "old", encoding_aes_key = "{old}" }}]\n').corps[0].apps
    assert app.keys == (Keys("t0ken", KEY), Keys("old", old))
    console = read(CORP.replace("t0ken", "old").replace(KEY, old)).corps[0].apps[0].keyring("ww1")
    sealed = console.seal(b"hello", timestamp="1", nonce="n")
    opened = app.keyring("ww1").open(signature=sealed.signature, timestamp="1", nonce="n", encrypted=sealed.encrypted)
    assert opened == b"hello"


def test_a_mistake_in_previous_keys_is_named(faults):
    found = faults(CORP + f'  previous = [{{ tokn = "old", encoding_aes_key = "{KEY}" }}]\n')
    assert set(found) == {"corps[1].apps[1].previous[1].token", "corps[1].apps[1].previous[1].tokn"}


def test_addresses_lose_the_slash_at_their_end(read):
    assert read('[server]\npublic_url = "https://x.cn/siyu/"\n' + CORP).server.public_url == "https://x.cn/siyu"


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match=r"cp config\.example\.toml config\.toml"):
        load(tmp_path / "config.toml")


@pytest.mark.parametrize(("content", "said"), [(b"[server", "not valid TOML"), (b"# \xff", "not UTF-8")])
def test_an_unreadable_file_is_explained(tmp_path, content, said):
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        load(tmp_path / "config.toml")


def test_the_font_of_captions_is_found_beside_the_config_file(tmp_path, faults):
    assert "there is no font file" in faults('pictures.font = "none.ttf"\n' + CORP)["pictures.font"]
