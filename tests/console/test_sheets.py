"""Tables that spreadsheets open: no cell is a formula."""

import csv

import pytest

from console.api.sheets import write


@pytest.mark.parametrize("first", list("=+-@＝＋－＠\t\r\n"))  # the full-width ones count in Chinese Excel
def test_no_cell_begins_a_formula(first):
    table = write("a", ["h"], [[f"{first}1+1", "1=1", None, 3, -3]]).content.decode("utf-8-sig")
    (_, row) = csv.reader(table.splitlines(keepends=True))
    assert row == [f"'{first}1+1", "1=1", "", "3", "-3"]
