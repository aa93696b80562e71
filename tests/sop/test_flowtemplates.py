"""Templates are flows without faults, in both languages, and as files come back as they were."""

import pytest

from sop.errors import Invalid
from sop.flows import files, lint
from sop.flows.diffs import compare
from sop.flows.templates import TEMPLATES


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_can_be_published_as_it_is(name, language):
    flow = TEMPLATES[name].flow(language)
    assert [fault for fault in lint.check(flow) if fault.stops] == []
    assert flow.name == getattr(TEMPLATES[name].name, language)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_file_holds_all_of_a_flow(name, suffix):
    flow = TEMPLATES[name].flow("zh")
    assert files.read(files.write(flow, suffix), suffix) == flow


def test_a_flow_in_toml_is_read_too():
    text = """
name = "早安"
start = "nine"
[nodes.nine]
kind = "wait"
until = {at = 09:30:00}
next = "hello"
[nodes.hello]
kind = "message"
text = "早"
"""
    flow = files.read(text, ".toml")
    assert flow.nodes["nine"].until.at.minute == 30


@pytest.mark.parametrize(("text", "suffix"), [("{", ".json"), ("a: [", ".yaml"), ("= 1", ".toml"), ("[1, 2]", ".json")])
def test_what_is_no_flow_is_refused_with_words(text, suffix):
    with pytest.raises(Invalid) as refused:
        files.read(text, suffix)
    assert refused.value.violations[0].message_zh


def test_a_time_in_yaml_is_no_number():
    text = "name: x\nstart: a\nnodes:\n  a: {kind: wait, until: {at: 10:30:00}}\n"
    assert files.read(text, ".yaml").nodes["a"].until.at.hour == 10


def test_a_difference_is_told_by_its_place():
    old = TEMPLATES["birthday"].flow("zh")
    new = files.read(files.write(old).replace("生日快乐", "祝生日快乐"), ".yaml")
    (one,) = compare(old, new)
    assert (one.what, one.place) == ("changed", "nodes.wish.text")
