"""What is done for a material: it is uploaded."""

from collections.abc import Mapping

from bot.performers.attempt import Attempt, Perform, Result, Tools
from sop.intents import Intent, UploadMaterial
from storage.scope import Scope
from storage.store import Store


async def _upload_material(intent: UploadMaterial, tools: Tools, attempt: Attempt) -> Result:
    client = tools.client
    scope = Scope(database=tools.database, corp_id=client.corp_id, app=client.app.name, now=attempt.now)
    materials = Store(scope).materials
    material, content = await materials.get(intent.material_id), await materials.content(intent.material_id)
    if material is None or content is None:
        return {}
    uploaded = await attempt.apis(tools).media.upload(material.kind, material.filename, content)
    return {"media_id": uploaded.media_id, "expires_at": uploaded.ends_at}


PERFORMERS: Mapping[type[Intent], Perform] = {UploadMaterial: _upload_material}
