"""Telling from an answer of the platform whether the call was done, and if not, why."""

import re
from typing import Any, Final, NoReturn, TypeVar

import msgspec
import structlog

from wecom import codes
from wecom.calls import Call
from wecom.codes import Kind
from wecom.errors import Misconfigured, NoAnswer, NotRelated, Refused, Throttled, TryLater
from wecom.reader import Answer

# Where the kind of a code says too little.
_CLASSES: Final[dict[int, type[Refused]]] = {84061: NotRelated, 40001: Misconfigured}
T = TypeVar("T")
_HINT = re.compile(r",?\s*hint:\s*\[([^\]]*)\]")
_MORE = re.compile(r",?\s*more info at\s+\S+")
_log = structlog.get_logger(__name__)
_unknown_seen: set[int] = set()


class Status(msgspec.Struct):
    """The part that every answer has; an answer without it is `ok`."""

    errcode: int = 0
    errmsg: str | None = ""


def judge(path: str, status: Status) -> Refused | TryLater:
    """The error that stands for an answer other than `ok`."""
    code, said = status.errcode, status.errmsg or ""
    meaning = codes.explain(code)
    if code not in codes.KNOWN and code not in _unknown_seen:
        _unknown_seen.add(code)
        _log.warning("unknown_code", path=path, code=code, message=said)
    found = _HINT.search(said)
    hint = found[1] if found else ""
    message = _MORE.sub("", _HINT.sub("", said)) or meaning.reason
    if code in _CLASSES:
        return _CLASSES[code](path, message, code=code, hint=hint)
    match meaning.kind:
        case Kind.RETRY | Kind.WAIT | Kind.TOKEN:
            return TryLater(path, message, code=code, hint=hint, after=meaning.after)
        case Kind.LIMIT:
            return Throttled(path, message, code=code, hint=hint, after=meaning.after)
        case Kind.CONFIG:
            return Misconfigured(path, message, code=code, hint=hint)
        case Kind.NEVER | Kind.OUTCOME:
            return Refused(path, message, code=code, hint=hint)


def read(call: Call, answer: Answer, kind: type[T]) -> T:
    """The typed answer; one that cannot be read leaves open what happened, as silence does."""
    decoder: msgspec.json.Decoder[T] = _decoder(kind)
    try:
        return decoder.decode(answer.body)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_prune(msgspec.json.decode(answer.body)), kind, strict=False)
    except msgspec.ValidationError as error:
        leave_open(call, f"the answer is not as documented: {error}")


def leave_open(call: Call, why: str) -> NoReturn:
    """What happened is unknown: that matters for a write, while a read is simply tried later."""
    if call.writes:
        raise NoAnswer(call.path, why) from None
    raise TryLater(call.path, why) from None


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind, strict=False)
    return decoder


def _prune(value: Any) -> Any:
    """The same JSON without its nulls, which stand for fields that are absent."""
    match value:
        case dict():
            return {name: _prune(item) for name, item in value.items() if item is not None}
        case list():
            return [_prune(item) for item in value if item is not None]
    return value
