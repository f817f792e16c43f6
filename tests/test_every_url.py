"""Every address and method of the product, as everybody, with every kind of row.

The permission matrix (`tests/every_url/matrix.py`) is walked whole: a new page without an
entry fails, and so does an entry whose page is gone. Beside it, in the same folder: other
customers' ids in bodies, requests from elsewhere, and fields that nobody offers to set.
"""

import pytest

from tests.every_url import addresses, measured
from tests.every_url import world as made
from tests.every_url.matrix import MATRIX
from tests.every_url.principals import PRINCIPALS
from tests.every_url.walking import Walk, missing
from tests.every_url.world import World

world = made.world


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert missing(MATRIX) == (set(), set())
    assert len(addresses.patterns()) >= measured.enough(measured.ADDRESSES)


@pytest.mark.django_db  # so that the test database is made; the world is the module's
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_matrix_holds(world: World, principal: str) -> None:
    walk = Walk(world, principal)
    walk.all()
    print(f"{len(addresses.patterns())} addresses as {principal}: {dict(walk.counts)}")
    assert walk.wrong == []
    examined = [walk.counts[what] for what in measured.WHAT]
    wanted = [measured.enough(number) for number in measured.COUNTS[principal]]
    assert all(number >= least for number, least in zip(examined, wanted, strict=True)), examined
