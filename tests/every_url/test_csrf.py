"""Every request that may change something needs the token of our own pages (threat 22)."""

import pytest

from tests.every_url import addresses, rows
from tests.every_url import world as made
from tests.every_url.addresses import OWN
from tests.every_url.asking import Asking, undone
from tests.every_url.cells import API, SAFE
from tests.every_url.matrix import MATRIX, METHODS
from tests.every_url.payloads import Payloads
from tests.every_url.principals import CUSTOMER_ADMIN, STAFF, TOKEN
from tests.every_url.world import World

world = made.world
UNSAFE = [method for method in METHODS if method not in SAFE]
# It reads nobody's session, so that nobody's could be used for it.
NOTHING_HERE = "api/"


@pytest.mark.django_db
@pytest.mark.parametrize("principal", [CUSTOMER_ADMIN, STAFF])
@pytest.mark.parametrize(
    ("csrf", "origin"), [(False, ""), (True, "https://evil.example")], ids=["token", "origin"]
)
def test_unsafe_request_from_elsewhere_is_refused(
    world: World, principal: str, csrf: bool, origin: str
) -> None:
    asking, payloads, before = Asking(world), Payloads(world), rows.digest()
    headers = {"HTTP_ORIGIN": origin} if origin else {}
    wrong = []
    for entry in MATRIX:
        if entry.pattern == NOTHING_HERE:
            continue
        path, _ = addresses.path(entry, world, principal, OWN)
        for method in UNSAFE if csrf is False else ["POST"]:
            cell = entry.cells.get(method)
            body = payloads.of(cell.body if cell else "", principal)
            with undone():
                answer = asking.ask(
                    principal, method, path, form=body.form, json=body.json, csrf=csrf,
                    headers=headers,
                )  # fmt: skip
                changed = answer.wrote and rows.digest() != before
            # What an address does not answer at all may be refused for that first.
            if answer.status not in ({403} if cell else {403, 405}) or changed:
                wrong.append(f"{method} {path}: {answer.status}, changed: {changed}")
    print(f"{asking.asked} requests from elsewhere")
    assert wrong == []
    assert asking.asked >= 100


@pytest.mark.django_db
def test_token_of_the_api_stands_for_itself(world: World) -> None:
    """No browser sends it by itself, so it needs no second token."""
    for entry in MATRIX:
        cell = entry.cells.get("POST")
        if entry.surface == API and cell and cell.changes:
            body = Payloads(world).of(cell.body, TOKEN)
            with undone():
                answer = Asking(world).ask(
                    TOKEN, "POST", f"/{entry.pattern}", json=body.json, csrf=False
                )
            assert answer.status == 201
