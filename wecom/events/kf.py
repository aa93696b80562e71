"""The platform's customer service (微信客服) calls us to pull (pages 94670, 97712)."""

from typing import Annotated

from wecom.events.facts import Event, fact


@fact("event/kf_msg_or_event")
class KfNotified(Event):
    """Messages wait at one customer-service account; `token` opens the pull for ten minutes."""

    open_kf_id: Annotated[str, "OpenKfId"]
    token: Annotated[str, "Token"] = ""

    @property
    def key(self) -> str:
        """One account is pulled by one at a time, with its own cursor."""
        return f"kf:{self.open_kf_id}"


@fact("event/kf_account_auth_change")
class KfAccountsChanged(Event):
    """Customer-service accounts were given to us or taken away."""

    added: Annotated[tuple[str, ...], "AuthAddOpenKfId"] = ()
    removed: Annotated[tuple[str, ...], "AuthDelOpenKfId"] = ()

    @property
    def key(self) -> str:
        """Which accounts are ours is one subject."""
        return "kf"
