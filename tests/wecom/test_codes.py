"""Return codes become what the caller can do about them."""

import pytest
from structlog.testing import capture_logs

from wecom.answers import Status, judge
from wecom.codes import KNOWN, Kind, explain
from wecom.errors import Misconfigured, NotRelated, Refused, Throttled, TryLater

ERRMSG = "not allow to access from your ip, hint: [1760000000_7_ab], from ip: 1.2.3.4, more info at https://x.example/q?e=60020"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-1, TryLater),
        (6000, TryLater),
        (45033, TryLater),
        (41096, TryLater),
        (41063, TryLater),
        (42001, TryLater),
        (45009, Throttled),
        (41094, Throttled),
        (40001, Misconfigured),
        (40013, Misconfigured),
        (48002, Misconfigured),
        (60020, Misconfigured),
        (301002, Misconfigured),
        (50003, Misconfigured),
        (84061, NotRelated),
        (41050, Refused),
        (41051, Refused),
        (40058, Refused),
    ],
)
def test_a_code_has_its_class(code, kind):
    assert type(judge("x/y", Status(code, "no"))) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [(40014, "T"), (42009, "T"), (40016, "N"), (40020, "N"), (40141, "C"), (701050, "B"), (41079, "W"), (640035, "L")],
)
def test_ranges_and_rows_of_the_table_are_read(code, kind):
    assert explain(code).kind is Kind(kind)
    assert explain(code).reason


def test_the_table_knows_more_than_a_thousand_codes_and_no_success():
    assert len(KNOWN) > 1000
    assert 0 not in KNOWN
    assert 40021 not in KNOWN


def test_an_unknown_code_is_permanent_and_logged_once():
    with capture_logs() as logs:
        errors = [judge("x/y", Status(987654, "odd, hint: [h1]")) for _ in range(2)]
    assert [type(error) for error in errors] == [Refused, Refused]
    assert [(log["event"], log["code"]) for log in logs] == [("unknown_code", 987654)]


def test_an_error_tells_hint_and_address_and_leaves_the_link_out():
    error = judge("agent/get", Status(60020, ERRMSG))
    assert (error.code, error.hint, error.path) == (60020, "1760000000_7_ab", "agent/get")
    assert error.message == "not allow to access from your ip, from ip: 1.2.3.4"
    assert str(error) == f"agent/get: 60020 {error.message}"


def test_an_empty_message_is_replaced_by_the_reason_of_the_table():
    assert judge("x/y", Status(45033)).message == "too many calls at once"


def test_a_pause_is_as_long_as_the_trouble():
    assert judge("x/y", Status(-1)).after < judge("x/y", Status(41063)).after < judge("x/y", Status(81026)).after
