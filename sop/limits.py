"""The limits on what operators write, as data: checked when a rule is written, all violations told at once."""

from collections.abc import Sized
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with one field, such as `slots.0.attachments.2.title`."""

    field: str
    message_zh: str
    message_en: str


class Unit(Enum):
    """What a limit counts, in the words of both languages."""

    BYTES = ("字节", "bytes")
    CHARS = ("个字", "characters")
    ITEMS = ("个", "items")


@dataclass(frozen=True, slots=True)
class Limit:
    """How large a field may be; `least` of 1 makes it necessary."""

    zh: str
    en: str
    most: int
    unit: Unit = Unit.BYTES
    least: int = 0

    def check(self, field: str, value: str | Sized, *, reserve: int = 0) -> list[Violation]:
        """What is wrong with a value; `reserve` is the room that its variables may take in addition."""
        plain = value.encode(errors="replace") if isinstance(value, str) and self.unit is Unit.BYTES else value
        actual = len(plain) + reserve
        zh, en = self.unit.value
        if actual > self.most:
            room = (
                (f"（含变量预留 {reserve}）", f", {reserve} of them kept free for variables") if reserve else ("", "")
            )
            return [
                Violation(
                    field,
                    f"{self.zh}最多 {self.most} {zh}，现在是 {actual}{room[0]}",
                    f"{self.en} takes at most {self.most} {en}; this is {actual}{room[1]}",
                )
            ]
        if actual < self.least:
            return [Violation(field, f"请填写{self.zh}", f"{self.en} is needed")]
        return []


RULE_NAME = Limit("名称", "the name", 60, Unit.CHARS, 1)
WELCOME_TEXT = Limit("欢迎语文字", "the welcome's text", 4000)
ATTACHMENTS = Limit("附件", "a welcome", 9, Unit.ITEMS)
LINK_TITLE = Limit("链接标题", "a link's title", 128, least=1)
LINK_DESCRIPTION = Limit("链接描述", "a link's description", 512)
LINK_URL = Limit("链接地址", "a link's URL", 2048, least=1)
LINK_PICTURE = Limit("链接封面地址", "the URL of a link's picture", 2048)
PROGRAM_TITLE = Limit("小程序标题", "a mini-program's title", 64, least=1)
PROGRAM_ID = Limit("小程序 appid", "a mini-program's appid", 128, least=1)
PROGRAM_PAGE = Limit("小程序页面路径", "a mini-program's page", 1024, least=1)
MATERIAL = Limit("素材", "the material", 20, Unit.CHARS, 1)
SLOTS = Limit("时段", "a welcome rule", 50, Unit.ITEMS)

CHANNEL_NAME = Limit("渠道名称", "the channel's name", 30, Unit.CHARS, 1)  # shown to administrators as its remark
CHANNEL_STAFF = Limit("渠道员工", "a channel", 100, Unit.ITEMS)
CHANNEL_DEPARTMENTS = Limit("渠道部门", "a channel", 100, Unit.ITEMS)
CHANNEL_TAGS = Limit("渠道标签", "a channel", 100, Unit.ITEMS)
CHANNEL_STATE = Limit("渠道参数 state", "the channel's state", 30, Unit.CHARS, 1)
REMARK = Limit("备注模板", "the remark template", 100, Unit.CHARS)
DESCRIPTION = Limit("描述模板", "the description template", 150, Unit.CHARS)
FOLDER_NAME = Limit("分组名称", "the folder's name", 30, Unit.CHARS, 1)

MESSAGE_TEXT = Limit("消息文字", "the message's text", 4000)
TASK_TEXT = Limit("待办文字", "the task's text", 2000)

SIZES: dict[str, Limit] = {  # of a material's content; WeCom takes nothing below 6 bytes
    "image": Limit("图片", "a picture", 10 * 2**20, least=6),
    "video": Limit("视频", "a video", 10 * 2**20, least=6),
    "file": Limit("文件", "a file", 20 * 2**20, least=6),
}
FILENAME = Limit("文件名", "the file name", 200, Unit.BYTES, 1)
