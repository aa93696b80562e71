"""`siyu jobs …`: how far long work has come; pausing it, going on, giving it up."""

import argparse
from datetime import UTC, datetime

from bot.cli import why
from bot.cli.arguments import Commands, command, group, positive
from bot.cli.codes import Exit
from bot.cli.database import Work, with_database
from bot.cli.progress import bar, follow
from bot.cli.runtime import say
from bot.cli.show import aligned, mark, moment, plain, print_json, table, zone_of
from bot.config import Config
from sop.jobs import Job, Part
from storage.database import Database
from storage.scope import Scope
from storage.store import Store

_HEADINGS = ("", "ID", "BEGUN", "KIND", "NAME", "STATUS", "DONE", "OF", "FAILED", "PARTS")
_TURNS: dict[str, tuple[str, ...]] = {
    "pause": ("running",),
    "resume": ("paused", "partial"),
    "cancel": ("running", "paused", "partial"),
}
_SUMMARIES = {
    "pause": "finish what is under way and begin nothing further / 暂停作业",
    "resume": "go on where every part stands, halted ones too / 继续作业",
    "cancel": "give a job up; what it has done stays / 取消作业",
}


def add(commands: Commands) -> None:
    """Add the commands."""
    jobs = group(commands, "jobs")
    parser = command(
        jobs,
        "list",
        "the latest jobs, newest first / 最近的作业",
        run=with_database(_list),
        examples=("siyu jobs list", "siyu jobs list --kind sync_customers --status partial --json"),
    )
    parser.add_argument("--kind", default="", help="such as sync_customers / 作业类型")
    parser.add_argument("--status", default="", choices=("running", "paused", "partial", "done", "cancelled"))
    parser.add_argument("--limit", type=positive, default=20, metavar="N", help="how many (default: 20)")
    parser.add_argument("--json", action="store_true", help="for scripts")
    _add_one(jobs, "show", "one job with its parts, and why one halted / 查看作业及其各部分", _show)
    _add_one(jobs, "watch", "a bar that fills until the job ends or halts / 查看进度直到结束", _watch)
    for name, summary in _SUMMARIES.items():
        _add_one(jobs, name, summary, _turn(name))


def _add_one(jobs: Commands, name: str, summary: str, work: Work) -> None:
    parser = command(jobs, name, summary, run=with_database(work), examples=(f"siyu jobs {name} 8217365512093701",))
    parser.add_argument("id", type=positive, metavar="ID")
    if name == "show":
        parser.add_argument("--json", action="store_true", help="for scripts")


async def find(config: Config, database: Database, job_id: int) -> tuple[Store, Job] | None:
    """A job of whichever corp, and a transaction in which to change it."""
    for corp in config.corps:
        store = Store(Scope(database=database, corp_id=corp.id, app=corp.apps[0].name, now=datetime.now(UTC)))
        if job := await store.jobs.get(job_id):
            return store, job
    return None


async def watch(config: Config, database: Database, job_id: int) -> int:
    """Show a job until it ends; the exit code tells whether it is done."""

    async def look() -> Job | None:
        found = await find(config, database, job_id)
        return found[1] if found else None

    job = await follow(look)
    if job is None:
        return why.missing("job", job_id)
    return Exit.OK if job.status == "done" else Exit.FAILED


async def _list(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    found: list[tuple[str, Job]] = []
    for corp in config.corps:
        store = Store(Scope(database=database, corp_id=corp.id, app="", now=datetime.now(UTC)))
        page = await store.jobs.page(kind=arguments.kind, status=arguments.status, most=arguments.limit)
        found += [(corp.id, job) for job in page]
    found = sorted(found, key=lambda pair: -pair[1].id)[: arguments.limit]
    if arguments.json:
        print_json([plain(job) for _, job in found])
    elif found:
        print(table(_HEADINGS, [_row(job, config, corp_id) for corp_id, job in found]))
    else:
        say("no such job / 没有符合条件的作业")
    return Exit.OK


async def _show(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    found = await find(config, database, arguments.id)
    if found is None:
        return why.missing("job", arguments.id)
    store, job = found
    parts = await store.jobs.parts(job.id)
    if arguments.json:
        print_json({**plain(job), "pieces": [plain(part) for part in parts]})
        return Exit.OK
    print(bar(job))
    print(aligned([("", "PART", "STATUS", "DONE", "CURSOR", "WHY"), *map(_tell, parts)]))
    return Exit.OK


async def _watch(config: Config, database: Database, arguments: argparse.Namespace) -> int:
    return await watch(config, database, arguments.id)


def _turn(name: str) -> Work:
    async def work(config: Config, database: Database, arguments: argparse.Namespace) -> int:
        found = await find(config, database, arguments.id)
        if found is None:
            return why.missing("job", arguments.id)
        store, job = found
        if job.status not in _TURNS[name]:
            say(f"it is {job.status}: only {', '.join(_TURNS[name])} / 当前状态不能这样做")
            return Exit.FAILED
        match name:
            case "pause":
                store.jobs.pause(job)
            case "resume":
                await store.jobs.resume(job)
            case _:
                store.jobs.end(job, "cancelled")
        await store.commit()
        say(f"siyu jobs watch {job.id} -c {arguments.config}")
        return Exit.OK

    return work


def _tell(part: Part) -> tuple[str, ...]:
    reason = f"{part.code} {part.reason}" if part.code else part.reason
    return mark(part.status), part.name, part.status, f"{part.done:,}", part.cursor, reason


def _row(job: Job, config: Config, corp_id: str) -> tuple[str, ...]:
    return (
        mark(job.status),
        str(job.id),
        moment(job.created_at, zone_of(config, corp_id)),
        job.kind,
        job.name,
        job.status,
        f"{job.done:,}",
        "" if job.total is None else f"{job.total:,}",
        f"{job.failed:,}" if job.failed else "",
        f"{job.parts_done}/{job.parts}",
    )
