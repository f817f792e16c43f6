"""Service users and their API tokens. A token belongs to one and dies with it."""

from datetime import timedelta

from django.db import transaction
from django.utils.text import slugify
from knox.models import AuthToken

from accounts import audit, licenses, people
from accounts.models import Customer, User
from accounts.roles import USER
from textengage.lib.ids import new_id


@transaction.atomic
def add_service_user(customer: Customer, name: str, *, by: User | None) -> User:
    """A user for a connected system: on a licensed seat, and nobody can sign in as it.

    The customer is in scope. Raises Refused("no_free_license").
    """
    email = f"{slugify(name)[:40] or 'service'}-{new_id()}@service.invalid"
    user = people.add(
        customer, email=email, first_name=name, last_name="(service)", role=USER, by=by
    )
    user.is_service = True
    user.save(update_fields=["is_service"])
    licenses.give(user, by=by)
    return user


def issue(user: User, *, days: int = 365) -> str:
    """A new token for a service user. Only its digest is stored: show it now or never."""
    if not user.is_service:
        raise ValueError("tokens belong to service users")
    _, token = AuthToken.objects.create(user, expiry=timedelta(days=days))
    audit.record("token.issued", of=user.customer, by=None, about=user, days=days)
    return str(token)
