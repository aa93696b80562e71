"""Logs are lines for people or JSON for machines, and hold no secrets."""

import io
import json
import logging

import pytest
import structlog

from bot import logs


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def entries(stream):
    logs.configure(stream)

    def entries() -> list[dict]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    return entries


def test_an_event_is_a_line_of_json(entries):
    structlog.get_logger("bot.x").info("intent_settled", intent=5, code=40001)
    (entry,) = entries()
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"event": "intent_settled", "level": "info", "intent": 5, "code": 40001}


@pytest.mark.parametrize("name", ["secret", "Token", "access_token", "encoding_aes_key", "body", "content"])
def test_what_is_named_like_a_secret_is_hidden(entries, name):
    structlog.get_logger("bot.x").info("x", **{name: "hush", "deep": {"list": [{name: "hush"}]}})
    assert "hush" not in json.dumps(entries())
    assert entries()[0][name] == logs.HIDDEN


def test_a_token_inside_a_url_is_hidden(entries):
    structlog.get_logger("bot.x").info("x", url="https://x/y?access_token=hush&agentid=1")
    assert entries()[0]["url"] == "https://x/y?access_token=***&agentid=1"


def test_an_object_shows_as_its_type_only(entries):
    class Customer:
        def __repr__(self):
            return "hush"

    structlog.get_logger("bot.x").info("x", customer=Customer(), many=[Customer()])
    assert (entries()[0]["customer"], entries()[0]["many"]) == ("Customer", ["Customer"])


def test_a_traceback_comes_without_local_values(stream):
    def fail(secret):
        raise ValueError("what happened", len(secret))

    for out in (stream, terminal := Terminal()):
        logs.configure(out)
        try:
            fail("hu" + "sh")
        except ValueError:
            structlog.get_logger("bot.x").exception("broke")
        assert "what happened" in out.getvalue()
        assert "hush" not in out.getvalue()
    assert terminal


def test_other_libraries_only_warn_and_are_redacted_too(entries):
    logging.getLogger("httpx").info("GET https://x?corpsecret=hush")
    logging.getLogger("aiohttp.server").warning("bad corpsecret=%s", "hush")
    (entry,) = entries()
    assert entry["event"] == "bad corpsecret=***"


def test_a_terminal_gets_a_readable_line(stream):
    terminal = Terminal()
    logs.configure(terminal)
    structlog.get_logger("bot.x").info("serving", port=8080, token="hush")
    assert "serving" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert "hush" not in terminal.getvalue()
