"""From stored rows back to the facts that handlers take, and the other way."""

from handlers.router import Fact
from sop import events as own
from storage.inbox import Claim
from wecom import callback
from wecom.events import REGISTRY
from wecom.ids import CorpId


class Unreadable(Exception):
    """A stored event that this program cannot read: a kind it no longer (or does not yet) know."""


def read(claim: Claim) -> Fact:
    """The fact of a stored event. Raises `Unreadable`."""
    kind = claim.kind.partition(":")[0]
    if kind in own.OWN:
        return own.load(kind, claim.body)
    if kind in REGISTRY:
        return callback.parse(claim.body.encode(), CorpId(claim.corp_id))
    raise Unreadable(f"event kind {claim.kind!r} is unknown to this version")
