"""Every address and method of the product, as everybody, with every kind of row.

The permission matrix (`tests/every_url/matrix.py`) is walked whole: a new page without an
entry fails, and so does an entry whose page is gone.
"""

import pytest

from tests.every_url import world as made
from tests.every_url.matrix import MATRIX
from tests.every_url.principals import PRINCIPALS
from tests.every_url.walking import Walk, missing
from tests.every_url.world import World

world = made.world


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert missing(MATRIX) == (set(), set())


@pytest.mark.django_db  # so that the test database is made; the world is the module's
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_matrix_holds(world: World, principal: str) -> None:
    walk = Walk(world, principal)
    walk.all()
    print(principal, dict(walk.counts))
    with open("/tmp/wrong-" + principal.replace(" ", "_"), "w") as f:
        f.write("\n".join(walk.wrong))
    assert walk.wrong == []
