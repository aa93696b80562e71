"""The command line: help, exit codes, tokens and migrations; every command ends as its code says."""

import asyncio
import re
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.cli import main
from bot.cli.arguments import SUMMARIES
from bot.cli.codes import Exit
from storage import migrations
from storage.database import connect
from storage.tokens import Tokens
from tests.bot.configs import write_config

ROOT = Path(__file__).parent.parent.parent
LEAVES = [
    ["serve"], ["simulate"], ["demo"], ["doctor"], ["migrate"], ["token", "create"], ["clock"],
    ["events", "list"], ["events", "show"], ["events", "replay"],
    ["intents", "list"], ["intents", "show"], ["intents", "retry"],
    ["jobs", "list"], ["jobs", "show"], ["jobs", "watch"], ["jobs", "pause"], ["jobs", "resume"], ["jobs", "cancel"],
]  # fmt: skip


@pytest.fixture
def configured(tmp_path):
    return partial(write_config, tmp_path)


def test_the_help_names_every_command(capsys):
    assert main(["--help"]) == Exit.OK
    printed = capsys.readouterr().out
    for name in SUMMARIES:
        assert re.search(rf"^    {name} ", printed, re.MULTILINE), name
    assert "4 not found" in printed


@pytest.mark.parametrize("leaf", LEAVES, ids=" ".join)
def test_every_command_has_help_with_examples(capsys, leaf):
    assert main([*leaf, "--help"]) == Exit.OK
    printed = capsys.readouterr().out
    examples = printed.partition("examples:\n")[2]
    assert "siyu " + " ".join(leaf) in examples
    assert ("--config" in printed) is (leaf not in (["simulate"], ["demo"]))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["sing"],
        ["events"],
        ["events", "show", "abc"],
        ["events", "list", "--limit", "0"],
        ["serve", "--role", "boss"],
        ["simulate"],
        ["simulate", "--port", "70000"],
        ["simulate", "--port", "0", "--speed", "-1"],
        ["simulate", "--port", "0", "--service", "nowhere"],
        ["token", "create", "--role", "boss", "--name", "x"],
        ["token", "create", "--role", "admin"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_explained(capsys, wrong):
    assert main(wrong) == Exit.USAGE
    assert "usage: siyu" in capsys.readouterr().err


@pytest.mark.parametrize(
    "leaf",
    [["serve"], ["doctor"], ["migrate"], ["token", "create", "--role", "admin", "--name", "x"], ["events", "list"]],
    ids=" ".join,
)
def test_a_wrong_configuration_is_explained(capsys, configured, leaf):
    path = configured("mysql://x/y")
    assert main([*leaf, "-c", path]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "database.url" in said
    assert "数据库地址" in said


def test_a_database_that_is_not_there_is_unavailable_and_not_made(capsys, configured, tmp_path):
    path = configured(f"sqlite:///{tmp_path}/none.db")
    assert main(["events", "list", "-c", path]) == Exit.UNAVAILABLE
    assert "siyu migrate" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_a_server_that_is_down_is_unavailable(capsys, configured, free_port):
    path = configured(f"postgresql://siyu:hush@127.0.0.1:{free_port}/siyu")
    assert main(["intents", "list", "-c", path]) == Exit.UNAVAILABLE
    assert main(["migrate", "-c", path]) == Exit.UNAVAILABLE
    assert "hush" not in capsys.readouterr().err


def test_an_empty_database_is_unavailable_until_it_is_migrated(capsys, configured, database_url):
    path = configured(database_url)
    assert main(["migrate", "-c", path]) == Exit.OK
    assert f"revision after / 升级后: {migrations.newest()}" in capsys.readouterr().err
    assert main(["events", "list", "-c", path]) == Exit.OK
    assert main(["migrate", "-c", path]) == Exit.OK
    assert "nothing to do" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["rep", "leader"])
def test_a_token_stands_alone_on_the_last_line_and_works(capsys, configured, migrated_url, role):
    path = configured(migrated_url)
    create = ["token", "create", "-c", path, "--role", role, "--name", "sidebar", "--user", "chen.yu"]
    assert main(create) == Exit.OK
    out, err = capsys.readouterr()
    token = out.splitlines()[-1]
    assert re.fullmatch(rf"siyu_{role}_[A-Za-z0-9_-]{{43}}", token)
    assert token not in err
    found = asyncio.run(find(migrated_url, token))
    assert (found.role, found.name, found.user_id) == (role, "sidebar", "chen.yu")
    assert main([*create, "--corp", found.corp_id]) == Exit.OK  # the only one, whether named or not
    assert main([*create, "--corp", "wwnone"]) == Exit.USAGE
    assert found.created_at <= datetime.now(UTC)


async def find(url: str, token: str):
    database = connect(url)
    await database.open()
    try:
        return await Tokens(database).find(token)
    finally:
        await database.close()


@pytest.mark.parametrize(
    "user", [["--role", "rep"], ["--role", "leader"], ["--role", "admin", "--user", "chen.yu"]], ids=" ".join
)
def test_a_user_belongs_to_a_rep_or_a_leader_and_to_nobody_else(capsys, user):
    assert main(["token", "create", "--name", "x", *user]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert "--user" in err
    assert not out


@pytest.mark.parametrize(
    "leaf",
    [
        ["events", "show"],
        ["events", "replay"],
        ["intents", "show"],
        ["intents", "retry"],
        ["jobs", "show"],
        ["jobs", "pause"],
    ],
)
def test_what_does_not_exist_is_not_found(capsys, configured, migrated_url, leaf):
    assert main([*leaf, "7", "-c", configured(migrated_url)]) == Exit.NOT_FOUND
    assert "7" in capsys.readouterr().err


def test_the_program_runs_as_a_module(tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    shown = run("--help")
    assert (shown.returncode, shown.stdout.startswith("usage: siyu ")) == (Exit.OK, True)
    refused = run("doctor", "-c", str(tmp_path / "none.toml"))
    assert (refused.returncode, "cp config.example.toml" in refused.stderr) == (Exit.USAGE, True)
