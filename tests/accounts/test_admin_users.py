"""People in the admin: the role matrix (threat 18), addresses, links, mass assignment (19)."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from accounts import people, roles
from accounts.models import Customer, CustomerGroupPermission, Team, User
from accounts.viewer import Viewer
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, actions_about, address, signed_in, texts, values

acme = admin_cast.acme
globex = admin_cast.globex
staff = admin_cast.staff


QUERIES = 7
ROLES = ("user", "reporter", "manager", "customer_admin")
NEW = {"email": "nia@acme.example", "first_name": "Nia", "last_name": "Okafor", "role": "user"}

MAY_ADD = {
    "manager": {"user", "reporter", "manager"},
    "admin": {"user", "reporter", "manager"},
    "staff": set(ROLES),
}
MAY_CHANGE = {
    "manager": {
        (target, new)
        for target in ("user", "reporter", "manager")
        for new in ("user", "reporter", "manager")
    },
    "admin": {
        (target, new)
        for target in ROLES
        for new in ROLES
        if new != "customer_admin" or target == "customer_admin"
    },
    "staff": {(target, new) for target in ROLES for new in ROLES},
}


def made(email: str = "nia@acme.example") -> User | None:
    user: User | None = User.objects.filter(email=email).first()
    return user


def colleague(acme: Company, role: str) -> User:
    """Somebody of a role who is neither signed in nor the last Customer Admin."""
    return User.objects.create_user(
        f"other-{role}@acme.example",
        customer=acme.customer,
        first_name="Other",
        last_name="One",
        role=role,
    )


def actor(acme: Company, staff: User, name: str) -> User:
    people = {"staff": staff, "manager": acme.manager, "admin": acme.admin}
    return people[name]


@pytest.mark.parametrize("by", MAY_ADD)
def test_add_follows_the_role_matrix(acme: Company, staff: User, by: str) -> None:
    client = signed_in(actor(acme, staff, by))
    added = set()
    for role in ROLES:
        email = f"{role}-new@acme.example"
        posted = {**NEW, "email": email, "role": role, "customer": acme.customer.pk}
        client.post(address(User, "add"), posted)
        user = made(email)
        if user:
            assert (user.role, user.customer) == (role, acme.customer)
            added.add(role)
    assert added == MAY_ADD[by]


@pytest.mark.parametrize("by", MAY_CHANGE)
def test_change_follows_the_role_matrix(acme: Company, staff: User, by: str) -> None:
    client = signed_in(actor(acme, staff, by))
    changed = set()
    for target in ROLES:
        for new in ROLES:
            user = colleague(acme, target)
            posted = {"email": user.email, "first_name": "Other", "last_name": "Two", "role": new}
            client.post(address(User, row=user), {**posted, "is_active": "on"})
            stored = User.objects.get(pk=user.pk)
            if stored.last_name == "Two":
                assert stored.role == new
                changed.add((target, new))
            else:
                assert stored.role == target
            user.delete()
    assert changed == MAY_CHANGE[by]


@pytest.mark.parametrize("by", ["manager", "admin"])
def test_nobody_changes_their_own_role_or_shuts_themselves_out(acme: Company, by: str) -> None:
    user: User = getattr(acme, by)
    posted = {"email": user.email, "first_name": "New", "last_name": "Name", "role": "user"}
    signed_in(user).post(address(User, row=user), posted)
    stored = User.objects.get(pk=user.pk)
    assert (stored.first_name, stored.role, stored.is_active) == ("New", user.role, True)


def test_last_customer_admin_stays_one(acme: Company, staff: User) -> None:
    client = signed_in(staff)
    path = address(User, row=acme.admin)
    page = client.get(path)
    answer = client.post(path, values(page, role="manager"), follow=True)
    assert texts(answer) == ["This is the last Customer Admin. Make another one first."]
    assert User.objects.get(pk=acme.admin.pk).role == "customer_admin"
    assert actions_about(acme.admin) == ["user.added"]


def test_customer_admin_demotes_another_one(acme: Company) -> None:
    other = colleague(acme, "customer_admin")
    client = signed_in(acme.admin)
    path = address(User, row=other)
    client.post(path, values(client.get(path), role="manager"))
    assert User.objects.get(pk=other.pk).role == "manager"
    assert actions_about(other) == ["user.role_changed"]


def test_manager_sees_a_customer_admin_but_cannot_edit(acme: Company) -> None:
    client = signed_in(acme.manager)
    path = address(User, row=acme.admin)
    assert client.get(path).context["has_change_permission"] is False
    assert client.post(path, {"email": "mine@acme.example"}).status_code == 403


def test_new_user_has_no_password_and_a_link_shown_once(acme: Company, settings: Any) -> None:
    settings.PUBLIC_URL = "https://text.example"
    client = signed_in(acme.manager)
    page = client.post(address(User, "add"), NEW, follow=True)
    user = made()
    assert user is not None
    assert not user.has_usable_password()
    links = [text for text in texts(page) if "https://text.example/set-password/" in text]
    assert len(links) == 1
    assert texts(client.get(address(User))) == []
    assert actions_about(user) == ["user.added"]


def test_link_can_be_made_again_until_there_is_a_password(acme: Company) -> None:
    client = signed_in(acme.manager)
    posted = {"action": "new_link", "_selected_action": [str(acme.user.pk)]}
    assert "/set-password/" in texts(client.post(address(User), posted, follow=True))[0]
    acme.user.set_password("a long password")
    acme.user.save()
    refused = texts(client.post(address(User), posted, follow=True))
    assert refused == ["Rita has a password already."]
    assert actions_about(acme.user).count("user.invited") == 1


def test_manager_makes_no_link_for_a_customer_admin(acme: Company) -> None:
    posted = {"action": "new_link", "_selected_action": [str(acme.admin.pk)]}
    page = signed_in(acme.manager).post(address(User), posted, follow=True)
    assert texts(page) == ["Your role cannot make this change."]


@pytest.mark.parametrize(
    "email",
    ["user@acme.example", "user@globex.example", "USER@Globex.example", "sam@textengage.example"],
)
def test_taken_address_is_refused_with_one_sentence(
    acme: Company, globex: Company, staff: User, email: str
) -> None:
    before = User.objects.count()
    page = signed_in(acme.manager).post(address(User, "add"), {**NEW, "email": email})
    errors = page.context["adminform"].form.errors
    assert errors == {"email": ["This address cannot be used."]}
    assert User.objects.count() == before


def test_changing_to_a_taken_address_is_refused_alike(acme: Company, globex: Company) -> None:
    client = signed_in(acme.manager)
    path = address(User, row=acme.user)
    page = client.post(path, values(client.get(path), email="user@globex.example"))
    errors = page.context["adminform"].form.errors
    assert errors == {"email": ["This address cannot be used."]}


@pytest.mark.parametrize("page", ["add", "change"])
def test_fields_nobody_offered_change_nothing(acme: Company, globex: Company, page: str) -> None:
    extra = {
        "id": str(globex.user.pk),
        "customer": str(globex.customer.pk),
        "customer_id": str(globex.customer.pk),
        "is_superuser": "on",
        "is_staff": "on",
        "is_service": "on",
        "password": "mine",
        "user_permissions": ["1"],
        "groups": ["1"],
        "created_at": "2001-01-01",
        "theme": "dark",
        "__proto__": "x",
    }
    client = signed_in(acme.manager)
    if page == "add":
        client.post(address(User, "add"), NEW | extra)
        user = made()
    else:
        path = address(User, row=acme.reporter)
        client.post(path, values(client.get(path), first_name="Max") | extra)
        user = User.objects.get(first_name="Max", customer=acme.customer)
    assert user is not None
    assert user.customer == acme.customer
    assert (user.is_superuser, user.is_service, user.theme) == (False, False, "system")
    assert not user.has_usable_password()
    assert user.created_at.year > 2001
    assert not user.user_permissions.exists()
    assert [group.name.partition(":")[0] for group in user.groups.all()] == [str(acme.customer.pk)]


def test_team_of_another_customer_is_no_choice(acme: Company, globex: Company) -> None:
    client = signed_in(acme.manager)
    path = address(User, row=acme.user)
    page = client.post(path, values(client.get(path), team=str(globex.row(Team).pk)))
    assert list(page.context["adminform"].form.errors) == ["team"]


def test_deactivating_and_letting_in_again_goes_through_the_verbs(acme: Company) -> None:
    client = signed_in(acme.manager)
    path = address(User, row=acme.user)
    client.post(path, values(client.get(path), is_active=""))
    assert not User.objects.get(pk=acme.user.pk).is_active
    client.post(path, values(client.get(path), is_active="on"))
    stored = User.objects.get(pk=acme.user.pk)
    assert stored.is_active
    assert stored.groups.count() == 1
    about = actions_about(acme.user)
    assert about[-2:] == ["user.deactivated", "user.reactivated"]


def test_saving_without_a_change_writes_nothing(acme: Company) -> None:
    client = signed_in(acme.manager)
    path = address(User, row=acme.reporter)
    client.post(path, values(client.get(path)))
    assert actions_about(acme.reporter) == ["user.added"]


def test_staff_put_a_user_into_a_customer_of_their_choice(
    acme: Company, globex: Company, staff: User
) -> None:
    posted = {**NEW, "customer": str(globex.customer.pk), "role": "customer_admin"}
    signed_in(staff).post(address(User, "add"), posted)
    user = made()
    assert user is not None
    assert (user.customer, user.role) == (globex.customer, "customer_admin")


def test_staff_cannot_mix_two_customers(acme: Company, globex: Company, staff: User) -> None:
    posted = {**NEW, "customer": str(acme.customer.pk), "team": str(globex.row(Team).pk)}
    page = signed_in(staff).post(address(User, "add"), posted)
    assert list(page.context["adminform"].form.errors) == ["team"]
    assert made() is None


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_for_one_and_three(
    acme: Company, number: int, django_assert_num_queries: Any
) -> None:
    User.objects.filter(customer=acme.customer).exclude(pk=acme.manager.pk).update(is_active=False)
    for each in range(number - 1):
        User.objects.create_user(
            f"{each}@acme.example", customer=acme.customer, first_name="A", last_name="B"
        )
    client = signed_in(acme.manager)
    with django_assert_num_queries(QUERIES):
        client.get(f"{address(User)}?is_active__exact=1")


@pytest.mark.parametrize("role", ROLES)
def test_sync_makes_the_powers_those_of_the_role(acme: Company, role: str) -> None:
    user = colleague(acme, role)
    people.sync(user)
    granted = CustomerGroupPermission.objects.filter(group=user.groups.get())
    granted.filter(permission__codename="use_inbox").delete()
    of_customers = ContentType.objects.get_for_model(Customer)
    stray = Permission.objects.create(codename="stray", content_type=of_customers)
    CustomerGroupPermission.objects.create(
        group=user.groups.get(), permission=stray, content_object=acme.customer
    )
    people.sync(user)
    people.sync(user)
    assert Viewer(user, acme.customer).powers == roles.powers_of(role)


def test_list_and_form_use_our_words(acme: Company) -> None:
    client = signed_in(acme.manager)
    listed = client.get(address(User)).content.decode()
    assert all(word in listed for word in (">E-mail<", ">Active<", "By active"))
    assert all(word not in listed for word in ("Email", "Is active", "is active"))
    form = client.post(address(User, "add"), {}).content.decode()
    assert "Enter a first name." in form
    assert "Enter an e-mail address, such as name@company.com." in form
    assert "This field is required." not in form
