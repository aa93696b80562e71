"""The fields of many customers at once, from the table of a spreadsheet."""

from typing import Literal

from pydantic import Field as Described

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Query, Written
from sop.errors import Invalid
from sop.fields.tables import STRANGER, Line
from sop.limits import Violation
from sop.reasons import explain
from storage.fields import tables

routes = Routes()
LARGEST = 7 * 2**20  # bytes of a request: 5 MiB of table, and what JSON adds
_TOLD = 1000  # lines that are told of


class Rehearsal(Query):
    """Whether only to tell what would happen."""

    dry_run: bool = False


class FieldTable(Written):
    """A table of customers, with headings in its first line: who, and a column for each field, by name or label.

    Who is meant is told by 客户 external_user_id, else unionid, else a unique field such as a phone number. An empty
    cell leaves what is there. At most 20,000 lines and 5 MiB, comma, semicolon or tab between cells.
    """


class FieldLine(Answer):
    """A line that is not simply noted, by its number in the spreadsheet; `field` of a fault is the column."""

    line: int
    verdict: Literal["unknown", "refused"]
    field: str
    zh: str
    en: str


class FieldPlan(Answer):
    """What a table asks for; unknown customers are left out. `lines` are the first of those not noted."""

    dry_run: bool
    job_id: Identity | None = Described(
        description="试运行或无可写入时为 null · null for a dry run, or if nothing is to do"
    )
    digest: str
    noted: int
    unknown: int
    refused: int
    lines: tuple[FieldLine, ...]


@routes.on(
    "POST /field-values", Permission.WRITE_FIELDS, "按表格批量写入客户字段", "Set fields from a table", limit=LARGEST
)
async def write(call: Call, body: FieldTable, query: Rehearsal) -> FieldPlan:
    """As text/csv (UTF-8 or GB18030), or as JSON with the text. A dry run tells what would happen.

    For real, a table with a value that cannot be read notes nothing; else a job notes what its lines say.
    """
    table = await tables.plan(call.store, body.csv)
    noted, unknown, refused = (table.those(verdict) for verdict in ("set", "unknown", "refused"))
    if refused and not query.dry_run:
        raise Invalid([_name(line, fault) for line in refused[:_TOLD] for fault in line.faults])
    job_id = tables.begin(call.store, table) if noted and not query.dry_run else None
    told = sorted([*refused, *unknown], key=lambda line: line.number)[:_TOLD]
    return FieldPlan(
        dry_run=query.dry_run,
        job_id=job_id,
        digest=table.digest,
        noted=len(noted),
        unknown=len(unknown),
        refused=len(refused),
        lines=tuple(each for line in told for each in _show(line)),
    )


def _name(line: Line, fault: Violation) -> Violation:
    field = ".".join(filter(None, ("lines", str(line.number), fault.field)))
    return Violation(field, f"第 {line.number} 行：{fault.message_zh}", f"line {line.number}: {fault.message_en}")


def _show(line: Line) -> list[FieldLine]:
    if line.verdict == "unknown":
        zh, en = explain(STRANGER)
        return [FieldLine(line=line.number, verdict="unknown", field="", zh=zh, en=en)]
    return [
        FieldLine(line=line.number, verdict="refused", field=each.field, zh=each.message_zh, en=each.message_en)
        for each in line.faults
    ]
