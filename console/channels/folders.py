"""Folders: groups of channels."""

from datetime import datetime

from console.api.call import Call
from console.api.paging import read_id, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Name, Page, Shape, Walk
from console.api.words import Words
from storage.channels import folders

routes = Routes()
_FOLDER = Words("分组", "folder")


class FolderIn(Shape):
    """What the folder is called; each name is there once."""

    name: Name


class Folder(Answer):
    """A folder, and how many channels are in it that are not archived."""

    id: Identity
    name: str
    channels: int
    created_at: datetime


@routes.on("GET /channel-folders", Permission.READ_RULES, "渠道分组列表", "List folders of channels, the oldest first")
async def browse(call: Call, query: Walk) -> Page[Folder]:
    """Their channels are at /channels, by `folder`."""
    found = await call.store.folders.page(after=read_id(query.after) or 0, most=query.limit + 1)
    return turn(found, query.limit, Folder.model_validate, lambda folder: (folder.id,))


@routes.on("POST /channel-folders", Permission.WRITE_RULES, "新建渠道分组", "Create a folder of channels", status=201)
async def create(call: Call, body: FolderIn) -> Folder:
    """A name that is taken is a conflict."""
    return Folder.model_validate(call.store.folders.add(body.name))


@routes.on("PATCH /channel-folders/{folder_id}", Permission.WRITE_RULES, "重命名渠道分组", "Rename a folder")
async def change(call: Call, folder_id: Identity, body: FolderIn) -> Folder:
    """A name that is taken is a conflict."""
    folder = await _find(call, folder_id)
    call.store.folders.rename(folder.id, body.name)
    return Folder.model_validate(folder).model_copy(update={"name": body.name})


@routes.on("DELETE /channel-folders/{folder_id}", Permission.WRITE_RULES, "删除渠道分组", "Delete a folder", status=204)
async def remove(call: Call, folder_id: Identity) -> None:
    """Its channels stay, in no folder."""
    call.store.folders.remove((await _find(call, folder_id)).id)


async def _find(call: Call, folder_id: int) -> folders.Folder:
    folder = await call.store.folders.get(folder_id)
    if folder is None:
        raise missing(_FOLDER)
    return folder
