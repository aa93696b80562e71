"""Uploads and downloads."""

import pytest

from simulator import Simulator
from simulator.api.call import Request
from tests.simulator.caller import PNG, Caller

MIB = 1024 * 1024


def test_an_uploaded_file_can_be_fetched_whole_and_in_part(sim: Simulator, crm: Caller):
    up = crm.upload("media/upload", PNG, type="image")
    assert up["created_at"] == str(int(sim.clock.now()))
    query = {"access_token": crm.token, "media_id": up["media_id"]}
    whole = crm.respond(Request("GET", "/cgi-bin/media/get", query))
    assert (whole.status, whole.body) == (200, PNG)
    assert "attachment" in whole.headers["Content-Disposition"]
    part = crm.respond(Request("GET", "/cgi-bin/media/get", query, headers={"range": "bytes=0-3"}))
    assert (part.status, part.body) == (206, PNG[:4])
    assert part.headers["Content-Range"] == f"bytes 0-3/{len(PNG)}"
    tail = crm.respond(Request("GET", "/cgi-bin/media/get", query, headers={"range": "bytes=-5"}))
    assert tail.body == PNG[-5:]


def test_media_die_after_three_days(sim: Simulator, crm: Caller):
    media_id = crm.media()
    sim.clock.advance(3 * 86_400)
    assert Caller(sim, crm.corp, crm.app).get("media/get", media_id=media_id)["errcode"] == 40007
    assert Caller(sim, crm.corp, crm.app).get("media/get")["errcode"] == 41006


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("image", PNG, 0),
        ("image", b"\xff\xd8\xff" + b"0" * 10, 0),
        ("image", b"GIF89a" + b"0" * 10, 40004),
        ("image", PNG + b"0" * (10 * MIB), 40009),
        ("voice", b"#!AMR\n" + b"0" * 10, 0),
        ("voice", PNG, 40004),
        ("voice", b"#!AMR\n" + b"0" * (2 * MIB), 45001),
        ("video", b"\0\0\0\x18ftypmp42" + b"0" * 10, 0),
        ("video", PNG, 40004),
        ("video", b"\0\0\0\x18ftypmp42" + b"0" * (10 * MIB), 40011),
        ("file", b"anything", 0),
        ("file", b"", 44001),
        ("file", b"12345", 40006),
        ("file", b"123456", 0),
        ("poster", PNG, 40005),
        ("", PNG, 40005),
    ],
)
def test_each_kind_has_its_limits(crm: Caller, kind: str, content: bytes, code: int):
    assert crm.upload("media/upload", content, type=kind)["errcode"] == code


def test_the_name_must_be_given_plainly(crm: Caller):
    assert crm.upload("media/upload", PNG, name='filename="图.png"', type="image")["errcode"] == 0
    encoded = crm.upload("media/upload", PNG, name="filename*=UTF-8''a.png", type="image")
    assert encoded["errcode"] == 44001


def test_an_upload_that_is_no_form_is_refused(crm: Caller):
    answer = crm.send("POST", "media/upload", PNG, access_token=crm.token, type="image")
    assert answer["errcode"] == 44001


def test_content_that_looks_like_a_boundary_stays_whole(crm: Caller):
    content = b"#!AMR\r\n--b0undar\r\n\r\nend\r\n"
    media_id = crm.media("voice", content)
    assert crm.corp.media.files[media_id].content == content


def test_pictures_for_ever_are_smaller(crm: Caller):
    assert crm.upload("media/uploadimg")["url"].startswith("https://")
    assert crm.upload("media/uploadimg", PNG + b"0" * (2 * MIB))["errcode"] == 40009


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"media_type": "image", "attachment_type": "1"}, 0),
        ({"media_type": "image", "attachment_type": "2"}, 0),
        ({"media_type": "file", "attachment_type": "1"}, 40005),
        ({"media_type": "image", "attachment_type": "3"}, 40058),
        ({"media_type": "image"}, 40058),
        ({"attachment_type": "1"}, 40005),
    ],
)
def test_attachments_are_uploaded_for_a_scene(crm: Caller, query: dict, code: int):
    answer = crm.upload("media/upload_attachment", **query)
    assert answer["errcode"] == code
    assert code or isinstance(answer["created_at"], int)
