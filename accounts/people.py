"""Making people what they are: roles, and the guardian rows that follow from them."""

from uuid import UUID

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from guardian.shortcuts import assign_perm, get_group_perms, remove_perm

from accounts import audit, roles
from accounts.models import Customer, User
from textengage.lib.refusal import Refused


def group_name(customer_id: UUID, role: str) -> str:
    """The one group of a customer and role."""
    return f"{customer_id}:{role}"


@transaction.atomic
def add(
    customer: Customer, *, email: str, first_name: str, last_name: str, role: str, by: User | None
) -> User:
    """Create somebody in a customer, with the powers of the role, without a license."""
    user = User.objects.create_user(
        email, customer=customer, first_name=first_name, last_name=last_name, role=role
    )
    sync(user)
    audit.record("user.added", of=customer, by=by, about=user, role=role)
    return user


@transaction.atomic
def sync(user: User) -> None:
    """Make the guardian rows equal to ``user.role`` (invariant G1). Safe to repeat."""
    user.groups.remove(*user.groups.filter(name__contains=":"))
    if user.customer is None or not user.is_active:
        return
    group, _ = Group.objects.get_or_create(name=group_name(user.customer.id, user.role))
    held = set(get_group_perms(group, user.customer))
    wanted = roles.powers_of(user.role)
    for power in wanted - held:
        assign_perm(power, group, user.customer)
    for power in held - wanted:
        remove_perm(power, group, user.customer)
    user.groups.add(group)


@transaction.atomic
def set_role(user: User, role: str, *, by: User) -> None:
    """Give somebody another role. Raises Refused as the role matrix says (threat 18)."""
    if role == user.role:
        return
    if by.id == user.id:
        raise Refused("own_role", "You cannot change your own role.")
    if not by.is_superuser and not roles.may_set(actor=by.role, target=user.role, new=role):
        raise Refused("role_not_allowed", "Your role cannot make this change.")
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
    if (
        not by.is_superuser
        and user.role == roles.CUSTOMER_ADMIN
        and by.role != roles.CUSTOMER_ADMIN
    ):
        raise Refused("role_not_allowed", "Your role cannot make this change.")
    refuse_without_last_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sync(user)
    end_sessions(user)
    user.auth_token_set.all().delete()
    audit.record("user.deactivated", of=user.customer, by=by, about=user)


def refuse_without_last_admin(user: User) -> None:
    """Raise Refused when the customer would be left without a Customer Admin.

    The customer's row is locked, so two admins cannot remove each other at once.
    """
    if user.role != roles.CUSTOMER_ADMIN or user.customer is None:
        return
    Customer.objects.select_for_update().get(id=user.customer_id)
    admins = User.objects.of(user.customer).active().filter(role=roles.CUSTOMER_ADMIN)
    if not admins.exclude(id=user.id).exists():
        raise Refused("last_admin", "This is the last Customer Admin. Make another one first.")


def end_sessions(user: User) -> None:
    """Sign somebody out everywhere."""
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.id):
            session.delete()
