"""Tables for spreadsheets: CSV that opens with the right characters and runs no formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from console.api.call import Call
from console.api.shapes import Download

CSV = "text/csv"
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")  # the full-width ones begin formulas, too


def wanted(call: Call, form: str | None) -> bool:
    """Whether a caller asks for a table: by a parameter, or as the first of the media types that it accepts."""
    if form is not None:
        return form == "csv"
    return call.accept.split(",")[0].split(";")[0].strip().lower() == CSV


def write(name: str, headings: Sequence[str], lines: Iterable[Sequence[object]]) -> Download:
    """A table as a file, in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_tame(value) for value in line] for line in lines)
    content = out.getvalue().encode("utf-8-sig", "replace")
    return Download(content=content, media_type=f"{CSV}; charset=utf-8", filename=f"{name}.csv")


def _tame(value: object) -> object:
    """A text that a spreadsheet would take for a formula is put behind an apostrophe; None is left empty."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
