"""How a batch of turns is written: everybody moved, every step noted, every arm exposed, in a few statements."""

from collections.abc import Sequence

from sop.flows.enrolments import Turn
from storage.engine.many import bulk
from storage.scope import Scope
from storage.values import encode, to_ms

# A waking between the reading of a turn and its writing is not lost: who was woken meanwhile is due at once.
_MOVE = bulk(
    """
    UPDATE enrolments SET
        status = r.status, version = r.version, node = r.node, visit = r.visit, visits = r.visits, node_at = r.node_at,
        signal = CASE WHEN enrolments.woken = r.woken THEN 'null' ELSE enrolments.signal END,
        due_at = CASE WHEN enrolments.woken = r.woken OR r.status <> 'parked' THEN r.due_at ELSE :now END,
        reason = CASE WHEN r.status = 'parked' THEN enrolments.reason ELSE r.reason END,
        ended_at = CASE WHEN r.status = 'parked' THEN NULL ELSE CAST(:now AS BIGINT) END,
        fence = enrolments.fence + 1
    FROM {rows} AS r WHERE enrolments.id = r.id AND enrolments.fence = r.fence AND enrolments.status = 'parked'
    """,
    id="BIGINT", fence="BIGINT", woken="BIGINT", status="TEXT", version="BIGINT", node="TEXT", visit="BIGINT",
    visits="TEXT", node_at="BIGINT", due_at="BIGINT", reason="TEXT",
)  # fmt: skip
_STEP = bulk(
    """
    INSERT INTO flow_steps (enrolment_id, node, visit, verdict, reason, port, facts, at)
    SELECT r.enrolment_id, r.node, r.visit, r.verdict, r.reason, r.port, r.facts, :now FROM {rows} AS r WHERE TRUE
    """,
    enrolment_id="BIGINT", node="TEXT", visit="BIGINT", verdict="TEXT", reason="TEXT", port="TEXT", facts="TEXT",
)  # fmt: skip
_EXPOSE = bulk(
    """
    INSERT INTO exposures (corp_id, flow_id, node, subject, arm, at)
    SELECT :corp_id, :flow_id, r.node, r.subject, r.arm, :now FROM {rows} AS r WHERE TRUE
    ON CONFLICT (flow_id, node, subject) DO NOTHING
    """,
    node="TEXT", subject="TEXT", arm="TEXT",
)  # fmt: skip
_CONVERT = bulk(
    """
    UPDATE exposures SET converted_at = :now FROM {rows} AS r
    WHERE exposures.flow_id = :flow_id AND exposures.subject = r.subject AND exposures.node = r.node
      AND exposures.converted_at IS NULL
    """,
    node="TEXT", subject="TEXT",
)  # fmt: skip


def write(scope: Scope, flow_id: int, turns: Sequence[Turn]) -> None:
    """Write what a batch of turns has come to; at commit `LostLease` if somebody else has moved one of them."""
    if not turns:
        return
    after = [turn.after for turn in turns]
    scope.unit.guard(
        _MOVE,
        rows=len(turns),
        now=scope.at,
        id=[one.id for one in after],
        fence=[one.fence for one in after],
        woken=[one.woken for one in after],
        status=[one.status for one in after],
        version=[one.version for one in after],
        node=[one.node for one in after],
        visit=[one.visit for one in after],
        visits=[encode(one.visits) for one in after],
        node_at=[to_ms(one.node_at) for one in after],
        due_at=[to_ms(one.due_at) for one in after],
        reason=[one.reason for one in after],
    )
    _note(scope, turns)
    arms = [(node, turn.before.subject, arm) for turn in turns for node, arm in turn.arms]
    if arms:
        node, subject, arm = zip(*arms, strict=True)
        scope.write(_EXPOSE, flow_id=flow_id, now=scope.at, node=node, subject=subject, arm=arm)


def convert(scope: Scope, flow_id: int, nodes: Sequence[str], subjects: Sequence[str]) -> None:
    """Note that subjects of the experiments at these nodes have reached the goal."""
    pairs = [(node, subject) for node in nodes for subject in subjects]
    if pairs:
        node, subject = zip(*pairs, strict=True)
        scope.write(_CONVERT, flow_id=flow_id, now=scope.at, node=node, subject=subject)


def _note(scope: Scope, turns: Sequence[Turn]) -> None:
    steps = [(turn.before.id, step) for turn in turns for step in turn.steps]
    if steps:
        scope.unit.add(
            _STEP,
            now=scope.at,
            enrolment_id=[identity for identity, _ in steps],
            node=[step.node for _, step in steps],
            visit=[step.visit for _, step in steps],
            verdict=[step.verdict for _, step in steps],
            reason=[step.reason for _, step in steps],
            port=[step.port for _, step in steps],
            facts=[encode(step.facts) if step.facts else "{}" for _, step in steps],
        )
