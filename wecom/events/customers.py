"""Customers and members of staff find and leave each other (page 92130)."""

from dataclasses import dataclass
from typing import Annotated

from wecom.events.facts import Event, choice, fact
from wecom.ids import ExternalUserId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEvent(Event):
    """Something between one member of staff and one customer."""

    user_id: Annotated[UserId, "UserID"]
    external_user_id: Annotated[ExternalUserId, "ExternalUserID"]

    @property
    def key(self) -> str:
        """Events of one customer run in order, whoever the member is."""
        return f"customer:{self.external_user_id}"


@fact("event/change_external_contact/add_external_contact")
class ContactAdded(ContactEvent):
    """A member and a customer became mutual contacts.

    `state` names the contact way or acquisition link; `welcome_code` lives 20 seconds and greets once.
    """

    state: Annotated[str, "State"] = ""
    welcome_code: Annotated[str, "WelcomeCode"] = ""


@fact("event/change_external_contact/add_half_external_contact")
class ContactHalfAdded(ContactEvent):
    """A customer added a member without verification; the member has not confirmed yet."""

    state: Annotated[str, "State"] = ""
    welcome_code: Annotated[str, "WelcomeCode"] = ""


@fact("event/change_external_contact/edit_external_contact")
class ContactEdited(ContactEvent):
    """A member changed a customer's remark, phone or tags by hand; what changed is not said."""

    state: Annotated[str, "State"] = ""


@fact("event/change_external_contact/del_external_contact")
class ContactRemoved(ContactEvent):
    """A member removed a customer; `by_transfer` when the platform did it to hand the customer over."""

    by_transfer: Annotated[bool, "Source", choice({"delete_by_transfer": True}, other=False)] = False


@fact("event/change_external_contact/del_follow_user")
class StaffRemoved(ContactEvent):
    """A customer removed a member: the sign of churn. The member still has the customer listed."""


@fact("event/change_external_contact/transfer_fail")
class TransferFailed(ContactEvent):
    """A customer could not be handed over to `user_id`.

    `reason` is `customer_refused` or `customer_limit_exceed`.
    """

    reason: Annotated[str, "FailReason"] = ""


@fact("event/change_external_contact/msg_audit_approved")
class ArchiveConsented(ContactEvent):
    """A customer agreed to the archiving of the chat; the greeting that had to wait may now be sent."""

    welcome_code: Annotated[str, "WelcomeCode"] = ""
