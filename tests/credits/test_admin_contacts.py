"""Grants, balance, ledger, countries in the admin."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from credits.models import Balance, Country, Grant, LedgerEntry, Tier
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, actions_about, address, signed_in, values
from textengage.lib import clock

acme = admin_cast.acme
everywhere = admin_cast.everywhere
globex = admin_cast.globex
staff = admin_cast.staff


pytestmark = pytest.mark.usefixtures("everywhere")


def new(acme: Company, **changes: Any) -> dict[str, Any]:
    return {"customer": acme.customer.pk, "kind": "purchase", "amount": "500", **changes}


def balance(company: Company) -> int:
    return int(Balance.objects.get(customer=company.customer).balance)


def test_staff_grant_contacts_through_the_ledger(
    acme: Company, globex: Company, staff: User
) -> None:
    posted = new(acme, note="Order 7", remaining="9", opens_at_0="2001-01-01")
    signed_in(staff).post(address(Grant, "add"), posted)
    made = Grant.objects.get(note="Order 7")
    entry = LedgerEntry.objects.get(grant=made)
    assert (made.customer, made.amount, made.remaining) == (acme.customer, 500, 500)
    assert (entry.delta, entry.actor_id) == (500, staff.pk)
    assert (balance(acme), balance(globex)) == (1501, 1002)
    assert actions_about(made) == ["contacts.granted"]


@pytest.mark.parametrize("amount", ["0", "-5", "", "many", "10000001"])
def test_impossible_amount_is_refused(acme: Company, staff: User, amount: str) -> None:
    page = signed_in(staff).post(address(Grant, "add"), new(acme, amount=amount))
    assert list(page.context["adminform"].form.errors) == ["amount"]
    assert balance(acme) == 1001


def test_grant_that_has_ended_already_is_refused(acme: Company, staff: User) -> None:
    past = clock.now() - timedelta(days=1)
    posted = new(acme, expires_at_0=f"{past:%Y-%m-%d}", expires_at_1="00:00:00")
    page = signed_in(staff).post(address(Grant, "add"), posted)
    assert page.context["adminform"].form.errors == {"expires_at": ["This moment has passed."]}


@pytest.mark.parametrize("role", ["manager", "admin"])
@pytest.mark.parametrize("model", [Grant, Balance, LedgerEntry])
def test_customers_read_their_contacts_and_change_nothing(
    acme: Company, role: str, model: type[Any]
) -> None:
    client = signed_in(getattr(acme, role))
    path = address(model, row=acme.row(model))
    assert acme.canary(model) in client.get(path).content.decode()
    assert client.post(path, {"amount": "9", "remaining": "9", "balance": "9"}).status_code == 403
    assert client.post(address(model, "add"), new(acme)).status_code == 403
    assert (balance(acme), Grant.objects.count(), LedgerEntry.objects.count()) == (1001, 1, 1)


@pytest.mark.parametrize("model", [Grant, Balance, LedgerEntry])
def test_staff_edit_no_grant_balance_or_ledger(
    acme: Company, staff: User, model: type[Any]
) -> None:
    path = address(model, row=acme.row(model))
    assert signed_in(staff).post(path, {"amount": "9", "balance": "9"}).status_code == 403
    assert balance(acme) == 1001


def test_country_moves_to_another_tier_with_an_audit_row(staff: User) -> None:
    client = signed_in(staff)
    country, tier = Country.objects.get(code="US"), Tier.objects.latest("number")
    path = address(Country, row=country)
    client.post(path, values(client.get(path), tier=tier.pk))
    assert Country.objects.get(pk=country.pk).tier == tier
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.customer, entry.actor_id) == ("country.changed", None, staff.pk)
    history = client.get(address(Country, "history", country)).context["entries"]
    assert [each[1:] for each in history] == [("Sam Staff", "changed a country")]
