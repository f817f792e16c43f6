"""What somebody may do, asked of guardian's rows once."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import licenses, people, roles
from accounts.models import CustomerUserPermission, User
from accounts.viewer import Viewer
from textengage.cast import Company
from textengage.lib.scoping import within

EVERY = {code for code, _ in roles.POWERS}
POWERS = {
    "Rita": {"use_candidates", "use_inbox"},
    "Rex": {"use_candidates", "use_inbox", "read_reports"},
    "Mona": EVERY - {"purge_candidates"},
    "Carla": EVERY,
}


def viewer(company: Company, name: str) -> Viewer:
    return Viewer(company.people[name], company.customer)


@pytest.mark.parametrize("name", POWERS)
def test_role_brings_its_powers_and_those_below(acme: Company, name: str) -> None:
    assert viewer(acme, name).powers == POWERS[name]


def test_all_powers_are_read_in_one_query(acme: Company) -> None:
    carla = viewer(acme, "Carla")
    with CaptureQueriesContext(connection) as queries:
        assert {power for power in EVERY if carla.can(power)} == EVERY
    assert len(queries) == 1


def test_nobody_has_a_power_at_another_company(acme: Company, globex: Company) -> None:
    assert Viewer(globex.people["Gus"], acme.customer).powers == frozenset()


def test_power_that_does_not_exist_is_an_error(acme: Company) -> None:
    with pytest.raises(KeyError):
        viewer(acme, "Carla").can("fly")


def test_power_given_to_one_person_counts_beside_the_role(acme: Company) -> None:
    power = Permission.objects.get(codename="see_everyone", content_type__app_label="accounts")
    rita = acme.people["Rita"]
    CustomerUserPermission.objects.create(user=rita, content_object=acme.customer, permission=power)
    assert Viewer(rita, acme.customer).powers == POWERS["Rita"] | {"see_everyone"}


def test_deactivated_person_has_no_powers(acme: Company) -> None:
    people.deactivate(acme.people["Rita"], by=acme.people["Mona"])
    assert viewer(acme, "Rita").powers == frozenset()


def test_platform_staff_have_every_power_without_a_query(acme: Company) -> None:
    staff = User.objects.create_superuser("staff@te.example", "secret")
    with CaptureQueriesContext(connection) as queries:
        assert Viewer(staff, acme.customer).powers == EVERY
    assert len(queries) == 0


def test_license_is_no_power(acme: Company) -> None:
    with within(acme.customer):
        assert [viewer(acme, name).is_licensed for name in POWERS] == [True, False, False, False]
        licenses.end(acme.people["Rita"], by=None)
        assert viewer(acme, "Rita").seat is None
        assert viewer(acme, "Rita").can("use_inbox")
