"""How a handler fared, written as dispatch would."""

from storage import reactions


def note(unit, claim, handler, status, reason="", *, at):
    outcome = reactions.Reaction(handler=handler, status=status, attempt=claim.attempt, reason=reason, at=at)
    reactions.note(unit, claim.id, outcome)
