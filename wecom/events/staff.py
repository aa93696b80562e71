"""Members, departments and the tags of members change (pages 90970, 90971, 90972).

A callback configured after August 2022 carries ids and departments only, and an update brings only what
changed: an empty field says nothing about the member.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from wecom.events.facts import Event, choice, commas, fact
from wecom.ids import DepartmentId, UserId

Gender = Literal["male", "female", "unknown"]
Status = Literal["active", "disabled", "inactive", "left", "unknown"]

_GENDERS: dict[str, Gender] = {"1": "male", "2": "female"}
_STATUSES: dict[str, Status] = {"1": "active", "2": "disabled", "4": "inactive", "5": "left"}
_departments = commas(lambda text: DepartmentId(int(text)))
_users = commas(UserId)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A field that the corp added to its profiles: a text `value`, or a web page's `title` and `url`."""

    name: Annotated[str, "Name"] = ""
    value: Annotated[str, "Text/Value|Value"] = ""
    title: Annotated[str, "Web/Title"] = ""
    url: Annotated[str, "Web/Url"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEvent(Event):
    """Something about one member of staff."""

    user_id: Annotated[UserId, "UserID"]

    @property
    def key(self) -> str:
        """Events of one member run in order."""
        return f"staff:{self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileEvent(StaffEvent):
    """A member's profile as far as the event carries it; `leads` is in the order of `departments`."""

    name: Annotated[str, "Name"] = ""
    departments: Annotated[tuple[DepartmentId, ...], "Department", _departments] = ()
    main_department: Annotated[DepartmentId | None, "MainDepartment"] = None
    leads: Annotated[tuple[bool, ...], "IsLeaderInDept", commas(lambda text: text == "1")] = ()
    leaders: Annotated[tuple[UserId, ...], "DirectLeader", _users] = ()
    position: Annotated[str, "Position"] = ""
    mobile: Annotated[str, "Mobile"] = ""
    gender: Annotated[Gender, "Gender", choice(_GENDERS, other="unknown")] = "unknown"
    email: Annotated[str, "Email"] = ""
    work_email: Annotated[str, "BizMail"] = ""
    status: Annotated[Status, "Status", choice(_STATUSES, other="unknown")] = "unknown"
    avatar: Annotated[str, "Avatar"] = ""
    alias: Annotated[str, "Alias"] = ""
    telephone: Annotated[str, "Telephone"] = ""
    address: Annotated[str, "Address"] = ""
    attributes: Annotated[tuple[Attribute, ...], "ExtAttr/Item"] = ()


@fact("event/change_contact/create_user")
class StaffCreated(ProfileEvent):
    """A member joined."""


@fact("event/change_contact/update_user")
class StaffUpdated(ProfileEvent):
    """A member's profile changed; `user_id` is the old one where the member got a `new_user_id`."""

    new_user_id: Annotated[UserId, "NewUserID"] = UserId("")


@fact("event/change_contact/delete_user")
class StaffDeleted(StaffEvent):
    """A member left; the customers can now be handed over by the resigned-transfer API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentEvent(Event):
    """Something about one department."""

    department_id: Annotated[DepartmentId, "Id"]

    @property
    def key(self) -> str:
        """The tree of departments is one subject."""
        return "departments"


@fact("event/change_contact/create_party")
class DepartmentCreated(DepartmentEvent):
    """A department was founded; `order` is larger for those shown first."""

    name: Annotated[str, "Name"] = ""
    parent_id: Annotated[DepartmentId | None, "ParentId"] = None
    order: Annotated[int | None, "Order"] = None


@fact("event/change_contact/update_party")
class DepartmentUpdated(DepartmentEvent):
    """A department was renamed or moved; what did not change is empty."""

    name: Annotated[str, "Name"] = ""
    parent_id: Annotated[DepartmentId | None, "ParentId"] = None


@fact("event/change_contact/delete_party")
class DepartmentDeleted(DepartmentEvent):
    """A department was dissolved."""


@fact("event/change_contact/update_tag")
class StaffTagged(Event):
    """Members and departments were put under, or taken from, a tag of the address book."""

    tag_id: Annotated[int, "TagId"]
    added_users: Annotated[tuple[UserId, ...], "AddUserItems", _users] = ()
    removed_users: Annotated[tuple[UserId, ...], "DelUserItems", _users] = ()
    added_departments: Annotated[tuple[DepartmentId, ...], "AddPartyItems", _departments] = ()
    removed_departments: Annotated[tuple[DepartmentId, ...], "DelPartyItems", _departments] = ()

    @property
    def key(self) -> str:
        """Events of one address-book tag run in order."""
        return f"stafftag:{self.tag_id}"
