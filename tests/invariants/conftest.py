from collections.abc import Iterator

import pytest

from tests.invariants.world import World
from textengage.lib.scoping import across_customers


@pytest.fixture
def world(db: None) -> Iterator[World]:
    # The audit looks across customers, and so do those who build for it.
    with across_customers():
        yield World()
