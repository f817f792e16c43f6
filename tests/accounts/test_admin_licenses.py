"""Licenses and seats in the admin: only the verbs move them."""

import pytest

from accounts.models import License, Seat, User
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, actions_about, address, signed_in, texts

acme = admin_cast.acme
everywhere = admin_cast.everywhere
globex = admin_cast.globex
staff = admin_cast.staff


pytestmark = pytest.mark.usefixtures("everywhere")


def holders(company: Company) -> set[User]:
    return {each.user for each in License.objects.filter(customer=company.customer).valid()}


def test_license_is_given_on_any_free_seat(acme: Company) -> None:
    signed_in(acme.manager).post(address(License, "add"), {"user": acme.reporter.pk, "seat": ""})
    assert holders(acme) == {acme.user, acme.reporter}
    assert actions_about(acme.reporter) == ["user.added", "license.given"]


def test_no_free_license_is_a_sentence(acme: Company) -> None:
    client = signed_in(acme.manager)
    client.post(address(License, "add"), {"user": acme.reporter.pk})
    page = client.post(address(License, "add"), {"user": acme.admin.pk}, follow=True)
    assert texts(page)[-1] == "All 2 licenses are in use."
    assert holders(acme) == {acme.user, acme.reporter}


def test_taken_seat_is_a_sentence(acme: Company) -> None:
    posted = {"user": acme.reporter.pk, "seat": acme.row(Seat).pk}
    page = signed_in(acme.manager).post(address(License, "add"), posted, follow=True)
    assert texts(page) == ["Seat 1 is taken."]
    assert holders(acme) == {acme.user}


def test_free_seat_beyond_the_contract_is_refused(acme: Company) -> None:
    acme.customer.number_of_seats = 1
    acme.customer.save()
    seat = Seat.objects.create(customer=acme.customer, position=7)
    posted = {"user": acme.reporter.pk, "seat": seat.pk}
    page = signed_in(acme.manager).post(address(License, "add"), posted, follow=True)
    assert texts(page) == ["All 1 licenses are in use."]
    assert holders(acme) == {acme.user}


def test_license_is_not_given_to_another_customers_people_or_seats(
    acme: Company, globex: Company
) -> None:
    client = signed_in(acme.manager)
    strangers = {"user": globex.reporter.pk, "seat": globex.row(Seat).pk}
    page = client.post(address(License, "add"), strangers)
    assert set(page.context["adminform"].form.errors) == {"user", "seat"}
    text = client.get(address(License, "add")).content.decode()
    assert "Globex" not in text
    assert "Seat 1 (Rita Acmeson)" in text
    assert holders(globex) == {globex.user}


def test_staff_cannot_put_one_customers_person_on_anothers_seat(
    acme: Company, globex: Company, staff: User
) -> None:
    posted = {"user": acme.reporter.pk, "seat": globex.row(Seat).pk}
    page = signed_in(staff).post(address(License, "add"), posted)
    assert set(page.context["adminform"].form.errors) == {"seat"}
    assert holders(acme) == {acme.user}


@pytest.mark.parametrize("of", [License, User])
def test_license_is_taken_back_and_the_seat_is_free(acme: Company, of: type) -> None:
    action = "take_back" if of is License else "take_license"
    posted = {"action": action, "_selected_action": [str(acme.row(of).pk)]}
    signed_in(acme.manager).post(address(of), posted)
    assert holders(acme) == set()
    assert actions_about(acme.user) == ["user.added", "license.given", "license.ended"]
    page = signed_in(acme.manager).get(address(Seat))
    assert 'field-holder">free' in page.content.decode()


@pytest.mark.parametrize("action", ["give_license", "take_license", "new_link"])
def test_actions_reach_own_people_only(acme: Company, globex: Company, action: str) -> None:
    ids = [str(globex.user.pk), str(globex.reporter.pk)]
    posted = {"action": action, "_selected_action": ids}
    signed_in(acme.manager).post(address(User), posted)
    assert holders(globex) == {globex.user}
    assert actions_about(globex.reporter) == ["user.added"]


def test_giving_to_many_names_what_was_refused(acme: Company) -> None:
    ids = [str(person.pk) for person in (acme.reporter, acme.manager, acme.admin)]
    posted = {"action": "give_license", "_selected_action": ids}
    page = signed_in(acme.manager).post(address(User), posted, follow=True)
    assert texts(page) == ["All 2 licenses are in use.", "Licenses given: 1."]
    assert len(holders(acme)) == 2
