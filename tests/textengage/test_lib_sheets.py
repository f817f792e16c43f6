import pytest

from textengage.lib import sheets

ACTS = [
    "=1+1",
    "+15105550142",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
]


@pytest.mark.parametrize("text", ACTS)
def test_inert_puts_an_apostrophe_before_what_a_spreadsheet_would_compute(text: str) -> None:
    assert sheets.inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Dana", "3 - 4", "'=1", "a=b", "100%"])
def test_inert_leaves_plain_text_alone(text: str) -> None:
    assert sheets.inert(text) == text


def test_inert_writes_nothing_for_nothing_and_numbers_as_text() -> None:
    assert [sheets.inert(value) for value in (None, 0, 45, -1)] == ["", "0", "45", "'-1"]
