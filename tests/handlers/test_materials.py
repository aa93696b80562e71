import pytest

from handlers.materials import renew, settled
from handlers.removals import RECEIVERS
from sop import reasons
from sop.events import MaterialsDue, Outcome
from sop.intents import Prompt, UploadMaterial
from tests.handlers.desk import START, Desk, after

DUE = MaterialsDue(corp_id="ww1", at=START)


async def keep(desk: Desk) -> int:
    store = desk.store()
    material = await store.materials.add("image", "图.png", content=b"picture")
    store.settings.put(RECEIVERS, ["ops"])
    await store.commit()
    return material.id


async def upload(desk: Desk, **ending):
    """Look, and let the upload that is wanted last end."""
    await desk.run(renew, DUE)
    uploads = await desk.intents(UploadMaterial)
    await desk.settle(settled, uploads[-1], **ending)
    return len(uploads)


async def test_a_new_material_is_uploaded_once(desk):
    number = await keep(desk)
    await desk.run(renew, DUE)
    await desk.run(renew, DUE)
    (wanted,) = await desk.intents(UploadMaterial)
    assert wanted.material_id == number


async def test_the_media_id_is_stored_with_its_end(desk):
    number = await keep(desk)
    await upload(desk, result={"media_id": "M", "expires_at": after(days=3).isoformat()})
    material = await desk.store().materials.get(number)
    assert (material.media_id, material.expires_at, material.asked_at) == ("M", after(days=3), None)
    assert await desk.decisions() == [("material", "sent", reasons.MATERIAL_UPLOADED)]


async def test_a_media_id_without_a_told_end_lives_three_days(desk):
    number = await keep(desk)
    await upload(desk, result={"media_id": "M"})
    assert (await desk.store().materials.get(number)).expires_at == after(days=3)


async def test_it_is_renewed_half_a_day_before_its_end(desk):
    await keep(desk)
    await upload(desk, result={"media_id": "M"})
    desk.now = after(days=2, hours=11)
    await desk.run(renew, DUE)
    assert len(await desk.intents(UploadMaterial)) == 1
    desk.now = after(days=2, hours=12)
    assert await upload(desk, result={"media_id": "N"}) == 2
    assert await desk.store().materials.media([(await desk.intents(UploadMaterial))[0].material_id], at=after(days=4))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.REFUSED, reasons.MATERIAL_REFUSED),
        (Outcome.DEAD, reasons.MATERIAL_FAILED),
        (Outcome.LATE, reasons.MATERIAL_FAILED),
    ],
)
async def test_a_failed_upload_gives_one_alarm_a_day_and_is_tried_again_later(desk, outcome, reason):
    await keep(desk)
    for count in range(3):
        desk.now = after(hours=count)
        assert await upload(desk, outcome=outcome, code=40009, reason="too large") == count + 1
        await desk.run(renew, DUE)
    assert set(await desk.decisions()) == {("material", outcome.value, reason)}
    (alarm,) = await desk.intents(Prompt)
    assert alarm.users == ("ops",)
    assert "图.png" in alarm.title
    desk.now = after(days=1)
    await upload(desk, outcome=outcome, code=40009)
    assert len(await desk.intents(Prompt)) == 2


async def test_a_material_removed_meanwhile_is_nobodys_alarm(desk):
    number = await keep(desk)
    await desk.run(renew, DUE)
    store = desk.store()
    store.materials.remove(number)
    await store.commit()
    (wanted,) = await desk.intents(UploadMaterial)
    await desk.settle(settled, wanted)
    assert await desk.intents(Prompt) == []
