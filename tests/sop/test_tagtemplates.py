import pytest

from sop import conditions, tags
from sop.tags import Draft, NewTag
from sop.tags.templates import TEMPLATES


def test_there_are_five_dimensions():
    assert set(TEMPLATES) == {"source", "interaction", "preference", "lifecycle", "membership"}


@pytest.mark.parametrize("key", TEMPLATES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_can_be_taken_over_as_it_is(key, language):
    groups = [getattr(group.name, language) for group in TEMPLATES[key].groups]
    assert len(set(groups)) == len(groups)
    for group in TEMPLATES[key].groups:
        names = tuple(NewTag(name=getattr(tag.name, language)) for tag in group.tags)
        assert tags.check(Draft(group_name=getattr(group.name, language), tags=names)) == []
        assert [tag.condition for tag in group.tags if tag.condition and conditions.check(tag.condition)] == []
