"""`siyu flows …`: flows as files in a folder: checked, compared, applied, exported, begun from templates."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.cli import trials
from bot.cli.arguments import Commands, command, group
from bot.cli.codes import Exit
from bot.cli.database import with_database
from bot.cli.runtime import say
from bot.cli.show import print_json, table
from bot.config import Config
from sop.errors import Invalid
from sop.events import FlowChanged
from sop.flows import document, files, templates
from sop.flows.diffs import compare
from sop.flows.document import Flow
from sop.flows.lint import Fault, check
from sop.limits import Violation
from storage.database import Database
from storage.flows.checks import find_faults
from storage.scope import Scope
from storage.store import Store

_HEADINGS = ("FILE", "NODE", "FIELD", "WHAT IS WRONG")
_PAGE = 100  # flows read at once
_FOLDER = "a folder with .json, .yaml or .toml files / 旅程文件夹"


def add(commands: Commands) -> None:
    """Add the commands."""
    under = group(commands, "flows")
    parser = command(
        under, "lint", "check files without a database / 离线检查旅程文件", run=_lint, config=False,
        examples=("siyu flows lint flows/",),
    )  # fmt: skip
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=_FOLDER)
    for name, summary, work in (
        ("diff", "what applying a folder would change / 对比文件与线上", _diff),
        ("apply", "bring drafts to what the files say; --publish makes them run / 应用文件", _apply),
        ("export", "write every flow into a folder / 导出全部旅程", _export),
    ):
        parser = command(under, name, summary, run=with_database(work), examples=(f"siyu flows {name} flows/",))
        parser.add_argument("folder", type=Path, metavar="FOLDER", help=_FOLDER)
        parser.add_argument("--corp", default="", metavar="CORPID", help="where there are several / 企业 ID")
        if name == "apply":
            parser.add_argument(
                "--publish", choices=("follow", "finish"), help="publish; those inside follow, or finish theirs / 发布"
            )
    parser = command(
        under, "templates", "write the templates into a folder, to begin with / 写出模板", run=_templates, config=False,
        examples=("siyu flows templates flows/", "siyu flows templates flows/ --language en"),
    )  # fmt: skip
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=_FOLDER)
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    trials.add(under)
    command(
        under, "schema", "the JSON schema of flows / 输出 JSON Schema", run=_schema, config=False,
        examples=("siyu flows schema > flow.schema.json",),
    )  # fmt: skip


def _schema(_: argparse.Namespace) -> int:
    print_json(document.schema())
    return Exit.OK


def _templates(arguments: argparse.Namespace) -> int:
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, template in templates.TEMPLATES.items():
        path = arguments.folder / f"{name}.yaml"
        if path.exists():
            say(f"{path}: exists, left alone / 已存在，未覆盖")
            continue
        path.write_text(files.write(template.flow(arguments.language)), encoding="utf-8")
        say(str(path))
    return Exit.OK


def _lint(arguments: argparse.Namespace) -> int:
    faulty = False
    rows: list[tuple[str, str, str, str]] = []
    for path, flow in _read(arguments.folder):
        found = [Fault("", one) for one in flow.violations] if isinstance(flow, Invalid) else check(flow)
        rows += _rows(path, found)
        faulty = faulty or any(fault.stops for fault in found)
    if rows:
        print(table(_HEADINGS, rows))
    say("faults found / 有错误" if faulty else "ok")
    return Exit.FAILED if faulty else Exit.OK


async def _diff(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    store = _store(config, database, arguments)
    if store is None:
        return Exit.USAGE
    for path, flow in _read(arguments.folder):
        if isinstance(flow, Invalid):
            say(f"{path}: {flow.violations[0].message_zh} / {flow.violations[0].message_en}")
            return Exit.FAILED
        sheet = await store.flows.named(flow.name)
        if sheet is None:
            say(f"+ {flow.name}: new / 新建")
            continue
        for one in compare(document.parse(sheet.draft), flow):
            say(f"{flow.name}: {one.what} {one.place}: {one.before} → {one.after}")
    return Exit.OK


async def _apply(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    store = _store(config, database, arguments)
    if store is None:
        return Exit.USAGE
    found = list(_read(arguments.folder))
    flows = {path: flow for path, flow in found if not isinstance(flow, Invalid)}
    if len(flows) < len(found):
        return _lint(arguments)
    faults = {path: await find_faults(store, flow) for path, flow in flows.items()}
    if any(fault.stops for each in faults.values() for fault in each):  # all of them, or none
        print(table(_HEADINGS, [row for path, each in faults.items() for row in _rows(path, each)]))
        return Exit.FAILED
    for flow in flows.values():
        await _bring(_store(config, database, arguments) or store, flow)
        if arguments.publish:
            await _publish(_store(config, database, arguments) or store, flow, mode=arguments.publish)
    return Exit.OK


async def _bring(store: Store, flow: Flow) -> None:
    sheet = await store.flows.named(flow.name)
    if sheet is None:
        store.flows.add(flow)
        say(f"+ {flow.name}")
    elif compare(document.parse(sheet.draft), flow):
        store.flows.edit(sheet, flow)
        say(f"~ {flow.name}")
    else:
        say(f"= {flow.name}")
    await store.commit()


async def _publish(store: Store, flow: Flow, *, mode: str) -> None:
    """Publish what is not published yet."""
    sheet = await store.flows.named(flow.name)
    if sheet is None:
        return
    versions = await store.flows.versions(sheet.id)
    if sheet.version and versions[sheet.version].flow == flow:
        return
    number = store.flows.publish(sheet, mode="follow" if mode == "follow" else "finish", by="siyu flows apply")
    store.announce(FlowChanged(corp_id=store.scope.corp_id, at=store.now, flow_id=sheet.id, version=number))
    await store.commit()
    say(f"  version {number}: {mode}")


async def _export(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    store = _store(config, database, arguments)
    if store is None:
        return Exit.USAGE
    arguments.folder.mkdir(parents=True, exist_ok=True)
    taken: set[Path] = set()
    sheets = await store.flows.page(most=_PAGE)
    while sheets:
        for sheet in sheets:
            name = sheet.name.replace("/", "-")
            path = arguments.folder / f"{name}.yaml"
            path = arguments.folder / f"{name}-{sheet.id}.yaml" if path in taken else path
            taken.add(path)
            path.write_text(files.write(document.parse(sheet.draft)), encoding="utf-8")
            say(str(path))
        sheets = await store.flows.page(before=sheets[-1].id, most=_PAGE)
    return Exit.OK


def _read(folder: Path) -> Iterator[tuple[Path, Flow | Invalid]]:
    """Every flow of a folder, or what is wrong with its file, or with the folder."""
    if not folder.is_dir():
        yield folder, Invalid([Violation("folder", "没有这个文件夹", "there is no such folder")])
        return
    for path in sorted(folder.iterdir()):
        if path.suffix in files.SUFFIXES:
            try:
                yield path, files.read(path.read_text(encoding="utf-8"), path.suffix)
            except Invalid as error:
                yield path, error


def _rows(path: Path, faults: list[Fault]) -> list[tuple[str, str, str, str]]:
    marks = {True: "✗", False: "!"}
    return [
        (
            path.name,
            fault.node,
            fault.violation.field,
            f"{marks[fault.stops]} {fault.violation.message_zh} / {fault.violation.message_en}",
        )
        for fault in faults
    ]


def _store(config: Config, database: Database, arguments: argparse.Namespace) -> Store | None:
    corp = next((each for each in config.corps if arguments.corp in {"", each.id}), None)
    if corp is None or (not arguments.corp and len(config.corps) > 1):
        say(f"name one with --corp / 请用 --corp 指明企业: {', '.join(each.id for each in config.corps)}")
        return None
    return Store(Scope(database=database, corp_id=corp.id, app=corp.apps[0].name, now=datetime.now(UTC)))
