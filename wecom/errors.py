"""What can go wrong with the platform, sorted by what the caller can do about it.

WecomError
 └─ CallbackError         the request is not (intelligibly) from the platform: answer 4xx
     ├─ BadSignature      -40001  forged, or our Token differs from the console's
     ├─ BadEnvelope       -40002  XML or JSON that cannot be read, is too big, or brings entities
     ├─ BadKey            -40004  our configured Token or EncodingAESKey is unusable
     ├─ BadReceiver       -40005  encrypted for someone else
     └─ BadCiphertext     -40007, -40008, -40010  length, padding or base64 is wrong
"""

# ruff: noqa: N818 - the names say what happened; the suffix would say it twice


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
