"""Tests of relations as SQL, each a condition on `x`, the relation that is judged: true or false and never NULL."""

from collections.abc import Callable, Mapping
from typing import Any

from storage.conditions.writer import NEVER, Writer

_LAST = "CASE WHEN x.replied_at > x.added_at THEN x.replied_at ELSE x.added_at END"
_REPLIED = "x.replied_at IS NOT NULL AND x.replied_at >= x.added_at"
Write = Callable[[Writer, Any], str]


def _among(column: str, kind: str = "TEXT") -> Write:
    return lambda writer, value: writer.among(column, value, kind)


def _flag(test: str) -> Write:
    return lambda _, value: test if value else f"NOT ({test})"


def _days(moment: str) -> Write:
    return lambda writer, value: writer.ago(moment, value.get("least"), value.get("most"))


def _channel(writer: Writer, value: Any) -> str:
    known = [0 if text == "" else int(text) for text in value if text == "" or _canonical(text)]
    return writer.among("COALESCE(x.channel_id, 0)", known, "BIGINT") if "" in value else _by_code(writer, known)


def _by_code(writer: Writer, known: list[int]) -> str:
    """By the index of those who came by a code; a relation without one is not NULL in any answer."""
    return f"x.channel_id IS NOT NULL AND {writer.among('x.channel_id', known, 'BIGINT')}" if known else NEVER


def _canonical(text: str) -> bool:
    return text.isascii() and text.isdigit() and text[0] != "0" and int(text) < 2**63


def _department(writer: Writer, value: Any) -> str:
    """The member is in one of the departments or below: the members in question are found once."""
    each = "json_each" if writer.dialect == "sqlite" else "json_array_elements_text"
    listed = "s.departments" if writer.dialect == "sqlite" else "CAST(s.departments AS JSON)"
    wanted = writer.among("{0}", [number for number in value if number], "BIGINT")
    return f"""x.user_id IN (
        WITH RECURSIVE below (id) AS (
            SELECT d.id FROM departments AS d WHERE d.corp_id = :corp_id AND {wanted.format("d.id")}
            UNION SELECT d.id FROM departments AS d JOIN below AS b ON d.parent_id = b.id WHERE d.corp_id = :corp_id
        )
        SELECT s.user_id FROM staff AS s, {each}({listed}) AS f WHERE s.corp_id = :corp_id
        AND (({wanted.format("CAST(f.value AS BIGINT)")}) OR CAST(f.value AS BIGINT) IN (SELECT b.id FROM below AS b))
    )"""


def _tag(writer: Writer, value: Any) -> str:
    return f"""EXISTS (
        SELECT 1 FROM bindings AS b WHERE b.corp_id = :corp_id AND b.external_user_id = x.external_user_id
        AND b.user_id = x.user_id AND {writer.among("b.tag_id", value)}
    )"""


TIES: Mapping[str, Write] = {
    "channel": _channel,
    "state": _among("x.state"),
    "way": _among("x.add_way", "BIGINT"),
    "status": _among("x.status"),
    "lost": _flag("x.status = 'lost'"),
    "returned": _flag("x.adds > 1"),
    "days_since_added": _days("x.added_at"),
    "replied": _flag(_REPLIED),
    "silent_days": _days(f"({_LAST})"),
    "staff": _among("x.user_id"),
    "department": _department,
    "tag": _tag,
}
