"""Who may make whom what (threat 18), and what follows from a role."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from knox.models import AuthToken

from accounts import people, roles, tokens
from accounts.models import AuditEntry, Customer, CustomerGroupPermission, User
from accounts.roles import CUSTOMER_ADMIN, MANAGER, REPORTER, ROLES, USER
from accounts.viewer import Viewer
from tests.racing import kinds, race
from textengage import invariants
from textengage.cast import Company
from textengage.lib.refusal import Refused

pytestmark = pytest.mark.usefixtures("everyone")

BELOW_ADMIN = (USER, REPORTER, MANAGER)
BY_MANAGER = set(product(BELOW_ADMIN, BELOW_ADMIN))
BY_ADMIN = BY_MANAGER | {(CUSTOMER_ADMIN, new) for new in ROLES}
# (the role somebody has, the role they shall have), for each actor
MAY_SET = {"Rita": set(), "Rex": set(), "Mona": BY_MANAGER, "Carla": BY_ADMIN}

Change = Callable[[User, User], None]


def made_reporter(user: User, by: User) -> None:
    people.set_role(user, REPORTER, by=by)


def shut_out(user: User, by: User) -> None:
    people.deactivate(user, by=by)


CHANGES: tuple[Change, ...] = (made_reporter, shut_out)


def colleague(company: Company, role: str, name: str = "Nia") -> User:
    return people.add(
        company.customer,
        email=f"{name}@acme.example",
        first_name=name,
        last_name="Okafor",
        role=role,
        by=None,
    )


def refusal_of(verb: Callable[..., Any], *args: Any, **named: Any) -> str:
    """Why it was refused; nothing was written."""
    before = (list(User.objects.order_by("id").values()), AuditEntry.objects.count())
    with pytest.raises(Refused) as refusal:
        verb(*args, **named)
    assert (list(User.objects.order_by("id").values()), AuditEntry.objects.count()) == before
    return str(refusal.value.code)


def role_of(user: User) -> str:
    return str(User.objects.get(id=user.id).role)


@pytest.mark.parametrize("actor", MAY_SET)
@pytest.mark.parametrize(("target", "new"), [(a, b) for a, b in product(ROLES, ROLES) if a != b])
def test_role_is_set_as_the_matrix_says(acme: Company, actor: str, target: str, new: str) -> None:
    user, by = colleague(acme, target), acme.people[actor]
    if (target, new) in MAY_SET[actor]:
        people.set_role(user, new, by=by)
        assert role_of(user) == new
    else:
        assert refusal_of(people.set_role, user, new, by=by) == "role_not_allowed"


@pytest.mark.parametrize("actor", MAY_SET)
@pytest.mark.parametrize("target", ROLES)
def test_people_are_shut_out_and_let_in_as_the_matrix_says(
    acme: Company, actor: str, target: str
) -> None:
    user, by = colleague(acme, target), acme.people[actor]
    if (target, target) in MAY_SET[actor]:
        people.deactivate(user, by=by)
        people.reactivate(user, by=by)
        assert User.objects.get(id=user.id).is_active
    else:
        assert refusal_of(people.deactivate, user, by=by) == "role_not_allowed"
        User.objects.filter(id=user.id).update(is_active=False)
        assert refusal_of(people.reactivate, user, by=by) == "role_not_allowed"


@pytest.mark.parametrize("actor", MAY_SET)
@pytest.mark.parametrize("role", ROLES)
def test_people_are_added_as_the_matrix_says(acme: Company, actor: str, role: str) -> None:
    given: dict[str, Any] = {"first_name": "Nia", "last_name": "Okafor", "role": role}
    given["email"] = "nia@acme.example"
    by = acme.people[actor]
    if (USER, role) in MAY_SET[actor]:
        assert people.add(acme.customer, **given, by=by).role == role
    else:
        assert refusal_of(people.add, acme.customer, **given, by=by) == "role_not_allowed"


@pytest.mark.parametrize("name", MAY_SET)
def test_nobody_changes_or_shuts_out_themselves(acme: Company, name: str) -> None:
    me = acme.people[name]
    new = MANAGER if me.role != MANAGER else USER
    assert refusal_of(people.set_role, me, new, by=me) == "own_role"
    assert refusal_of(people.deactivate, me, by=me) == "own_account"


def test_platform_staff_alone_make_a_customer_admin(acme: Company, mona: User) -> None:
    staff = User.objects.create_superuser("staff@te.example", "secret")
    people.set_role(mona, CUSTOMER_ADMIN, by=staff)
    assert role_of(mona) == CUSTOMER_ADMIN


@pytest.mark.parametrize("change", CHANGES)
def test_last_customer_admin_stays(acme: Company, carla: User, change: Change) -> None:
    staff = User.objects.create_superuser("staff@te.example", "secret")
    assert refusal_of(change, carla, staff) == "last_admin"
    second = colleague(acme, CUSTOMER_ADMIN)
    change(carla, staff)
    assert refusal_of(change, second, staff) == "last_admin"


@pytest.mark.parametrize("change", CHANGES)
def test_two_admins_who_remove_each_other_at_once_leave_one(
    open_acme: Company, change: Change
) -> None:
    colleague(open_acme, CUSTOMER_ADMIN)
    admins = User.objects.filter(role=CUSTOMER_ADMIN).order_by("id")
    seen = [list(admins.all()) for _ in range(2)]  # each request has rows of its own
    results = race(2, lambda mine: change(seen[mine][1 - mine], seen[mine][mine]))
    assert kinds(results) == {"NoneType": 1, "last_admin": 1}
    assert admins.active().count() == 1


def test_new_role_brings_its_powers_and_takes_the_others(acme: Company, carla: User) -> None:
    user = colleague(acme, MANAGER)
    people.set_role(user, REPORTER, by=carla)
    assert Viewer(user, acme.customer).powers == roles.powers_of(REPORTER)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.detail) == (
        "user.role_changed", {"before": "manager", "role": "reporter"},
    )  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_new_role_and_deactivation_sign_out_that_person_alone(
    acme: Company, rita: User, signed_in: Callable[[User], Client], change: Change
) -> None:
    user = colleague(acme, USER)
    signed_in(user)
    stays = signed_in(rita).session.session_key
    change(user, acme.people["Mona"])
    assert [session.session_key for session in Session.objects.all()] == [stays]


def test_deactivation_ends_tokens(acme: Company, carla: User) -> None:
    service = tokens.add_service_user(acme.customer, "ATS link", by=None)
    tokens.issue(service)
    people.deactivate(service, by=carla)
    assert AuthToken.objects.filter(user=service).count() == 0


@pytest.mark.parametrize(
    "email", ["rita@acme.example", " RITA@acme.example ", "gus@globex.example"]
)
def test_taken_address_is_refused_without_saying_whose(
    acme: Company, globex: Company, email: str
) -> None:
    given = {"email": email, "first_name": "Nia", "last_name": "Okafor", "role": USER}
    assert refusal_of(people.add, acme.customer, **given, by=None) == "address_taken"
    assert people.is_taken(email)


def test_details_are_changed_by_oneself_and_by_whom_the_matrix_lets(
    acme: Company, rita: User, rex: User, mona: User, carla: User
) -> None:
    people.set_details(rita, by=rita, first_name="Rosa")
    people.set_details(rita, by=mona, email=" ROSA@acme.example ")
    rita.refresh_from_db()
    assert (rita.first_name, rita.email) == ("Rosa", "rosa@acme.example")
    assert refusal_of(people.set_details, rita, by=rex, last_name="X") == "role_not_allowed"
    assert refusal_of(people.set_details, carla, by=mona, last_name="X") == "role_not_allowed"


@pytest.mark.parametrize("name", ["role", "is_active", "customer", "is_superuser", "password"])
def test_details_are_four_and_no_more(acme: Company, carla: User, rita: User, name: str) -> None:
    with pytest.raises(KeyError):
        people.set_details(rita, by=carla, **{name: "customer_admin"})
    assert role_of(rita) == USER


def test_invitation_is_refused_to_somebody_with_a_password(
    acme: Company, carla: User, rita: User, rex: User
) -> None:
    people.record_invitation(rita, by=carla)
    assert AuditEntry.objects.latest("id").action == "user.invited"
    assert refusal_of(people.record_invitation, rita, by=rex) == "role_not_allowed"
    rita.set_password("chosen")
    assert refusal_of(people.record_invitation, rita, by=carla) == "has_password"


def test_sync_repairs_the_rows_and_is_safe_to_repeat(acme: Company, rita: User) -> None:
    extra = Permission.objects.get(codename="purge_candidates")
    group = rita.groups.get()
    CustomerGroupPermission.objects.filter(group=group).first().delete()  # type: ignore[union-attr]
    CustomerGroupPermission.objects.create(
        group=group, content_object=acme.customer, permission=extra
    )
    for _ in range(2):
        people.sync(rita)
        assert Viewer(rita, acme.customer).powers == roles.powers_of(USER)
    found = invariants.inspect().findings
    assert [finding.count for each, finding in found.items() if each.code == "G1"] == [0]


def test_groups_of_one_role_are_each_companys_own(acme: Company, globex: Company) -> None:
    names = [
        people.group_name(each.id, CUSTOMER_ADMIN) for each in Customer.objects.order_by("name")
    ]
    held = [company.people[name].groups.get().name for company, name in (
        (acme, "Carla"), (globex, "Gus"),
    )]  # fmt: skip
    assert held == names
