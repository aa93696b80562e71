"""`siyu flows`: flows as files in a folder, checked, compared, applied, exported, tried."""

import asyncio
import json
from functools import partial

import pytest

from bot.cli import main
from bot.cli.codes import Exit
from sop.events import FlowChanged
from sop.flows import files, templates
from storage.database import connect
from storage.engine.sql import Statement
from tests.bot.configs import write_config

FLOW = """
name: 新客一天
entries: [{kind: list}]
start: hello
nodes:
  hello: {kind: message, text: 你好, next: day}
  day: {kind: wait, for: P1D, next: tip}
  tip: {kind: message, text: 小贴士}
"""
COMMANDS = ("lint", "diff", "apply", "export", "templates", "schema", "simulate", "replay")
ANNOUNCED = Statement("SELECT COUNT(*) AS count FROM events WHERE kind = :kind")


@pytest.fixture
def folder(tmp_path):
    """A folder with one flow."""
    made = tmp_path / "flows"
    made.mkdir()
    (made / "new.yaml").write_text(FLOW, encoding="utf-8")
    (made / "notes.md").write_text("not a flow", encoding="utf-8")
    return made


@pytest.fixture
def siyu(capsys, tmp_path, migrated_url):
    """`siyu flows …` on a database: its code, and what it printed and said."""
    path = write_config(tmp_path, migrated_url)

    def call(*words):
        code = main(["flows", words[0], "-c", path, *map(str, words[1:])])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def offline(capsys):
    """The same without a database."""

    def call(*words):
        code = main(["flows", *map(str, words)])
        return code, *capsys.readouterr()

    return call


def write(folder, old, new):
    path = folder / "new.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(offline, name):
    code, printed, _ = offline(name, "--help")
    assert code == Exit.OK
    assert f"siyu flows {name}" in printed.partition("examples:\n")[2]


def test_a_right_folder_is_right(offline, folder):
    code, printed, said = offline("lint", folder)
    assert (code, printed, said) == (Exit.OK, "", "ok\n")


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        (
            "next: tip",
            "next: nowhere",
            Exit.FAILED,
            ["new.yaml", "day", "nodes.day.next", "✗ ", "留空结束", "name one"],
        ),
        ("next: day", "next: tip", Exit.OK, ["day", "! ", "连接或删除", "delete it"]),
        ("kind: message", "kind: massage", Exit.FAILED, ["new.yaml", "nodes", "格式不符"]),
        ("name: 新客一天", "name: [", Exit.FAILED, ["new.yaml", "file", "无法读取", "cannot be read"]),
    ],
)
def test_what_is_wrong_is_told_with_file_node_and_fix(offline, folder, old, new, code, told):
    write(folder, old, new)
    found, printed, _ = offline("lint", folder)
    assert found == code
    assert [word for word in told if word not in printed] == []


@pytest.mark.parametrize("command", ["lint", "diff", "apply"])
def test_a_folder_that_is_not_there_is_told(siyu, offline, tmp_path, command):
    code, *printed = (offline if command == "lint" else siyu)(command, tmp_path / "none")
    assert code == Exit.FAILED
    assert "没有这个文件夹" in "".join(printed)


def test_a_folder_is_applied_once_compared_and_exported_as_it_was(siyu, folder, tmp_path):
    assert siyu("diff", folder)[2] == "+ 新客一天: new / 新建\n"
    assert siyu("apply", folder)[::2] == (Exit.OK, "+ 新客一天\n")
    assert siyu("apply", folder)[::2] == (Exit.OK, "= 新客一天\n")
    assert siyu("diff", folder) == (Exit.OK, "", "")
    write(folder, "小贴士", "新贴士")
    assert siyu("diff", folder)[2] == "新客一天: changed nodes.tip.text: 小贴士 → 新贴士\n"
    assert siyu("apply", folder)[2] == "~ 新客一天\n"
    out = tmp_path / "out"
    assert siyu("export", out)[0] == Exit.OK
    (path,) = out.iterdir()
    exported = files.read(path.read_text(encoding="utf-8"), ".yaml")
    assert exported == files.read((folder / "new.yaml").read_text(encoding="utf-8"), ".yaml")


