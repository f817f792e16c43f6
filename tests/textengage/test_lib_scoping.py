"""No owned row is read without a customer in scope."""

import pytest
from django.apps import apps
from django.db import models
from django_scopes.exceptions import ScopeError

from accounts.models import Team, User
from textengage.cast import Company
from textengage.lib.scoping import OwnedManager, across_customers, within

# People sign in before there is a customer.
EXEMPT = {User}


def owned_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if any(field.column == "customer_id" for field in model._meta.local_concrete_fields)
        and model not in EXEMPT
    ]


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model.__name__)
def test_unscoped_query_raises(model: type[models.Model]) -> None:
    manager = model._default_manager
    assert isinstance(manager, OwnedManager)
    with pytest.raises(ScopeError):
        list(manager.all())
    with pytest.raises(ScopeError):
        manager.exists()
    with pytest.raises(ScopeError):
        manager.count()
    with pytest.raises(ScopeError):
        User.objects.filter(id__in=manager.all())


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model.__name__)
def test_owned_model_has_no_manager_that_is_not_scoped(model: type[models.Model]) -> None:
    assert all(isinstance(each, OwnedManager) for each in model._meta.managers)


def test_scope_shows_this_customers_rows_only(acme: Company, globex: Company) -> None:
    with across_customers():
        for company in (acme, globex):
            Team.objects.create(customer=company.customer, name=f"{company.customer} team")
    with within(globex.customer):
        assert [team.name for team in Team.objects.all()] == ["Globex team"]
    with across_customers():
        assert Team.objects.count() == 2


def test_scope_ends_with_its_block(acme: Company) -> None:
    with within(acme.customer), across_customers():
        pass
    with pytest.raises(ScopeError):
        Team.objects.exists()


def test_scope_inside_an_exemption_holds_again(acme: Company, globex: Company) -> None:
    with across_customers():
        Team.objects.create(customer=acme.customer, name="Nurses")
        with within(globex.customer):
            assert Team.objects.count() == 0
