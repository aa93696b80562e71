"""Every callback about our app, its cards and menus, its messages and robots tells its fact."""

# ruff: noqa: E501 - one fact, one line

from datetime import UTC, datetime

import pytest

from tests.callbacks import APP, CHEN, on, told
from wecom.events import (
    AccessRestored,
    AccessRestricted,
    AppEntered,
    AppReopened,
    AppShared,
    AppSubscribed,
    AppSuspended,
    AppUnsubscribed,
    CardClicked,
    CardMenuClicked,
    CodeScanned,
    Event,
    ImageReceived,
    LinkReceived,
    LocationPicked,
    LocationReceived,
    LocationReported,
    MenuClicked,
    MenuLinkOpened,
    MenuProgramOpened,
    Part,
    PicturesPicked,
    RestrictionWarned,
    RobotCardClicked,
    RobotEntered,
    RobotFileReceived,
    RobotImageReceived,
    RobotJudged,
    RobotMixedReceived,
    RobotStreamPolled,
    RobotTextReceived,
    RobotVideoReceived,
    RobotVoiceReceived,
    Selection,
    SuspensionWarned,
    TextReceived,
    VideoReceived,
    VoiceReceived,
)
from wecom.ids import MediaId

BY_CHEN = {"user_id": CHEN, "agent_id": APP}
SOON = datetime.fromtimestamp(1761609600, UTC)
MD5_A, MD5_B = "1b5f7c23b5bf75682a53e7b6d163e185", "4c6a1d9e8f7b0a2c3d5e6f7a8b9c0d1e"
PLACE = {"latitude": 31.224, "longitude": 121.469}
SCAN = {"event_key": "SCAN", "scan_type": "qrcode", "result": "https://example.com/q/7"}
CARD = {"task_id": "sop-20251017-0042", **BY_CHEN}
TALK = {
    "user_id": CHEN,
    "robot_id": "AB01",
    "msg_id": "CAIQ1",
    "response_url": "https://example.com/aibot/answer?code=1",
}
IN_GROUP = {**TALK, "chat_type": "group", "chat_id": "wrkSFfCgAALFgn"}
ACT = {"user_id": CHEN, "robot_id": "AB01", "msg_id": "CAIQ2"}
LOOK = Part(kind="text", content="看这个"), Part(kind="image", url="https://example.com/i")
RESULT, REASON = (
    Selection(question_key="q_result", option_ids=("opt_won",)),
    Selection(question_key="q_reason", option_ids=("opt_price", "opt_service")),
)
MSG = "715000000000000000{}".format
# fmt: off
FACTS: dict[str, Event] = {
    "app_subscribed": AppSubscribed(**on(1760740000), **BY_CHEN),
    "app_unsubscribed": AppUnsubscribed(**on(1760740001), **BY_CHEN),
    "app_entered": AppEntered(**on(1760740010), **BY_CHEN),
    "location_reported": LocationReported(**on(1760740020), **BY_CHEN, **PLACE, precision=65.0, app_type="wxwork"),
    "menu_clicked": MenuClicked(**on(1760740030), **BY_CHEN, event_key="MY_CUSTOMERS"),
    "menu_link_opened": MenuLinkOpened(**on(1760740040), **BY_CHEN, event_key="https://crm.example.com/h5"),
    "menu_program_opened": MenuProgramOpened(**on(1760740041), **BY_CHEN, event_key="pages/customer/index"),
    "code_scanned": CodeScanned(**on(1760740042), **BY_CHEN, **SCAN, awaited=False),
    "code_scanned_and_awaited": CodeScanned(**on(1760740043), **BY_CHEN, **SCAN, awaited=True),
    "picture_taken": PicturesPicked(**on(1760740044), **BY_CHEN, event_key="PICS", source="camera", count=1, md5_sums=(MD5_A,)),
    "pictures_picked_in_one_list": PicturesPicked(**on(1760740045), **BY_CHEN, event_key="PICS", source="camera_or_album", count=2, md5_sums=(MD5_A, MD5_B)),
    "pictures_picked_in_two_lists": PicturesPicked(**on(1760740046), **BY_CHEN, event_key="PICS", source="album", count=2, md5_sums=(MD5_A, MD5_B)),
    "location_picked": LocationPicked(**on(1760740047), **BY_CHEN, **PLACE, event_key="PLACE", scale=16, label="上海市黄浦区", place="人民广场"),
    "app_shared": AppShared(**on(1760740050), agent_id=APP),
    "app_shared_along_a_chain": AppShared(**on(1760740051), agent_id=APP),
    "suspension_warned": SuspensionWarned(**on(1760740052), agent_id=APP, effective=SOON),
    "app_suspended": AppSuspended(**on(1760740053), agent_id=APP),
    "app_reopened": AppReopened(**on(1760740054), agent_id=APP),
    "restriction_warned": RestrictionWarned(**on(1760740055), agent_id=APP, effective=SOON),
    "access_restricted": AccessRestricted(**on(1760740056), agent_id=APP),
    "access_restored": AccessRestored(**on(1760740057), agent_id=APP),
    "card_clicked": CardClicked(**on(1760730000), **CARD, event_key="btn_follow_done", card_type="multiple_interaction", response_code="rc_9d1f7c33", selections=(RESULT, REASON)),
    "card_clicked_in_old_spelling": CardClicked(**on(1760730001), **{**CARD, "task_id": "sop-20251017-0043"}, event_key="submit", card_type="vote_interaction", response_code="rc_9d1f7c35", selections=(RESULT,)),
    "card_menu_clicked": CardMenuClicked(**on(1760730060), **CARD, event_key="menu_snooze", card_type="text_notice", response_code="rc_9d1f7c34"),
    "text_received": TextReceived(**on(1760760000), **BY_CHEN, msg_id=MSG(1), content="今日新增客户"),
    "text_received_in_json": TextReceived(**on(1760760000), **BY_CHEN, msg_id=MSG(1), content="hello"),
    "image_received": ImageReceived(**on(1760760010), **BY_CHEN, msg_id=MSG(2), media_id=MediaId("1Qx7LdAAAimageMediaId"), picture_url="https://wework.qpic.cn/wwpic/abc/0"),
    "voice_received": VoiceReceived(**on(1760760020), **BY_CHEN, msg_id=MSG(3), media_id=MediaId("1Qx7LdAAAvoiceMediaId"), format="amr"),
    "video_received": VideoReceived(**on(1760760030), **BY_CHEN, msg_id=MSG(4), media_id=MediaId("1Qx7LdAAAvideoMediaId"), thumb_media_id=MediaId("1Qx7LdAAAthumbMediaId")),
    "location_received": LocationReceived(**on(1760760040), **BY_CHEN, **PLACE, msg_id=MSG(5), scale=16, label="上海市黄浦区", app_type="wxwork"),
    "link_received": LinkReceived(**on(1760760050), **BY_CHEN, msg_id=MSG(6), title="秋季活动", description="活动说明", url="https://example.com/a", picture_url="https://example.com/a.png"),
    "robot_text_received": RobotTextReceived(**on(0), **IN_GROUP, content="@RobotA 你好", quote=Part(kind="text", content="昨天的报表")),
    "robot_voice_received": RobotVoiceReceived(**on(0), **TALK, content="今日新增客户"),
    "robot_image_received": RobotImageReceived(**on(0), **TALK, url="https://example.com/i"),
    "robot_file_received": RobotFileReceived(**on(0), **TALK, url="https://example.com/f"),
    "robot_video_received": RobotVideoReceived(**on(0), **TALK, url="https://example.com/v"),
    "robot_mixed_received": RobotMixedReceived(**on(0), **IN_GROUP, parts=LOOK, quote=Part(kind="image", url="https://example.com/q")),
    "robot_stream_polled": RobotStreamPolled(**on(0), **TALK, stream_id="S-17"),
    "robot_entered": RobotEntered(**on(1760770000), **ACT),
    "robot_card_clicked": RobotCardClicked(**on(1760770000), **ACT, event_key="submit", task_id="T-9", card_type="vote_interaction", selections=(Selection(question_key="q1", option_ids=("a", "b")),)),
    "robot_judged": RobotJudged(**on(1760770000), **ACT, feedback_id="FB1", verdict="inaccurate", content="再详细些", reasons=(2, 4)),
}
# fmt: on
KEYS = {
    "app_entered": "staff:chen.yu",
    "app_suspended": "app:1000012",
    "card_clicked": "staff:chen.yu",
    "text_received": "staff:chen.yu",
    "robot_text_received": "robot:wrkSFfCgAALFgn",
    "robot_entered": "robot:chen.yu",
}


@pytest.mark.parametrize("name", FACTS)
def test_a_callback_tells_its_fact(name: str) -> None:
    assert told(name) == FACTS[name]


@pytest.mark.parametrize("name", KEYS)
def test_events_of_one_subject_share_a_key(name: str) -> None:
    assert told(name).key == KEYS[name]
