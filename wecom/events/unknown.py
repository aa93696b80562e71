"""What the platform says and we have no name for, or what lacks its essential id."""

from dataclasses import field

from wecom.events.facts import Event, fact
from wecom.tree import Node


@fact()
class Unknown(Event):
    """A callback of unknown kind, kept whole in the platform's spelling.

    `event` is the Event, or for messages the MsgType; `fields` gives for each name everything under it.
    """

    event: str = ""
    change_type: str = ""
    fields: Node = field(default_factory=dict, hash=False)
