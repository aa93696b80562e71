"""The callback door: what is not from WeCom stays outside, and learns nothing."""

import base64

import pytest

from bot.config import Keys
from tests.stage import contact, counted
from wecom.callback import MAX_BODY
from wecom.crypto import Cipher

OTHER = Keys("anothertoken", "B" * 43)
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'


@pytest.fixture
async def open_door(stage):
    """A stage whose service only takes callbacks."""
    await stage.serve(role="web")
    return stage


@pytest.fixture
def plain(open_door):
    return contact("edit_external_contact", at=1_770_000_000, corp_id=open_door.corp.id, UserID="u")


async def refuse(stage, query, body, *, url="", status, reason=""):
    """Send what must be refused: counted, without any trace in the database or any word too much."""
    before = counted("siyu_callbacks_total", app="crm", outcome=reason)
    answer = await stage.api.post(url or stage.callback, params=query, content=body)
    assert answer.status_code == status
    if reason:
        assert counted("siyu_callbacks_total", app="crm", outcome=reason) == before + 1
    assert await stage.events() == []
    for secret in (stage.company.token, stage.company.encoding_aes_key, stage.app.secret, "Traceback", "edit_external"):
        assert secret not in answer.text
    assert len(answer.text) < 100


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestRefusal:
    @pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
    @pytest.mark.parametrize("forged", ["", "0" * 40, "é" * 40])
    async def test_a_forged_or_missing_signature(self, open_door, plain, name, forged):
        query, body = open_door.seal(plain)
        query = {**query, name: forged} if forged else {key: value for key, value in query.items() if key != name}
        await refuse(open_door, query, body, status=403, reason="BadSignature")

    async def test_a_changed_ciphertext(self, open_door, plain):
        query, body = open_door.seal(plain)
        changed = body.replace(b"<Encrypt>", b"<Encrypt>AAAA")
        await refuse(open_door, query, changed, status=403, reason="BadSignature")

    async def test_a_message_to_another_corp(self, open_door, plain):
        company = open_door.company
        query, body = open_door.seal(plain, Cipher(company.token, company.encoding_aes_key, "wwsomebodyelse"))
        await refuse(open_door, query, body, status=403, reason="BadReceiver")

    async def test_another_key_under_our_token(self, open_door, plain):
        company = open_door.company
        query, body = open_door.seal(plain, Cipher(company.token, "C" * 43, open_door.corp.id))
        await refuse(open_door, query, body, status=400, reason="BadCiphertext")

    @pytest.mark.parametrize("encrypted", ["", "!", "Zm9v", base64.b64encode(b"x" * 33).decode(), "A" * 64])
    async def test_broken_base64_or_padding_with_a_right_signature(self, open_door, encrypted):
        query = sign(open_door, encrypted)
        body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
        reason = "BadCiphertext" if encrypted else ""  # an empty one is no envelope either
        await refuse(open_door, query, body, status=400, reason=reason)

    @pytest.mark.parametrize(
        "body", [b"", b"<xml>", b"\xff\xfe", b"{}", b"[" * 100_000, b"<xml></xml>", BOMB, b"<xml>" * 5000]
    )
    async def test_an_envelope_that_is_broken_or_a_bomb(self, open_door, body):
        await refuse(open_door, sign(open_door, ""), body, status=400, reason="BadEnvelope")

    async def test_a_body_too_large(self, open_door, plain):
        query, _ = open_door.seal(plain)
        await refuse(open_door, query, b"x" * (MAX_BODY + 1), status=413)

    @pytest.mark.parametrize("path", ["/callback/wwnobody/crm", "/callback/{corp}/other", "/callback/{corp}"])
    async def test_an_unknown_corp_or_app(self, open_door, plain, path):
        query, body = open_door.seal(plain)
        url = open_door.base + path.format(corp=open_door.corp.id)
        await refuse(open_door, query, body, url=url, status=404)

    async def test_an_echo_that_is_forged(self, open_door):
        query, _ = open_door.seal(b"4711")
        answer = await open_door.api.get(open_door.callback, params={**query, "echostr": "AAAA"})
        assert (answer.status_code, answer.text) == (403, "forbidden")


def sign(stage, encrypted):
    """A right signature over whatever it is."""
    cipher = stage.app.receiver.cipher
    query = {"timestamp": "1770000000", "nonce": "77"}
    return {**query, "msg_signature": cipher._sign(query["timestamp"], query["nonce"], encrypted)}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_echo_comes_back_as_raw_bytes(open_door):
    receiver = open_door.app.receiver
    assert await open_door.simulator.delivery.verify(receiver, open_door.corp, open_door.app)
    sealed = receiver.cipher.seal("47 11 好".encode(), timestamp="1770000000", nonce="77")
    query = {"msg_signature": sealed.signature, "timestamp": "1770000000", "nonce": "77", "echostr": sealed.encrypted}
    answer = await open_door.api.get(open_door.callback, params=query)
    assert answer.content == "47 11 好".encode()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_while_keys_are_rotated_both_pairs_open_the_door(stage):
    company = stage.company
    old = Keys(company.token, company.encoding_aes_key)
    await stage.serve(role="web", keys=(OTHER, old))
    for number, keys in enumerate((old, OTHER)):
        plain = contact("edit_external_contact", at=1_770_000_000 + number, corp_id=stage.corp.id, UserID="u")
        answer = await stage.knock(plain, Cipher(keys.token, keys.encoding_aes_key, stage.corp.id))
        assert answer.status_code == 200
    assert len(await stage.events()) == 2
    answer = await stage.knock(plain, Cipher("gone", old.encoding_aes_key, stage.corp.id))
    assert answer.status_code == 403


async def test_an_event_of_an_unknown_type_is_stored_acknowledged_and_counted(stage):
    await stage.serve()
    before = counted("siyu_unknown_events_total", event="moon_landing", change="soft")
    plain = contact("soft", at=1_770_000_000, corp_id=stage.corp.id).replace(
        b"change_external_contact", b"moon_landing"
    )
    answer = await stage.knock(plain)
    assert (answer.status_code, answer.content) == (200, b"success")
    (event,) = await stage.events("unknown")
    assert event.body.encode() == plain
    assert counted("siyu_unknown_events_total", event="moon_landing", change="soft") == before + 1
    await stage.until(stage.idle)
    assert (await stage.inspect.event(event.id)).state == "done"
