"""Group welcomes (入群欢迎语素材): materials that group owners put to use in their client (page 92366)."""

from wecom import limits
from wecom.answers import Status
from wecom.attachments import Attachment, name
from wecom.caller import Caller
from wecom.ids import TemplateId

PATH = "externalcontact/group_welcome_template/"


class _Made(Status):
    template_id: TemplateId = TemplateId("")


class GroupWelcomes:
    """The APIs of group welcomes; at most 100 per corp (41055), changed only by the app that made them (41058)."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def add(self, text: str, attachment: Attachment | None = None, *, notify: bool = True) -> TemplateId:
        """Make one; `notify` has WeCom tell the members to put it to use. %NICKNAME% is the newcomer's name."""
        body = {**_describe(text, attachment), "notify": int(notify)}
        return (await self._caller.tell(PATH + "add", body, _Made)).template_id

    async def edit(self, template_id: TemplateId, text: str, attachment: Attachment | None = None) -> None:
        """Replace text and attachment."""
        await self._caller.tell(PATH + "edit", {**_describe(text, attachment), "template_id": template_id}, Status)

    async def delete(self, template_id: TemplateId) -> None:
        """Take one away; groups that use it greet no more."""
        await self._caller.tell(PATH + "del", {"template_id": template_id}, Status)


def _describe(text: str, attachment: Attachment | None) -> dict[str, object]:
    """The attachment stands beside the text, under the name of its kind."""
    limits.require("text / attachment", text, attachment)
    limits.GROUP_WELCOME_TEXT.check(text)
    body: dict[str, object] = {}
    if text:
        body["text"] = {"content": text}
    if attachment is not None:
        attachment.check()
        body[name(attachment)] = attachment
    return body
