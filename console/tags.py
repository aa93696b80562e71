"""The tag library: what WeCom has, kept in step by its events; to be changed there."""

from console.call import Call
from console.roles import Permission
from console.routes import Routes
from console.shapes import Answer

routes = Routes()


class Tag(Answer):
    """A tag."""

    id: str
    name: str


class TagGroup(Answer):
    """A group with its tags in the order shown."""

    id: str
    name: str
    tags: tuple[Tag, ...]


class TagLibrary(Answer):
    """All groups in the order shown."""

    groups: tuple[TagGroup, ...]


@routes.on("GET /tags", Permission.READ_TAGS, "标签库", "The tag library")
async def browse(call: Call) -> TagLibrary:
    """Deleted tags are left out."""
    return TagLibrary(groups=tuple(TagGroup.model_validate(group) for group in await call.store.tags.library()))
