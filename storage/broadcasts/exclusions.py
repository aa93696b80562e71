"""Who is left out of an audience by what they have got, or are in: conditions on a customer or a group."""

from collections.abc import Mapping

_GOT = """
    NOT EXISTS (
        SELECT 1 FROM deliveries AS d JOIN broadcast_runs AS b ON b.id = d.origin_id
        WHERE d.corp_id = :corp_id AND d.subject = {} AND d.ordinal IS NOT NULL AND d.origin = 'broadcast'
          AND d.status IN ('planned', 'tasked', 'sent')
          AND b.broadcast_id IN (SELECT CAST(value AS BIGINT) FROM {{each}}(CAST(:broadcasts AS {{json}}))))
"""
_INSIDE = """
    NOT EXISTS (
        SELECT 1 FROM enrolments AS e
        WHERE e.corp_id = :corp_id AND e.subject = {} AND e.status = 'parked'
          AND e.flow_id IN (SELECT CAST(value AS BIGINT) FROM {{each}}(CAST(:flows AS {{json}}))))
"""
LEFT_OUT: Mapping[str, str] = {"broadcasts": _GOT, "flows": _INSIDE}
"""By the name in an exclusion, which is that of the parameter, too: a JSON list of ids; `{}` is the column."""
