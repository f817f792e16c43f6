"""After the demo's traffic the audit is empty, and every invariant had rows to look at."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.journeys.product import Product

pytestmark = pytest.mark.main_journey


def test_the_audit_is_empty_after_the_demos_traffic() -> None:
    with TemporaryDirectory() as var, Product(Path(var)) as product:
        product.call_the_timetable()
        said = product.manage("traffic", "--carrier", product.carrier)
        found = product.audit()
    assert "Refused: Do Not Text. Dana texted STOP" in said
    assert found["violations"] == 0, [each for each in found["invariants"] if each["count"]]
    assert found["not_shown"] == []
    assert found["examined"] > 300
