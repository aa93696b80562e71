"""Materials: pictures, videos and files for welcomes, kept here and lent to WeCom three days at a time."""

from datetime import datetime
from typing import Literal

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Base64, Identity, Line, Page, Shape, Walk
from console.api.words import Words
from console.uses import refuse_used
from storage.materials import Material as Stored

routes = Routes()
LARGEST = 28 * 2**20  # bytes of a request: 20 MiB of content in Base64, and the rest
_MATERIAL = Words("素材", "material")


class NewMaterial(Shape):
    """A file in Base64: pictures and videos up to 10 MiB, files up to 20 MiB."""

    kind: Literal["image", "video", "file"]
    filename: Line
    content: Base64


class Material(Answer):
    """A material; `ready` once WeCom has it, until `expires_at`, before which it is renewed."""

    id: Identity
    kind: str
    filename: str
    size: int
    digest: str
    ready: bool
    uploaded_at: datetime | None
    expires_at: datetime | None
    created_at: datetime


@routes.on("GET /materials", Permission.READ_RULES, "素材列表", "List materials, the newest first")
async def browse(call: Call, query: Walk) -> Page[Material]:
    """Without their content."""
    found = await call.store.materials.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, lambda material: _show(call, material), lambda material: (material.id,))


@routes.on("POST /materials", Permission.WRITE_RULES, "上传素材", "Upload a material", status=201, limit=LARGEST)
async def create(call: Call, body: NewMaterial) -> Material:
    """The same content again is the same material. WeCom gets it a moment later."""
    return _show(call, await call.store.materials.add(body.kind, body.filename, content=body.content))


@routes.on("GET /materials/{material_id}", Permission.READ_RULES, "查看素材", "Show a material")
async def show(call: Call, material_id: Identity) -> Material:
    """Without its content."""
    return _show(call, await _find(call, material_id))


@routes.on("DELETE /materials/{material_id}", Permission.WRITE_RULES, "删除素材", "Delete a material", status=204)
async def remove(call: Call, material_id: Identity) -> None:
    """Refused while a welcome, a channel, a flow, or a broadcast or moment that is not over names it."""
    material = await _find(call, material_id)
    await refuse_used(call, "material", material.id)
    call.store.materials.remove(material.id)


async def _find(call: Call, material_id: int) -> Stored:
    material = await call.store.materials.get(material_id)
    if material is None:
        raise missing(_MATERIAL)
    return material


def _show(call: Call, material: Stored) -> Material:
    values = {name: getattr(material, name) for name in Material.model_fields if name != "ready"}
    ready = bool(material.media_id) and material.expires_at is not None and material.expires_at > call.now
    return Material(**values, ready=ready)
