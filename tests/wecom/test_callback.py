"""A plaintext tells its event in any case and order; what is new or garbled never breaks the reading."""

from datetime import UTC, datetime

import pytest

from tests.callbacks import CHEN, CORP, CUSTOMER, FOLDER, GROUP, on, plain, told
from wecom.callback import parse
from wecom.events import (
    REGISTRY,
    AppEntered,
    ApprovalChanged,
    CardClicked,
    ContactAdded,
    Event,
    GroupCreated,
    GroupJoined,
    JobFinished,
    LocationReported,
    StaffCreated,
    Unknown,
)
from wecom.events.facts import EPOCH

DTD = "<!DOCTYPE xml [<!ENTITY who 'chen.yu'>]>"
BILLION = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
FILE = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


def event(name: str, inner: str = "", sender: str = "sys") -> Event:
    return parse(
        f"<xml><FromUserName>{sender}</FromUserName><CreateTime>1760000100</CreateTime>"
        f"<MsgType>event</MsgType><Event>{name}</Event>{inner}</xml>".encode(),
        CORP,
    )


def test_every_fact_has_a_fixture() -> None:
    assert {told(path.stem).kind for path in FOLDER.iterdir()} == set(REGISTRY) - {"unknown"}


def test_a_fact_is_called_as_its_class() -> None:
    assert ContactAdded.kind == "contact_added"
    assert REGISTRY["contact_added"] is ContactAdded


@pytest.mark.parametrize("name", ["change_external_contact", "CHANGE_EXTERNAL_CONTACT", " Change_External_Contact\n"])
def test_the_case_of_an_event_does_not_matter(name: str) -> None:
    told = event(
        name, "<ChangeType>Add_External_Contact</ChangeType><UserID>u</UserID><ExternalUserID>w</ExternalUserID>"
    )
    assert isinstance(told, ContactAdded)


def test_a_location_event_and_a_location_message_are_told_apart() -> None:
    assert isinstance(event("LOCATION", sender="chen.yu"), LocationReported)


def test_an_unknown_event_is_kept_whole() -> None:
    told = event("change_moon", "<ChangeType>Full</ChangeType><Moon><Phase>3</Phase><Phase>4</Phase></Moon>")
    assert isinstance(told, Unknown)
    assert (told.event, told.change_type, told.key, told.at) == ("change_moon", "Full", "corp", on(1760000100)["at"])
    assert told.fields["Moon"] == [{"Phase": ["3", "4"]}]
    assert hash(told)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"<xml><MsgType>hologram</MsgType><FromUserName>u</FromUserName></xml>", "hologram"),
        (b"<xml><InfoType>suite_ticket</InfoType><SuiteTicket>t</SuiteTicket></xml>", "suite_ticket"),
        (b'{"msgtype": "hologram", "from": {"userid": "u"}}', "hologram"),
        (b'{"msgtype": "event", "event": {"eventtype": "moon"}, "from": {"userid": "u"}}', "moon"),
        (b'{"msgtype": "event", "event": "moon"}', "event"),
        (b"<xml><a>b</a></xml>", "event"),
    ],
)
def test_whatever_is_new_is_unknown(body: bytes, name: str) -> None:
    told = parse(body, CORP)
    assert isinstance(told, Unknown)
    assert told.event == name


@pytest.mark.parametrize("change", ["brand_new", "", "add_external_contact/x"])
def test_a_new_change_type_is_unknown(change: str) -> None:
    told = event("change_external_contact", f"<ChangeType>{change}</ChangeType><UserID>u</UserID>")
    assert isinstance(told, Unknown)
    assert told.change_type == change


@pytest.mark.parametrize("lost", ["UserID", "ExternalUserID"])
@pytest.mark.parametrize("left", ["", "<{}></{}>", "<{}><deep>x</deep></{}>"], ids=["absent", "empty", "nested"])
def test_a_contact_event_without_its_ids_is_unknown(lost: str, left: str) -> None:
    body = plain("contact_added").decode()
    head, tail = body.split(f"<{lost}>")
    told = parse((head + left.format(lost, lost) + tail.split(f"</{lost}>")[1]).encode(), CORP)
    assert isinstance(told, Unknown)
    assert told.change_type == "add_external_contact"


