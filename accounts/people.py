"""Making people what they are: roles, and the guardian rows that follow from them."""

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from knox.models import AuthToken

from accounts import audit, roles
from accounts.models import Customer, CustomerGroupPermission, Team, User
from textengage.lib.refusal import Refused

ADDRESS_REFUSED: Final = "This address cannot be used."
DETAILS: Final = ("email", "first_name", "last_name", "team")


def group_name(customer_id: UUID, role: str) -> str:
    """The one group of a customer and role."""
    return f"{customer_id}:{role}"


@transaction.atomic
def add(
    customer: Customer,
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    by: User | None,
    team: Team | None = None,
) -> User:
    """Create somebody in a customer, with the powers of the role, without a license.

    Raises Refused as the role matrix says, and for an address that is in use anywhere.
    """
    if by is not None:
        _refuse_beyond(by, target=roles.USER, new=role)
    user = User(
        email=email.strip().lower(),
        customer=customer,
        first_name=first_name,
        last_name=last_name,
        role=role,
        team=team,
    )
    user.set_unusable_password()
    _save(user)
    sync(user)
    audit.record("user.added", of=customer, by=by, about=user, role=role)
    return user


@transaction.atomic
def set_details(user: User, *, by: User, **details: Any) -> None:
    """Change somebody's name, address or team (`DETAILS`). Raises Refused as `add` does."""
    if by.id != user.id:
        _refuse_beyond(by, target=user.role, new=user.role)
    for name in details:
        if name not in DETAILS:
            raise KeyError(name)
        setattr(user, name, details[name])
    user.email = user.email.strip().lower()
    _save(user, update_fields=list(details))
    audit.record("user.changed", of=user.customer, by=by, about=user, fields=sorted(details))


def is_taken(email: str, *, by_other_than: User | None = None) -> bool:
    """Whether an address signs somebody in already, at any customer."""
    others = User.objects.filter(email__iexact=email.strip())
    if by_other_than:
        others = others.exclude(pk=by_other_than.pk)
    return bool(others.exists())


@transaction.atomic
def sync(user: User) -> None:
    """Make the guardian rows equal to ``user.role`` (invariant G1). Safe to repeat."""
    user.groups.remove(*user.groups.filter(name__contains=":"))
    if user.customer is None or not user.is_active:
        return
    group, _ = Group.objects.get_or_create(name=group_name(user.customer.id, user.role))
    rows = CustomerGroupPermission.objects.filter(group=group, content_object=user.customer)
    held = set(rows.values_list("permission__codename", flat=True))
    wanted = roles.powers_of(user.role)
    rows.filter(permission__codename__in=held - wanted).delete()
    # In bulk: guardian's own shortcut takes five statements for each power.
    of_customers = Permission.objects.filter(
        content_type__app_label="accounts", content_type__model="customer"
    )
    CustomerGroupPermission.objects.bulk_create(
        [
            CustomerGroupPermission(group=group, permission=each, content_object=user.customer)
            for each in of_customers.filter(codename__in=wanted - held)
        ],
        ignore_conflicts=True,
    )
    user.groups.add(group)


@transaction.atomic
def set_role(user: User, role: str, *, by: User) -> None:
    """Give somebody another role. Raises Refused as the role matrix says (threat 18)."""
    if role == user.role:
        return
    if by.id == user.id:
        raise Refused("own_role", "You cannot change your own role.")
    _refuse_beyond(by, target=user.role, new=role)
    refuse_without_last_admin(user)
    before, user.role = user.role, role
    user.save(update_fields=["role"])
    sync(user)
    end_sessions(user)
    audit.record("user.role_changed", of=user.customer, by=by, about=user, before=before, role=role)


@transaction.atomic
def deactivate(user: User, *, by: User) -> None:
    """Shut somebody out at once: sessions and tokens end, the license stays on the seat."""
    if by.id == user.id:
        raise Refused("own_account", "You cannot deactivate your own account.")
    _refuse_beyond(by, target=user.role, new=user.role)
    refuse_without_last_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sync(user)
    end_sessions(user)
    AuthToken.objects.filter(user=user).delete()
    audit.record("user.deactivated", of=user.customer, by=by, about=user)


@transaction.atomic
def reactivate(user: User, *, by: User) -> None:
    """Let somebody in again, with the role they had."""
    _refuse_beyond(by, target=user.role, new=user.role)
    user.is_active = True
    user.save(update_fields=["is_active"])
    sync(user)
    audit.record("user.reactivated", of=user.customer, by=by, about=user)


def record_invitation(user: User, *, by: User) -> None:
    """Remember that somebody was handed a link to choose their first password."""
    _refuse_beyond(by, target=user.role, new=user.role)
    if user.has_usable_password():
        raise Refused("has_password", f"{user.first_name} has a password already.")
    audit.record("user.invited", of=user.customer, by=by, about=user)


def may_edit(by: User, user: User) -> bool:
    """Whether the role matrix lets one person edit another; everybody edits themselves."""
    if by.is_superuser or by.id == user.id:
        return True
    return roles.may_set(actor=by.role, target=user.role, new=user.role)


def refuse_without_last_admin(user: User) -> None:
    """Raise Refused when the customer would be left without a Customer Admin.

    The customer's row is locked, so two admins cannot remove each other at once.
    """
    if user.role != roles.CUSTOMER_ADMIN or user.customer is None:
        return
    Customer.objects.select_for_update().get(id=user.customer.id)
    admins = User.objects.of(user.customer).active().filter(role=roles.CUSTOMER_ADMIN)
    if not admins.exclude(id=user.id).exists():
        raise Refused("last_admin", "This is the last Customer Admin. Make another one first.")


def end_sessions(user: User) -> None:
    """Sign somebody out everywhere."""
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.id):
            session.delete()


def _refuse_beyond(by: User, *, target: str, new: str) -> None:
    if not by.is_superuser and not roles.may_set(actor=by.role, target=target, new=new):
        raise Refused("role_not_allowed", "Your role cannot make this change.")


def _save(user: User, update_fields: list[str] | None = None) -> None:
    """Save, with one answer for a taken address: whose it is stays unsaid."""
    try:
        with transaction.atomic():
            user.save(update_fields=update_fields)
    except IntegrityError as error:
        if "email" not in str(error):
            raise
        raise Refused("address_taken", ADDRESS_REFUSED) from None
