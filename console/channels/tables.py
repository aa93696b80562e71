"""Many channels at once, from the table of a spreadsheet."""

from typing import Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Query, Written
from sop.channels.tables import Line, pack
from sop.errors import Invalid
from sop.limits import Violation
from storage.channels import tables

routes = Routes()
LARGEST = 3 * 2**20  # bytes of a request: 2 MiB of table, and what JSON adds


class Rehearsal(Query):
    """Whether only to tell what would happen."""

    dry_run: bool = False


class ChannelTable(Written):
    """A table of channels, with headings in its first line.

    名称 name, 员工 staff, 部门 departments, 标签 tags, 备注 remark, 描述 description, 自动通过 skip_verify,
    每日上限 cap, 员工每日上限 member_cap, 备用员工 backup, 分组 folder. Several in one cell: `a;b`.

    Staff, departments, tags and folders are named by id, or by a name that only one of them has (a tag also as
    group/tag). Comma, semicolon or tab between cells; at most 5,000 lines and 2 MiB.
    """


class LineFault(Answer):
    """What is wrong in a line; `field` is the column, empty for the line as a whole."""

    field: str
    zh: str
    en: str


class TableLine(Answer):
    """A line, by its number in the spreadsheet, and what would become or became of it."""

    line: int
    name: str
    verdict: Literal["make", "exists", "refused"]
    channel_id: Identity | None = Field(description="已有的同名渠道 · the channel of this name that exists")
    faults: tuple[LineFault, ...]
    channel: dict[str, Any] | None = Field(description="将要新建的渠道 · what would be made")


class Plan(Answer):
    """What a table asks for. `job_id` is null for a dry run, and where there is nothing to make."""

    dry_run: bool
    job_id: Identity | None
    digest: str
    make: int
    exists: int
    refused: int
    lines: tuple[TableLine, ...]


@routes.on(
    "POST /channels/bulk",
    Permission.WRITE_RULES,
    "按表格批量新建渠道",
    "Create channels in bulk from a table",
    limit=LARGEST,
)
async def create(call: Call, body: ChannelTable, query: Rehearsal) -> Plan:
    """As text/csv (UTF-8 or GB18030), or as JSON with the text. A dry run tells line by line what would happen.

    For real, a table with a line that is refused makes nothing; else a job makes what is not there yet. A line is
    known by its name: the same table again, or a corrected one, makes only what is missing.
    """
    table = await tables.plan(call.store, body.csv)
    refused = table.those("refused")
    if refused and not query.dry_run:
        raise Invalid([_name(line, fault) for line in refused for fault in line.faults])
    making = table.those("make")
    job_id = tables.begin(call.store, table) if making and not query.dry_run else None
    return Plan(
        dry_run=query.dry_run,
        job_id=job_id,
        digest=table.digest,
        make=len(making),
        exists=len(table.those("exists")),
        refused=len(refused),
        lines=tuple(_show(line) for line in table.lines),
    )


def _name(line: Line, fault: Violation) -> Violation:
    field = ".".join(filter(None, ("lines", str(line.number), fault.field)))
    return Violation(field, f"第 {line.number} 行：{fault.message_zh}", f"line {line.number}: {fault.message_en}")


def _show(line: Line) -> TableLine:
    return TableLine(
        line=line.number,
        name=line.name,
        verdict=line.verdict,
        channel_id=line.exists,
        faults=tuple(LineFault(field=each.field, zh=each.message_zh, en=each.message_en) for each in line.faults),
        channel=pack(line.draft) if line.verdict == "make" and line.draft else None,
    )
