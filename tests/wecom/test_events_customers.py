"""Every callback about customers, groups, tags and acquisition links tells its fact."""

# ruff: noqa: E501 - one fact, one line

from datetime import UTC, datetime

import pytest

from tests.callbacks import CHEN, CUSTOMER, GROUP, LIN, on, told
from wecom.events import (
    ArchiveConsented,
    ChatStarted,
    ContactAdded,
    ContactEdited,
    ContactHalfAdded,
    ContactRemoved,
    CustomerMessaged,
    Event,
    FriendRequested,
    GroupChanged,
    GroupCreated,
    GroupDismissed,
    GroupJoined,
    GroupLeft,
    GroupNoticeChanged,
    GroupOwnerChanged,
    GroupRenamed,
    LinkContactLost,
    LinkDeleted,
    LinkUnavailable,
    ProfileOpened,
    QuotaExhausted,
    QuotaExpiring,
    QuotaIncreased,
    QuotaLow,
    StaffRemoved,
    TagCreated,
    TagDeleted,
    TagsShuffled,
    TagUpdated,
    TransferFailed,
)
from wecom.ids import ExternalUserId, TagGroupId, TagId

LINK = "cawcde5f0a1b2c3d4e"
TAG = TagId("etQx7LdAAA1rTq9WmZ0xPkLcVb4NsHdG")
WO = ExternalUserId("woQx7LdAAAa1Bc2De3Fg4Hi5Jk6Lm7No")
V1, V2, V3 = (
    "5d0f1c2b3a49586776859403a2b1c0d9",
    "e1f2031425364758697a8b9cadbecfd0",
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
)
# fmt: off
FACTS: dict[str, Event] = {
    "contact_added": ContactAdded(**on(1760000100), user_id=CHEN, external_user_id=CUSTOMER, state="store_sh_01", welcome_code="wlc_7f31e0b2"),
    "contact_added_again": ContactAdded(**on(1760000102), user_id=CHEN, external_user_id=WO, state="", welcome_code=""),
    "suite_contact_added": ContactAdded(**on(1760000103), user_id=CHEN, external_user_id=CUSTOMER, state="store_sh_01", welcome_code="wlc_7f31e0b3"),
    "contact_half_added": ContactHalfAdded(**on(1760000099), user_id=CHEN, external_user_id=CUSTOMER, state="store_sh_01", welcome_code="wlc_5a90cc17"),
    "contact_edited": ContactEdited(**on(1760000161), user_id=CHEN, external_user_id=CUSTOMER, state=""),
    "contact_removed": ContactRemoved(**on(1760086401), user_id=CHEN, external_user_id=CUSTOMER, by_transfer=False),
    "contact_removed_by_transfer": ContactRemoved(**on(1760086400), user_id=CHEN, external_user_id=CUSTOMER, by_transfer=True),
    "staff_removed": StaffRemoved(**on(1760086500), user_id=CHEN, external_user_id=CUSTOMER),
    "transfer_failed": TransferFailed(**on(1760172800), user_id=LIN, external_user_id=CUSTOMER, reason="customer_refused"),
    "archive_consented": ArchiveConsented(**on(1760000120), user_id=CHEN, external_user_id=CUSTOMER, welcome_code="wlc_91d2aa03"),
    "group_created": GroupCreated(**on(1760100000), chat_id=GROUP),
    "group_joined": GroupJoined(**on(1760100300), chat_id=GROUP, members=(CUSTOMER, LIN), count=2, scene="scanned", last_version=V1, version=V2),
    "group_joined_before_2023": GroupJoined(**on(1660100300), chat_id=GROUP, members=(), count=1, scene="other", last_version="", version=""),
    "group_left": GroupLeft(**on(1760100600), chat_id=GROUP, members=(CUSTOMER,), count=1, scene="removed", last_version=V2, version=V3),
    "group_renamed": GroupRenamed(**on(1760100900), chat_id=GROUP),
    "group_owner_changed": GroupOwnerChanged(**on(1760100901), chat_id=GROUP),
    "group_notice_changed": GroupNoticeChanged(**on(1760100902), chat_id=GROUP),
    "group_changed": GroupChanged(**on(1760100903), chat_id=GROUP, detail="change_avatar"),
    "group_dismissed": GroupDismissed(**on(1760200000), chat_id=GROUP),
    "tag_created": TagCreated(**on(1760300000), id=TAG, tag_type="tag", strategy_id=1),
    "tag_updated": TagUpdated(**on(1760300100), id=TAG, tag_type="tag_group", strategy_id=None),
    "tag_deleted": TagDeleted(**on(1760300200), id=TAG, tag_type="tag", strategy_id=0),
    "tags_shuffled": TagsShuffled(**on(1760300500), group_id=TagGroupId(""), strategy_id=1),
    "quota_low": QuotaLow(**on(1760400200)),
    "quota_exhausted": QuotaExhausted(**on(1760400201)),
    "quota_increased": QuotaIncreased(**on(1760400202)),
    "quota_expiring": QuotaExpiring(**on(1760400180), expires=datetime.fromtimestamp(1761609600, UTC), amount=150),
    "link_unavailable": LinkUnavailable(**on(1760400203), link_id=LINK),
    "link_deleted": LinkDeleted(**on(1760400204), link_id=LINK),
    "profile_opened": ProfileOpened(**on(1760400205), link_id=LINK, state="ad_campaign_42"),
    "friend_requested": FriendRequested(**on(1760400120), link_id=LINK, state="ad_campaign_42"),
    "customer_messaged": CustomerMessaged(**on(1760400060), link_id=LINK, chat_key="CK_3b9f20d1c7"),
    "chat_started": ChatStarted(**on(1760400000), user_id=CHEN, external_user_id=CUSTOMER, link_id=LINK),
    "link_contact_lost": LinkContactLost(**on(1760400206), user_id=CHEN, external_user_id=CUSTOMER, link_id=LINK, state="ad_campaign_42"),
}
# fmt: on
KEYS = {
    "contact_added": f"customer:{CUSTOMER}",
    "transfer_failed": f"customer:{CUSTOMER}",
    "group_left": f"group:{GROUP}",
    "tag_deleted": "tags",
    "tags_shuffled": "tags",
    "profile_opened": f"link:{LINK}",
    "chat_started": f"customer:{CUSTOMER}",
    "quota_low": "corp",
}


@pytest.mark.parametrize("name", FACTS)
def test_a_callback_tells_its_fact(name: str) -> None:
    assert told(name) == FACTS[name]


@pytest.mark.parametrize("name", KEYS)
def test_events_of_one_subject_share_a_key(name: str) -> None:
    assert told(name).key == KEYS[name]
