"""Segment counting against hand-made vectors and against smsutil."""

import json
from pathlib import Path
from typing import Any

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from messaging.wording import segments

VECTORS_FILE = Path(__file__).parents[2] / "vectors" / "segments.json"
VECTORS: list[dict[str, Any]] = json.loads(VECTORS_FILE.read_text())

# smsutil takes ESC for a letter of the alphabet, Twilio does not; it knows no clusters.
GSM_TEXT = st.text(alphabet=segments.GSM_BASIC + segments.GSM_EXTENSION, max_size=700)
PLAIN_UCS_TEXT = st.text(alphabet="ab{€\n\u00e1\u2019\u4f60\U0001f61c\U0001f44d", max_size=300)


def text_of(vector: dict[str, Any]) -> str:
    return "".join(piece * times for piece, times in vector["text"])


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_count_matches_vector(vector: dict[str, Any]) -> None:
    counted = segments.count(text_of(vector))
    assert {
        "encoding": counted.encoding,
        "segments": counted.segments,
        "units": counted.units,
        "units_left": counted.units_left,
        "expensive": counted.expensive,
        "replacement": counted.replacement,
    } == {key: value for key, value in vector.items() if key not in {"name", "text"}}


@given(GSM_TEXT)
def test_count_agrees_with_smsutil_on_gsm(text: str) -> None:
    expected = smsutil.split(text)
    counted = segments.count(text)
    assert counted.encoding == "GSM-7"
    assert counted.units == expected.total_bytes
    assert counted.segments == (len(expected.parts) if text else 0)


@given(PLAIN_UCS_TEXT, PLAIN_UCS_TEXT)
def test_count_agrees_with_smsutil_on_ucs2(before: str, after: str) -> None:
    text = before + "\u00e1" + after
    expected = smsutil.split(text)
    counted = segments.count(text)
    assert counted.encoding == "UCS-2"
    assert counted.units * 2 == expected.total_bytes
    assert counted.segments == len(expected.parts)


@given(st.text(alphabet=st.characters(), max_size=400))
def test_count_bounds_hold_for_any_text(text: str) -> None:
    counted = segments.count(text)
    part = segments.GSM_PART if counted.encoding == "GSM-7" else segments.UCS_PART
    assert counted.characters == len(text.encode("utf-16-le", "surrogatepass")) // 2
    if counted.segments > 1:
        assert 0 <= counted.units_left < part
        assert counted.units + counted.units_left <= counted.segments * part


def test_replacements_are_all_in_the_alphabet() -> None:
    for expensive, plain in segments.REPLACEMENTS.items():
        assert segments.count(expensive).encoding == "UCS-2"
        assert segments.count(plain).encoding == "GSM-7"


@pytest.mark.parametrize(
    ("text", "too_long_by"), [("a" * 1600, 0), ("a" * 1631, 31), ("\U0001f61c" * 801, 2)]
)
def test_too_long_by_counts_utf16_units(text: str, too_long_by: int) -> None:
    assert segments.count(text).too_long_by == too_long_by
