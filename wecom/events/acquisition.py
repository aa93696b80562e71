"""Links that win customers (获客助手) and their quota (page 97299)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from wecom.events.customers import ContactEvent
from wecom.events.facts import EPOCH, Event, fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent(Event):
    """Something about one acquisition link."""

    link_id: Annotated[str, "LinkId"]

    @property
    def key(self) -> str:
        """Events of one link run in order; its visitors are not named."""
        return f"link:{self.link_id}"


@fact("event/customer_acquisition/balance_low")
class QuotaLow(Event):
    """Fewer than 20 customers are left in the quota."""


@fact("event/customer_acquisition/balance_exhausted")
class QuotaExhausted(Event):
    """The quota is used up: links no longer add customers."""


@fact("event/customer_acquisition/balance_increased")
class QuotaIncreased(Event):
    """An empty quota was filled again."""


@fact("event/customer_acquisition/quota_expire_soon")
class QuotaExpiring(Event):
    """`amount` of the quota is lost at `expires`; told 14, 7, 3, 2 and 1 days ahead."""

    expires: Annotated[datetime, "ExpireTime"] = EPOCH
    amount: Annotated[int, "ExpireQuotaNum"] = 0


@fact("event/customer_acquisition/link_unavailable")
class LinkUnavailable(LinkEvent):
    """No member of a link can add customers any more."""


@fact("event/customer_acquisition/delete_link")
class LinkDeleted(LinkEvent):
    """A link was deleted in the console or a client, not by API."""


@fact("event/customer_acquisition/open_profile")
class ProfileOpened(LinkEvent):
    """Somebody opened a member's profile by a link; `state` is the link's customer_channel."""

    state: Annotated[str, "State"] = ""


@fact("event/customer_acquisition/friend_request")
class FriendRequested(LinkEvent):
    """Somebody asked a member for contact by a link."""

    state: Annotated[str, "State"] = ""


@fact("event/customer_acquisition/message_from_customer")
class CustomerMessaged(LinkEvent):
    """A customer of a link sent the third, fifth or tenth message; `chat_key` tells who for 30 minutes."""

    chat_key: Annotated[str, "ChatKey"] = ""


@fact("event/customer_acquisition/customer_start_chat")
class ChatStarted(ContactEvent):
    """A customer of a link sent the first message."""

    link_id: Annotated[str, "LinkId"] = ""


@fact("event/customer_acquisition/del_follow_user")
class LinkContactLost(ContactEvent):
    """A customer of a link removed the member; StaffRemoved tells the same without the link."""

    link_id: Annotated[str, "LinkId"] = ""
    state: Annotated[str, "State"] = ""
