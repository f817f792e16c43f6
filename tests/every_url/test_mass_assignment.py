"""Fields nobody offers to set cannot be set, whatever is posted (threat 19)."""

import json
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import models

from tests.every_url import addresses, rows
from tests.every_url import world as made
from tests.every_url.addresses import ABSENT_ID, OWN
from tests.every_url.asking import Asking, undone
from tests.every_url.cells import API, Cell, Entry
from tests.every_url.matrix import MATRIX
from tests.every_url.payloads import Payloads
from tests.every_url.principals import CUSTOMER_ADMIN, STAFF, STRANGER, TOKEN
from tests.every_url.world import World

world = made.world
OURS: Final = ("accounts", "credits", "messaging", "reporting")
ODD: Final = ("__class__", "__proto__", "constructor", "pk", "customer.name", "user__is_superuser")
# What these pages do offer, beyond what the walk posts.
OFFERED: Final = {
    "candidate": {"current_title", "job", "email", "consent", "wording"},
    "new candidate": {"country", "kind", "consent", "current_title", "job", "email"},
    "job": {"first_name", "last_name", "current_title", "email"},
    "new message": {"id", "due_at"},
}


def hostile(world: World, principal: str) -> dict[str, Any]:
    """Every field of every model of ours, with a value that would do harm."""
    found: dict[str, Any] = dict.fromkeys(ODD, "1")
    customer = str(world.other_of(principal).customer.pk)
    for model in apps.get_models():
        if model.__module__.partition(".")[0] not in (
            "accounts",
            "credits",
            "messaging",
            "reporting",
        ):
            continue
        for field in model._meta.get_fields():
            value = _harm(field, customer)
            found[field.name] = value
            if isinstance(field, models.ForeignKey):
                found[field.attname] = value
    return found


def _harm(field: Any, customer: str) -> Any:
    if field.name == "customer":
        return customer
    if field.name == "role":
        return "customer_admin"
    if isinstance(field, models.BooleanField):
        return "true"
    if isinstance(field, models.IntegerField):
        return 9
    if isinstance(field, models.DateTimeField | models.DateField):
        return "2031-01-01"
    return str(ABSENT_ID) if field.is_relation or field.name == "id" else "Zqforged"


def writing(principal: str) -> list[tuple[Entry, str, Cell]]:
    return [
        (entry, method, cell)
        for entry in MATRIX
        for method, cell in entry.cells.items()
        if cell.changes and principal in cell.who
    ]


def offered(payloads: Payloads, cell: Cell, principal: str) -> set[str]:
    body = payloads.of(cell.body, principal)
    given = set(body.form or json.loads(body.json or "{}"))
    if cell.body.startswith(("add ", "change ")):
        given |= set(payloads.fields_of(cell.body, principal))
    return given | OFFERED.get(cell.body, set())


@pytest.mark.django_db
@pytest.mark.parametrize("principal", [CUSTOMER_ADMIN, STAFF])
def test_forms_ignore_every_other_field(world: World, principal: str) -> None:
    asking, payloads, before = Asking(world), Payloads(world), rows.everything()
    known = frozenset(str(id) for ids in world.ids.values() for id in ids)
    harm, tried = hostile(world, principal), 0
    for entry, method, cell in writing(principal):
        if entry.surface == API:
            continue
        path, _ = addresses.path(entry, world, principal, OWN)
        form = payloads.of(cell.body, principal).form or {}
        extra = {name: harm[name] for name in harm.keys() - offered(payloads, cell, principal)}
        effects = []
        for posted in (form, {**extra, **form}):
            with undone():
                answer = asking.ask(principal, method, path, form=posted)
                effects.append((answer.status, rows.effect(before, rows.everything(), known)))
        assert effects[0] == effects[1], f"{method} {path}"
        assert effects[0][1], f"{method} {path} does nothing"
        tried += 1
    print(f"{tried} forms with {len(harm)} fields")
    assert tried >= 14


@pytest.mark.django_db
@pytest.mark.parametrize("principal", [TOKEN, CUSTOMER_ADMIN, STRANGER])
def test_api_names_every_field_that_it_does_not_take(world: World, principal: str) -> None:
    asking, payloads, before = Asking(world), Payloads(world), rows.digest()
    harm, tried = hostile(world, principal), 0
    for entry, method, cell in writing(principal):
        if entry.surface != API:
            continue
        path, _ = addresses.path(entry, world, principal, OWN)
        wrong = harm.keys() - offered(payloads, cell, principal)
        body = json.loads(payloads.of(cell.body, principal).json or "{}")
        posted = {**{name: harm[name] for name in wrong}, **body}
        with undone():
            answer = asking.ask(principal, method, path, json=json.dumps(posted))
            assert rows.digest() == before
        assert answer.status == 400
        named = {each["pointer"].removeprefix("/") for each in json.loads(answer.text)["errors"]}
        assert named == wrong
        tried += 1
    assert tried == 3
