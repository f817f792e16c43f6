from collections.abc import Iterator

import pytest

from accounts.models import Customer
from tests.credits import purse
from textengage import invariants

# The others speak of texts, which the credits know nothing about.
OF_CREDITS = ("C1", "C2", "C5")


@pytest.fixture
def payer(db: None, everyone: None) -> Iterator[Customer]:
    """A customer without contacts; the ledger still adds up when the test is over."""
    yield purse.customer()
    found = invariants.inspect().findings
    broken = {each.code: finding.ids for each, finding in found.items() if finding.count}
    assert {code: ids for code, ids in broken.items() if code in OF_CREDITS} == {}
