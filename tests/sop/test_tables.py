"""Tables of channels: what spreadsheets save is read, and what is wrong is told line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.channels import Draft, tables
from sop.channels.columns import BY_HEADING, COLUMNS, Known, Names
from sop.channels.tables import MOST_BYTES, MOST_LINES, pack, read, unpack
from sop.errors import Invalid
from sop.sheets import decode


def names(zh: str, en: str, **called: str) -> Names:
    """`names(…, chen="陈宇")`: ids, and what they are called."""
    words = {word: frozenset(key.lstrip("_") for key in called if called[key] == word) for word in called.values()}
    return Names(zh, en, frozenset(key.lstrip("_") for key in called), words)


KNOWN = Known(
    staff=names("员工", "members of staff", chen="陈宇", lin="林乔", lin2="林乔"),
    departments=names("部门", "departments", _5="华东"),
    tags=names("标签", "tags", et1="门店"),
    folders=names("分组", "folders", _77="上海"),
)


def only(text: str, known: Known = KNOWN):
    (line,) = read(text, known).lines
    return line


def faults(line) -> list[tuple[str, str]]:
    return [(fault.field, fault.message_zh) for fault in line.faults]


def test_a_line_becomes_a_channel():
    line = only(
        "名称,员工,部门,标签,备注,描述,自动通过,每日上限,分组\n南京西路店,陈宇;lin,华东,门店,{channel}-{customer},店,否,200,上海"
    )
    assert line.verdict == "make"
    assert line.draft == Draft(
        name="南京西路店",
        staff=("chen", "lin"),
        departments=(5,),
        tags=("et1",),
        remark="{channel}-{customer}",
        description="店",
        skip_verify=False,
        cap=200,
        folder_id=77,
    )
    assert unpack(pack(line.draft)) == line.draft


def test_english_headings_tabs_and_semicolons_are_read_too():
    for text in ("Name\tStaff\nA\tchen\n", "name;staff\nA;chen\n", 'NAME,STAFF\n"A","chen"\r\n'):
        assert only(text).draft == Draft(name="A", staff=("chen",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_what_spreadsheets_save_is_read(encoding):
    assert only(decode("名称,员工\n南京西路店,陈宇\n".encode(encoding))).name == "南京西路店"


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_survives_its_mark(text):
    assert decode(text.encode("utf-8-sig")) == text


def test_what_is_no_text_is_refused():
    with pytest.raises(Invalid, match="UTF-8"):
        decode(b"\x89PNG\xff\xff")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("A,nobody", ("staff", "没有员工“nobody”")),
        ("A,林乔", ("staff", "有多个员工叫“林乔”，请改写编号：lin、lin2")),
        ("A,", ("staff", "请至少选择一名员工或一个部门")),
        ("A,chen;chen", ("staff", "有重复项")),
        (",chen", ("name", "请填写渠道名称")),
        (f"{'店' * 31},chen", ("name", "渠道名称最多 30 个字，现在是 31")),
        ("A,chen,x", ("", "单元格比列名多")),
        ('"A\nB",chen', ("name", "不能有换行或控制字符")),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(cells, told):
    line = only(f"名称,员工\n{cells}\n")
    assert line.verdict == "refused"
    assert told in faults(line)


def test_flags_numbers_and_folders_have_their_words():
    line = only("名称,员工,自动通过,每日上限,分组\nA,chen,也许,很多,别处\n")
    assert [field for field, _ in faults(line)] == ["skip_verify", "cap", "folder"]


def test_lines_are_numbered_as_in_a_spreadsheet_and_empty_ones_left_out():
    table = read('名称,员工,备注\nA,chen,"x\ny"\n,,\nB,chen,\n', KNOWN)
    assert [(line.number, line.name) for line in table.lines] == [(2, "A"), (5, "B")]


def test_a_name_is_there_once():
    first, second = read("名称,员工\nA,chen\nA,lin\n", KNOWN).lines
    assert (first.verdict, faults(second)) == ("make", [("name", "与第 2 行重名")])


def test_before_the_directory_is_read_names_are_taken_as_ids():
    assert only("名称,员工,部门\nA,whoever,3\n", Known()).draft == Draft(name="A", staff=("whoever",), departments=(3,))
    assert faults(only("名称,部门\nA,华东\n", Known()))[0] == ("departments", "部门应写编号")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "headings"),
        ("名称,员工\n", "no lines"),
        ("名称,客服\nA,chen\n", "unknown: 客服"),
        ("员工\nchen\n", "always `name`"),
        ("名称,name\nA,B\n", "each column once"),
        ('名称,员工\n"A,chen\n', "line 2"),
        ("名称,员工\n" + "A,chen\n" * (MOST_LINES + 1), "5000 lines"),
        ("x" * (MOST_BYTES + 1), "2 MiB"),
    ],
)
def test_a_table_that_cannot_be_understood_says_why(text, told):
    with pytest.raises(Invalid) as refused:
        read(text, KNOWN)
    (violation,) = refused.value.violations
    assert violation.field == "csv"
    assert told in violation.message_en


def test_the_digest_names_the_file():
    assert read("name,staff\nA,chen\n", KNOWN).digest != read("name,staff\nB,chen\n", KNOWN).digest
    assert read("\ufeffname,staff\nA,chen\n", KNOWN).digest == read("name,staff\nA,chen\n", KNOWN).digest


def test_every_column_is_a_field_of_a_channel_and_every_heading_is_lower_case():
    assert {column.name for column in COLUMNS} <= set(Draft.__dataclass_fields__)
    assert all(heading == heading.lower() for heading in BY_HEADING)
    assert tables.AT_ONCE > 0