def test_many_flows_are_exported_each_into_a_file_of_its_own(siyu, folder, tmp_path):
    for number in range(130):
        (folder / f"n{number}.yaml").write_text(FLOW.replace("新客一天", f"第{number}天"), encoding="utf-8")
    for file, name in (("slash", "a/b"), ("dash", "a-b")):
        (folder / f"{file}.yaml").write_text(FLOW.replace("新客一天", name), encoding="utf-8")
    assert siyu("apply", folder)[0] == Exit.OK
    out = tmp_path / "out"
    assert siyu("export", out)[0] == Exit.OK
    names = sorted(files.read(path.read_text(encoding="utf-8"), ".yaml").name for path in out.iterdir())
    assert names == sorted(["新客一天", "a/b", "a-b", *(f"第{number}天" for number in range(130))])


def test_what_is_applied_can_be_published_once_and_those_inside_are_seen_to(siyu, folder, migrated_url):
    assert siyu("apply", folder, "--publish", "finish")[2] == "+ 新客一天\n  version 1: finish\n"
    assert siyu("apply", folder, "--publish", "follow")[2] == "= 新客一天\n"
    write(folder, "P1D", "P2D")
    assert siyu("apply", folder, "--publish", "follow")[2] == "~ 新客一天\n  version 2: follow\n"
    assert asyncio.run(count(migrated_url, FlowChanged.kind)) == 2


async def count(url, kind):
    """How many events of a kind there are."""
    database = connect(url)
    await database.open()
    try:
        return (await database.fetch(ANNOUNCED, kind=kind))[0]["count"]
    finally:
        await database.close()


def test_what_names_something_that_is_not_there_is_not_applied(siyu, folder):
    write(folder, "kind: message, text: 小贴士", "kind: tag, add: [t9]")
    code, printed, _ = siyu("apply", folder, "--publish", "follow")
    assert code == Exit.FAILED
    assert "没有标签 t9" in printed
    assert siyu("diff", folder)[2].startswith("+ ")


def test_a_folder_is_applied_whole_or_not_at_all(siyu, folder):
    (folder / "old.yaml").write_text(
        FLOW.replace("一天", "两天").replace("next: tip", "next: nowhere"), encoding="utf-8"
    )
    assert siyu("apply", folder)[0] == Exit.FAILED
    assert siyu("diff", folder)[2].count("new / 新建") == 2


def test_a_broken_file_stops_comparing_and_applying(siyu, folder):
    write(folder, "kind: wait", "kind: weight")
    assert siyu("diff", folder)[0] == Exit.FAILED
    assert siyu("apply", folder)[0] == Exit.FAILED


def test_of_several_corps_one_has_to_be_named(siyu, folder):
    for name in ("diff", "apply", "export"):
        assert siyu(name, folder, "--corp", "wwnone")[0] == Exit.USAGE
        assert siyu(name, folder, "--corp", "ww1")[0] == Exit.OK


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_templates_are_written_once_and_have_no_faults_of_their_own(offline, tmp_path, language):
    out = tmp_path / "begun"
    assert offline("templates", out, "--language", language)[0] == Exit.OK
    assert len(list(out.iterdir())) == len(templates.TEMPLATES)
    assert offline("lint", out)[0] == Exit.OK
    _, _, said = offline("templates", out)
    assert said.count("left alone") == len(templates.TEMPLATES)


def test_the_schema_is_printed_for_editors(offline):
    code, printed, _ = offline("schema")
    assert code == Exit.OK
    assert "Flow" in json.loads(printed)["$defs"]


def test_a_file_is_simulated_and_what_it_would_do_is_told(siyu, folder):
    write(folder, "kind: list", "kind: event, event: added")
    begin = partial(siyu, "simulate", folder / "new.yaml", "--days", "3", "--customers", "20")
    code, printed, said = begin()
    assert code == Exit.OK
    assert "20 entered" in said
    assert "CONFIRMATIONS" in printed
    report = json.loads(begin("--json")[1])
    assert (report["entered"], sum(report["sent"].values())) == (20, 40)


def test_a_flow_is_replayed_by_its_name(siyu, folder):
    siyu("apply", folder)
    code, printed, _ = siyu("replay", "新客一天", "--days", "3", "--json")
    assert code == Exit.OK
    assert json.loads(printed)["entered"] == 0  # nobody is in the database yet


@pytest.mark.parametrize("name", ["simulate", "replay"])
def test_what_cannot_be_tried_is_said(siyu, folder, name):
    assert siyu(name, "无此旅程")[0] == Exit.NOT_FOUND
    assert siyu(name, folder / "new.yaml", "--days", "999")[0] == Exit.USAGE
    write(folder, "kind: wait", "kind: weight")
    code, _, said = siyu(name, folder / "new.yaml")
    assert (code, "格式不符" in said) == (Exit.FAILED, True)
