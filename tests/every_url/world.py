"""Two customers of one shape. Whatever text a row can hold has its customer's mark in it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import override_settings

from accounts.models import Customer, User
from tests.every_url import companies, principals
from tests.every_url.companies import Company
from tests.every_url.principals import (
    CUSTOMER_ADMIN,
    DEACTIVATED,
    LEFT,
    LEFT_TOKEN,
    SIGNED_OUT,
    STAFF,
    STRANGER,
    STRANGERS_TOKEN,
    TOKEN,
    UNLICENSED_TOKEN,
    USER,
)
from textengage.lib.scoping import across_customers

STANDS_FOR: Final = {
    SIGNED_OUT: USER,
    DEACTIVATED: USER,
    LEFT: USER,
    LEFT_TOKEN: USER,
    STAFF: USER,
    STRANGER: CUSTOMER_ADMIN,
    STRANGERS_TOKEN: TOKEN,
    UNLICENSED_TOKEN: TOKEN,
}
"""Whose rows are a principal's own, for those who have none or are somebody elsewhere."""


@dataclass
class World:
    acme: Company
    globex: Company
    staff: User
    sessions: dict[str, str]
    tokens: dict[str, str]
    ids: dict[str, frozenset[UUID]] = field(default_factory=dict)

    def company_of(self, principal: str) -> Company:
        """Staff belong to none: the one made last, whose rows begin every list."""
        return self.globex if principal in (STRANGER, STRANGERS_TOKEN, STAFF) else self.acme

    def other_of(self, principal: str) -> Company:
        return self.acme if self.company_of(principal) is self.globex else self.globex

    def own(self, principal: str, kind: str) -> Any:
        """The principal's own row of a kind."""
        return self.company_of(principal).row(kind, of=STANDS_FOR.get(principal, principal))

    def others(self, principal: str, kind: str) -> Any:
        """The row in the same place at the other customer."""
        return self.other_of(principal).row(kind, of=STANDS_FOR.get(principal, principal))

    def colleagues(self, principal: str, kind: str) -> Any:
        """The row of somebody else at the own customer."""
        own = STANDS_FOR.get(principal, principal)
        other = CUSTOMER_ADMIN if own != CUSTOMER_ADMIN else principals.MANAGER
        return self.company_of(principal).row(kind, of=other)

    def canary(self, principal: str, kind: str) -> str:
        """The text of the own row that an answer has to show."""
        return self.company_of(principal).canary(kind, of=STANDS_FOR.get(principal, principal))


def build(folder: Path) -> World:
    with across_customers():  # both customers at once
        acme = companies.build("Acme", 2, folder)
        globex = companies.build("Globex", 50, folder)
        staff = User.objects.create_superuser(
            "sam@textengage.example", "a long password", first_name="Sam", last_name="Staff"
        )
        left, token_left = companies.who_left("Hooli")
        tokens = {
            TOKEN: acme.token,
            STRANGERS_TOKEN: globex.token,
            UNLICENSED_TOKEN: acme.unlicensed_token,
            LEFT_TOKEN: token_left,
        }
        people = {**acme.people, STRANGER: globex.people[CUSTOMER_ADMIN], STAFF: staff, LEFT: left}
        del people[TOKEN]
        sessions = {principal: companies.session_of(user) for principal, user in people.items()}
        world = World(acme, globex, staff, sessions, tokens)
        for company in (acme, globex):
            world.ids[company.mark] = _ids_of(company)
        # With the sessions left in the table: the request itself must be refused.
        User.objects.filter(id=acme.people[DEACTIVATED].id).update(is_active=False)
        Customer.objects.filter(name="Hooli").update(is_active=False)
    # The keys that forbid rows across customers hold in this world, too.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return world


def _ids_of(company: Company) -> frozenset[UUID]:
    """The ids of all rows of a customer, the customer's own included."""
    found = {company.customer.id}
    for model in apps.get_models():
        names = {each.name for each in model._meta.concrete_fields}
        if "customer" in names and isinstance(model._meta.pk, models.UUIDField):
            rows = model._base_manager.filter(customer=company.customer)
            found |= set(rows.values_list("pk", flat=True))
    return frozenset(found)


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Built once for a module; every probe that writes is rolled back to it."""
    folder = tmp_path_factory.mktemp("media")
    quiet = [logging.getLogger(name) for name in ("django.request", "django.security", "axes")]
    before = [each.level for each in quiet]
    for each in quiet:
        each.setLevel(logging.CRITICAL)
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=str(folder)),
        transaction.atomic(),
    ):
        yield build(folder)
        transaction.set_rollback(True)
    for each, level in zip(quiet, before, strict=True):
        each.setLevel(level)
