"""Official and own vectors in both directions, and every way in which a message must be refused."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import pytest
from Crypto.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from wecom.crypto import Cipher, Keyring, Sealed
from wecom.errors import BadCiphertext, BadKey, BadReceiver, BadSignature, CallbackError


class Vector(TypedDict):
    name: str
    token: str
    aes_key: str
    receive_id: str
    timestamp: str
    nonce: str
    encrypted: str
    signature: str
    random: str
    message: str


FIXTURES = Path(__file__).parents[1] / "fixtures" / "crypto"
VECTORS: list[Vector] = json.loads((FIXTURES / "vectors.json").read_text(encoding="utf-8"))
TOKEN, AES_KEY, CORP = "hV3nPq8sLd2", "q7Rk2Zs9Yb4NfT0cWxEuLm1HvJp6DgA3oQiX8yKeSwM", "ww7c1e5a90b3d2f486"
CIPHER = Cipher(TOKEN, AES_KEY, CORP)
OTHER_TOKEN = Cipher("zzz9", AES_KEY, CORP)
OTHER_KEY = Cipher(TOKEN, AES_KEY[::-1], CORP)
SEALED = CIPHER.seal(b"<xml>hello</xml>", timestamp="1760000100", nonce="42", random=b"0123456789abcdef")


def reveal(opener: Cipher | Keyring, sealed: Sealed) -> bytes:
    return opener.open(
        signature=sealed.signature,
        timestamp=sealed.timestamp,
        nonce=sealed.nonce,
        encrypted=sealed.encrypted,
    )


def sign(encrypted: str) -> Sealed:
    """What somebody who knows the Token could send."""
    joined = "".join(sorted([TOKEN, "1", "2", encrypted]))
    return Sealed(encrypted, hashlib.sha1(joined.encode()).hexdigest(), "1", "2")


def encrypt(padded: bytes) -> Sealed:
    """What somebody who knows Token and key could send, with any framing and padding."""
    key = base64.b64decode(AES_KEY + "=")
    data = AES.new(key, AES.MODE_CBC, key[:16]).encrypt(padded)
    return sign(base64.b64encode(data).decode())


def frame(size: int, body: bytes, pad: bytes) -> bytes:
    return b"r" * 16 + size.to_bytes(4) + body + pad


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_a_known_message_opens_and_seals_alike(vector: Vector) -> None:
    cipher = Cipher(vector["token"], vector["aes_key"], vector["receive_id"])
    known = Sealed(vector["encrypted"], vector["signature"], vector["timestamp"], vector["nonce"])
    message = vector["message"].encode()
    assert reveal(cipher, known) == message
    random = vector["random"].encode()
    assert cipher.seal(message, timestamp=known.timestamp, nonce=known.nonce, random=random) == known


@given(message=st.binary(max_size=200), nonce=st.text(), receive_id=st.text("abcw0", max_size=33))
def test_what_is_sealed_opens(message: bytes, nonce: str, receive_id: str) -> None:
    cipher = Cipher(TOKEN, AES_KEY, receive_id)
    assert reveal(cipher, cipher.seal(message, timestamp="1760000100", nonce=nonce)) == message


@given(field=st.sampled_from(["encrypted", "signature", "timestamp", "nonce"]), data=st.data())
def test_any_single_changed_bit_is_refused(field: str, data: st.DataObject) -> None:
    text = bytearray(getattr(SEALED, field), "ascii")
    text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    with pytest.raises(BadSignature):
        reveal(CIPHER, replace(SEALED, **{field: text.decode()}))


@given(data=st.binary(max_size=200).map(lambda b: b.ljust(32, b"\0")))
def test_signed_noise_is_refused(data: bytes) -> None:
    with pytest.raises(CallbackError):
        reveal(CIPHER, sign(base64.b64encode(data).decode()))


@pytest.mark.parametrize("pad", range(1, 33))
def test_every_pad_length_is_understood(pad: int) -> None:
    body = b"x" * (96 - pad - 20 - len(CORP))
    assert reveal(CIPHER, encrypt(frame(len(body), body + CORP.encode(), bytes([pad]) * pad))) == body


@pytest.mark.parametrize(
    "tail",
    [b"\x00", b"\x21" * 33, b"\xff" * 40, b"\x01\x02", b"\x0a" + b"\x0b" * 10, b"\x05\x04" + b"\x05" * 4],
    ids=["zero", "33", "255", "short", "first differs", "one differs"],
)
def test_a_damaged_padding_is_refused(tail: bytes) -> None:
    body = b"x" * (96 - 20 - len(CORP) - len(tail))
    with pytest.raises(BadCiphertext) as refusal:
        reveal(CIPHER, encrypt(frame(len(body), body + CORP.encode(), tail)))
    assert refusal.value.code == -40008


@pytest.mark.parametrize("size", [43, 44, 45, 64, 2**31, 2**32 - 1])
def test_a_message_longer_than_its_buffer_is_refused(size: int) -> None:
    with pytest.raises(BadCiphertext) as refusal:
        reveal(CIPHER, encrypt(frame(size, b"x" * 24 + CORP.encode(), b"\x02" * 2)))
    assert refusal.value.code == -40008


@pytest.mark.parametrize("pad", range(13, 33))
def test_a_buffer_without_room_for_the_head_is_refused(pad: int) -> None:
    with pytest.raises(BadCiphertext):
        reveal(Cipher(TOKEN, AES_KEY, ""), encrypt(b"\0" * (32 - pad) + bytes([pad]) * pad))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 31, 33, 48])
def test_a_ciphertext_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadCiphertext) as refusal:
        reveal(CIPHER, sign(base64.b64encode(b"x" * length).decode()))
    assert refusal.value.code == -40007


@pytest.mark.parametrize("mangle", ["{} ", " {}", "{}\n", "{}=", "={}", "{}AAAA", "-{}", "{}密", "%2B{}", "!"])
def test_only_strict_base64_is_read(mangle: str) -> None:
    with pytest.raises(BadCiphertext) as refusal:
        reveal(CIPHER, sign(mangle.format(SEALED.encrypted)))
    assert refusal.value.code == -40010


@pytest.mark.parametrize("receive_id", ["ww0000000000000000", "", CORP + "x", CORP[:-1], CORP.upper()])
def test_a_message_for_someone_else_is_refused(receive_id: str) -> None:
    with pytest.raises(BadReceiver):
        reveal(CIPHER, Cipher(TOKEN, AES_KEY, receive_id).seal(b"hi", timestamp="1", nonce="2"))


def test_the_signature_is_checked_before_anything_is_decrypted() -> None:
    with pytest.raises(BadSignature):
        reveal(CIPHER, replace(sign("not base64"), signature="0" * 40))


@pytest.mark.parametrize("signature", ["", "签名", "\ud800", SEALED.signature.upper(), SEALED.signature + "0"])
def test_odd_signatures_are_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        reveal(CIPHER, replace(SEALED, signature=signature))


def test_a_lone_surrogate_in_the_query_is_refused() -> None:
    with pytest.raises(BadSignature):
        reveal(CIPHER, replace(SEALED, nonce="\ud800"))


def test_a_timestamp_is_signed_as_it_was_written() -> None:
    with pytest.raises(BadSignature):
        reveal(CIPHER, replace(SEALED, timestamp="0" + SEALED.timestamp))


@pytest.mark.parametrize(
    "key", ["", AES_KEY[:-1], AES_KEY + "M", AES_KEY[:-1] + "=", "/" + AES_KEY[1:], "密" * 43, AES_KEY + "\n"]
)
def test_an_unusable_key_is_refused_in_both_languages(key: str) -> None:
    with pytest.raises(BadKey, match=r"必须是 43 位英文或数字.*exactly 43 letters") as refusal:
        Cipher(TOKEN, key, CORP)
    assert not key or key not in str(refusal.value)


@pytest.mark.parametrize("token", ["", "a" * 33, "a b", "密钥", "tok\n", "a-b"])
def test_an_unusable_token_is_refused_in_both_languages(token: str) -> None:
    with pytest.raises(BadKey, match=r"1 到 32 位英文或数字.*1 to 32 letters"):
        Cipher(token, AES_KEY, CORP)


def test_a_given_random_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        CIPHER.seal(b"", timestamp="1", nonce="2", random=b"short")


def test_a_robot_file_opens_without_framing() -> None:
    key = base64.b64decode(AES_KEY + "=")
    data = AES.new(key, AES.MODE_CBC, key[:16]).encrypt(b"GIF89a" + bytes([26]) * 26)
    assert CIPHER.decrypt_file(data) == b"GIF89a"


def test_no_secret_is_ever_shown() -> None:
    shown = f"{CIPHER!r} {CIPHER} {Keyring([CIPHER])!r}"
    assert CORP in shown
    assert TOKEN not in shown
    assert AES_KEY not in shown


@pytest.mark.parametrize("sender", [OTHER_TOKEN, CIPHER, OTHER_KEY], ids=["token", "first", "key"])
@pytest.mark.parametrize("ring", [[CIPHER, OTHER_TOKEN, OTHER_KEY], [OTHER_KEY, OTHER_TOKEN, CIPHER]])
def test_every_pair_of_a_keyring_is_active(sender: Cipher, ring: list[Cipher]) -> None:
    assert reveal(Keyring(ring), sender.seal(b"hi", timestamp="1", nonce="2")) == b"hi"


def test_a_stranger_is_refused_by_the_whole_keyring() -> None:
    stranger = Cipher("stranger", AES_KEY, CORP).seal(b"hi", timestamp="1", nonce="2")
    with pytest.raises(BadSignature):
        reveal(Keyring([CIPHER, OTHER_TOKEN]), stranger)


def test_a_keyring_says_why_a_signed_message_does_not_open() -> None:
    with pytest.raises(BadReceiver):
        reveal(
            Keyring([OTHER_TOKEN, CIPHER]),
            Cipher(TOKEN, AES_KEY, "ww0").seal(b"hi", timestamp="1", nonce="2"),
        )


def test_a_keyring_seals_with_its_first_cipher() -> None:
    assert reveal(OTHER_TOKEN, Keyring([OTHER_TOKEN, CIPHER]).seal(b"hi", timestamp="1", nonce="2")) == b"hi"


def test_an_empty_keyring_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Keyring([])
