"""The storm's own 45 days."""

import pytest

from tests.storm.model import BLUR, WINDOW, Owed, compare, owed


@pytest.mark.parametrize(
    ("texts", "before", "contacts"),
    [
        ([], None, 0),
        ([0.0], None, 1),
        ([0.0, 10.0, WINDOW - BLUR], None, 1),
        ([0.0, WINDOW + BLUR], None, 2),
        ([10.0], 0.0, 0),
        ([WINDOW + BLUR], 0.0, 1),
        ([WINDOW + 2 * BLUR, WINDOW - 2 * BLUR], 0.0, 0),
        ([WINDOW + 1.0], 0.0, None),
    ],
)
def test_owed_counts_first_texts_and_those_after_45_days(
    texts: list[float], before: float | None, contacts: int | None
) -> None:
    assert owed(texts, texted_before=before) == Owed(contacts)


def test_compare_names_people_once_per_contact_too_many_or_too_few() -> None:
    due = {"Dana": Owed(1), "Omar": Owed(2), "Kim": Owed(None)}
    charged = {"Dana": 3, "Kim": 5, "Lee": 1}
    assert compare(due, charged) == (["Dana", "Dana", "Lee"], ["Omar", "Omar"])
