"""Callback cryptography: verify and open what the platform sends, seal what we answer (page 90968)."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from Crypto.Cipher import AES
from Crypto.Util.strxor import strxor

from wecom.errors import BadCiphertext, BadKey, BadReceiver, BadSignature, CallbackError

PAD_BLOCK = 32  # twice the AES block: pads of 17 to 32 are normal
RANDOM = 16
HEAD = RANDOM + 4  # 16 random bytes, then the message's length as a big-endian integer

_TOKEN = re.compile(r"[A-Za-z0-9]{1,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_WHERE_ZH = "请到企业微信管理后台的「接收事件服务器」复制或重新随机生成，两边保持一致"
_WHERE_EN = "copy it from the WeCom console's callback settings, or generate a new one there"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted message with the values that were signed."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


class Cipher:
    """One (Token, EncodingAESKey) pair of the console, and whom its messages must be for.

    `receive_id` is the CorpID; for suite instructions the SuiteID; for robots the empty string.
    Raises BadKey, whose message tells the operator what to change.
    """

    __slots__ = ("_ecb", "_iv", "_key", "_receive_id", "_token")

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise BadKey(
                f"Token 必须是 1 到 32 位英文或数字，现在是 {len(token)} 位：{_WHERE_ZH}。"
                f" Token must be 1 to 32 letters or digits, this one has {len(token)}: {_WHERE_EN}."
            )
        if not _AES_KEY.fullmatch(encoding_aes_key):
            raise BadKey(
                f"EncodingAESKey 必须是 43 位英文或数字，现在是 {len(encoding_aes_key)} 位：{_WHERE_ZH}。"
                " EncodingAESKey must be exactly 43 letters or digits,"
                f" this one has {len(encoding_aes_key)}: {_WHERE_EN}."
            )
        self._token = token
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._iv = self._key[:16]
        self._receive_id = receive_id.encode()
        self._ecb = AES.new(self._key, AES.MODE_ECB)

    def __repr__(self) -> str:
        return f"Cipher(receive_id={self._receive_id.decode()!r})"

    def open(self, *, signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """Return the message, byte for byte; nothing is decrypted before the signature has matched.

        The arguments are the texts of the query and the envelope, URL-decoded once and otherwise untouched.
        Raises BadSignature, then BadCiphertext, then BadReceiver.
        """
        if not self.signed(signature, timestamp=timestamp, nonce=nonce, encrypted=encrypted):
            raise BadSignature("no configured Token gives this signature")
        return self.decrypt(encrypted)

    def signed(self, signature: str, *, timestamp: str, nonce: str, encrypted: str) -> bool:
        """Whether our Token gives this signature, compared in constant time."""
        return hmac.compare_digest(_encode(self._sign(timestamp, nonce, encrypted)), _encode(signature))

    def decrypt(self, encrypted: str) -> bytes:
        """Return the message of a ciphertext whose signature has been checked already."""
        try:
            data = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:
            raise BadCiphertext("the ciphertext is not base64", code=-40010) from error
        plain = self.decrypt_file(data)
        end = HEAD + int.from_bytes(plain[RANDOM:HEAD])
        if end > len(plain):
            raise BadCiphertext("the message is longer than its buffer")
        if plain[end:] != self._receive_id:
            raise BadReceiver("the message was encrypted for another receiver")
        return plain[HEAD:end]

    def decrypt_file(self, data: bytes) -> bytes:
        """Return the content of a file that a robot message points to: same key, but no framing."""
        if not data or len(data) % PAD_BLOCK:
            raise BadCiphertext("the ciphertext's length is not a multiple of 32", code=-40007)
        # CBC by hand: the key schedule of a fresh CBC object would cost more than the decryption.
        plain = strxor(self._ecb.decrypt(data), self._iv + data[:-16])
        pad = plain[-1]
        if not 1 <= pad <= PAD_BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise BadCiphertext("the padding is damaged")
        return plain[:-pad]

    def seal(self, message: bytes, *, timestamp: str, nonce: str, random: bytes | None = None) -> Sealed:
        """Encrypt and sign; `random` (16 bytes) is given by tests only, to repeat a known result."""
        random = secrets.token_bytes(RANDOM) if random is None else random
        if len(random) != RANDOM:
            raise ValueError(f"random must be {RANDOM} bytes, not {len(random)}")
        plain = random + len(message).to_bytes(4) + message + self._receive_id
        pad = PAD_BLOCK - len(plain) % PAD_BLOCK
        data = AES.new(self._key, AES.MODE_CBC, self._iv).encrypt(plain + bytes([pad]) * pad)
        encrypted = base64.b64encode(data).decode()
        return Sealed(encrypted, self._sign(timestamp, nonce, encrypted), timestamp, nonce)

    def _sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        joined = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(_encode(joined)).hexdigest()  # noqa: S324 - the platform's choice


class Keyring:
    """Several ciphers active at once, as while a Token or EncodingAESKey is being exchanged."""

    __slots__ = ("_ciphers",)

    def __init__(self, ciphers: Sequence[Cipher]) -> None:
        if not ciphers:
            raise ValueError("a keyring needs at least one cipher")
        self._ciphers = tuple(ciphers)

    def __repr__(self) -> str:
        return f"Keyring({list(self._ciphers)!r})"

    def open(self, *, signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """Return the message as `Cipher.open` does; all signatures are compared before any decryption.

        Pairs that share a Token all match: then the one whose key fits is found by decrypting.
        """
        signed = [
            cipher
            for cipher in self._ciphers
            if cipher.signed(signature, timestamp=timestamp, nonce=nonce, encrypted=encrypted)
        ]
        refusal: CallbackError = BadSignature("no configured Token gives this signature")
        for cipher in signed:
            try:
                return cipher.decrypt(encrypted)
            except (BadCiphertext, BadReceiver) as error:
                refusal = error
        raise refusal

    def seal(self, message: bytes, *, timestamp: str, nonce: str, random: bytes | None = None) -> Sealed:
        """Encrypt and sign with the first cipher, as `Cipher.seal` does."""
        return self._ciphers[0].seal(message, timestamp=timestamp, nonce=nonce, random=random)


def _encode(text: str) -> bytes:
    """Encode any text, even one with lone surrogates from a hostile query, without an error."""
    return text.encode(errors="surrogatepass")
