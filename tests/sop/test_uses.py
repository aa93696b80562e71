"""What documents speak of is found wherever it stands, and nothing that only looks like it."""

import pytest

from sop.uses import mentions

FLOW = {
    "entries": [{"kind": "segment", "segment": "7"}, {"kind": "date", "date": {"field": "birthday", "at": "09:00:00"}}],
    "exits": {"segment": 8},
    "nodes": {
        "a": {"kind": "tag", "add": ["et1"], "remove": ["et2"]},
        "b": {"kind": "field", "name": "score", "plus": 1},
        "c": {"kind": "branch", "cases": [{"if": {"all": [{"not": {"tag": ["et3"]}}, {"segment": [9]}]}}]},
        "d": {"kind": "message", "text": "et4", "attachments": [{"kind": "image", "material": "12"}]},
        "e": {"kind": "wait", "condition": {"field": {"name": "city", "equals": "上海"}}},
        "f": {"kind": "branch", "cases": [{"if": {"date": {"name": "renewal", "within": 3}}}]},
    },
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("segment", name) for name in ("7", "8", "9")),
        *(("tag", name) for name in ("et1", "et2", "et3")),
        *(("field", name) for name in ("birthday", "score", "city", "renewal")),
        ("material", "12"),
    ],
)
def test_what_a_document_speaks_of_is_found(kind, name):
    assert mentions(FLOW, kind, name)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("segment", "12"), ("tag", "et4"), ("tag", "et"), ("field", "上海"), ("field", "a"), ("material", "7")],
)
def test_what_only_looks_like_it_is_not(kind, name):
    assert not mentions(FLOW, kind, name)
