"""Reactions: which handler reacts to which kind of event."""

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer

routes = Routes()


class Reaction(Answer):
    """The handlers of one kind of event, in no order: each runs for itself."""

    kind: str
    handlers: tuple[str, ...]


class ReactionTable(Answer):
    """Every kind of event that something reacts to."""

    kinds: tuple[Reaction, ...]


@routes.on("GET /reactions", Permission.READ_WORKINGS, "事件与处理器", "Which handler reacts", corp_matters=False)
async def browse(call: Call) -> ReactionTable:
    """As this version of the program is wired."""
    table = call.console.reactions
    return ReactionTable(kinds=tuple(Reaction(kind=kind, handlers=tuple(table[kind])) for kind in sorted(table)))
