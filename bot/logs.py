"""Logs: readable lines for a terminal, JSON lines for everything else, and no secrets in either."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

HIDDEN = "***"
_SECRET = frozenset({
    "access_token", "authorization", "body", "code", "content", "corpsecret", "encoding_aes_key", "password",
    "previous", "secret", "text", "token", "welcome_code", "xml",
})  # fmt: skip
_IN_TEXT = re.compile(r"((?:access_token|corpsecret|suite_access_token|siyu_[a-z]+_)=?)[^&\s\"']+")
_PLAIN = (str, int, float, bool, date, timedelta, type(None))


def configure(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send our own log from `level` on, and other libraries' warnings, to a stream (standard error)."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(stream)],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for package in ("bot", "handlers", "console", "storage", "wecom", "simulator"):
        logging.getLogger(package).setLevel(level)


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second fence: hide what is named like a secret or a text of people, and show objects by their type only."""
    for name, value in entry.items():
        if not name.startswith("_") and name != "exc_info":
            entry[name] = _shown(name, value)
    return entry


def _shown(name: str, value: Any) -> Any:
    if name.lower() in _SECRET and not isinstance(value, int):  # WeCom's error codes are numbers
        return HIDDEN
    match value:
        case str():
            return _IN_TEXT.sub(rf"\1{HIDDEN}", value)
        case Mapping():
            return {key: _shown(str(key), each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_shown("", each) for each in value]
        case BaseException():
            return _shown("", f"{type(value).__name__}: {value}")
        case _:
            return value if isinstance(value, _PLAIN) else type(value).__name__


def _rendering(stream: TextIO) -> list[Processor]:
    """Tracebacks without the values of local variables, whatever else is installed."""
    if stream.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
