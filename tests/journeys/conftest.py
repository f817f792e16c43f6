import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.product import Product


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """One running product for the journeys that only add to it."""
    with tempfile.TemporaryDirectory() as var, Product(Path(var)) as running:
        yield running
