"""Where a customer came from, in words."""

from sop.phrases import Phrase, say

# Page 92114, add_way.
WAYS: dict[int, Phrase] = {
    1: Phrase("扫描二维码", "QR code"),
    2: Phrase("搜索手机号", "Phone search"),
    3: Phrase("名片分享", "Card share"),
    4: Phrase("群聊", "Group chat"),
    5: Phrase("手机通讯录", "Phone contacts"),
    6: Phrase("微信联系人", "WeChat contact"),
    8: Phrase("第三方应用客服", "Third-party app"),
    9: Phrase("搜索邮箱", "Mail search"),
    10: Phrase("视频号", "WeChat Channels"),
    11: Phrase("日程参与人", "Schedule"),
    12: Phrase("会议参与人", "Meeting"),
    13: Phrase("微信好友的企业微信", "WeChat friend"),
    14: Phrase("智慧硬件", "Smart device"),
    15: Phrase("上门服务", "Home service"),
    16: Phrase("获客链接", "Acquisition link"),
    17: Phrase("定制开发", "Custom development"),
    18: Phrase("需求回复", "Demand reply"),
    21: Phrase("第三方售前客服", "Third-party presales"),
    22: Phrase("潜在商业伙伴", "Possible partner"),
    24: Phrase("通过微信好友申请", "WeChat request"),
    201: Phrase("内部成员共享", "Shared by a colleague"),
    202: Phrase("管理员分配", "Assigned by an administrator"),
}


def describe(channel: str, add_way: int, language: str = "zh") -> str:
    """The channel's name, else the way of adding, else that it is unknown."""
    way = WAYS.get(add_way)
    if channel or way is None:
        return channel or say("unknown", language)
    return way.en if language == "en" else way.zh