@pytest.mark.parametrize("garbled", ["", "x", "1.5", "１x", "9" * 5000, "99999999999999999999", "-99999999999999999"])
def test_a_garbled_time_is_the_epoch(garbled: str) -> None:
    body = (
        f"<xml><CreateTime>{garbled}</CreateTime><Event>enter_agent</Event><FromUserName>chen.yu</FromUserName></xml>"
    )
    assert parse(body.encode(), CORP) == AppEntered(corp_id=CORP, at=EPOCH, user_id=CHEN)


@pytest.mark.parametrize("garbled", ["", "x", "nan", "1e999", "<a>1</a>", "9" * 400])
def test_a_garbled_number_is_missing(garbled: str) -> None:
    fields = f"<AgentID>{garbled}</AgentID><Latitude>{garbled}</Latitude>"
    assert event("LOCATION", fields, sender="chen.yu") == LocationReported(**on(1760000100), user_id=CHEN)


def test_a_garbled_job_keeps_its_id() -> None:
    told = event("batch_job_result", "<BatchJob><JobId>j</JobId><ErrCode>x</ErrCode></BatchJob>")
    assert told == JobFinished(**on(1760000100), job_id="j", error_code=None)


@pytest.mark.parametrize("first", ["", "<SpNoStr></SpNoStr>", "<SpNoStr><a>b</a></SpNoStr>"])
def test_the_first_spelling_that_can_be_read_is_taken(first: str) -> None:
    told = event("sys_approval_change", f"<ApprovalInfo>{first}<SpNo>7</SpNo><SpNo>8</SpNo></ApprovalInfo>")
    assert told == ApprovalChanged(**on(1760000100), number="7")


def test_a_garbled_list_keeps_what_can_be_read() -> None:
    inner = "<ChangeType>create_user</ChangeType><UserID>chen.yu</UserID><Department>12, x,,35,</Department>"
    told = event("change_contact", f"{inner}<IsLeaderInDept></IsLeaderInDept><Gender>7</Gender><ExtAttr/>")
    assert told == StaffCreated(**on(1760000100), user_id=CHEN, departments=(12, 35))


@pytest.mark.parametrize(("scene", "name"), [("0", "invited"), ("3", "scanned"), ("1", "other"), ("", "other")])
def test_a_strange_way_of_joining_is_other(scene: str, name: str) -> None:
    inner = f"<ChangeType>update</ChangeType><ChatId>{GROUP}</ChatId><UpdateDetail>add_member</UpdateDetail>"
    told = event("change_external_chat", f"{inner}<JoinScene>{scene}</JoinScene>")
    assert isinstance(told, GroupJoined)
    assert told.scene == name


def test_elements_that_fit_another_event_do_not_matter() -> None:
    told = event(
        "change_external_chat", f"<ChatId>{GROUP}</ChatId><ChangeType>create</ChangeType><UpdateDetail>x</UpdateDetail>"
    )
    assert told == GroupCreated(**on(1760000100), chat_id=GROUP)


def test_the_names_in_a_body_do_not_choose_the_corp() -> None:
    body = plain("contact_added").replace(CORP.encode(), b"ww0000000000000000")
    assert parse(body, CORP) == told("contact_added")


def test_a_fact_is_frozen_and_hashable() -> None:
    one = told("card_clicked")
    assert isinstance(one, CardClicked)
    assert {one, told("card_clicked")} == {one}
    with pytest.raises(AttributeError):
        one.task_id = "other"
    assert not hasattr(one, "__dict__")


def test_a_customer_is_the_key_whoever_the_member_is() -> None:
    added = {"corp_id": CORP, "at": datetime.now(UTC), "external_user_id": CUSTOMER}
    assert ContactAdded(**added, user_id=CHEN).key == ContactAdded(**added, user_id="lin").key
