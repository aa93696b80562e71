"""Telling from an answer of the platform whether the call was done, and if not, why."""

import re
from typing import Final

import msgspec
import structlog

from wecom import codes
from wecom.codes import Kind
from wecom.errors import Misconfigured, NotRelated, Refused, Throttled, TryLater

# Where the kind of a code says too little.
_CLASSES: Final[dict[int, type[Refused]]] = {84061: NotRelated, 40001: Misconfigured}
_HINT = re.compile(r",?\s*hint:\s*\[([^\]]*)\]")
_MORE = re.compile(r",?\s*more info at\s+\S+")
_log = structlog.get_logger(__name__)
_unknown_seen: set[int] = set()


class Status(msgspec.Struct):
    """The part that every answer has; an answer without it is `ok`."""

    errcode: int = 0
    errmsg: str = ""


def judge(path: str, status: Status) -> Refused | TryLater:
    """The error that stands for an answer other than `ok`."""
    code = status.errcode
    meaning = codes.explain(code)
    if code not in codes.KNOWN and code not in _unknown_seen:
        _unknown_seen.add(code)
        _log.warning("unknown_code", path=path, code=code, message=status.errmsg)
    found = _HINT.search(status.errmsg)
    hint = found[1] if found else ""
    message = _MORE.sub("", _HINT.sub("", status.errmsg)) or meaning.reason
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
