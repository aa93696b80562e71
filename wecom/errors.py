"""Everything that can go wrong with the platform, by what the caller can do about it.

WecomError
 ├─ CallbackError        the request is not (intelligibly) from the platform: answer 4xx
 │   ├─ BadSignature     -40001  forged, or our Token differs from the console's
 │   ├─ BadEnvelope      -40002  XML or JSON that cannot be read, is too big, or brings entities
 │   ├─ BadKey           -40004  our configured Token or EncodingAESKey is unusable
 │   ├─ BadReceiver      -40005  encrypted for someone else
 │   └─ BadCiphertext    -40007, -40008, -40010  length, padding or base64 is wrong
 ├─ Refused              WeCom said no, and will again
 │   ├─ Misconfigured    ... until an operator changes something at WeCom or in our configuration
 │   └─ NotRelated       84061: the member and the customer are not related (any more)
 ├─ TryLater             not accepted now and surely not performed
 │   └─ Throttled        over a rate limit; `after` is the length of the block
 ├─ NoAnswer             sent, and no answer came: whether it was performed is unknown
 └─ OverLimit            refused by ourselves before sending: a limit on bytes, characters or counts

No message, `str` or `repr` of these carries a secret, a token or a URL with its query.
"""


class WecomError(Exception):
    """Something between us and the platform went wrong."""


class CallbackError(WecomError):
    """The request is not, or not intelligibly, from the platform; `code` as on page 90307."""

    code: int


class BadSignature(CallbackError):
    """The signature does not match: forged, or our Token differs from the console's."""

    code = -40001


class BadEnvelope(CallbackError):
    """The XML or JSON cannot be read, is too big, too deep, or brings a DTD."""

    code = -40002


class BadKey(CallbackError):
    """The configured Token or EncodingAESKey is unusable; the message tells the operator what to do."""

    code = -40004


class BadReceiver(CallbackError):
    """The message was encrypted for another corp or suite."""

    code = -40005


class BadCiphertext(CallbackError):
    """The ciphertext is damaged: a wrong length (-40007), framing (-40008) or base64 (-40010)."""

    def __init__(self, message: str, *, code: int = -40008) -> None:
        super().__init__(message)
        self.code = code


class _Answered(WecomError):
    """A call that ended without its answer being `ok`; `path` names the API."""

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
    """Not accepted now, and surely not performed; `after` is the shortest sensible pause in seconds."""

    def __init__(self, path: str, message: str = "", *, code: int = 0, hint: str = "", after: float = 1.0) -> None:
        super().__init__(path, message, code=code, hint=hint)
        self.after = after


class Throttled(TryLater):
    """Over a rate limit; `after` is the length of the block in seconds."""


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
