"""Tables as spreadsheets save them: which characters, which lines, and what is said of those that cannot be read."""

import csv
import io
from collections.abc import Iterator

from sop.errors import Invalid
from sop.limits import Violation


def decode(content: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8 with or without its mark, or GB18030. Raises `Invalid`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("不是 UTF-8 或 GB18030 编码：请另存为 CSV UTF-8", "is neither UTF-8 nor GB18030: save it as CSV UTF-8")


def measure(text: str, most: int) -> bytes:
    """The table as bytes, at most so many. Raises `Invalid`."""
    content = text.encode(errors="replace")
    if len(content) > most:
        raise refuse(f"最大 {most // 2**20} MiB", f"takes at most {most // 2**20} MiB")
    return content


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say anything, with the numbers of the lines they begin on; comma, semicolon or tab between cells.

    Raises `Invalid`.
    """
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count), strict=True)
    begins = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise refuse(
            f"第 {reader.line_num} 行读不懂：{error}", f"cannot be read at line {reader.line_num}: {error}"
        ) from error


def refuse(zh: str, en: str) -> Invalid:
    """The table as a whole cannot be understood."""
    return Invalid([Violation("csv", f"表格{zh}", f"the table {en}")])
