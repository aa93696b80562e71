"""Everything that can go wrong with the platform, by what the caller can do about it.

WecomError
 ├─ CallbackError        the request is not (intelligibly) from the platform; ``code`` is its official number
 │   ├─ BadSignature     -40001
 │   ├─ BadEnvelope      -40002  XML or JSON unreadable, too big, or with entities
 │   ├─ BadKey           -40004  the EncodingAESKey or Token of our own configuration is unusable
 │   ├─ BadReceiver      -40005  meant for someone else
 │   └─ BadCiphertext    -40007  not decryptable; -40008 padding or length; -40010 base64
 ├─ Refused              WeCom said no, and will again
 │   ├─ Misconfigured    ... until an operator changes something at WeCom or in our configuration
 │   └─ NotRelated       84061: the member and the customer are not related (any more)
 ├─ TryLater             not accepted now and surely not performed
 │   └─ Throttled        over a rate limit; ``after`` is the length of the block
 ├─ NoAnswer             sent, and no answer came: whether it was performed is unknown
 └─ OverLimit            refused by ourselves before sending: a limit on bytes, characters or counts

No message, ``str`` or ``repr`` of these carries a secret, a token or a URL with its query.
"""

# ruff: noqa: N818  (the names say what happened; a suffix on each would say nothing)

from typing import ClassVar


class WecomError(Exception):
    """Something went wrong between us and the platform."""


class CallbackError(WecomError):
    """A request that is not, or not intelligibly, from the platform."""

    default: ClassVar[int] = -40000

    def __init__(self, message: str = "", *, code: int | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").rstrip("."))
        self.code = self.default if code is None else code


class BadSignature(CallbackError):
    """The signature is missing or not ours."""

    default = -40001


class BadEnvelope(CallbackError):
    """The XML or JSON cannot be read."""

    default = -40002


class BadKey(CallbackError):
    """The EncodingAESKey or Token of the configuration cannot be used."""

    default = -40004


class BadReceiver(CallbackError):
    """The message is meant for another corp."""

    default = -40005


class BadCiphertext(CallbackError):
    """The encrypted text cannot be decrypted."""

    default = -40007


class _Answered(WecomError):
    """A call that ended without its answer being ``ok``; ``path`` names the API."""

    def __init__(self, path: str, message: str = "", *, code: int = 0, hint: str = "") -> None:
        said = message or (type(self).__doc__ or "").rstrip(".")
        super().__init__(f"{path}: {code} {said}" if code else f"{path}: {said}")
        self.path = path
        self.message = said
        self.code = code
        self.hint = hint  # the platform's trace id, for its support desk; "" when it gave none


class Refused(_Answered):
    """WeCom said no, and will again."""


class Misconfigured(Refused):
    """WeCom says no until an operator changes something there or in our configuration."""


class NotRelated(Refused):
    """The member and the customer are not related."""


class TryLater(_Answered):
    """Not accepted now, and surely not performed; ``after`` is the shortest sensible pause in seconds."""

    def __init__(
        self, path: str, message: str = "", *, code: int = 0, hint: str = "", after: float = 1.0
    ) -> None:
        super().__init__(path, message, code=code, hint=hint)
        self.after = after


class Throttled(TryLater):
    """Over a rate limit; ``after`` is the length of the block in seconds."""


class NoAnswer(_Answered):
    """Sent, and no answer came: whether it was performed is unknown."""


class OverLimit(WecomError, ValueError):
    """A value beyond a documented limit, noticed before anything was sent."""

    def __init__(self, field: str, limit: int, actual: int, *, zh: str, en: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.field = field
        self.limit = limit
        self.actual = actual
        self.zh = zh
        self.en = en
