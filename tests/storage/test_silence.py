"""What the database says of a failure goes into logs: it does not say whom it was about."""

import pytest

from storage.engine.sql import Statement, Unit, insert
from storage.errors import Conflict, StorageError

ADD = insert("group_tags", ("id", "corp_id", "name", "created_at"))
NAME = "王小明"


async def test_a_conflict_does_not_quote_the_values(database):
    unit = Unit()
    for identity in (1, 2):
        unit.add(ADD, id=identity, corp_id="ww", name=NAME, created_at=1)
    with pytest.raises(Conflict) as caught:
        await database.commit(unit)
    assert NAME not in str(caught.value)


@pytest.mark.parametrize("backend", ["postgresql"])  # SQLite takes any value
async def test_a_value_that_is_not_taken_is_not_quoted(database):
    for value in (NAME, f"{NAME}\0"):
        with pytest.raises(StorageError) as caught:
            await database.fetch(Statement("SELECT CAST(CAST(:value AS TEXT) AS BIGINT) AS n"), value=value)
        assert NAME not in str(caught.value)
