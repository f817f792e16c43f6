"""The company and its teams in the admin."""

import pytest

from accounts.models import AuditEntry, Customer, Team, User
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, actions_about, address, signed_in, values

acme = admin_cast.acme
everywhere = admin_cast.everywhere
globex = admin_cast.globex
staff = admin_cast.staff


pytestmark = pytest.mark.usefixtures("everywhere")


def test_manager_edits_name_hours_and_texts_only(acme: Company) -> None:
    client = signed_in(acme.manager)
    path = address(Customer, row=acme.customer)
    extra = {"products": ["sms", "whatsapp"], "number_of_seats": "99", "is_active": "", "id": "x"}
    new = {"name": "Acme Two", "time_zone": "Asia/Tokyo", "help_text": "Call us."}
    client.post(path, values(client.get(path), **new) | extra)
    stored = Customer.objects.get(pk=acme.customer.pk)
    assert {name: getattr(stored, name) for name in new} == new
    assert (stored.products, stored.number_of_seats, stored.is_active) == (["sms"], 2, True)
    entry = AuditEntry.objects.filter(object_id=stored.pk).get()
    assert (entry.action, entry.actor_id) == ("customer.changed", acme.manager.pk)
    assert sorted(entry.detail["fields"]) == ["help_text", "name", "time_zone"]


def test_name_of_another_customer_is_refused_without_saying_whose(
    acme: Company, globex: Company
) -> None:
    client = signed_in(acme.manager)
    path = address(Customer, row=acme.customer)
    page = client.post(path, values(client.get(path), name="Globex"))
    assert page.context["adminform"].form.errors == {"name": ["This name cannot be used."]}


def test_unknown_time_zone_is_refused(acme: Company) -> None:
    client = signed_in(acme.manager)
    path = address(Customer, row=acme.customer)
    page = client.post(path, values(client.get(path), time_zone="Mars/Olympus"))
    assert list(page.context["adminform"].form.errors) == ["time_zone"]


def test_manager_adds_no_customer(acme: Company) -> None:
    assert signed_in(acme.admin).post(address(Customer, "add"), {"name": "X"}).status_code == 403
    assert Customer.objects.count() == 1


def test_staff_add_a_customer_and_set_the_contract(staff: User) -> None:
    client = signed_in(staff)
    path = address(Customer, "add")
    new = {"name": "Initech", "products": ["sms", "api"], "number_of_seats": 5}
    client.post(path, values(client.get(path), **new))
    made = Customer.objects.get(name="Initech")
    assert (made.products, made.number_of_seats, made.is_active) == (["sms", "api"], 5, True)
    assert actions_about(made) == ["customer.added"]


def test_seats_in_use_cannot_be_taken_off_the_contract(acme: Company, staff: User) -> None:
    client = signed_in(staff)
    path = address(Customer, row=acme.customer)
    page = client.post(path, values(client.get(path), number_of_seats=0))
    errors = page.context["adminform"].form.errors
    assert errors == {"number_of_seats": ["Licenses in use: 1. Take some back first."]}


def test_team_gets_its_path_from_its_parent(acme: Company) -> None:
    parent = acme.row(Team)
    signed_in(acme.manager).post(address(Team, "add"), {"name": "West", "parent": parent.pk})
    made = Team.objects.get(name="West")
    assert (made.customer, made.path) == (acme.customer, [parent.pk, made.pk])
    assert actions_about(made) == ["team.added"]


def test_team_keeps_its_place(acme: Company) -> None:
    other = Team.objects.create(customer=acme.customer, name="Other")
    path = address(Team, row=acme.row(Team))
    signed_in(acme.manager).post(path, {"name": "Renamed", "parent": other.pk, "path": "x"})
    stored = Team.objects.get(pk=acme.row(Team).pk)
    assert (stored.name, stored.parent, stored.path) == ("Renamed", None, [stored.pk])


def test_team_of_another_customer_is_no_parent(acme: Company, globex: Company) -> None:
    posted = {"name": "West", "parent": globex.row(Team).pk}
    page = signed_in(acme.manager).post(address(Team, "add"), posted)
    assert list(page.context["adminform"].form.errors) == ["parent"]


def test_two_teams_of_one_name_are_refused_in_one_customer_only(
    acme: Company, globex: Company
) -> None:
    client = signed_in(acme.manager)
    page = client.post(address(Team, "add"), {"name": "Acme North"})
    assert "name" in page.context["adminform"].form.errors
    client.post(address(Team, "add"), {"name": "Globex North"})
    assert Team.objects.filter(name="Globex North").count() == 2
