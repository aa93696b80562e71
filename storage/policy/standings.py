"""What the gate is to know of many customers or groups, read at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sop.deliveries import Kind
from sop.policy import ANY_CONTACT, Past, Policy, Standing
from storage.engine.many import joined
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.values import encode, from_ms, to_ms

Asked = tuple[str, str]
"""A customer with the member who is to send, '' for any; or a group with ''."""

_LAST = "(SELECT MAX(d.ordinal) FROM deliveries AS d WHERE d.corp_id = :corp_id AND d.subject = k.subject) AS ordinal"
# The ordinals are read before the messages: of two that judge at once, one has a message that the other has not seen
# only if their ordinals are the same, and then the second of them is refused.
_PEOPLE = joined(
    f"""k.subject, k.user_id, {_LAST}, z.zone,
        EXISTS (SELECT 1 FROM relations AS r WHERE r.corp_id = :corp_id AND r.external_user_id = k.subject
                AND (k.user_id = '' OR r.user_id = k.user_id) AND r.status = 'active') AS active""",
    "zones AS z",
    on="z.corp_id = :corp_id AND z.external_user_id = k.subject",
    left=True,
    subject="TEXT",
    user_id="TEXT",
)
_GROUPS = joined(
    f"k.subject, k.user_id, {_LAST}, NULL AS zone, g.status <> 'dismissed' AS active",
    "customer_groups AS g",
    on="g.corp_id = :corp_id AND g.chat_id = k.subject",
    left=True,
    subject="TEXT",
    user_id="TEXT",
)
# What waits goes out from now on at the earliest; what was sent counts for when it was, which may be days after it was
# due. Both make a message count later than it was planned for, never earlier.
_PAST = joined(
    """d.subject,
       CASE WHEN d.status = 'sent' THEN COALESCE(d.ended_at, d.due_at)
            WHEN d.due_at < :now THEN :now ELSE d.due_at END,
       d.origin, d.origin_id, d.transactional""",
    "deliveries AS d",
    on="""d.corp_id = :corp_id AND d.subject = k.subject AND d.ordinal IS NOT NULL
          AND d.status IN ('planned', 'tasked', 'sent')
          AND NOT (d.status = 'planned' AND d.due_at < :late)
          AND (d.status <> 'sent' OR COALESCE(d.ended_at, d.due_at) >= :since)""",
    subject="TEXT",
)
_WORDS = joined(
    "c.external_user_id AS subject, c.topic, c.given",
    "consents AS c",
    on="c.corp_id = :corp_id AND c.external_user_id = k.subject",
    subject="TEXT",
)
_GATE: Mapping[Kind, Statement] = {"single": _PEOPLE, "group": _GROUPS}


async def read(
    scope: Scope, kind: Kind, asked: Iterable[Asked], *, policy: Policy, late: datetime | None
) -> dict[Asked, Standing]:
    """How each of them stands now; whether a goal is reached is for the flow to say.

    What is planned and was due before `late` is left out: it is to be judged anew itself.
    """
    keys = sorted(set(asked))
    if not keys:
        return {}
    rows = await scope.fetch(_GATE[kind], keys=encode(keys))
    subjects = encode([[subject] for subject in sorted({subject for subject, _ in keys})])
    past = await _past(scope, subjects, policy=policy, late=late)
    said = await _said(scope, subjects) if kind == "single" else {}
    found = {}
    for row in rows:
        subject, user_id, zone = row["subject"], row["user_id"], row["zone"]
        words = said.get(subject, {})
        found[subject, user_id] = Standing(
            active=bool(row["active"]),
            blocked=words.get(ANY_CONTACT) is False,
            opted_out=frozenset(topic for topic, given in words.items() if not given),
            opted_in=frozenset(topic for topic, given in words.items() if given),
            holdout=kind == "single" and policy.holdout.holds(subject),
            past=tuple(past.get(subject, ())),
            ordinal=row["ordinal"] or 0,
            zone=ZoneInfo(zone) if zone else None,
        )
    return found


async def _past(scope: Scope, subjects: str, *, policy: Policy, late: datetime | None) -> dict[str, list[Past]]:
    moments = {"since": to_ms(scope.now - timedelta(days=policy.span)), "late": to_ms(late) if late else 0}
    rows = await scope.fetch(_PAST, keys=subjects, now=scope.at, **moments)
    found: dict[str, list[Past]] = {}
    for row in rows:  # by position: there may be many
        found.setdefault(row[0], []).append(Past(from_ms(row[1]), row[2], row[3] or 0, not row[4]))
    return found


async def _said(scope: Scope, subjects: str) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for row in await scope.fetch(_WORDS, keys=subjects):
        found.setdefault(row["subject"], {})[row["topic"]] = bool(row["given"])
    return found
